"""Writes the models of this folder and what onnxruntime gives for them: make.py FOLDER, with PyTorch, onnx and onnxruntime.

One small network with what the large ones repeat, residual blocks with and without a projection, squeeze and excite, layers of
a concat, and one whose head is called for maps of two sizes, exported by both of PyTorch's exporters.
"""
import sys

import numpy
import onnx
import onnxruntime
import torch
from torch import nn


def conv_bn(c, out, k=1, stride=1, groups=1, act=nn.ReLU):
    return nn.Sequential(nn.Conv2d(c, out, k, stride, k // 2, groups=groups, bias=False), nn.BatchNorm2d(out), act())


class Excite(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(c, c // 4, 1), nn.Conv2d(c // 4, c, 1)

    def forward(self, x):
        y = nn.functional.adaptive_avg_pool2d(x, 1)
        return x * torch.sigmoid(self.fc2(torch.relu(self.fc1(y))))


class Unit(nn.Module):
    def __init__(self, c, out, stride=1):
        super().__init__()
        self.conv1, self.conv2 = conv_bn(c, out, 1), conv_bn(out, out, 3, stride, out, nn.Hardswish)
        self.se = Excite(out)
        self.conv3 = nn.Conv2d(out, out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        self.downsample = nn.Conv2d(c, out, 1, stride) if stride > 1 else None

    def forward(self, x):
        y = self.bn3(self.conv3(self.se(self.conv2(self.conv1(x)))))
        return torch.relu(y + (self.downsample(x) if self.downsample else x))


class Dense(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.norm, self.conv = nn.BatchNorm2d(c), nn.Conv2d(c, 4, 3, padding=1, bias=False)

    def forward(self, x):
        return torch.cat([x, self.conv(torch.relu(self.norm(x)))], 1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = conv_bn(3, 8, 3, 2)
        self.layer1 = nn.Sequential(Unit(8, 16, 2), Unit(16, 16), Unit(16, 16))
        self.layer2 = nn.Sequential(Unit(16, 24, 2), Unit(24, 24), Unit(24, 24), Unit(24, 24))
        self.dense = nn.Sequential(Dense(24), Dense(28), Dense(32))
        self.fc = nn.Linear(36, 10)

    def forward(self, x):
        x = self.dense(self.layer2(self.layer1(self.stem(x))))
        return self.fc(torch.flatten(nn.functional.adaptive_avg_pool2d(x, 1), 1))


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.last = nn.Conv2d(8, 8, 3, padding=1), nn.Conv2d(8, 4, 1)

    def forward(self, x):
        return self.last(torch.relu(self.conv(x)))


class Pyramid(nn.Module):
    """A head that is shared; two layers that are not, of equal parameters, which exporters write once."""

    def __init__(self):
        super().__init__()
        self.stem, self.head, self.fc = nn.Conv2d(3, 8, 3, 2, 1), Head(), nn.Linear(4, 8)
        self.norm1, self.norm2 = nn.LayerNorm(8), nn.LayerNorm(8)

    def forward(self, x):
        fine = self.stem(x)
        coarse = nn.functional.max_pool2d(fine, 2)
        x = self.head(fine).mean((2, 3)) + self.head(coarse).mean((2, 3))
        return self.norm2(torch.relu(self.norm1(self.fc(x))))


def strip(path):
    """Without what an exporter says of itself."""
    model = onnx.load(path)
    del model.metadata_props[:], model.graph.value_info[:], model.graph.metadata_props[:]
    for item in (*model.graph.node, *model.graph.initializer, *model.graph.input, *model.graph.output):
        del item.metadata_props[:]
    onnx.save(model, path)


def write_names(path):
    """Names with what no string of the language holds."""
    weight = onnx.numpy_helper.from_array(numpy.ones((4, 3, 1, 1), numpy.float32), 'a\nb"c\\.weight')
    nodes = [onnx.helper.make_node("Conv", ["x y", weight.name], ["t"], name='one\n"two'),
             onnx.helper.make_node("Relu", ["t"], ["in"]), onnx.helper.make_node("Sigmoid", ["t"], ['out"2\n'])]
    outputs = [onnx.helper.make_tensor_value_info(name, 1, [1, 4, 4, 4]) for name in ("in", 'out"2\n')]
    graph = onnx.helper.make_graph(nodes, "g", [onnx.helper.make_tensor_value_info("x y", 1, [1, 3, 4, 4])], outputs, [weight])
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8), path)


def write_exports(name, net, x, versions):
    """By the older exporter for the first version, by the newer one for the second."""
    for dynamo, version in enumerate(versions):
        path = f"{sys.argv[1]}/{name}-{version}.onnx"
        more = {"external_data": False} if dynamo else {}
        torch.onnx.export(net, (x,), path, dynamo=bool(dynamo), opset_version=version, **more)
        strip(path)
        session = onnxruntime.InferenceSession(path)
        y = session.run(None, {session.get_inputs()[0].name: x.numpy()})[0]
        if numpy.abs(y - net(x).detach().numpy()).max() > 1e-4:
            sys.exit(f"{path}: onnxruntime and PyTorch differ")
    numpy.save(f"{sys.argv[1]}/{name}.x.npy", x.numpy())
    numpy.save(f"{sys.argv[1]}/{name}.y.npy", y)


def main():
    write_names(f"{sys.argv[1]}/names.onnx")
    torch.manual_seed(1)
    net = Net().eval()
    for name, b in net.named_buffers():
        if b.dtype.is_floating_point:
            b.copy_(torch.rand_like(b) + 0.5 if name.endswith("var") else torch.randn_like(b) * 0.1)
    for p in net.parameters():
        p.data += torch.randn_like(p) * 0.05
    write_exports("repeats", net, torch.randn(1, 3, 32, 32), (11, 18))
    write_exports("pyramid", Pyramid().eval(), torch.randn(1, 3, 16, 16), (17, 18))


main()
