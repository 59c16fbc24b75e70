#!/usr/bin/env python3
"""Shapes by PyTorch: writes test/unit/Inputs/shapes.txt.

A line is "INPUTS | OPERATOR {ATTRIBUTES} | OUTPUT": shapes as 1,3,8,8, inputs separated by blanks,
the operator as in graph text; OUTPUT is "error" where PyTorch refuses
or nothing is left. Usage: shapes.py > shapes.txt
"""
import random

import torch
import torch.nn.functional as F
from torch import nn

rng = random.Random(20)
pick = rng.choice


def pair(values):
    """One number or two of them, as Python's pair and as text."""
    a, b = pick(values), pick(values)
    if rng.random() < 0.5:
        b = a
    return (a, b), str(a) if a == b else f"[{a},{b}]"


def image():
    return torch.zeros(pick([1, 1, 3]), pick([1, 3, 4, 6, 8, 12]), rng.randint(1, 17),
                       rng.randint(1, 17))


def attrs(**values):
    given = [f"{name}={text}" for name, text in values.items() if text is not None]
    return " {" + ", ".join(given) + "}" if given else ""


def boolean():
    return pick([(True, "true"), (False, "false")])


def conv():
    x = image()
    k, kt = pair([1, 2, 3, 3, 5, 7])
    s, st = pair([1, 1, 2, 3])
    d, dt = pair([1, 1, 1, 2, 3])
    out, groups, (bias, bt) = pick([4, 6, 8]), pick([1, 1, 1, 1, 2, 3, 4]), boolean()
    sides = [rng.randint(0, 3) for _ in range(4)]  # top, left, bottom, right
    text = attrs(out=out, kernel=kt, stride=st, padding="[%d,%d,%d,%d]" % tuple(sides), dilation=dt,
                 groups=groups, bias=bt)
    top, left, bottom, right = sides
    return [x], "conv" + text, lambda: nn.Conv2d(x.shape[1], out, k, s, 0, d, groups, bias)(
        F.pad(x, (left, right, top, bottom)))


def conv_transpose():
    x = image()
    k, kt = pair([1, 2, 3, 4])
    s, st = pair([1, 2, 3])
    p, pt = pair([0, 0, 1, 2])
    d, dt = pair([1, 1, 2])
    o, ot = pair([0, 0, 1, 2])
    out, groups = pick([1, 4, 6]), pick([1, 1, 1, 1, 2, 3])
    if p[0] != p[1]:
        pt = f"[{p[0]},{p[1]},{p[0]},{p[1]}]"
    text = attrs(out=out, kernel=kt, stride=st, padding=pt, dilation=dt, groups=groups,
                 output_padding=ot)
    return [x], "conv_transpose" + text, lambda: nn.ConvTranspose2d(
        x.shape[1], out, k, s, p, o, groups, dilation=d)(x)


def pool_attributes():
    k, kt = pair([2, 2, 3, 3, 4, 5, 1])
    s, st = (None, None) if rng.random() < 0.2 else pair([1, 2, 3, 4])
    p, pt = pair([0, 0, 1, 1, 2])
    if p[0] != p[1]:
        pt = f"[{p[0]},{p[1]},{p[0]},{p[1]}]"
    return k, kt, s, st, p, pt


def maxpool():
    x = image()
    k, kt, s, st, p, pt = pool_attributes()
    d, dt = pair([1, 1, 1, 2])
    ceil, ct = boolean()
    text = attrs(kernel=kt, stride=st, padding=pt, dilation=dt, ceil=ct)
    return [x], "maxpool" + text, lambda: nn.MaxPool2d(k, s, p, d, ceil_mode=ceil)(x)


def avgpool():
    x = image()
    k, kt, s, st, p, pt = pool_attributes()
    (ceil, ct), (count, nt) = boolean(), boolean()
    text = attrs(kernel=kt, stride=st, padding=pt, ceil=ct, count_include_pad=nt)
    return [x], "avgpool" + text, lambda: nn.AvgPool2d(k, s, p, ceil, count)(x)


def adaptive_avgpool():
    x = image()
    size, st = pair([1, 2, 5, 7, 20])
    return [x], "adaptive_avgpool" + attrs(size=st), lambda: nn.AdaptiveAvgPool2d(size)(x)


def global_avgpool():
    x = image()
    return [x], "global_avgpool", lambda: nn.AdaptiveAvgPool2d(1)(x)


def flatten():
    x = image()
    return [x], "flatten", lambda: nn.Flatten()(x)


def linear():
    x = torch.zeros(pick([1, 3]), rng.randint(1, 40))
    out, (bias, bt) = rng.randint(1, 40), boolean()
    return [x], "linear" + attrs(out=out, bias=bt), lambda: nn.Linear(x.shape[1], out, bias)(x)


def bn():
    x = image()
    affine, at = boolean()
    return [x], "bn" + attrs(affine=at), lambda: nn.BatchNorm2d(x.shape[1], affine=affine).eval()(x)


def layernorm():
    x = pick([image(), torch.zeros(2, 9)])
    return [x], "layernorm", lambda: nn.LayerNorm(x.shape[1:])(x)


def lrn():
    x = pick([image(), image(), torch.zeros(2, 9)])
    size = pick([1, 3, 5])
    return [x], "lrn" + attrs(size=size), lambda: nn.LocalResponseNorm(size)(x)


def softmax():
    x = pick([image(), torch.zeros(2, 9)])
    return [x], "softmax", lambda: nn.Softmax(1)(x)


def pad():
    x = image()
    top, left, bottom, right, before, after = (rng.randint(0, 4) for _ in range(6))
    text = attrs(padding=f"[{top},{left},{bottom},{right}]", channels=f"[{before},{after}]")
    return [x], "pad" + text, lambda: F.pad(x, (left, right, top, bottom, before, after))


def crop():
    x = image()
    (h, w), st = pair([1, 3, 8])
    (y, z), ot = pair([0, 1, 4])
    return [x], "crop" + attrs(size=st, offset=ot), lambda: x.narrow(2, y, h).narrow(3, z, w)


def upsample():
    x = image()
    scale, mode = pick([1, 2, 3]), pick(["nearest", "bilinear"])
    corners, ct = boolean()
    text = attrs(scale=scale, mode=mode, align_corners=ct)
    # PyTorch takes align_corners=False for "not given" only in bilinear.
    return [x], "upsample" + text, lambda: F.interpolate(
        x, scale_factor=scale, mode=mode,
        align_corners=corners or (None if mode == "nearest" else False))


def channel_shuffle():
    x = image()
    groups = pick([1, 2, 3, 4])
    return [x], "channel_shuffle" + attrs(groups=groups), lambda: F.channel_shuffle(x, groups)


def changed(shape):
    """The shape, or one that differs in a dimension."""
    shape = list(shape)
    if rng.random() < 0.3:
        shape[rng.randint(2, 3)] += 1
    return shape


def concat():
    x = image()
    more = [torch.zeros(changed((x.shape[0], rng.randint(1, 9), *x.shape[2:])))
            for _ in range(rng.randint(0, 3))]
    return [x, *more], "concat", lambda: torch.cat([x, *more], 1)


def add():
    x = image()
    more = [torch.zeros(changed(x.shape)) for _ in range(rng.randint(0, 2))]
    return [x, *more], "add", lambda: torch.stack([x, *more]).sum(0)  # stack: no broadcasting


def mul():
    n, c, h, w = pick([1, 2]), rng.randint(2, 9), rng.randint(3, 9), rng.randint(3, 9)
    shapes = [(n, c, h, w), pick([(n, c, 1, 1), (n, c, h, w), (n, c + 1, 1, 1), (n, c, h + 1, w)])]
    rng.shuffle(shapes)
    x, y = (torch.zeros(shape) for shape in shapes)
    return [x, y], "mul", lambda: x * y


def rank(least=2):
    """A tensor of 2 to 6 dimensions, and one of them."""
    x = torch.zeros([rng.randint(1, 4) for _ in range(rng.randint(least, 6))])
    dim = rng.randint(1, x.dim() - 1)
    return x, dim, pick([dim, dim - x.dim()])


def joined():
    x, dim, number = rank()
    shape = list(x.shape)
    shape[pick([dim, rng.randint(0, x.dim() - 1)])] += rng.randint(0, 2)
    y = torch.zeros(shape)
    return [x, y], "concat" + attrs(dim=number), lambda: torch.cat([x, y], number)


def sliced():
    """Ends inside of the dimension, which PyTorch does not ask for."""
    x, dim, number = rank()
    size, step = x.shape[dim], rng.randint(1, 3)
    start, end = (pick([None, rng.randint(-size, size)]) for _ in "ab")
    index = (slice(None),) * dim + (slice(start, end, step),)
    return [x], "slice" + attrs(dim=number, start=start, end=end, step=step), lambda: x[index]


def resized():
    x, mode = image(), pick(["nearest", "bilinear"])
    size, st = pair([1, 4, 5, 9])
    scale, ct = pair([1, 2, 3])
    if rng.random() < 0.5:
        return [x], "upsample" + attrs(size=st, mode=mode), lambda: F.interpolate(x, size=size, mode=mode)
    return [x], "upsample" + attrs(scale=ct, mode=mode), lambda: F.interpolate(x, scale_factor=scale, mode=mode)


def by_factor():
    x, mode = image(), pick(["nearest", "nearest-exact", "bilinear", "bicubic"])
    scale, ct = pair([1.5, 0.7, 2.3, 0.4, 0.1, 1.1, 3])
    corners, cc = boolean()
    return [x], "upsample" + attrs(scale=ct, mode=mode, align_corners=cc), lambda: F.interpolate(
        x, scale_factor=scale, mode=mode, align_corners=corners or (False if mode in ("bilinear", "bicubic") else None))


def rolled():
    x, dim, number = rank()
    shift = rng.randint(-9, 9)
    return [x], "roll" + attrs(shifts=shift, dims=number), lambda: torch.roll(x, shift, number)


def flipped():
    x, dim, number = rank()
    return [x], "flip" + attrs(dims=number), lambda: torch.flip(x, [number])


def windows():
    x, dim, _ = rank()
    size, step = rng.randint(1, 4), rng.randint(1, 3)
    if x.dim() == 6:  # no dimension is left
        x = x[0]
    if dim >= x.dim():
        dim = 1
    return [x], "unfold" + attrs(dim=dim, size=size, step=step), lambda: x.unfold(dim, size, step)


def unflattened():
    x = torch.zeros(pick([1, 3]), pick([4, 6, 12]), 3)
    sizes = pick([(2, 3), (-1, 2), (2, 2), (1, -1, 2), (12,), (3, -1)])
    return [x], "unflatten" + attrs(dim=pick([1, -2]), sizes="[%s]" % ",".join(map(str, sizes))), lambda: x.unflatten(1, sizes)


def recurrent():
    """The first result; steps and features behind the batch."""
    x = pick([torch.zeros(pick([1, 3]), rng.randint(1, 9), rng.randint(1, 20)), torch.zeros(2, 3, 4, 5)])
    kind, h, layers, (bias, bt), (both, tt) = pick(["lstm", "gru"]), rng.randint(1, 20), rng.randint(1, 3), boolean(), boolean()
    text = attrs(hidden_size=h, num_layers=layers, bias=bt, bidirectional=tt)
    build = nn.LSTM if kind == "lstm" else nn.GRU
    return [x], kind + text, lambda: build(x.shape[2], h, layers, bias, True, bidirectional=both)(x)[0]


def chosen():
    x, dim, number = rank()
    name, (keep, kt) = pick(["argmax", "argmin"]), boolean()
    if x.dim() == 2 and not keep:  # netc has no result without a dimension beside the batch
        keep, kt = True, "true"
    return [x], name + attrs(dim=number, keepdim=kt), lambda: getattr(torch, name)(x, number, keep)


def best():
    x, dim, number = rank()
    k, (largest, lt) = rng.randint(1, 4), boolean()
    return [x], "topk" + attrs(k=k, dim=number, largest=lt), lambda: torch.topk(x, k, number, largest)[0]


def dims(tensor):
    return ",".join(str(n) for n in tensor.shape)


def line(case):
    inputs, text, run = case()
    try:
        output = run()
        result = dims(output) if output.numel() else "error"
    except (RuntimeError, ValueError, IndexError):
        result = "error"
    return f"{' '.join(dims(x) for x in inputs)} | {text} | {result}"


CASES = {conv: 120, conv_transpose: 80, maxpool: 120, avgpool: 80, adaptive_avgpool: 10,
         global_avgpool: 4, flatten: 4, linear: 8, bn: 6, layernorm: 6, lrn: 8, softmax: 4, pad: 12,
         crop: 24, upsample: 16, channel_shuffle: 12, concat: 24, add: 20, mul: 20, joined: 20, sliced: 30,
         rolled: 8, flipped: 6, windows: 16, unflattened: 16, resized: 16, recurrent: 16, by_factor: 30,
         chosen: 12, best: 16}

if __name__ == "__main__":
    torch.set_num_threads(1)
    with torch.no_grad():
        for case, count in CASES.items():
            for _ in range(count):
                print(line(case))
