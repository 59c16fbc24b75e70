"""A configuration of Darknet, computed with PyTorch: darknet.py FILE.cfg SEED OUT [--minor 1|2].

Writes OUT.weights, random numbers in Darknet's order, OUT.x.npy, a random input, and what its layers give:
OUT.boxes.npy and OUT.scores.npy of a detector, OUT.output.npy of any other network. It is made from what Darknet's
documents and the papers say of the layers, and has nothing of netc:

* a convolution with `pad` has half of its kernel around it, and without an activation's name a sigmoid behind it;
* a maximum is of windows over size - 1 more rows and columns (or `padding`), of which half, rounded down, stand before;
* `route` joins channels, of which it takes one of `groups`; `shortcut` adds;
* a box of an anchor (w, h) in cell (x, y) of a map of a network of so many pixels, YOLO v3's formula 1:
  (sigmoid(tx) s - (s - 1) / 2 + x) cells, w exp(tw), with s = scale_x_y, and sigmoids say whether something is there
  and how likely each class is;
* `reorg` as the kernel of YOLO v2: a view of a map with fewer channels and more positions, of which each square becomes
  channels.
"""
import struct
import sys

import numpy
import torch
from torch.nn import functional as F

ACTIVATIONS = {
    "linear": lambda x: x, "logistic": torch.sigmoid, "relu": F.relu, "relu6": F.relu6, "tanh": torch.tanh,
    "leaky": lambda x: F.leaky_relu(x, 0.1), "relie": lambda x: F.leaky_relu(x, 0.01), "elu": F.elu, "mish": F.mish,
    "swish": F.silu,
}

SHORT = {"conv": "convolutional", "conn": "connected", "max": "maxpool", "avg": "avgpool"}


def read(path):
    sections = []
    for line in open(path, encoding="ascii"):
        line = "".join(line.split())
        if line.startswith("["):
            sections.append((line[1:-1], {}))
        elif line and line[0] not in "#;":
            key, value = line.split("=")
            sections[-1][1].setdefault(key, value)
    return sections


def numbers(text, kind=int):
    return [kind(n) for n in text.split(",") if n]


class Network:
    def __init__(self, sections, seed):
        self.sections, self.random = sections, numpy.random.default_rng(seed)
        self.written, self.outputs, self.boxes, self.scores = [], [], [], []
        net = sections[0][1]
        self.height, self.width = int(net["height"]), int(net["width"])
        self.channels = int(net.get("channels", 3))

    def draw(self, *shape, low=-1.0, high=1.0):
        return self.random.uniform(low, high, shape).astype(numpy.float32)

    def write(self, array):
        self.written.append(array.ravel())
        return torch.from_numpy(array)

    def layer(self, x, options, out, shape, dense, product):
        """Biases, scales, means, variances and the kernel; the matrix of a dense layer before its scales."""
        weight = self.draw(*shape) * numpy.sqrt(3 / numpy.prod(shape[1:]), dtype=numpy.float32)
        bias = self.write(self.draw(out))
        if dense:
            self.write(weight)
        if int(options.get("batch_normalize", 0)):
            scale = self.write(self.draw(out, low=0.5, high=1.5))
            mean = self.write(self.draw(out, low=-0.5, high=0.5))
            var = self.write(self.draw(out, low=0.5, high=1.5))
            if not dense:
                self.write(weight)
            y = F.batch_norm(product(x, torch.from_numpy(weight), None), mean, var, scale, bias, eps=1e-5)
        else:
            if not dense:
                self.write(weight)
            y = product(x, torch.from_numpy(weight), bias)
        return ACTIVATIONS[options.get("activation", "logistic")](y)

    def convolutional(self, x, options):
        size, stride = int(options.get("size", 1)), int(options.get("stride", 1))
        groups, out = int(options.get("groups", 1)), int(options.get("filters", 1))
        padding = size // 2 if int(options.get("pad", 0)) else int(options.get("padding", 0))
        return self.layer(x, options, out, (out, x.shape[1] // groups, size, size), False,
                          lambda x, w, b: F.conv2d(x, w, b, stride, padding, 1, groups))

    def connected(self, x, options):
        x, out = x.flatten(1), int(options.get("output", 1))
        return self.layer(x, options, out, (out, x.shape[1]), True, F.linear)

    def maxpool(self, x, options):
        stride = int(options.get("stride", 1))
        size = int(options.get("size", stride))
        padding = int(options.get("padding", size - 1))
        before, after = padding // 2, padding - padding // 2
        return F.max_pool2d(F.pad(x, (before, after, before, after), value=-numpy.inf), size, stride)

    def avgpool(self, x, options):
        return x.mean((2, 3), keepdim=True)

    def upsample(self, x, options):
        stride = int(options.get("stride", 2))
        return x.repeat_interleave(stride, 2).repeat_interleave(stride, 3)

    def reorg(self, x, options):
        s, (n, c, h, w) = int(options.get("stride", 1)), x.shape
        view, y = x.reshape(n, c // s // s, h * s, w * s), torch.empty(n, c, h, w)
        for k in range(c):
            rest, offset = k % (c // s // s), k // (c // s // s)
            y[:, k] = view[:, rest, offset // s::s, offset % s::s]
        return y.reshape(n, c * s * s, h // s, w // s)

    def at(self, number):
        return self.outputs[number if number >= 0 else len(self.outputs) + number]

    def route(self, x, options):
        groups, group = int(options.get("groups", 1)), int(options.get("group_id", 0))
        return torch.cat([self.at(i).chunk(groups, 1)[group] for i in numbers(options["layers"])], 1)

    def shortcut(self, x, options):
        total = x + sum(self.at(i) for i in numbers(options["from"]))
        return ACTIVATIONS[options.get("activation", "linear")](total)

    def dropout(self, x, options):
        return x

    cost = dropout

    def softmax(self, x, options):
        return x.flatten(1).softmax(1)

    def yolo(self, x, options):
        anchors = numpy.array(numbers(options["anchors"], float), numpy.float32).reshape(-1, 2)
        anchors = torch.from_numpy(anchors[numbers(options["mask"])] if "mask" in options else anchors)
        spread, (n, _, h, w) = float(options.get("scale_x_y", 1)), x.shape
        t = x.reshape(n, len(anchors), -1, h, w).permute(0, 3, 4, 1, 2)
        y, x = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
        cell = torch.tensor([self.width / w, self.height / h])
        where = torch.stack([x, y], -1)[None, :, :, None]
        center = (t[..., :2].sigmoid() * spread - (spread - 1) / 2 + where) * cell
        half = anchors * t[..., 2:4].exp() / 2
        self.boxes.append(torch.cat([center - half, center + half], -1).reshape(n, -1, 4))
        self.scores.append((t[..., 4:5].sigmoid() * t[..., 5:].sigmoid()).reshape(n, h * w * len(anchors), -1))
        return self.outputs[-1]

    def run(self, x):
        for name, options in self.sections[1:]:
            x = getattr(self, SHORT.get(name, name))(x, options)
            self.outputs.append(x)
        if self.boxes:
            return {"boxes": torch.cat(self.boxes, 1), "scores": torch.cat(self.scores, 1)}
        return {"output": x}


def main():
    path, seed, out = sys.argv[1:4]
    minor = int(sys.argv[5]) if sys.argv[4:] else 2
    torch.set_num_threads(1)
    network = Network(read(path), int(seed))
    x = network.draw(1, network.channels, network.height, network.width, low=0.0)
    numpy.save(f"{out}.x.npy", x)
    with torch.no_grad():
        for name, y in network.run(torch.from_numpy(x)).items():
            numpy.save(f"{out}.{name}.npy", y.contiguous().numpy())
    weights = numpy.concatenate(network.written)
    with open(f"{out}.weights", "wb") as file:
        file.write(struct.pack("<iii" + "iq"[minor >= 2], 0, minor, 5 if minor >= 2 else 0, 64000))
        weights.tofile(file)
    print(f"{len(weights)} numbers")


main()
