"""Receptive fields of the nets of test/cost/Inputs/fields.net by PyTorch: fields.py > table, a line
"net size jump offset size jump offset" each, rows and then columns.

A row of the input that holds no numbers makes those rows of the output no numbers that depend on it.
Rows whose field the edges do not cut tell size and jump; the offset of output 0 follows.
"""
from fractions import Fraction

import torch
from torch import nn


class Concat(nn.Module):
    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], 1)


class Residual(nn.Module):
    def __init__(self, *steps):
        super().__init__()
        self.steps = nn.Sequential(*steps)

    def forward(self, x):
        return x + self.steps(x)


class Gate(nn.Module):
    def __init__(self, *steps):
        super().__init__()
        self.steps = nn.Sequential(*steps)

    def forward(self, x):
        return x * self.steps(x)


class Crop(nn.Module):
    def forward(self, x):
        return x[:, :, 3:21, 1:21]


# name: the input's rows and columns, outputs after which the field repeats, the steps
NETS = {
    "strides": ((90, 60), 1, lambda: [
        nn.Conv2d(1, 2, (7, 3), (2, 1), (3, 0)), nn.ReLU(), nn.MaxPool2d(3, 2, 1),
        nn.Conv2d(2, 2, 3, padding=1, dilation=(2, 1)), nn.AvgPool2d((2, 3))]),
    "branches": ((80, 80), 1, lambda: [
        nn.Conv2d(1, 2, 3, 2), Concat(nn.Identity(), nn.Sequential(
            nn.Conv2d(2, 2, 1), nn.Conv2d(2, 2, (1, 7), padding=(0, 3)), nn.Conv2d(2, 2, (7, 1), padding=(3, 0))),
            nn.MaxPool2d(3, 1, 1)), Residual(nn.Conv2d(6, 6, 3, padding=1), nn.ReLU())]),
    "uneven": ((70, 70), 1, lambda: [
        nn.ConstantPad2d((1, 1, 2, 0), 0), nn.Conv2d(1, 1, 3, 3), Crop(), nn.MaxPool2d(3, 2, ceil_mode=True)]),
    "enlarged": ((72, 64), 2, lambda: [
        nn.Conv2d(1, 1, 3, 2, 1), nn.Upsample(scale_factor=2), nn.Conv2d(1, 1, 3, padding=1)]),
    "smoothed": ((72, 64), 2, lambda: [
        nn.Conv2d(1, 1, 4, 4), nn.Upsample(scale_factor=4, mode="bilinear"), nn.Conv2d(1, 1, 5, 2, 2)]),
    "transposed_field": ((40, 48), 2, lambda: [
        nn.Conv2d(1, 1, 3, 4, 1), nn.ConvTranspose2d(1, 1, (3, 4), 2, 1), nn.Conv2d(1, 1, 3)]),
    "adapted": ((80, 60), 2, lambda: [
        nn.Conv2d(1, 1, 3, padding=1), nn.AdaptiveAvgPool2d((32, 20)), nn.Conv2d(1, 1, 3, padding=1)]),
    "gated": ((40, 30), 1, lambda: [
        nn.Conv2d(1, 2, 3, 2), Gate(nn.AdaptiveAvgPool2d(1), nn.Conv2d(2, 2, 1), nn.Sigmoid()), nn.Conv2d(2, 2, 3)]),
}


def reached(net, size, axis):
    """For each output row (column) the first and last input row that it depends on."""
    x = torch.ones(size[axis], 1, *size, dtype=torch.float64)
    for i in range(size[axis]):
        x[i].select(1 + axis, i).fill_(float("nan"))
    with torch.no_grad():
        depends = net.double()(x).isnan().any(1).any(2 - axis)
    rows = [depends[:, o].nonzero().flatten() for o in range(depends.shape[1])]
    return [(row[0].item(), row[-1].item()) for row in rows]


def field(net, size, axis, period):
    spans = reached(net, size, axis)
    whole = [o for o, (first, last) in enumerate(spans) if first > 0 and last < size[axis] - 1]
    if not whole:
        return f"{spans[0][1] - spans[0][0] + 1} 0 {spans[0][0]}"
    start = next(o for o in whole if o % period == 0 and o + period in whole)
    jump = Fraction(spans[start + period][0] - spans[start][0], period)
    return f"{max(spans[o][1] - spans[o][0] + 1 for o in whole)} {float(jump):g} {spans[start][0] - jump * start}"


if __name__ == "__main__":
    for name, (size, period, steps) in NETS.items():
        net = nn.Sequential(*steps())
        print(name, field(net, size, 0, period), field(net, size, 1, period))
