"""Gradients of a network beside PyTorch's in float64: gradients.py NETC WORK GOLDEN [--torch|--write] NET.net ARGUMENT...

Compiles the net for training with those arguments of netc, in folder WORK, and runs `gradients` on random weights and
inputs of a formula (netc_random.py); $NETC_GRADIENTS_CC is the C compiler to call, where optimizing takes too long. With --torch the graph that `netc --train --emit=graph` prints is run by PyTorch in
float64, by autograd, and every element compared; with --write its numbers become the golden ones of that command line in
file GOLDEN; with neither these are compared, which needs Python alone.

An element may be off by 1e-4 of its tensor's largest, or by 1e-6 where the gradient is 0 but for rounding, as that of a
bias before bn.
"""
import array
import json
import math
import os
import re
import struct
import subprocess
import sys

from netc_random import fnv1a64, uniform
import npy

WEIGHTS, INPUTS, DRAWS, SAMPLES, NEAR, FLOOR, POSITIONS = 5, 7, 11, 12, 1e-4, 1e-6, 5


# ---- the graph ----

class Node:
    """%3 = conv %0, %1 {out=4, kernel=3} "conv1" weight=@w : f32[1,4,8,8]"""

    pattern = re.compile(r'^  %(\d+) = (\w+)((?:,? %\d+)*)(?: \{(.*?)\})?(?: "((?:[^"\\]|\\.)*)")?(.*) : (f32|i64)\[([\d,]+)\]$')

    def __init__(self, match):
        self.id, self.op, inputs, attrs, self.name, _, self.type, dims = match.groups()
        self.inputs = re.findall(r"%(\d+)", inputs)
        self.shape = [int(d) for d in dims.split(",")]
        self.attrs = {name: json.loads(re.sub(r"^[a-z][a-z-]+$", r'"\g<0>"', value) if value not in ("true", "false") else value)
                      for name, value in re.findall(r"(\w+)=(\[[^\]]*\]|[^,]+)", attrs or "")}

    def get(self, name, default):
        return self.attrs.get(name, default)

    def pair(self, name, default):
        value = self.get(name, default)
        return value if isinstance(value, list) else [value, value]


# What the recipes of nets say, by PyTorch's functions; others learn the classes.
LOSSES = {"losses": lambda F, classes, labels, low, likely, target:
          F.cross_entropy(classes, labels, label_smoothing=0.1) + 0.3 * F.mse_loss(low, target) + F.l1_loss(low, target) / 4
          - 2 * (target * likely.log() + (1 - target) * (1 - likely).log()).mean() + F.binary_cross_entropy_with_logits(low, target),
          "googlenet": lambda F, classes, labels, aux1, aux2:
          F.cross_entropy(classes, labels) + 0.3 * F.cross_entropy(aux1, labels) + 0.3 * F.cross_entropy(aux2, labels),
          "shares": lambda F, classes, labels, low, target, wanted:
          F.cross_entropy(classes, target, label_smoothing=0.1) + F.cross_entropy(low, wanted) / 2 + F.cross_entropy(classes, labels),
          "pixels": lambda F, scores, labels:
          F.cross_entropy(scores, labels, scores.new_tensor([0.5, 2, 1, 0.25, 3]), label_smoothing=0.1, ignore_index=3),
          "weighted": lambda F, classes, labels:
          F.cross_entropy(classes, labels, classes.new_tensor([0.5, 2, 1, 0.25, 3]), label_smoothing=0.2)
          + F.cross_entropy(classes, labels, classes.new_tensor([0.5, 0.5, 0.5, 0.5, 1.25])) / 2 + F.cross_entropy(classes, labels, ignore_index=3)}


def read_graph(text):
    """Nodes in order, by id, without those of the loss; and the node of the output of classes, or of a map of these."""
    nodes = {n.id: n for n in (Node(m) for m in map(Node.pattern.match, text.splitlines()) if m)
             if n.op == "input" or not (n.name or "").startswith("loss")}
    classes = re.search(r'^  output .* = %(\d+) (?:classes|map)\b', text, re.M)
    return nodes, nodes[classes[1]]


def scores_of(nodes, node):
    while node.op in ("softmax", "log_softmax"):
        node = nodes[node.inputs[0]]
    return node


def inputs_of(nodes, scores):
    """The numbers of each input, those of the labels whole."""
    inputs = {n.name: (n.shape, [2 * u - 1 if n.type == "f32" else math.floor(POSITIONS * u)
                                 for u in uniform(INPUTS, n.name, math.prod(n.shape))])
              for n in nodes.values() if n.op == "input"}
    shape = [scores.shape[0], 1, *scores.shape[2:]]
    labels = [math.floor(u * scores.shape[1]) for u in uniform(INPUTS, "labels", math.prod(shape))]
    return {**inputs, "labels": (shape, labels)}


# ---- what the program makes ----

def read_safetensors(path):
    with open(path, "rb") as file:
        size, = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(size)), file.read()
    tensors = {}
    for name, entry in header.items():
        first, end = entry["data_offsets"]
        values = array.array("f", data[first:end])
        assert entry["dtype"] == "F32" and len(values) == math.prod(entry["shape"]), name
        tensors[name] = list(values)
    return tensors


def run_program(netc, work, arguments):
    """The text of the graph, its inputs, and the gradients."""
    os.makedirs(work, exist_ok=True)
    program, output = os.path.join(work, "net"), os.path.join(work, "gradients.safetensors")
    training = [netc, "--train", *arguments]
    text = subprocess.run([*training, "--emit=graph"], check=True, capture_output=True, text=True).stdout
    compiler = os.environ.get("NETC_GRADIENTS_CC")
    subprocess.run([*training, "--input-gradients", "-o", program, *(["--cc", compiler] if compiler else [])], check=True)
    nodes, classes = read_graph(text)
    inputs = inputs_of(nodes, scores_of(nodes, classes))
    command = [program, "gradients", "--random-weights", str(WEIGHTS), "--seed", str(DRAWS), "--output", output]
    whole = [n.name for n in nodes.values() if n.op == "input" and n.type == "i64"]
    for name, (shape, values) in inputs.items():
        path = os.path.join(work, name + ".npy")
        npy.write(path, shape, values, "<i8" if name in whole else "<f4")
        command += ["--input", f"{name}={path}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return text, inputs, read_safetensors(output)


# ---- what PyTorch makes ----

def mix(x):
    x = ((x ^ x >> 16) * 0x7FEB352D) & 0xFFFFFFFF
    x = ((x ^ x >> 15) * 0x846CA68B) & 0xFFFFFFFF
    return x ^ x >> 16


class Run:
    """A graph in PyTorch, node by node, in floats of so many bits."""

    def __init__(self, text, inputs, bits=64):
        import torch
        self.torch, self.F, self.dtype = torch, torch.nn.functional, getattr(torch, f"float{bits}")
        self.nodes, classes = read_graph(text)
        self.params, self.streams, self.values, self.further = {}, 0, {}, {}
        self.inputs = {name: torch.tensor(values, dtype=torch.float32).to(self.dtype).reshape(shape)
                       for name, (shape, values) in inputs.items()}
        labels = self.inputs.pop("labels").long().squeeze(1)
        for node in self.nodes.values():
            if node.op == "input" and node.name in self.inputs:
                x = self.inputs[node.name]
                self.inputs[node.name] = x.requires_grad_() if node.type == "f32" else x.long()
        for node in self.nodes.values():
            if node.name != "labels":
                self.values[node.id] = getattr(self, "do_" + node.op)(node, *(self.values[i] for i in node.inputs))
        scores, net = self.values[scores_of(self.nodes, classes).id], re.match(r'graph "(\w+)"', text)[1]
        named = {name: self.values[node] for name, node in re.findall(r'^  output "(\w+)" = %(\d+)$', text, re.M)}
        others = {name: x for name, x in self.inputs.items() if name != "image"}
        self.loss = LOSSES[net](self.F, scores, labels, **named, **others) if net in LOSSES else self.F.cross_entropy(scores, labels)

    def param(self, name, *shape):
        from netc_random import tensor_numpy
        name = name.replace("*.", "")
        if name not in self.params:
            self.params[name] = self.torch.from_numpy(tensor_numpy(WEIGHTS, name, shape)).to(self.dtype).requires_grad_()
        return self.params[name]

    def gradients(self):
        self.loss.backward()
        tensors = {**self.params, **self.inputs}
        grads = {name: x.grad.flatten().tolist() for name, x in tensors.items() if x.grad is not None}
        return {"loss": [self.loss.item()], **grads}

    def do_input(self, node):
        return self.inputs[node.name]

    def padded(self, node, x, value=0.0):
        return self.F.pad(x, self.around(node, x), value=value)

    @staticmethod
    def sides(node, x):
        """Before and behind each dimension: of volumes depth, rows, columns; of sequences the second numbers of a pair."""
        n, value = x.dim() - 2, node.get("padding", 0)
        value = value if isinstance(value, list) else [value] * max(4, 2 * n)
        return [value[:len(value) // 2][-n:], value[len(value) // 2:][-n:]]

    def around(self, node, x):
        """As F.pad() has it: the last dimension first."""
        return [side for pair in reversed(list(zip(*self.sides(node, x)))) for side in pair]

    @staticmethod
    def extent(node, x, name, default=1):
        """A number for each dimension behind the channels; of a sequence the second of a pair."""
        n, value = x.dim() - 2, node.get(name, default)
        return value[-n:] if isinstance(value, list) else [value] * n

    def window(self, node, x, *names):
        return [self.extent(node, x, name) for name in names]

    def of_rank(self, name, x):
        """PyTorch's function for sequences, maps or volumes: conv1d, conv2d, conv3d."""
        return getattr(self.F, f"{name}{x.dim() - 2}d")

    def do_conv(self, node, x):
        kernel, stride, dilation = self.window(node, x, "kernel", "stride", "dilation")
        groups = node.get("groups", 1)
        weight = self.param(node.name + ".weight", node.attrs["out"], x.shape[1] // groups, *kernel)
        bias = self.param(node.name + ".bias", node.attrs["out"]) if node.get("bias", True) else None
        return self.of_rank("conv", x)(self.padded(node, x), weight, bias, stride, 0, dilation, groups)

    def do_conv_transpose(self, node, x):
        groups, out = node.get("groups", 1), node.attrs["out"]
        kernel, stride, dilation = self.window(node, x, "kernel", "stride", "dilation")
        weight = self.param(node.name + ".weight", x.shape[1], out // groups, *kernel)
        bias = self.param(node.name + ".bias", out) if node.get("bias", True) else None
        return self.of_rank("conv_transpose", x)(x, weight, bias, stride, self.sides(node, x)[0],
                                                 self.extent(node, x, "output_padding", 0), groups, dilation)

    def do_linear(self, node, x):
        weight = self.param(node.name + ".weight", node.attrs["out"], x.shape[-1])
        return self.F.linear(x, weight, self.param(node.name + ".bias", node.attrs["out"]) if node.get("bias", True) else None)

    def do_bn(self, node, x):
        affine = [self.param(node.name + suffix, x.shape[1]) if node.get("affine", True) else None for suffix in (".weight", ".bias")]
        y = self.F.batch_norm(x, None, None, *affine, True, 0.1, node.get("eps", 1e-5))
        y.register_hook(lambda g: g.contiguous())  # its rule (2.15, CPU) reads one that was permuted, of one column, as it lies
        return y

    def affine(self, node, *shape, bias=True):
        affine = node.get("affine", node.op != "instancenorm")
        return [self.param(node.name + suffix, *shape) if affine else None for suffix in (".weight", ".bias")[:1 + bias]]

    def do_groupnorm(self, node, x, groups=None):
        return self.F.group_norm(x, groups or node.attrs["groups"], *self.affine(node, x.shape[1]), node.get("eps", 1e-5))

    def do_instancenorm(self, node, x):
        return self.do_groupnorm(node, x, x.shape[1])

    def do_layernorm(self, node, x):
        return self.normalized(node, x, lambda x, shape: self.F.layer_norm(x, shape, *self.affine(node, *shape), node.get("eps", 1e-5)))

    def do_rmsnorm(self, node, x):
        return self.normalized(node, x, lambda x, shape: self.F.rms_norm(x, shape, *self.affine(node, *shape, bias=False),
                                                                         node.get("eps", 1.1920929e-7)))

    def normalized(self, node, x, norm):
        """Over the last dimensions, or the channels as the last one."""
        dims = [d % x.dim() for d in self.dims(node, x)]
        if dims[-1] != x.dim() - 1:
            return norm(x.movedim(dims[0], -1), [x.shape[dims[0]]]).movedim(-1, dims[0])
        return norm(x, [x.shape[d] for d in dims])

    def do_lrn(self, node, x):
        return self.F.local_response_norm(x, node.attrs["size"], node.get("alpha", 1e-4), node.get("beta", 0.75), node.get("k", 1))

    def recurrent(self, node, x, module):
        """The output; the other results, by index, are kept."""
        sizes = node.attrs["hidden_size"], node.get("num_layers", 1), node.get("bias", True)
        layers = module(x.shape[2], *sizes, batch_first=True, bidirectional=node.get("bidirectional", False), dtype=x.dtype)
        params = {name: self.param(f"{node.name}.{name}", *p.shape) for name, p in layers.named_parameters()}
        out, state = self.torch.func.functional_call(layers, params, (x,))
        self.further[node.id] = [None, *(s.transpose(0, 1) for s in (state if isinstance(state, tuple) else (state,)))]
        return out

    def do_lstm(self, node, x):
        return self.recurrent(node, x, self.torch.nn.LSTM)

    def do_gru(self, node, x):
        return self.recurrent(node, x, self.torch.nn.GRU)

    def do_result(self, node, x):
        return self.further[node.inputs[0]][node.attrs["index"]]

    def do_dropout(self, node, x):
        p = node.get("p", 0.5)
        if p == 0:
            return x
        key = mix((mix(self.streams) + DRAWS) & 0xFFFFFFFF)
        self.streams += 1
        kept = [mix(mix((i + key) & 0xFFFFFFFF) ^ key) >> 8 >= int(struct.unpack("f", struct.pack("f", p))[0] * (1 << 24))
                for i in range(x.numel())]
        return x * self.torch.tensor(kept).reshape(x.shape) / (1 - p)

    def do_maxpool(self, node, x):
        kernel, dilation = self.window(node, x, "kernel", "dilation")
        padding, behind = self.sides(node, x)
        if padding != behind:  # PyTorch has none of these, and leaves out no window that starts in it
            padding, x = 0, self.padded(node, x, -math.inf)
        return self.of_rank("max_pool", x)(x, kernel, self.extent(node, x, "stride", kernel), padding, dilation, node.get("ceil", False))

    def do_avgpool(self, node, x):
        kernel = self.extent(node, x, "kernel")
        return self.of_rank("avg_pool", x)(x, kernel, self.extent(node, x, "stride", kernel), self.sides(node, x)[0],
                                           node.get("ceil", False), node.get("count_include_pad", True))

    def do_adaptive_avgpool(self, node, x):
        return self.of_rank("adaptive_avg_pool", x)(x, self.extent(node, x, "size"))

    def do_adaptive_maxpool(self, node, x):
        return self.of_rank("adaptive_max_pool", x)(x, self.extent(node, x, "size"))

    def do_global_avgpool(self, node, x):
        return x.mean(list(range(2, x.dim())), keepdim=True)

    def do_global_maxpool(self, node, x):
        return self.of_rank("adaptive_max_pool", x)(x, 1)

    def do_mean(self, node, x):
        return x.mean(self.dims(node, x), keepdim=node.get("keepdim", False))

    def do_sum(self, node, x):
        return x.sum(self.dims(node, x), keepdim=node.get("keepdim", False))

    def do_amax(self, node, x):
        return x.amax(self.dims(node, x), keepdim=node.get("keepdim", False))

    def do_amin(self, node, x):
        return x.amin(self.dims(node, x), keepdim=node.get("keepdim", False))

    @staticmethod
    def dims(node, x):
        return node.get("dim", []) or list(range(1, x.dim()))

    def do_unfold(self, node, x):
        return x.unfold(node.attrs["dim"][0], node.attrs["size"], node.get("step", 1))

    def do_flatten(self, node, x):
        return x.flatten(1)

    def do_reshape(self, node, x):
        return x.reshape(node.shape)

    do_unflatten = do_reshape

    def do_permute(self, node, x):
        return x.permute(node.attrs["dims"])

    def do_pad(self, node, x):
        return self.F.pad(x, (*self.around(node, x), *node.pair("channels", 0)), value=node.get("value", 0))

    def do_crop(self, node, x):
        size = node.pair("size", 1)
        at = [(full - part) // 2 if offset < 0 else offset for offset, full, part in zip(node.pair("offset", -1), x.shape[2:], size)]
        return x[:, :, at[0]:at[0] + size[0], at[1]:at[1] + size[1]]

    def do_slice(self, node, x):
        axis = node.attrs["dim"][0]
        index = [slice(None)] * x.dim()
        index[axis] = slice(node.get("start", 0), node.get("end", None), node.get("step", 1))
        return x[tuple(index)]

    def do_upsample(self, node, x):
        how = {"size": node.pair("size", 1)} if "size" in node.attrs else {"scale_factor": tuple(node.pair("scale", 1))}
        mode = node.get("mode", "nearest")
        return self.F.interpolate(x, mode=mode, **how, **({} if "nearest" in mode else {"align_corners": node.get("align_corners", False)}))

    def do_topk(self, node, x):
        return x.topk(node.attrs["k"], node.get("dim", [-1])[0], node.get("largest", True))[0]

    def do_gather(self, node, x, index):
        return x.gather(node.attrs["dim"][0], index)

    def do_embedding(self, node, index):
        return self.F.embedding(index, self.param(node.name + ".weight", node.attrs["num_embeddings"], node.attrs["embedding_dim"]))

    def do_channel_shuffle(self, node, x):
        groups = node.attrs["groups"]
        return x.unflatten(1, (groups, -1)).transpose(1, 2).flatten(1, 2)

    def do_pixel_shuffle(self, node, x):
        return self.F.pixel_shuffle(x, node.attrs["upscale_factor"])

    def do_pixel_unshuffle(self, node, x):
        return self.F.pixel_unshuffle(x, node.attrs["downscale_factor"])

    def do_flip(self, node, x):
        return x.flip(node.attrs["dims"])

    def do_roll(self, node, x):
        return x.roll(node.attrs["shifts"], node.attrs["dims"])

    def do_scale(self, node, x):
        return x * node.attrs["factor"]

    def do_identity(self, node, x):
        return x

    def do_param(self, node):
        value = self.param(node.name, *node.attrs["shape"])
        return value if node.get("batch", True) else value[None]

    def do_full(self, node):
        return self.torch.full(node.shape, node.attrs["value"], dtype=self.dtype)

    def do_softmax(self, node, x):
        return x.softmax(node.get("dim", [1])[0])

    def do_log_softmax(self, node, x):
        return x.log_softmax(node.get("dim", [1])[0])

    def do_concat(self, node, *xs):
        return self.torch.cat([x.expand(node.shape[0], *x.shape[1:]) for x in xs], node.get("dim", [1])[0])

    def do_matmul(self, node, a, b):
        return a @ b

    def do_scaled_dot_product_attention(self, node, q, k, v, mask=None):
        scores = q @ k.transpose(-1, -2) * (node.get("scale", 0) or q.shape[-1] ** -0.5)
        return (scores if mask is None else scores + mask).softmax(-1) @ v

    def do_prelu(self, node, x):
        return self.F.prelu(x, self.param(node.name + ".weight", node.get("num_parameters", 1)))

    def do_minimum(self, node, *xs):
        return self.join(self.torch.minimum, xs)

    def do_maximum(self, node, *xs):
        return self.join(self.torch.maximum, xs)

    def join(self, operator, xs):
        result = xs[0]
        for x in xs[1:]:
            result = operator(result, x)
        return result

    def do_add(self, node, *xs):
        return self.join(self.torch.add, xs)

    def do_sub(self, node, *xs):
        return self.join(self.torch.sub, xs)

    def do_mul(self, node, *xs):
        return self.join(self.torch.mul, xs)

    def do_div(self, node, *xs):
        return self.join(self.torch.div, xs)

    def do_relu(self, node, x):
        return x.relu()

    def do_relu6(self, node, x):
        return self.F.relu6(x)

    def do_leaky_relu(self, node, x):
        return self.F.leaky_relu(x, node.get("negative_slope", 0.01))

    def do_sigmoid(self, node, x):
        return x.sigmoid()

    def do_tanh(self, node, x):
        return x.tanh()

    def do_gelu(self, node, x):
        return self.F.gelu(x)

    def do_silu(self, node, x):
        return self.F.silu(x)

    def do_hardswish(self, node, x):
        return self.F.hardswish(x)

    def do_hardsigmoid(self, node, x):
        return self.F.hardsigmoid(x)

    def do_clip(self, node, x):
        return x.clip(node.get("min", -math.inf), node.get("max", math.inf))

    def do_elu(self, node, x):
        return self.F.elu(x, node.get("alpha", 1))

    def do_mish(self, node, x):
        return self.F.mish(x)

    def do_softplus(self, node, x):
        return self.F.softplus(x, node.get("beta", 1), node.get("threshold", 20))

    def do_exp(self, node, x):
        return x.exp()

    def do_log(self, node, x):
        return x.log()

    def do_sqrt(self, node, x):
        return x.sqrt()

    def do_abs(self, node, x):
        return x.abs()

    def do_neg(self, node, x):
        return -x

    def do_pow(self, node, x):
        return x ** node.attrs["exponent"]


# ---- comparing ----

def samples(values):
    return [values[i * len(values) // SAMPLES] for i in range(min(SAMPLES, len(values)))]


def spread_sum(name, values):
    """A sum in which each element has a weight of its own."""
    return math.fsum(v * (2 * u - 1) for v, u in zip(values, uniform(fnv1a64(name) & 0xFFFF, name, len(values))))


def golden_line(key, name, values):
    numbers = [max(map(abs, values)), spread_sum(name, values), *samples(values)]
    return f"{key} {name} {len(values)} : " + " ".join(f"{x:.7g}" for x in numbers)


def tolerance(largest):
    return max(NEAR * largest, FLOOR)


def faults(name, got, wanted, largest):
    worst = max((abs(a - b) for a, b in zip(got, wanted)), default=0)
    if len(got) != len(wanted) or not worst <= tolerance(largest):
        yield f"{name}: off by {worst:.3g}, the largest being {largest:.3g}"


def compare_with_torch(got, wanted):
    for name in sorted(set(got) ^ set(wanted)):
        yield f"{name}: in one of the two alone"
    for name in sorted(set(got) & set(wanted)):
        yield from faults(name, got[name], wanted[name], max(map(abs, wanted[name])))


def compare_with_golden(key, got, path):
    with open(path, encoding="utf-8") as file:
        lines = [line.split() for line in file if line.startswith(key + " ")]
    if sorted(line[1] for line in lines) != sorted(got):
        yield f"{key}: other tensors than the golden ones"
    for _, name, count, _, largest, total, *wanted in lines:
        values, largest = got[name], float(largest)
        if len(values) != int(count):
            yield f"{name}: {len(values)} elements, not {count}"
            continue
        yield from faults(name, samples(values), [float(x) for x in wanted], largest)
        if not abs(spread_sum(name, values) - float(total)) <= tolerance(largest) * math.sqrt(len(values)):
            yield f"{name}: the sum is {spread_sum(name, values):.7g}, not {total}"


def write_golden(key, wanted, path):
    lines = []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            lines = [line for line in file.read().splitlines() if not line.startswith(key + " ")]
    lines += [golden_line(key, name, values) for name, values in wanted.items()]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def main():
    netc, work, golden, *arguments = sys.argv[1:]
    mode = arguments.pop(0) if arguments[0] in ("--torch", "--write") else None
    key = "_".join(re.sub(r"\.net$", "", os.path.basename(a)).lstrip("-") for a in arguments)
    text, inputs, got = run_program(netc, work, arguments)
    if mode:
        wanted = Run(text, inputs).gradients()
        found = list(compare_with_torch(got, wanted))
        if mode == "--write":
            write_golden(key, wanted, golden)
    else:
        found = list(compare_with_golden(key, got, golden))
    print("\n".join(found) or f"{key}: {len(got)} tensors agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
