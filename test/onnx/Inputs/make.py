"""Makes the small models of these tests, their inputs, and what onnxruntime computes of them: make.py, in this folder.
Each has one output, in which the results of its parts lie one after the other, and another one where these are of integers.
Numbers are a formula, so that the files come out the same."""
import os

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper


class Model:
    """Nodes and initializers as they are written down; `ends` are the results that the output holds."""

    def __init__(self, name, opset, batch=1):
        self.name, self.opset, self.batch = name, opset, batch
        self.nodes, self.initializers, self.ends, self.functions, self.count = [], [], {}, [], 0

    def weight(self, name, *shape, scale=0.4, shift=0.0):
        n = int(np.prod(shape))
        at = np.arange(n, dtype=np.int64) + len(name) * 131
        values = shift + scale * (((at * 7919) % 1009) / 1009.0 - 0.5)
        self.initializers.append(numpy_helper.from_array(values.astype(np.float32).reshape(shape), name))
        return name

    def ints(self, *values):
        return self.known(np.array(values, np.int64))

    def known(self, array):
        self.count += 1
        self.initializers.append(numpy_helper.from_array(np.asarray(array), f"known{self.count}"))
        return f"known{self.count}"

    def __call__(self, op, *inputs, outputs=1, domain="", **attributes):
        self.count += 1
        names = [f"{op.lower()}{self.count}" + (f"_{i}" if i else "") for i in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, name=f"/part/{op}_{self.count}", domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def end(self, value, output="y"):
        self.ends.setdefault(output, []).append(self("Reshape", value, self.ints(self.batch, -1)))

    def write(self, inputs, arrays, location=None, computed=None):
        types = {k: helper.np_dtype_to_tensor_dtype(array.dtype) for k, array in arrays.items()}
        for output, ends in self.ends.items():
            if ends:
                self.nodes.append(helper.make_node("Concat", ends, [output], axis=1))
        graph = helper.make_graph(
            self.nodes, self.name,
            [helper.make_tensor_value_info(k, types[k], shape) for k, shape in inputs.items()],
            [helper.make_tensor_value_info(k, TensorProto.INT64 if k in ("at", "labels") else TensorProto.FLOAT, None) for k in self.ends],
            self.initializers)
        imports = [helper.make_opsetid("", self.opset)] + [helper.make_opsetid("own", 1)] * bool(self.functions)
        model = helper.make_model(graph, opset_imports=imports, functions=self.functions, ir_version=8)
        path = self.name + ".onnx"
        if location:
            if os.path.exists(location):
                os.remove(location)
            onnx.save(model, path, save_as_external_data=True, location=location, size_threshold=64)
        else:
            onnx.save(model, path)
        outs = {"y": computed} if computed is not None else self.run(path, arrays)
        for k, array in arrays.items():
            np.save(f"{self.name}.{k}.npy", array)
        for k, out in outs.items():
            np.save(f"{self.name}.{k}.npy", out if self.ends[k] else out[None])
            print(self.name, len(open(path, "rb").read()), out.shape, float(np.abs(out).max(initial=0)))

    def run(self, path, arrays):
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # that a list in a loop grows is no warning
        session = onnxruntime.InferenceSession(path, options)
        return dict(zip(self.ends, session.run(None, arrays)))


def numbers(*shape):
    n = int(np.prod(shape))
    return ((np.arange(n, dtype=np.int64) * 613 % 1013) / 1013.0 - 0.5).astype(np.float32).reshape(shape) * 2


def layers():
    """Windows, normalizations, activations, sizes: over any number of pictures."""
    m = Model("layers", 17, batch=0)
    x = "x"
    c = m("Conv", x, m.weight("stem.weight", 8, 3, 3, 3), m.weight("stem.bias", 8), auto_pad="SAME_UPPER", strides=[2, 2])
    c = m("BatchNormalization", c, m.weight("bn.weight", 8, shift=1), m.weight("bn.bias", 8),
          m.weight("bn.running_mean", 8), m.weight("bn.running_var", 8, shift=1))
    c = m("Clip", c, m.known(np.float32(0)), m.known(np.float32(6)))
    d = m("Conv", c, m.weight("depthwise.weight", 8, 1, 3, 3), group=8, pads=[1, 1, 1, 1])
    d = m("HardSwish", d)
    m.end(m("Add", c, d))
    m.end(m("MaxPool", d, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1, pads=[1, 1, 1, 1]))
    m.end(m("AveragePool", d, kernel_shape=[2, 3], strides=[1, 2], pads=[0, 1, 0, 1]))
    m.end(m("ConvTranspose", d, m.weight("up.weight", 8, 4, 2, 2), strides=[2, 2]))
    # the size of x by its shape, as exporters write it
    size = m("Slice", m("Shape", x), m.ints(2), m.ints(4), m.ints(0))
    size = m("Concat", m("Slice", m("Shape", d), m.ints(0), m.ints(2), m.ints(0)), m("Cast", size, to=TensorProto.INT64), axis=0)
    m.end(m("Resize", d, "", "", size, mode="linear", coordinate_transformation_mode="pytorch_half_pixel"))
    m.end(m("Resize", d, "", m.known(np.array([1, 1, 2, 2], np.float32)), mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"))
    m.end(m("Pad", d, m.ints(0, 0, 1, 2, 0, 0, 2, 1), mode="reflect"))
    m.end(m("DepthToSpace", d, blocksize=2, mode="DCR"))
    m.end(m("InstanceNormalization", d, m.weight("in.weight", 8, shift=1), m.weight("in.bias", 8)))
    m.end(m("LRN", d, size=3, alpha=0.1))
    steps = m("Transpose", m("Reshape", d, m.ints(0, 8, -1)), perm=[0, 2, 1])
    m.end(m("Slice", steps, m.ints(1), m.ints(5), m.ints(1)))
    m.end(m("PRelu", x, m.weight("slope", 3, 1, 1, shift=0.2)))
    m.end(m("HardSigmoid", x))
    m.end(m("Slice", x, m.ints(-1), m.ints(-100), m.ints(3), m.ints(-2)))
    flat = m("Reshape", m("GlobalAveragePool", d), m("Concat", m("Unsqueeze", m("Gather", m("Shape", d), m.known(np.int64(0))), m.ints(0)), m.ints(-1), axis=0))
    m.end(m("Softmax", m("Gemm", flat, m.weight("fc.weight", 8, 5), m.weight("fc.bias", 5))))
    m.write({"x": ["N", 3, 6, 8]}, {"x": numbers(2, 3, 6, 8)})


def tokens():
    """Attention, gelu, lstm and gru, masks that are computed, a branch, a function: over steps."""
    m = Model("tokens", 17)
    m.functions.append(helper.make_function(
        "own", "Affine", ["a", "b"], ["c"],
        [helper.make_node("MatMul", ["a", "b"], ["d"]), helper.make_node("LeakyRelu", ["d"], ["c"])],
        [helper.make_opsetid("", 17)], ["alpha"]))
    m.functions[0].node[1].attribute.append(onnx.AttributeProto(name="alpha", ref_attr_name="alpha", type=onnx.AttributeProto.FLOAT))
    x = m("LayerNormalization", "x", m.weight("norm.weight", 8, shift=1), m.weight("norm.bias", 8))
    qkv = m("Add", m("MatMul", x, m.weight("qkv.weight", 8, 24)), m.weight("qkv.bias", 24))
    qkv = m("Transpose", m("Reshape", qkv, m.ints(1, 6, 3, 2, 4)), perm=[2, 0, 3, 1, 4])
    q, k, v = m("Split", qkv, m.ints(1, 1, 1), outputs=3, axis=0)
    q, k, v = (m("Squeeze", t, m.ints(0)) for t in (q, k, v))
    scores = m("Div", m("MatMul", q, m("Transpose", k, perm=[0, 1, 3, 2])), m.known(np.float32(2)))
    # no step sees a later one
    steps = m("Range", m.known(np.int64(0)), m("Squeeze", m("Slice", m("Shape", "x"), m.ints(1), m.ints(2))), m.known(np.int64(1)))
    later = m("Greater", m("Unsqueeze", steps, m.ints(0)), m("Unsqueeze", steps, m.ints(1)))
    mask = m("Where", later, m.known(np.float32(-1e9)), m.known(np.float32(0)))
    a = m("MatMul", m("Softmax", m("Add", scores, mask), axis=-1), v)
    a = m("Reshape", m("Transpose", a, perm=[0, 2, 1, 3]), m.ints(0, 0, -1))
    x = m("Add", "x", a)
    h = m("Add", m("MatMul", x, m.weight("mlp.weight", 8, 16)), m.weight("mlp.bias", 16))
    h = m("Mul", m("Mul", h, m("Add", m("Erf", m("Div", h, m.known(np.float32(np.sqrt(2))))), m.known(np.float32(1)))), m.known(np.float32(0.5)))
    m.end(h)
    m.end(m("Affine", x, m.weight("affine", 8, 3), domain="own", alpha=0.3))
    m.end(m("Gather", x, m.known(np.int64(0)), axis=1))
    m.end(m("ReduceMean", x, axes=[1], keepdims=0))
    m.end(m("ReduceL2", x, axes=[2], keepdims=1))
    m.end(m("Concat", x, m("Expand", m.weight("token", 1, 1, 8), m.ints(1, 2, 1)), axis=1))
    sequence = m("Transpose", x, perm=[1, 0, 2])
    zeros = m("ConstantOfShape", m.ints(2, 1, 3))
    y, h_n, c_n = m("LSTM", sequence, m.weight("lstm.w", 2, 12, 8), m.weight("lstm.r", 2, 12, 3), m.weight("lstm.b", 2, 24), "", zeros, zeros,
                    outputs=3, hidden_size=3, direction="bidirectional")
    for part in (y, h_n, c_n):
        m.end(part)
    y, h_n = m("GRU", sequence, m.weight("gru.w", 1, 9, 8), m.weight("gru.r", 1, 9, 3), m.weight("gru.b", 1, 18), outputs=2, hidden_size=3, linear_before_reset=1)
    m.end(y)
    m.end(h_n)

    def branch(name, scale):
        node = helper.make_node("Mul", ["x", name + "_scale"], [name])
        known = numpy_helper.from_array(np.float32(scale), name + "_scale")
        return helper.make_graph([node], name, [], [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)], [known])

    odd = m("Equal", m("Mod", m("Size", "x"), m.known(np.int64(2))), m.known(np.int64(1)))
    m.end(m("If", odd, then_branch=branch("odd", 3), else_branch=branch("even", 7)))
    m.write({"x": [1, 6, 8]}, {"x": numbers(1, 6, 8)})


def outside():
    """Weights in a file beside, one of them twice, and in 16 bits; first dimensions that are no batch."""
    m = Model("outside", 21)
    half = numpy_helper.from_array(numbers(4, 6).astype(np.float16), "half")
    m.initializers.append(half)
    w = m("Cast", "half", to=TensorProto.FLOAT)
    m.end(m("MatMul", m("Transpose", "x", perm=[2, 0, 1]), w))
    m.end(m("Gemm", m("Squeeze", m("Slice", "x", m.ints(0), m.ints(1), m.ints(0)), m.ints(0)), m.weight("fc.weight", 9, 5), transB=1))
    m.end(m("Gemm", m("Squeeze", m("Slice", "x", m.ints(1), m.ints(2), m.ints(0)), m.ints(0)), "fc.weight", transB=1))
    m.write({"x": [3, 4, 5]}, {"x": numbers(3, 4, 5)}, location="outside.data")


def positions():
    """Integers in and out, rows of a table, the largest and their positions, sizes by factors that are no whole numbers."""
    m = Model("positions", 19, batch=0)
    words = m("Gather", m.weight("words.weight", 11, 6), "ids")
    m.end(words)
    m.end(m("Gather", m.weight("cubes.weight", 11, 2, 3), m("Cast", "ids", to=TensorProto.INT32)))
    m.end(m("ArgMax", words, axis=2, keepdims=0), "at")
    m.end(m("ArgMin", words, axis=1), "at")
    for attributes in ({}, {"largest": 0, "axis": 1}):
        values, at = m("TopK", words, m.ints(3), outputs=2, **attributes)
        m.end(values)
        m.end(at, "at")
    values, at = m("TopK", m("ReduceMax", words, m.ints(2), keepdims=0), m.ints(3), outputs=2)
    m.end(m("Concat", m("Identity", at), m("Identity", at), axis=1), "at")
    m.end(values)
    m.end(m("GatherElements", m("Transpose", words, perm=[0, 2, 1]), m("Unsqueeze", "ids", m.ints(2)), axis=1))
    m.end("ids", "at")
    small = m.known(np.array([1, 1, 0.7, 1.3], np.float32))
    sizes = m.ints(5, 7)
    m.end(m("Resize", "x", "", small, mode="linear"))
    m.end(m("Resize", "x", "", small, mode="cubic"))
    m.end(m("Resize", "x", "", "", sizes, axes=[2, 3], mode="cubic", coordinate_transformation_mode="align_corners"))
    m.end(m("Resize", "x", "", small, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"))
    m.end(m("Resize", "x", "", "", sizes, axes=[2, 3], mode="nearest", nearest_mode="round_prefer_ceil"))
    m.end(m("Resize", "x", "", "", m.ints(12, 12), axes=[2, 3], mode="linear", keep_aspect_ratio_policy="not_larger"))
    m.end(m("Resize", "x", "", "", m.ints(6, 8), axes=[2, 3], mode="cubic", antialias=1, exclude_outside=1))  # the same
    ids = (np.arange(10, dtype=np.int64) * 7 % 11 % 6).reshape(2, 5)
    m.write({"ids": ["N", 5], "x": ["N", 3, 6, 8]}, {"ids": ids, "x": numbers(2, 3, 6, 8)})


def places():
    """Positions in several dimensions, of what flows and of what is known: with dimensions of their own, from the end, of whole
    rows, of each row its own; what is known, many times; many of what two layers make of what is known."""
    m = Model("places", 17)
    tables = m.weight("tables", 2, 3, 4)
    for x in ("x", m("Unsqueeze", tables, m.ints(0))):  # [1, 2, 3, 4]
        m.end(m("GatherND", x, m.known(np.array([[0, 1, 2], [0, 0, 0], [0, 1, 0]]))))
        m.end(m("GatherND", x, m.known(np.array([[[0, 1, -1, 3]], [[0, -2, 1, -4]]]))))
        m.end(m("GatherND", m("Squeeze", x, m.ints(0)), m.known(np.array([[[2]], [[1]]])), batch_dims=1))
    m.end(m("Tile", m.known(numbers(1, 2)), m.ints(300, 2)))  # as SSD writes its boxes
    hidden = m("Relu", m("MatMul", m.known(numbers(1, 5, 5, 2)), m.weight("hidden", 2, 8)))  # as Swin v2 writes what it adds to attention
    biases = m("Reshape", m("MatMul", hidden, m.weight("heads", 8, 3)), m.ints(-1, 3))
    m.end(m("Gather", biases, m.known(np.arange(400) * 7 % 25)))
    m.write({"x": [1, 2, 3, 4]}, {"x": numbers(1, 2, 3, 4)})


def einsum():
    """Attention of several dimensions before its matrices, a result in another order, a matrix that is known, no arrow."""
    m = Model("einsum", 17)
    x = "x"  # [1, 2, 3, 4, 5]
    scores = m("Einsum", x, x, equation="B G H I D, B G H J D -> B G H I J")
    m.end(scores)
    m.end(m("Einsum", m("Softmax", scores, axis=-1), x, equation="BGHIJ,BGHJD->BHIGD"))
    m.end(m("Einsum", x, m.weight("known", 6, 5), equation="bghid,fd->bghif"))
    m.end(m("Einsum", x, m.weight("grouped", 2, 5, 3), equation="bghid,gde"))
    m.end(m("Einsum", m("Squeeze", x, m.ints(0)), x, equation="ghid,bgkid->bhk"))
    m.write({"x": [1, 2, 3, 4, 5]}, {"x": numbers(1, 2, 3, 4, 5)})


def unread():
    """Nodes whose further results have names that nothing reads, also in a function and a branch; one that is known is read."""
    m = Model("unread", 17, batch=0)
    nodes = [helper.make_node("Dropout", ["a"], ["b", "mask"]), helper.make_node("MaxPool", ["b"], ["c", "at"], kernel_shape=[2])]
    m.functions.append(helper.make_function("own", "Pool", ["a"], ["c"], nodes, [helper.make_opsetid("", 17)]))
    y, _, _ = m("LayerNormalization", "x", m.weight("norm.weight", 5, shift=1), m.weight("norm.bias", 5), outputs=3)
    m.end(m("Pool", m("Dropout", y, outputs=2)[0], domain="own"))
    branches = [helper.make_graph([helper.make_node("Dropout", [y], [name, name + "_mask"])], name, [],
                                  [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)]) for name in ("one", "other")]
    m.end(m("If", m.known(np.array(True)), then_branch=branches[0], else_branch=branches[1]))
    best, at = m("TopK", y, m.ints(2), outputs=2)
    m.end(best)
    m.end(m("GatherElements", y, at, axis=-1))
    m.write({"x": ["N", 6, 5]}, {"x": numbers(2, 6, 5)})


def attention():
    """Attention of heads in columns and of four dimensions, of heads that share keys, with keys of before; with masks of floats, of truths,
    of too few keys, one that hides all keys from a row, and such as flow; of no key that comes later, and of those around."""
    m = Model("attention", 25)
    q = m("Reshape", "x", m.ints(1, 4, 3, 5))
    k, v = (m("Slice", q, m.ints(first), m.ints(first + 2), m.ints(1)) for first in (0, 2))
    flat = m("Reshape", "x", m.ints(1, 6, 10))
    left, right = (m("Slice", flat, m.ints(first), m.ints(first + 5), m.ints(2)) for first in (0, 5))
    m.end(m("Attention", flat, m("Neg", flat), flat, q_num_heads=2, kv_num_heads=2))
    m.end(m("Attention", flat, left, right, q_num_heads=2, kv_num_heads=1, scale=0.7))
    m.end(m("Attention", q, k, v, is_causal=1))
    m.end(m("Attention", q, q, q, m.known(numbers(3, 3)), is_causal=1))
    m.end(m("Attention", q, k, v, m.known(np.array([[True, False, True], [False, False, False], [True, True, True]]))))
    m.end(m("Attention", q, q, q, m.known(numbers(4, 3, 2)), scale=0.3))
    m.end(m("Attention", q, k, v, m("Reshape", m("Slice", flat, m.ints(0), m.ints(6), m.ints(2)), m.ints(1, 4, 3, 3)), is_causal=1))
    m.end(m("Attention", q, k, v, m("Squeeze", m("Slice", q, m.ints(0, 0), m.ints(1, 3), m.ints(1, 3)), m.ints(0, 1))))
    past = m.known(numbers(1, 2, 4, 5))
    for part in m("Attention", q, k, v, "", past, past, outputs=3, is_causal=1):
        m.end(part)
    m.end(m("Attention", q, k, v, left_window_size=1, right_window_size=0))
    m.write({"x": [1, 60]}, {"x": numbers(1, 60)})


def older():
    """What version 6 writes otherwise: to which dimensions an operand spreads, that a layer is not trained, slopes of channels. onnxruntime
    does not read it: NumPy says what comes of it."""
    m, x = Model("older", 6, batch=0), numbers(2, 3, 2, 4)
    parts = []

    def end(value, expected):
        m.end(value)
        parts.append(expected.reshape(2, -1))

    def weight(name, *shape, shift=0.0):
        m.weight(name, *shape, shift=shift)
        return numpy_helper.to_array(m.initializers[-1])

    row, channel, map, one = weight("row", 4), weight("channel", 3), weight("map", 3, 2), weight("one", 1, shift=3)
    end(m("Add", "x", "row", broadcast=1), x + row)
    end(m("Mul", "x", "channel", broadcast=1, axis=1), x * channel[:, None, None])
    end(m("Sub", "x", "map", broadcast=1, axis=-3), x - map[:, :, None])
    end(m("Div", "x", "one", broadcast=1), x / one)
    end(m("Sub", "x", m("Relu", "x")), x - np.maximum(x, 0))
    end(m("Pow", m("Abs", "x"), m.known(np.float32([1.5])), broadcast=1), abs(x) ** 1.5)
    end(m("PRelu", "x", "channel"), np.where(x < 0, channel[:, None, None] * x, x))
    end(m("Dropout", "x", is_test=1), x)
    scale, shift, mean, variance = (weight(f"bn.{k}", 3, shift=1)[:, None, None] for k in ("weight", "bias", "mean", "variance"))
    end(m("BatchNormalization", "x", "bn.weight", "bn.bias", "bn.mean", "bn.variance", is_test=1),
        (x - mean) / np.sqrt(variance + 1e-5) * scale + shift)
    m.write({"x": ["N", 3, 2, 4]}, {"x": x}, computed=np.concatenate(parts, axis=1).astype(np.float32))


def channels():
    """Groups of channels that are turned, as ShuffleNet writes it, and what is no such thing; a factor for each channel."""
    m = Model("channels", 17, batch=0)

    def turned(parts, perm, whole):
        return m("Reshape", m("Transpose", m("Reshape", "x", m.ints(*parts)), perm=perm), m.ints(*whole))

    m.end(turned((-1, 2, 3, 4, 5), [0, 2, 1, 3, 4], (-1, 6, 4, 5)))
    m.end(turned((-1, 3, 2, 4, 5), [0, 2, 1, 3, 4], (-1, 6, 4, 5)))
    m.end(turned((-1, 2, 3, 4, 5), [0, 2, 1, 3, 4], (-1, 6, 5, 4)))
    m.end(turned((-1, 2, 3, 4, 5), [0, 2, 1, 4, 3], (-1, 6, 4, 5)))
    m.end(turned((-1, 2, 3, 5, 4), [0, 2, 1, 3, 4], (-1, 6, 4, 5)))
    m.end(m("Mul", m("Conv", "x", m.weight("conv.weight", 4, 6, 1, 1)), m.weight("factors", 4, 1, 1)))
    m.write({"x": ["N", 6, 4, 5]}, {"x": numbers(2, 6, 4, 5)})


def rolled():
    """What is rolled along rows and columns, as torch.roll is exported, and what is not: a part is left out, or turned around."""
    m = Model("rolled", 17, batch=0)

    def part(x, axis, first, end, step=1):
        return m("Slice", x, m.ints(first), m.ints(end), m.ints(axis), m.ints(step))

    x = m("Concat", part("x", 2, 1, 99), part("x", 2, 0, 1), axis=2)
    m.end(m("Concat", part(x, 3, -2, 99), part(x, 3, 0, -2), axis=3))
    m.end(m("Concat", part("x", 2, 1, 99), part("x", 2, 0, 2), axis=2))
    m.end(m("Concat", part("x", 2, 2, 99), part("x", 2, 0, 1), axis=2))
    m.end(m("Concat", part("x", 3, 3, 99), part("x", 3, 2, -99, -1), axis=3))
    m.write({"x": ["N", 3, 4, 5]}, {"x": numbers(2, 3, 4, 5)})


def boxes_of(m):
    """Corners [30, 4], of which right and bottom are behind left and top, and scores [30, 3], of which some are equal."""
    rows = m("Reshape", "x", m.ints(30, 7))
    first, sides, scores = (m("Slice", rows, m.ints(a), m.ints(b), m.ints(1)) for a, b in ((0, 2), (2, 4), (4, 7)))
    return m("Concat", first, m("Add", first, m("Abs", sides)), axis=1), scores


def choose(m, boxes, scores, label, above):
    """Of a class the boxes above a score, the best 12 of them, and its number for each, as torchvision's SSD chooses."""
    one = m("Gather", scores, m.known(np.array(label)), axis=1)
    at = m("Transpose", m("NonZero", m("Greater", one, m.known(np.float32(above)))), perm=[1, 0])
    one, boxes = m("GatherND", one, at), m("GatherND", boxes, at)
    count = m("Unsqueeze", m("Gather", m("Shape", one), m.known(np.array(0))), m.ints(0))
    least = m("ReduceMin", m("Concat", m.ints(12), count, axis=0), keepdims=0)
    best, at = m("TopK", one, m("Reshape", least, m.ints(1)), outputs=2)
    value = helper.make_tensor("value", TensorProto.INT64, [1], [label])
    return m("Gather", boxes, at), best, m("ConstantOfShape", m("Shape", best), value=value)


def divided(m, at, by):
    """at // by and at % by as PyTorch's exporter writes them, rounded down where a sign differs."""
    by = m.known(np.array(by))
    quotient, rest, zero = m("Div", at, by), m("Mod", at, by, fmod=0), m.known(np.array(0))
    less = m("And", m("Xor", m("Less", at, zero), m("Less", by, zero)), m("Not", m("Equal", rest, zero)))
    return m("Where", less, m("Sub", quotient, m.known(np.array(1))), quotient), rest


def inside(m, boxes, width, height):
    """Corners that end at the border of a picture."""
    sides = []
    for first, end in ((0, width), (1, height)):
        side = m("Slice", boxes, m.ints(first), m.ints(2 ** 63 - 1), m.ints(1), m.ints(2))
        side = m("Min", m("Max", side, m.known(np.float32(-0.7))), m.known(np.float32(end)))
        sides.append(m("Unsqueeze", side, m.ints(2)))
    sizes = [m("Unsqueeze", m("Gather", m("Shape", boxes), m.known(np.array(i))), m.ints(0)) for i in range(2)]
    return m("Reshape", m("Concat", *sides, axis=2), m("Concat", *sizes, axis=0))


def choose_pairs(m, boxes, scores, above):
    """Of boxes and classes the pairs above a score, the best 12 of them, as torchvision's RetinaNet chooses: a pair is a position, of
    which its box and its class are computed."""
    flat = m("Reshape", scores, m.ints(-1))
    mask = m("Greater", flat, m.known(np.float32(above)))
    chosen = m("GatherND", flat, m("Transpose", m("NonZero", mask), perm=[1, 0]))
    places = m("Squeeze", m("Split", m("Transpose", m("NonZero", mask), perm=[1, 0]), m.ints(1), axis=1), m.ints(1))
    count = m("Unsqueeze", m("Gather", m("Shape", places), m.known(np.array(0))), m.ints(0))
    least = m("ReduceMin", m("Concat", m.ints(12), count, axis=0), keepdims=0)
    best, at = m("TopK", chosen, m("Reshape", least, m.ints(1)), outputs=2)
    box, label = divided(m, m("Gather", places, at), 3)
    boxes = m("Gather", boxes, box)
    columns = [m("Unsqueeze", m("Gather", boxes, m.known(np.array(i)), axis=1), m.ints(1)) for i in range(4)]
    boxes = m("Flatten", m("Unsqueeze", m("Concat", *columns, axis=-1), m.ints(2)), axis=1)
    return inside(m, boxes, 0.9, 0.8), best, label


def branches(m, boxes, scores, labels, threshold):
    """Nothing where there are no boxes; else what nms leaves of boxes, those of each class moved apart."""
    inner = Model("inner", m.opset)
    inner.count = 1000
    apart = inner("Mul", inner("Cast", labels, to=TensorProto.FLOAT),
                  inner("Add", inner("ReduceMax", boxes, keepdims=0), m.known(np.float32(1))))
    moved = inner("Add", boxes, inner("Unsqueeze", apart, m.ints(1)))
    kept = inner("NonMaxSuppression", inner("Unsqueeze", moved, m.ints(0)), inner("Unsqueeze", scores, m.ints(0, 1)),
                 m.ints(2 ** 63 - 1), m.known(np.array([threshold], np.float32)))
    kept = inner("Squeeze", inner("Gather", kept, m.ints(2), axis=1), m.ints(1))
    nothing = Model("nothing", m.opset)
    none = nothing("Identity", m.known(np.zeros(0, np.int64)))
    graphs = {key: helper.make_graph(of.nodes, key, [], [helper.make_tensor_value_info(value, TensorProto.INT64, None)])
              for key, of, value in (("then_branch", nothing, none), ("else_branch", inner, kept))}
    size = m("ReduceProd", m("Shape", boxes), keepdims=0)
    return m("If", m("Cast", m("Equal", size, m.known(np.array(0))), to=TensorProto.BOOL), **graphs)


def by_class(m, boxes, scores, above):
    return (choose(m, boxes, scores, label, above) for label in range(3))


def by_level(m, boxes, scores, above):
    parts = [[m("Slice", x, m.ints(a), m.ints(b), m.ints(0)) for x in (boxes, scores)] for a, b in ((0, 20), (20, 30))]
    return (choose_pairs(m, *part, above) for part in parts)


def found(name, above, way):
    """Boxes that are chosen: as many as are found, of which there may be none."""
    m = Model(name, 17)
    boxes, scores = boxes_of(m)
    boxes, scores, labels = (m("Concat", *part, axis=0) for part in zip(*way(m, boxes, scores, above)))
    kept = branches(m, boxes, scores, labels, 0.4)
    kept = m("Slice", kept, m.ints(0), m.ints(10), m.ints(0), m.ints(1))
    for output, value in (("boxes", boxes), ("scores", scores), ("labels", labels)):
        m.nodes.append(helper.make_node("Gather", [value, kept], [output], axis=0))
        m.ends[output] = []
    m.write({"x": [1, 30, 7]}, {"x": numbers(1, 30, 7)})


def taken(m, mask, *tensors):
    """Rows of tensors where a mask is true, and their numbers."""
    at = m("Squeeze", m("Split", m("Transpose", m("NonZero", mask), perm=[1, 0]), m.ints(1), axis=1), m.ints(1))
    return at, [m("Gather", x, at) for x in tensors]


def large(m, boxes, least, *tensors):
    """Boxes without those of a short side."""
    first, end = ([m("Gather", boxes, m.known(np.array(i)), axis=1) for i in k] for k in ((0, 1), (2, 3)))
    sides = [m("GreaterOrEqual", m("Sub", b, a), m.known(np.float32(least))) for a, b in zip(first, end)]
    return taken(m, m("And", *sides), boxes, *tensors)[1]


def put(m, all, at, rows, of):
    """Rows in the place of others, as scatter along dimension 0 is exported."""
    at = m("Reshape", at, m.ints(-1, 1, 1, 1))
    sizes = [m("Unsqueeze", m("Gather", m("Shape", x), m.known(np.array(i))), m.ints(0)) for i, x in enumerate((at, of, of, of))]
    shape = m("Reshape", m("Concat", *sizes, axis=0), m.ints(-1))
    one = m("ConstantOfShape", m("Shape", shape), value=helper.make_tensor("value", TensorProto.INT64, [1], [1]))
    shape = m("Where", m("Equal", shape, m("Mul", one, m.known(np.array(-1)))), one, shape)
    return m("ScatterElements", all, m("Expand", at, shape), rows, axis=0)


def pool(m, boxes, maps):
    """Each box from the map whose scale suits its size, as torchvision's MultiScaleRoIAlign is exported."""
    zero = m("ConstantOfShape", m("Shape", m("Slice", boxes, m.ints(0), m.ints(1), m.ints(1))))
    sides = [m("Sub", *(m("Gather", boxes, m.known(np.array(i)), axis=1) for i in pair)) for pair in ((2, 0), (3, 1))]
    side = m("Div", m("Sqrt", m("Mul", *sides)), m.known(np.float32(0.3)))
    level = m("Add", m("Div", m("Log", side), m.known(np.float32(np.log(2)))), m.known(np.float32(1 + 1e-6)))
    level = m("Clip", m("Floor", level), m.known(np.float32(0)), m.known(np.float32(1)))
    level = m("Sub", m("Cast", level, to=TensorProto.INT64), m.known(np.array(0)))
    rows, all = m("Concat", zero, m("Concat", boxes, axis=0), axis=1), None
    for i, map in enumerate(maps):
        at, (part,) = taken(m, m("Equal", level, m.known(np.array(i))), rows)
        image = m("Cast", m("Squeeze", m("Gather", part, m.ints(0), axis=1), m.ints(1)), to=TensorProto.INT64)
        pooled = m("RoiAlign", map, m("Gather", part, m.ints(1, 2, 3, 4), axis=1), image, output_height=2, output_width=2,
                   sampling_ratio=2, spatial_scale=4 / 2 ** i, coordinate_transformation_mode="output_half_pixel")
        if not all:
            sizes = [m("Unsqueeze", m("Gather", m("Shape", x), m.known(np.array(k))), m.ints(0)) for k, x in enumerate((level, *3 * [pooled]))]
            all = m("ConstantOfShape", m("Concat", *sizes, axis=0))
        all = put(m, all, at, pooled, pooled)
    return all


def regions():
    """Windows over maps whose first dimension is no batch, as those of regions are."""
    m = Model("regions", 11)
    y = m("Reshape", "x", m.ints(3, 2, 6, 5))
    y = m("Relu", m("Conv", y, m.weight("first.weight", 4, 2, 3, 3), m.weight("first.bias", 4), pads=[1, 1, 1, 1]))
    y = m("Relu", m("Conv", y, m.weight("second.weight", 20, 4, 3, 3), strides=[2, 1]))
    m.end(m("MaxPool", y, kernel_shape=[2, 2]))
    y = m("ConvTranspose", y, m.weight("wide.weight", 20, 3, 2, 2), m.weight("wide.bias", 3), strides=[2, 2])
    m.end(m("Resize", y, m.known(np.zeros(0, np.float32)), m.known(np.array([1, 1, 2, 2], np.float32)), mode="linear",
            coordinate_transformation_mode="half_pixel"))
    line = m("Conv", m("Reshape", y, m.ints(9, 4, 6)), m.weight("line.weight", 2, 4, 3))
    m.end(m("AveragePool", line, kernel_shape=[2]))
    m.end(m("Ceil", line))
    m.write({"x": [1, 3, 2, 6, 5]}, {"x": numbers(1, 3, 2, 6, 5)})


def head(m, y):
    """Windows over regions."""
    y = m("Relu", m("Conv", y, m.weight("head.weight", 5, 3, 3, 3, scale=3), m.weight("head.bias", 5), pads=[1, 1, 1, 1]))
    y = m("Relu", m("ConvTranspose", y, m.weight("wide.weight", 5, 3, 2, 2, scale=2), m.weight("wide.bias", 3), strides=[2, 2]))
    y = m("Resize", y, "", m.known(np.array([1, 1, 2, 2], np.float32)), mode="linear", coordinate_transformation_mode="half_pixel")
    y = m("Pad", y, m.ints(0, 0, 2, 0, 0, 0, 0, 1), m.known(np.float32(0.5)))
    return m("MaxPool", y, kernel_shape=[5, 5], strides=[5, 4])


def stages(name, above):
    """Two stages, as torchvision's Faster R-CNN is written: the best boxes of two levels, of those that are large what nms leaves; of each
    what the maps have there, and of that scores and boxes of each class; of these pairs again those above a score that are large."""
    m = Model(name, 17)
    boxes, scores = boxes_of(m)
    boxes = m("Add", boxes, m.known(np.float32(1)))
    scores, at, first = m("Reshape", m("Slice", scores, m.ints(0), m.ints(1), m.ints(1)), m.ints(1, 30)), [], 0
    for end, most in ((18, 12), (30, 20)):
        part = m("Slice", scores, m.ints(first), m.ints(end), m.ints(1))
        count = m("Unsqueeze", m("Gather", m("Shape", part), m.known(np.array(1))), m.ints(0))
        _, best = m("TopK", part, m("ReduceMin", m("Concat", m.ints(most), count, axis=0)), outputs=2)
        at.append(m("Add", best, m.known(np.array(first))))
        first = end
    at = m("Concat", *at, axis=1)
    level = m.known(np.repeat(np.arange(2), (18, 12)))
    boxes, scores, level = (m("Squeeze", m("Gather", x, at), m.ints(0)) for x in (boxes, m("Reshape", scores, m.ints(30)), level))
    boxes, scores, level = large(m, inside(m, boxes, 1.9, 1.8), 0.05, scores, level)
    boxes, scores, level = taken(m, m("GreaterOrEqual", scores, m.known(np.float32(-0.7))), boxes, scores, level)[1]
    kept = m("Slice", branches(m, boxes, scores, level, 0.6), m.ints(0), m.ints(9), m.ints(0), m.ints(1))
    boxes = m("Gather", boxes, kept)
    maps = [m.known(numbers(1, 3, 8 // 2 ** i, 8 // 2 ** i)) for i in range(2)]
    pooled = pool(m, boxes, [m("Mul", map, m("ReduceMax", "x")) for map in maps])
    rows = m("Relu", m("Gemm", m("Flatten", head(m, pooled), axis=1),
                       m.weight("fc.weight", 16, 12, scale=5), m.weight("fc.bias", 16), transB=1))
    scores = m("Softmax", m("Gemm", rows, m.weight("score.weight", 4, 16, scale=2), m.weight("score.bias", 4), transB=1), axis=-1)
    moved = m("Gemm", rows, m.weight("moved.weight", 16, 16), m.weight("moved.bias", 16), transB=1)
    count = m("Unsqueeze", m("Gather", m("Shape", boxes), m.known(np.array(0))), m.ints(0))
    moved = m("Reshape", moved, m("Concat", count, m.ints(-1, 4), axis=0))
    boxes = m("Slice", m("Add", moved, m("Unsqueeze", boxes, m.ints(1))), m.ints(0), m("Add", m.ints(0), count), m.ints(0))
    labels = m("Expand", m.known(np.arange(4)[None]), m("Shape", scores))
    boxes, scores, labels = (m("Slice", x, m.ints(1), m.ints(2 ** 63 - 1), m.ints(1)) for x in (boxes, scores, labels))
    boxes, scores, labels = (m("Reshape", x, shape) for x, shape in ((boxes, m.ints(-1, 4)), (scores, m.ints(-1)), (labels, m.ints(-1))))
    boxes, scores, labels = taken(m, m("Greater", scores, m.known(np.float32(above))), boxes, scores, labels)[1]
    boxes, scores, labels = large(m, boxes, 0.1, scores, labels)
    kept = m("Slice", branches(m, boxes, scores, labels, 0.4), m.ints(0), m.ints(10), m.ints(0), m.ints(1))
    for output, value in (("boxes", boxes), ("scores", scores), ("labels", labels)):
        m.nodes.append(helper.make_node("Gather", [value, kept], [output], axis=0))
        m.ends[output] = []
    m.write({"x": [1, 30, 7]}, {"x": numbers(1, 30, 7)})


def looped(m, count, lists, read):
    """A list for each of what read makes of the number i of a row, in a loop over so many rows; `lists` are their dimensions."""
    body, names = Model("body", m.opset), [f"list{k}" for k in range(len(lists))]
    body.count, yes = 3000, m.known(np.array(True))
    rows = read(body)
    ends = [body("Concat", name, body("Unsqueeze", row, m.ints(0)), axis=0) for name, row in zip(names, rows)]
    go_on = body("Identity", yes)
    values = [helper.make_tensor_value_info(k, TensorProto.FLOAT, None) for k in names]
    graph = helper.make_graph(
        body.nodes, "body", [helper.make_tensor_value_info("i", TensorProto.INT64, []), helper.make_tensor_value_info("on", TensorProto.BOOL, []), *values],
        [helper.make_tensor_value_info(go_on, TensorProto.BOOL, []), *(helper.make_tensor_value_info(k, TensorProto.FLOAT, None) for k in ends)])
    out = m("Loop", count, yes, *(m.known(np.zeros((0, *dims), np.float32)) for dims in lists), outputs=len(lists), body=graph)
    return out if len(lists) > 1 else [out]


def pasted(m, masks, boxes, height, width, beyond=0):
    """Masks in the size of boxes of integers, in a picture, as torchvision's paste_masks_in_image is exported."""
    def read(b):
        mask = b("Gather", b("Gather", masks, "i", axis=0), m.known(np.array(0)), axis=0)
        box = b("Gather", boxes, "i", axis=0)
        corner = [b("Gather", box, m.known(np.array(k)), axis=0) for k in range(4)]
        sides = [b("ReduceMax", b("Concat", b("Add", b("Sub", corner[k + 2], corner[k]), m.ints(1)), m.ints(1), axis=0), keepdims=0) for k in range(2)]
        sizes = b("Concat", *(b("Unsqueeze", side, m.ints(0)) for side in sides[::-1]), axis=0)
        mask = b("Resize", b("Expand", mask, b("Concat", m.ints(1, 1), b("Shape", mask), axis=0)), "", "", b("Concat", m.ints(1, 1), sizes, axis=0),
                 mode="linear", coordinate_transformation_mode="half_pixel")
        mask = b("Squeeze", mask, m.ints(0, 1))
        one = [b("Unsqueeze", x, m.ints(0)) for x in corner]
        first = [b("ReduceMax", b("Concat", one[k], m.ints(0), axis=0), keepdims=0) for k in range(2)]
        end = [b("ReduceMin", b("Concat", b("Add", one[k + 2], m.ints(1 + beyond)), m.ints((width, height)[k]), axis=0), keepdims=0) for k in range(2)]
        for axis in range(2):
            ends = [b("Unsqueeze", b("Sub", x[1 - axis], corner[1 - axis]), m.ints(0)) for x in (first, end)]
            mask = b("Slice", mask, *ends, m.ints(axis), m.ints(1))
        for axis, size in ((0, height), (1, width)):
            other = b("Unsqueeze", b("Gather", b("Shape", mask), m.known(np.array(1 - axis)), axis=0), m.ints(0))
            more = [b("Unsqueeze", x, m.ints(0)) for x in (first[1 - axis], b("Sub", m.known(np.array(size)), end[1 - axis]))]
            zeros = [b("ConstantOfShape", b("Concat", *((x, other) if axis == 0 else (other, x)), axis=0)) for x in more]
            mask = b("Slice", b("Concat", zeros[0], mask, zeros[1], axis=axis), m.ints(0), m.ints(size), m.ints(axis), m.ints(1))
        return [mask]

    count = m("Gather", m("Shape", masks), m.known(np.array(0)), axis=0)
    return looped(m, count, [(height, width)], read)[0]


def largest(m, maps, boxes, n):
    """Where each map is largest, in the size of its box, as torchvision's heatmaps_to_keypoints is exported."""
    corner = [m("Gather", boxes, m.known(np.array(k)), axis=1) for k in range(4)]
    sides = [m("Clip", m("Sub", corner[k + 2], corner[k]), m.known(np.float32(1)), "") for k in range(2)]
    whole = [m("Ceil", side) for side in sides]

    def read(b):
        map, *rows = (b("Gather", x, "i", axis=0) for x in (maps, *whole, *sides, *corner[:2]))
        share = [b("Div", rows[2 + k], rows[k]) for k in range(2)]
        map = b("Unsqueeze", map, m.ints(1))
        sizes = b("Concat", b("Unsqueeze", rows[1], m.ints(0)), b("Unsqueeze", rows[0], m.ints(0)), axis=0)
        sizes = b("Concat", m.ints(n, 1), b("Cast", sizes, to=TensorProto.INT64), axis=0)
        map = b("Resize", map, "", "", sizes, mode="cubic", coordinate_transformation_mode="half_pixel")
        map = b("Gather", map, m.known(np.array(0)), axis=1)
        width = b("Gather", b("Shape", map), m.known(np.array(2)), axis=0)
        at = b("ArgMax", b("Reshape", map, m.ints(n, -1)), axis=1, keepdims=0)
        x = b("Mod", at, width)
        y = b("Cast", b("Div", b("Sub", at, x), width), to=TensorProto.FLOAT)
        half = m.known(np.float32(0.5))
        places = [b("Add", b("Mul", b("Add", half, k), share[i]), rows[4 + i]) for i, k in enumerate((b("Cast", x, to=TensorProto.FLOAT), y))]
        point = b("Concat", *(b("Unsqueeze", k, m.ints(0)) for k in (*places, m.known(np.ones(n, np.float32)))), axis=0)
        values = b("Gather", b("Gather", map, b("Cast", y, to=TensorProto.INT64), axis=1), x, axis=2)
        return point, b("Gather", b("Reshape", values, m.ints(-1)), m.ints(*(k * (n * n + n + 1) for k in range(n))), axis=0)

    count = m("Gather", m("Shape", boxes), m.known(np.array(0)), axis=0)
    points, values = looped(m, count, [(3, n), (n,)], read)
    return m("Transpose", points, perm=[0, 2, 1]), values


def heads(name, above, opset=17):
    """Boxes that are chosen, of each a mask of its class in a picture of 9 x 11, and 3 points, as torchvision's Mask R-CNN and Keypoint R-CNN
    are written."""
    m = Model(name, opset)
    boxes, scores = boxes_of(m)
    boxes, scores, labels = (m("Concat", *part, axis=0) for part in zip(*by_class(m, boxes, scores, above)))
    kept = m("Slice", branches(m, boxes, scores, labels, 0.4), m.ints(0), m.ints(10), m.ints(0), m.ints(1))
    boxes, labels = (m("Gather", x, kept) for x in (m("Mul", boxes, m.known(np.float32(6))), labels))
    zeros = m("Cast", m("ConstantOfShape", m("Shape", labels)), to=TensorProto.INT64)
    map = m("Mul", m.known(numbers(1, 3, 8, 8)), m("ReduceMax", "x"))
    pooled = m("RoiAlign", map, boxes, zeros, output_height=4, output_width=4, sampling_ratio=2, coordinate_transformation_mode="output_half_pixel")
    masks = m("Relu", m("Conv", pooled, m.weight("mask.weight", 4, 3, 3, 3, scale=3), pads=[1, 1, 1, 1]))
    masks = m("Sigmoid", m("ConvTranspose", masks, m.weight("wide.weight", 4, 3, 3, 3, scale=3), strides=[2, 2]))
    count = m("Gather", m("Shape", masks), m.known(np.array(0)), axis=0)
    at = m("Add", labels, m("Mul", m("Range", m.known(np.array(0)), count, m.known(np.array(1))), m.known(np.array(3))))
    masks = m("Unsqueeze", m("Reshape", m("Gather", m("Flatten", masks, axis=2), at, axis=0), m.ints(-1, 9, 9)), m.ints(1))
    masks = m("Pad", masks, m.ints(0, 0, 1, 1, 0, 0, 1, 1))
    masks = m("Unsqueeze", pasted(m, masks, m("Cast", boxes, to=TensorProto.INT64), 9, 11), m.ints(1))
    points, values = largest(m, m("Conv", pooled, m.weight("points.weight", 3, 3, 1, 1, scale=3)), boxes, 3)
    for output, value in (("boxes", boxes), ("masks", masks), ("points", points), ("values", values)):
        m.nodes.append(helper.make_node("Identity", [value], [output]))
        m.ends[output] = []
    m.write({"x": [1, 30, 7]}, {"x": numbers(1, 30, 7)})


def fault(name, nodes, opset=17, initializers=(), shape=("N", 3, "H", "W")):
    """A model that netc refuses."""
    graph = helper.make_graph(nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], list(initializers))
    with open(name + ".onnx", "wb") as file:
        file.write(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8).SerializeToString())


def faults():
    node = helper.make_node
    fault("err_operators", [node("Shrink", ["x"], ["a"], "first"), node("Hardmax", ["x"], ["b"], "second"),
                            node("Relu", ["x"], ["c"], "third", slope=2.0), node("Add", ["c", "d"], ["e"], "fourth"),
                            node("Conv", ["x", "x"], ["f"], "fifth"), node("Fused", ["x"], ["g"], "sixth", domain="com.example"),
                            node("Relu", ["a"], ["y"], "seventh")], shape=(1, 3, 8, 8))
    fault("err_sizes", [node("Relu", ["x"], ["y"])])
    fault("err_opset", [node("Relu", ["x"], ["y"])], opset=5)
    fault("opset_new", [node("Relu", ["x"], ["y"])], opset=29, shape=(1, 3))
    fault("err_unread", [node("LayerNormalization", ["x", "w"], ["a", "mean"], "norm"), node("Add", ["a", "mean"], ["b"], "sum"),
                         node("Dropout", ["x"], ["y", "mask"], "drop")],
          initializers=[numpy_helper.from_array(numbers(3), "w")], shape=(1, 3))
    fault("err_unread_output", [node("MaxPool", ["x"], ["a", "y"], "pool", kernel_shape=[2, 2])], shape=(1, 3, 8, 8))
    old = [node("Dropout", ["x"], ["a"], "drop"), node("BatchNormalization", ["x", "w", "w", "w", "w"], ["b"], "norm"),
           node("Add", ["x", "map"], ["c"], "wide", broadcast=1, axis=2), node("Mul", ["x", "w"], ["y"], "far", broadcast=1, axis=4)]
    fault("err_older", old, opset=6, initializers=[numpy_helper.from_array(numbers(3), "w"), numpy_helper.from_array(numbers(3, 8), "map")],
          shape=(1, 3, 8))
    fault("err_attention", [node("Attention", ["q", "q", "q"], ["a"], "cap", softcap=2.0), node("Attention", ["q", "q", "q", "", "", "", "n"], ["b"], "lengths"),
                            node("Attention", ["x", "x", "x"], ["c"], "parts", q_num_heads=4, kv_num_heads=4),
                            node("Attention", ["q", "three", "three"], ["d"], "groups"), node("Attention", ["q", "q", "q", "wide"], ["e"], "wide"),
                            node("Attention", ["q", "q", "three"], ["f"], "values"), node("Attention", ["q", "q", "q", "masks"], ["g"], "heads"),
                            node("Attention", ["q", "q", "q", "deep"], ["h"], "deep"),
                            node("Relu", ["x"], ["y"])],
          opset=25, shape=(1, 2, 6),
          initializers=[numpy_helper.from_array(numbers(1, heads, 2, 3), name) for name, heads in (("q", 2), ("three", 3))] +
          [numpy_helper.from_array(np.array([1]), "n")] +
          [numpy_helper.from_array(numbers(*dims), name) for name, dims in (("wide", (2, 4)), ("masks", (1, 3, 2, 2)), ("deep", (1, 1, 1, 1, 1, 1, 2, 2)))])
    fault("err_many", [node("Shrink" if i % 2 else "Less", ["x", "x"], [f"y{i}" if i else "y"], f"case{i}") for i in range(24)],
          shape=(1, 3))
    weight = numpy_helper.from_array(numbers(4, 3, 3, 3), "w")
    fault("err_shapes", [node("Conv", ["x", "w"], ["a"], "narrow"), node("Reshape", ["a", "shape"], ["y"], "other")],
          initializers=[weight, numpy_helper.from_array(np.array([7, -1]), "shape")], shape=(1, 2, 8, 8))
    for name, location in (("err_folder", "../netc.data"), ("err_absent", "absent.data")):
        away = TensorProto(name="w", dims=[3], data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
        away.external_data.add(key="location", value=location)
        fault(name, [node("Add", ["x", "w"], ["y"])], initializers=[away], shape=(1, 3))
    short = TensorProto(name="w", dims=[1 << 40, 1 << 40], data_type=TensorProto.FLOAT, raw_data=b"1234")
    fault("err_large", [node("Add", ["x", "w"], ["y"])], initializers=[short], shape=(1, 3))
    terms = ("bij,bjk->bi", "bij,bij->bb", "bi,bij->b", "bij", "b...,bjk->bjk", "bij,bij->bz")
    fault("err_einsum", [node("Einsum", ["x", "x"], [f"y{i}" if i else "y"], f"case{i}", equation=term)
                         for i, term in enumerate(terms)], shape=(1, 3, 3))
    # calls of functions of netc's own domain, which say what its operators do not take
    own = [("nms", ["x"], {}), ("nms", ["x", "x", "x"], {}), ("nms", ["x", ""], {}), ("nms", ["x", "x"], {"detections": 1.5}),
           ("nms", ["x", "x"], {"detections": np.iinfo(np.int64).max}), ("nms", ["x", "x"], {"levels": [1] * 7}), ("nms", ["x", "x"], {"soft": 1}),
           ("inside", ["x"], {}), ("inside_2", ["x"], {"size": [0, 1]}), ("inside_", ["x"], {"size": [1, 1]}), ("relu", ["x"], {})]
    fault("err_own", [node(name, inputs, [f"y{i}" if i else "y"], f"case{i}", domain="netc", **more) for i, (name, inputs, more) in enumerate(own)],
          shape=(1, 3, 4))
    fault("err_places", [node("GatherND", ["x", at], ["y" if i else "z"], f"case{i}") for i, at in enumerate(("far", "deep"))],
          initializers=[numpy_helper.from_array(np.array([[0, 3]]), "far"),
                        numpy_helper.from_array(np.array([[0, 0, 0, 0]]), "deep")], shape=(1, 3, 3))
    # at the ends of integers: positions that follow each other, padding below 0, and the least of ends of a slice, which is sound
    least, most = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    fault("err_extremes", [node("Gather", ["x", "last"], ["a"], "last", axis=1), node("Pad", ["x", "less"], ["b"], "less"),
                           node("ReduceMin", ["ends"], ["end"], "end"), node("Slice", ["x", "one", "end", "one"], ["y"], "rest")],
          initializers=[numpy_helper.from_array(np.array([most, 0]), "last"), numpy_helper.from_array(np.array([0, least, 0, 0]), "less"),
                        numpy_helper.from_array(np.array([most]), "ends"), numpy_helper.from_array(np.array([1]), "one")], shape=(1, 3))
    fault("err_sizes_of_letters", [node("Einsum", ["x", "x"], ["y"], "sizes", equation="bij,bjk->bik")], shape=(1, 2, 3))
    # of the elements of two vectors that are above a number, and of the best two of one of them
    nodes = []
    for i, tensor in enumerate(("x", "w")):
        nodes += [node("Greater", [tensor, "zero"], [f"m{i}"]), node("NonZero", [f"m{i}"], [f"n{i}"]),
                  node("Transpose", [f"n{i}"], [f"t{i}"], perm=[1, 0]), node("GatherND", [tensor, f"t{i}"], [f"g{i}"])]
    nodes[4:4] = [node("Relu", ["x"], ["w"])]
    nodes += [node("Add", ["g0", "g1"], ["a"], "other"), node("TopK", ["g0", "two"], ["b", "c"], "two"),
              node("Softmax", ["g0"], ["d"], "sum"), node("Mul", ["g0", "m1"], ["e"], "masked"),
              node("Shape", ["g0"], ["s"]), node("Expand", ["s", "two"], ["f"], "spread"), node("Identity", ["g0"], ["y"])]
    fault("err_chosen", nodes, initializers=[numpy_helper.from_array(np.array(0, np.float32), "zero"),
                                             numpy_helper.from_array(np.array([2]), "two")], shape=(9,))
    fault("err_chosen_output", [*nodes[:4], node("Identity", ["g0"], ["y"])],
          initializers=[numpy_helper.from_array(np.array(0, np.float32), "zero")], shape=(9,))
    # the largest of those, of all dimensions, which an operand says that names none
    fault("chosen_most", [*nodes[:4], node("ReduceMax", ["g0", "none"], ["y"], "most", keepdims=0)], opset=18,
          initializers=[numpy_helper.from_array(np.array(0, np.float32), "zero"), numpy_helper.from_array(np.array([], np.int64), "none")], shape=(9,))
    fault("err_left_out", [node("ReduceProd", [""], ["a"], "product"), node("Floor", [""], ["b"], "floor"), node("Less", ["x", ""], ["c"], "less"),
                           node("Mod", ["x", ""], ["y"], "rest")], shape=(1, 3))
    # branches of an If in each other
    inner = node("Relu", ["x"], ["z"])
    for _ in range(20):
        graph = helper.make_graph([inner], "g", [], [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)])
        inner = node("If", ["yes"], ["z"], "deep", then_branch=graph)
    yes = numpy_helper.from_array(np.array(True), "yes")
    fault("err_deep", [inner, node("Relu", ["z"], ["y"])], initializers=[yes], shape=(1, 3))


def other_loops():
    """Loops over regions that compute something else."""
    model = onnx.load("found_heads.onnx")
    loops = [node.attribute[0].g for node in model.graph.node if node.op_type == "Loop"]
    for graph, old, new in zip(loops, ("ReduceMin", "Mod"), ("ReduceMax", "Pow")):
        node = next(node for node in graph.node if node.op_type == old)
        node.op_type = new
        del node.attribute[0 if old == "Mod" else 1:]
    onnx.save(model, "err_loop.onnx")


layers()
tokens()
outside()
positions()
places()
einsum()
unread()
attention()
older()
channels()
rolled()
regions()
found("found", 0.2, by_class)
found("found_none", 2, by_class)
found("found_pairs", 0.2, by_level)
found("found_no_pairs", 2, by_level)
stages("found_twice", 0.1)
stages("found_not_twice", 2)
heads("found_heads", 0.2)
heads("found_no_heads", 2)
other_loops()
faults()
