"""PyTorch's own listing of test/report/Inputs/modules.net: modules.py < netc's. Newer versions print whether a norm has a
bias, and Hardswish that it works in place; netc does not."""
import re
import sys

from torch import nn


def body():
    return [nn.GELU(), nn.Sigmoid(), nn.Tanh(), nn.Hardswish(), nn.Hardsigmoid(), nn.ChannelShuffle(2), nn.Upsample(scale_factor=2),
            nn.Upsample(scale_factor=2, mode="bilinear"), nn.Upsample(scale_factor=(2, 1)), nn.Upsample(scale_factor=(1.5, 0.7), mode="bicubic"),
            nn.Upsample(scale_factor=1.25, mode="nearest-exact"), nn.Upsample(size=(32, 32)), nn.SiLU(True), nn.ReLU6(True), nn.LeakyReLU(0.2, True),
            nn.LocalResponseNorm(5), nn.AvgPool2d(3, 2, 1), nn.MaxPool2d((3, 2), (2, 1), ceil_mode=True), nn.Identity(),
            nn.LayerNorm((4, 8, 15), elementwise_affine=False), nn.BatchNorm2d(4, 1e-3, 0.01), nn.BatchNorm2d(4, affine=False),
            nn.LayerNorm(15), nn.GroupNorm(2, 4), nn.GroupNorm(4, 4, 1e-3, affine=False), nn.InstanceNorm2d(4),
            nn.InstanceNorm2d(4, affine=True), nn.RMSNorm((8, 15)), nn.RMSNorm(15, 1e-6, elementwise_affine=False), nn.Softmax(-1),
            nn.LogSoftmax(3), nn.Conv2d(4, 6, (1, 5), (2, 1), (0, 2), (1, 2), groups=2, bias=False),
            nn.ConvTranspose2d(6, 4, 4, 2, 1, 1, groups=2), nn.ReLU(True), nn.AdaptiveAvgPool2d((3, 2)), nn.Flatten(),
            nn.Dropout(0.3), nn.Linear(24, 10), nn.Linear(10, 3, bias=False), nn.LayerNorm(3), nn.Softmax(1),
            nn.LSTM(3, 5, 2, batch_first=True, bidirectional=True), nn.GRU(10, 4, bias=False, batch_first=True), nn.Embedding(4, 6)]


def plain(text):
    return re.sub(r"(affine=\w+), bias=\w+", r"\1", text).splitlines()


class Modules(nn.Sequential):
    """The net of that name."""


ours, theirs = plain(sys.stdin.read().rstrip("\n")), plain(str(Modules(*body())))
different = [f"netc: {a}\ntorch: {b}" for a, b in zip(ours, theirs) if a != b]
if different or len(ours) != len(theirs):
    sys.exit("\n".join(different + [f"{len(ours)} and {len(theirs)} lines"]))
