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


class Split(nn.Module):
    """Each branch has its share of the channels."""

    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        parts = torch.chunk(x, len(self.branches), 1)
        return torch.cat([branch(part) for branch, part in zip(self.branches, parts)], 1)


class Part(nn.Module):
    """x[:, …, start:end:step] along a dimension."""

    def __init__(self, dim, *part):
        super().__init__()
        self.index = (slice(None),) * dim + (slice(*part),)

    def forward(self, x):
        return x[self.index]


class Moved(nn.Module):
    def __init__(self, function, *arguments):
        super().__init__()
        self.function, self.arguments = function, arguments

    def forward(self, x):
        return self.function(x, *self.arguments)


class PadChannels(nn.Module):
    def forward(self, x):
        return nn.functional.pad(x, (1, 1, 1, 1, 2, 2))


class Crop(nn.Module):
    def forward(self, x):
        return x[:, :, 3:21, 1:21]


def both(channels, out):
    """What has one pixel's field beside what has 5x5."""
    return Concat(nn.Identity(), nn.Conv2d(channels, out, 5, padding=2))


def wide(channels):
    return nn.Conv2d(channels, 2, 9, padding=4)


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
    "sliced": ((60, 60), 1, lambda: [
        both(4, 4), nn.BatchNorm2d(8).eval(), nn.ReLU(), Split(wide(4), nn.MaxPool2d(3, 1, 1))]),
    "grouped": ((60, 60), 1, lambda: [
        both(4, 4), Residual(nn.Conv2d(8, 8, 3, padding=1, groups=2)), Split(wide(4), nn.Identity())]),
    "shuffled": ((60, 60), 1, lambda: [
        both(4, 4), nn.ChannelShuffle(2), nn.Conv2d(8, 8, 1, groups=8), nn.ChannelShuffle(4), Split(wide(4), nn.Identity())]),
    "windowed": ((60, 60), 1, lambda: [
        both(4, 8), nn.LocalResponseNorm(3), Split(wide(3), nn.Identity(), nn.Identity(), nn.Identity())]),
    "windowed_beyond": ((60, 60), 1, lambda: [
        both(4, 8), nn.LocalResponseNorm(5), Split(wide(4), nn.Identity(), nn.Identity())]),
    "padded": ((60, 60), 1, lambda: [
        both(4, 4), PadChannels(), Split(wide(4), nn.Identity(), nn.Identity())]),
    "sliced_twice": ((60, 60), 1, lambda: [
        both(8, 8), Split(Split(nn.Identity(), wide(4)), nn.Conv2d(8, 2, 1))]),
    "parted": ((60, 50), 1, lambda: [
        nn.Conv2d(1, 1, 3, (2, 1)), Part(2, 3, -2), nn.Conv2d(1, 1, 3), Part(3, 1, None, 3)]),
    "resized": ((60, 64), 3, lambda: [
        nn.Conv2d(1, 1, 2, 2), nn.Upsample(size=(45, 48)), nn.Conv2d(1, 1, 3, padding=1)]),
    "resmoothed": ((60, 64), 3, lambda: [
        nn.Conv2d(1, 1, 2, 2), nn.Upsample(size=(45, 48), mode="bilinear"), nn.Conv2d(1, 1, 3, padding=1)]),
    "refactored": ((61, 65), 15, lambda: [
        nn.Conv2d(1, 1, 2, 2), nn.Upsample(scale_factor=(1.5, 1.25)), nn.Conv2d(1, 1, 3, padding=1)]),
    "curved": ((120, 100), 3, lambda: [
        nn.Conv2d(1, 1, 2, 2), nn.Upsample(scale_factor=(0.75, 1.5), mode="bicubic"), nn.Conv2d(1, 1, 3, padding=1)]),
    "turned": ((40, 30), 1, lambda: [nn.Conv2d(1, 1, 3), Moved(torch.flip, [2]), nn.Conv2d(1, 1, 1), Moved(torch.roll, 4, 3)]),
    "gated": ((40, 30), 1, lambda: [
        nn.Conv2d(1, 2, 3, 2), Gate(nn.AdaptiveAvgPool2d(1), nn.Conv2d(2, 2, 1), nn.Sigmoid()), nn.Conv2d(2, 2, 3)]),
}

CHANNELS = {"sliced": 4, "grouped": 4, "shuffled": 4, "windowed": 4, "windowed_beyond": 4, "padded": 4, "sliced_twice": 8}  # others: 1


def reached(name, net, size, axis):
    """For each output row (column) the first and last input row that it depends on."""
    x = torch.ones(size[axis], CHANNELS.get(name, 1), *size, dtype=torch.float64)
    for i in range(size[axis]):
        x[i].select(1 + axis, i).fill_(float("nan"))
    with torch.no_grad():
        depends = net.double()(x).isnan().any(1).any(2 - axis)
    rows = [depends[:, o].nonzero().flatten() for o in range(depends.shape[1])]
    return [(row[0].item(), row[-1].item()) for row in rows]


def field(name, net, size, axis, period):
    spans = reached(name, net, size, axis)
    whole = [o for o, (first, last) in enumerate(spans) if first > 0 and last < size[axis] - 1]
    if not whole:
        return f"{spans[0][1] - spans[0][0] + 1} 0 {spans[0][0]}"
    start = next(o for o in whole if o % period == 0 and o + period in whole)
    jump = Fraction(spans[start + period][0] - spans[start][0], period)
    return f"{max(spans[o][1] - spans[o][0] + 1 for o in whole)} {float(jump):g} {spans[start][0] - jump * start}"


if __name__ == "__main__":
    for name, (size, period, steps) in NETS.items():
        net = nn.Sequential(*steps())
        print(name, field(name, net, size, 0, period), field(name, net, size, 1, period))
