"""Writes golden/kernels.txt: what PyTorch makes, in float64, of the operator behind each kernel.

A line is a kernel, the fields of its shape, and after a colon 4 probes and some outputs: probe j is
the sum of out[i] uniform(PROBE + j, i), and the outputs are those of `SAMPLES` indices, evenly
spread. Operand number j of case n is uniform(8 n + j, i), i in row-major order: input, weight, bias,
other. The numbers that uniform() makes are those of test/unit/blocked.h.
"""
import itertools
import math
import os

import numpy as np
import torch
import torchvision
from torch import nn
from torch.nn import functional as F
from torchvision.models.detection import roi_heads
from torchvision.models.detection._utils import BoxCoder
from torchvision.models.detection.anchor_utils import AnchorGenerator

from netc_random import splitmix64

PROBE, PROBES, SAMPLES = 1 << 32, 4, 6
SHIFT = -1.5  # added to inputs of pools, as field `shift`: all negative, so that padding must not win
ACTS = {
    "none": lambda x: x, "relu": F.relu, "relu6": F.relu6, "leaky_relu": lambda x: F.leaky_relu(x, 0.1),
    "sigmoid": torch.sigmoid, "tanh": torch.tanh, "gelu": F.gelu, "silu": F.silu,
    "hardswish": F.hardswish, "hardsigmoid": F.hardsigmoid, "clip": lambda x: torch.clip(x, 0.1, 0.7),
    "elu": lambda x: F.elu(x, 0.1), "mish": F.mish, "softplus": lambda x: F.softplus(x, 0.1, 0.7), "exp": torch.exp,
    "log": torch.log, "sqrt": torch.sqrt, "abs": torch.abs, "neg": torch.neg, "pow": lambda x: torch.pow(x, 0.1),
}
DEFINED_ABOVE_ZERO = ("log", "sqrt", "pow")


def uniform(seed, count):
    start = np.uint64(splitmix64(seed))
    with np.errstate(over="ignore"):
        x = np.arange(count, dtype=np.uint64) + start + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return (x >> np.uint64(40)).astype(np.float64) / (1 << 23) - 1


class Cases:
    def __init__(self):
        self.lines, self.number = [], 0

    def operand(self, which, *shape):
        return torch.from_numpy(uniform(8 * self.number + which, int(np.prod(shape)))).reshape(shape)

    def add(self, kernel, out, **fields):
        flat = out.reshape(-1).numpy()
        probes = [float(np.dot(flat, uniform(PROBE + j, flat.size))) for j in range(PROBES)]
        samples = [float(flat[i * flat.size // SAMPLES]) for i in range(SAMPLES)]
        shape = " ".join(f"{name}={value:.9g}" for name, value in fields.items())
        self.lines.append(f"{kernel} {shape} : " + " ".join(f"{v:.8g}" for v in probes + samples))
        self.number += 1


def window(kernel, stride, dilation, pad):
    """Fields of a window: pairs (down, right), pad (top, left, bottom, right)."""
    return dict(kh=kernel[0], kw=kernel[1], sh=stride[0], sw=stride[1], dh=dilation[0], dw=dilation[1],
                pt=pad[0], pl=pad[1])


def padded(x, pad, value=0.0):
    return F.pad(x, (pad[1], pad[3], pad[0], pad[2]), value=value)


def epilogue(cases, out, act, residual):
    if residual:
        out = out + cases.operand(3, *out.shape)
    return ACTS[act](out)


def conv(cases, n, ic, oc, size, kernel, stride=(1, 1), dilation=(1, 1), pad=(0, 0, 0, 0), groups=1, bias=1,
         residual=0, act="none", name="conv"):
    x, weight = cases.operand(0, n, ic, *size), cases.operand(1, oc, ic // groups, *kernel)
    out = F.conv2d(padded(x, pad), weight, cases.operand(2, oc) if bias else None, stride, 0, dilation, groups)
    out = epilogue(cases, out, act, residual)
    channels = dict(oc=oc, group_oc=oc // groups, group_ic=ic // groups) if name == "conv" else dict(c=oc)
    if name == "grouped":
        channels["group"] = ic // groups
    cases.add(name, out, images=n, **channels, ih=size[0], iw=size[1], oh=out.shape[2], ow=out.shape[3],
              **window(kernel, stride, dilation, pad), bias=bias, residual=residual,
              act=list(ACTS).index(act), act_arg=0.1, act_arg2=0.7)


def convs(cases):
    conv(cases, 1, 3, 5, (7, 9), (3, 3))
    conv(cases, 3, 4, 6, (9, 11), (3, 3), (2, 2), pad=(1, 1, 1, 1))
    conv(cases, 1, 5, 7, (11, 8), (5, 3), (3, 1), bias=0)
    conv(cases, 3, 2, 4, (13, 17), (3, 2), (1, 2), (2, 3), (2, 3, 2, 3))
    conv(cases, 1, 6, 9, (10, 7), (3, 3), pad=(0, 1, 2, 3), groups=3)
    conv(cases, 3, 8, 4, (5, 5), (1, 1), groups=4, residual=1)
    conv(cases, 1, 20, 33, (6, 6), (1, 7), (2, 2), pad=(0, 3, 0, 3), act="relu", residual=1)
    conv(cases, 3, 40, 10, (4, 4), (4, 4), act="sigmoid")
    conv(cases, 3, 35, 18, (1, 1), (1, 1), bias=1)
    for act in (act for act in ACTS if act not in DEFINED_ABOVE_ZERO):
        conv(cases, 1, 3, 4, (5, 5), (3, 3), pad=(1, 1, 1, 1), act=act, residual=1)
    conv(cases, 3, 7, 7, (9, 7), (3, 3), (2, 1), pad=(1, 0, 1, 2), groups=7, act="relu6", name="depthwise")
    conv(cases, 1, 18, 18, (8, 8), (5, 3), (1, 2), (1, 2), (2, 2, 2, 2), groups=18, residual=1, name="depthwise")
    for group in (2, 4, 8):
        conv(cases, 3, 24, 24, (7, 6), (3, 3), (2, 1), pad=(1, 1, 0, 1), groups=24 // group, act="relu",
             residual=group == 4, name="grouped")


def transpose(cases, n, ic, oc, size, kernel, stride=(1, 1), pad=(0, 0), extra=(0, 0), groups=1,
              dilation=(1, 1), act="none"):
    weight = cases.operand(1, ic, oc // groups, *kernel)
    out = F.conv_transpose2d(cases.operand(0, n, ic, *size), weight, cases.operand(2, oc), stride, pad,
                             extra, groups, dilation)
    out = epilogue(cases, out, act, 1)
    cases.add("conv_transpose", out, images=n, oc=oc, group_oc=oc // groups, group_ic=ic // groups,
              ih=size[0], iw=size[1], oh=out.shape[2], ow=out.shape[3],
              **window(kernel, stride, dilation, (*pad, 0, 0)), bias=1, residual=1,
              act=list(ACTS).index(act), act_arg=0.1, act_arg2=0.7)


def winograd(cases, n, ic, oc, size, pad, kernel=(3, 3), dilation=(1, 1), act="none", residual=0):
    x, weight = cases.operand(0, n, ic, *size), cases.operand(1, oc, ic, *kernel)
    out = F.conv2d(padded(x, pad), weight, cases.operand(2, oc), dilation=dilation)
    out = epilogue(cases, out, act, residual)
    cases.add("winograd", out, images=n, ic=ic, oc=oc, ih=size[0], iw=size[1], oh=out.shape[2], ow=out.shape[3],
              kh=kernel[0], kw=kernel[1], dh=dilation[0], dw=dilation[1], pt=pad[0], pl=pad[1], bias=1, residual=residual,
              act=list(ACTS).index(act), act_arg=0.1, act_arg2=0.7)


def winograds(cases):
    winograd(cases, 1, 4, 5, (9, 7), (1, 1, 1, 1))
    winograd(cases, 3, 18, 6, (6, 11), (0, 2, 1, 0), (5, 2), act="relu", residual=1)
    winograd(cases, 1, 5, 3, (12, 8), (4, 2, 4, 2), dilation=(4, 2))


def transposes(cases):
    transpose(cases, 1, 3, 4, (5, 7), (3, 3))
    transpose(cases, 3, 5, 2, (4, 3), (2, 2), (2, 2), act="relu")
    transpose(cases, 3, 4, 6, (5, 5), (3, 4), (2, 3), (1, 2), (1, 0), groups=2)
    transpose(cases, 1, 2, 3, (4, 6), (3, 3), (3, 1), (2, 1), (1, 0), dilation=(2, 3))


def pool(cases, kind, n, c, size, kernel, stride, pad=(0, 0), dilation=(1, 1), ceil=False, include=True):
    x = cases.operand(0, n, c, *size) + SHIFT
    if kind == "max":
        out = F.max_pool2d(x, kernel, stride, pad, dilation, ceil)
    else:
        out = F.avg_pool2d(x, kernel, stride, pad, ceil, include)
    add_pool(cases, out, kind, n, c, size, kernel, stride, dilation, (*pad, *pad), include)


def add_pool(cases, out, kind, n, c, size, kernel, stride, dilation, pad, include):
    cases.add("pooling", out, average=int(kind == "average"), count_include_pad=int(include), images=n, c=c,
              ih=size[0], iw=size[1], oh=out.shape[2], ow=out.shape[3],
              **window(kernel, stride, dilation, pad), pb=pad[2], pr=pad[3], shift=SHIFT)


def four_sided_pools(cases, n, c, size, kernel, stride, pad):
    """What PyTorch has no word for, from what it has."""
    x = cases.operand(0, n, c, *size) + SHIFT
    out = F.max_pool2d(padded(x, pad, -float("inf")), kernel, stride)
    add_pool(cases, out, "max", n, c, size, kernel, stride, (1, 1), pad, 0)
    x = cases.operand(0, n, c, *size) + SHIFT
    out = F.avg_pool2d(padded(x, pad), kernel, stride)
    add_pool(cases, out, "average", n, c, size, kernel, stride, (1, 1), pad, 1)
    x = cases.operand(0, n, c, *size) + SHIFT
    out = F.avg_pool2d(padded(x, pad), kernel, stride) / F.avg_pool2d(padded(torch.ones_like(x), pad), kernel, stride)
    add_pool(cases, out, "average", n, c, size, kernel, stride, (1, 1), pad, 0)


def pools(cases):
    pool(cases, "max", 1, 3, (8, 8), (2, 2), (2, 2))
    pool(cases, "max", 3, 2, (7, 9), (3, 3), (2, 2), (1, 1))
    pool(cases, "max", 1, 4, (10, 7), (3, 2), (2, 3), (1, 1), ceil=True)
    pool(cases, "max", 3, 2, (11, 9), (3, 3), (1, 2), (1, 0), (2, 3), True)
    for include in (True, False):
        pool(cases, "average", 3, 2, (7, 9), (3, 3), (2, 2), (1, 1), include=include)
        pool(cases, "average", 1, 3, (8, 10), (3, 4), (2, 3), (1, 2), ceil=True, include=include)
        pool(cases, "average", 1, 3, (5, 5), (3, 3), (3, 3), (1, 1), ceil=True, include=include)
    four_sided_pools(cases, 3, 2, (7, 6), (3, 2), (2, 1), (1, 0, 0, 1))
    for size, to in (((7, 9), (1, 1)), ((13, 5), (6, 6)), ((3, 4), (7, 7)), ((8, 8), (2, 4))):
        for average, function in enumerate((F.adaptive_max_pool2d, F.adaptive_avg_pool2d)):
            out = function(cases.operand(0, 3, 2, *size), to)
            cases.add("adaptive_pooling", out, average=average, images=3, c=2, ih=size[0], iw=size[1], oh=to[0], ow=to[1])


def pointwise(cases):
    n, c, h, w = 3, 5, 4, 3
    for number, act in enumerate(ACTS):
        # Field `weight`: the weights are that number, so that inputs reach the ends of each activation.
        shift = 1.5 if act in DEFINED_ABOVE_ZERO else 0
        x, weight, bias = cases.operand(0, n, c, h, w) + shift, cases.operand(1, c) * 0 + 8, cases.operand(2, c)
        out = ACTS[act](x * weight[:, None, None] + bias[:, None, None])
        cases.add("pointwise", out, images=n, c=c, h=h, w=w, scale=1, bias=1, join=0, act=number, act_arg=0.1,
                  act_arg2=0.7, shift=shift, weight=8)
    for slopes in (1, c):
        out = F.prelu(cases.operand(0, n, c, h, w), cases.operand(1, slopes))
        cases.add("pointwise", out, images=n, c=c, h=h, w=w, slope=1 if slopes == 1 else 2, scale=0, bias=0, join=0, act=0,
                  weight=0)
    joins = (torch.add, torch.sub, torch.mul, torch.div, torch.minimum, torch.maximum)
    for join, function in enumerate(joins, 1):
        for in_ones, other_ones in ((0, 0), (0, 6), (1, 6), (4, 3)):
            # Bits 1, 2 and 4 say that an operand has one channel, row, column.
            x, other = (cases.operand(i, n, *(1 if ones >> d & 1 else size for d, size in enumerate((c, h, w))))
                        for i, ones in ((0, in_ones), (3, other_ones)))
            weight, bias = (cases.operand(i, c)[:, None, None] for i in (1, 2))
            cases.add("pointwise", F.relu(function(x * weight + bias, other)), images=n, c=c, h=h, w=w, scale=1, bias=1,
                      join=join, act=1, act_arg=0, weight=0, in_ones=in_ones, other_ones=other_ones)


def copy(cases, out, n, c, size, to_c, **fields):
    cases.add("copy", out, images=n, ic=c, ih=size[0], iw=size[1], c=to_c, oh=out.shape[2], ow=out.shape[3],
              **{"dc": 0, "dy": 0, "dx": 0, "sy": 1, "sx": 1, "uy": 1, "ux": 1, "shuffle": 0, "fill": 0, **fields})


def copies(cases):
    n, c, size = 3, 6, (5, 7)
    copy(cases, F.pad(cases.operand(0, n, c, *size), (2, 1, 1, 3, 2, 1), value=-1.5), n, c, size, c + 3,
         dc=-2, dy=-1, dx=-2, fill=-1.5)
    copy(cases, cases.operand(0, n, c, *size)[:, 2:5, 1:4, 2:7], n, c, size, 3, dc=2, dy=1, dx=2)
    copy(cases, F.channel_shuffle(cases.operand(0, n, c, *size), 3), n, c, size, c, shuffle=3)
    copy(cases, F.interpolate(cases.operand(0, n, c, *size), scale_factor=3, mode="nearest"), n, c, size, c, uy=3, ux=3)


def channelnorms(cases):
    """Over channels: PyTorch normalizes the last dimensions, so that channels are moved there and back."""
    for centered in (0, 1):
        for affine in (0, 1):
            x, parameters = cases.operand(0, 3, 20, 4, 3).permute(0, 2, 3, 1), (cases.operand(1, 20), cases.operand(2, 20))
            parameters = parameters if affine else (None, None)
            out = F.layer_norm(x, (20,), *parameters, 1e-3) if centered else F.rms_norm(x, (20,), parameters[0], 1e-3)
            cases.add("channelnorm", out.permute(0, 3, 1, 2).contiguous(), images=3, c=20, h=4, w=3, centered=centered,
                      scale=affine, bias=affine and centered, eps=1e-3)


def recurrents(cases):
    """What the input brings to the gates is the input itself, times the identity; the states follow the output."""
    for lstm, steps, h, directions, bias in ((1, 4, 5, 1, 1), (1, 3, 18, 2, 0), (0, 4, 5, 1, 0), (0, 3, 17, 2, 1)):
        gates = (4 if lstm else 3) * h
        net = (nn.LSTM if lstm else nn.GRU)(directions * gates, h, bias=bool(bias), bidirectional=directions == 2, batch_first=True)
        weight, added = cases.operand(1, directions, gates, h), cases.operand(2, directions, gates)
        state = {}
        for d in range(directions):
            suffix = "_l0" + "_reverse" * d
            state["weight_ih" + suffix] = torch.eye(directions * gates)[d * gates:(d + 1) * gates]
            state["weight_hh" + suffix] = weight[d]
            if bias:
                state["bias_ih" + suffix], state["bias_hh" + suffix] = torch.zeros(gates), added[d]
        net.load_state_dict(state)
        x = cases.operand(0, 2, steps, directions * gates)
        with torch.no_grad():
            output, states = net.to(x.dtype)(x)
        states = [s.transpose(0, 1).flatten() for s in (states if lstm else (states,))]
        cases.add("recurrent", torch.cat([output.flatten(), *states]), lstm=lstm, images=2, steps=steps, h=h,
                  directions=directions, bias=bias)


def reductions(cases):
    for number, function in enumerate((torch.sum, torch.mean, torch.amax, torch.amin)):
        for over in (1, 2, 4, 6, 7):
            dims = [1 + i for i in range(3) if over >> i & 1]
            out = function(cases.operand(0, 2, 19, 5, 4), dims)
            cases.add("reduce", out, reduction=number, images=2, c=19, ih=5, iw=4, over=over)


def six(name, *steps):
    """Steps of the last dimensions; those before have none, or size 1."""
    missing = [1 if name == "n" else 0] * (6 - len(steps))
    return {f"{name}{i}": step for i, step in enumerate([*missing, *steps])}


def positions(cases):
    """Along dimension 0, 1 or 2 of [4, 9, 5]; ties, and NaN, for argmax and argmin."""
    cases.add("integers", torch.arange(11.0, dtype=torch.float64) - 3, n=11, bytes=8)
    shape, steps = (4, 9, 5), (45, 5, 1)
    for dim in range(3):
        kept = [shape[i] if i != dim else 1 for i in range(3)]
        strides = [steps[i] if i != dim else 0 for i in range(3)]
        out = [int(np.prod(kept[i + 1:])) for i in range(3)]
        fields = six("n", *kept) | six("in", *strides) | six("out", *out) | dict(along=steps[dim], size=shape[dim])
        for least, function in enumerate((torch.argmax, torch.argmin)):
            for nans in (0, 7):
                x = torch.floor(cases.operand(0, *shape) * 3) / 3
                if nans:
                    x.view(-1)[nans - 1::nans] = float("nan")
                cases.add("argmax", function(x, dim).double(), **fields, least=least, levels=3, nans=nans)
        x = cases.operand(0, *shape)
        index = ((cases.operand(3, *shape) + 1) / 2 * shape[dim]).long()
        strides = [steps[i] if i != dim else 0 for i in range(3)]
        cases.add("gather", torch.gather(x, dim, index), **six("n", *shape), **six("in", *strides), **six("other", *steps),
                  **six("out", *steps), along=steps[dim], size=shape[dim])
        for k, largest in ((1, 1), (3, 0), (shape[dim], 1)):
            values, places = torch.topk(cases.operand(0, *shape), k, dim, largest=bool(largest))
            kept, strides = [shape[i] for i in range(3) if i != dim], [steps[i] for i in range(3) if i != dim]
            values, places = values.contiguous(), places.contiguous()
            out, chosen = [values.stride(i) for i in range(3) if i != dim], values.stride(dim)
            fields = dict(n0=1, n1=1, n2=1, n3=kept[0], n4=kept[1], in3=strides[0], in4=strides[1], out3=out[0], out4=out[1],
                          more3=out[0], more4=out[1], along=steps[dim], size=shape[dim], k=k, out_step=chosen,
                          more_step=chosen, largest=largest, last=int(dim == 2))
            cases.add("topk", torch.cat([values.flatten(), places.flatten().double()]), **fields)


def matmuls(cases):
    """Batches before the matrices, of which the second operand's may be fewer, and may lie transposed."""
    for m, k, n, batch, others, transposed in ((5, 7, 3, (2, 3), (2, 3), 0), (4, 33, 18, (1, 2, 2), (1, 1, 2), 0), (6, 5, 20, (3,), (1,), 1)):
        x, other = cases.operand(0, *batch, m, k), cases.operand(3, *others, *((n, k) if transposed else (k, n)))
        out = torch.matmul(x, other.transpose(-1, -2) if transposed else other)
        fields, steps = {}, {"in": m * k, "other": k * n, "out": m * n}
        for i, (size, same) in enumerate(zip(batch[::-1], others[::-1])):
            fields[f"n{3 - i}"] = size
            for name in steps:
                spread = name == "other" and same < size
                fields[f"{name}{3 - i}"] = 0 if spread else steps[name]
                steps[name] *= 1 if spread else size
        fields = {f"n{i}": 1 for i in range(4)} | fields
        cases.add("matmul", out, **fields, ow=m, ic=k, oc=n, transposed=transposed)


def attentions(cases):
    """Queries, keys, values and a mask, of which a part is minus infinity, all of the first query's: of PyTorch's function, and of a softmax."""
    for n, queries, keys, e, v, masked, scale, safe in (((2, 3), 5, 7, 6, 4, 0, 0.4, 1), ((1, 2), 18, 33, 4, 20, 1, 0.5, 1),
                                                        ((3, 1), 1, 3, 17, 5, 1, 0.3, 1), ((2, 1), 2, 4, 3, 2, 1, 0.7, 0)):
        q, k = cases.operand(0, *n, queries, e), cases.operand(3, *n, keys, e)
        values = cases.operand(4, *n, keys, v)
        mask = cases.operand(5, queries, keys)
        mask[mask > 0.25] = -torch.inf
        mask[0] = -torch.inf
        out = F.scaled_dot_product_attention(q, k, values, mask if masked else None, scale=scale) if safe else \
            torch.softmax(scale * q @ k.mT + mask, -1) @ values
        cases.add("attention", out, n0=1, n1=1, n2=n[0], n3=n[1], in2=n[1] * queries * e, in3=queries * e, other2=n[1] * keys * e,
                  other3=keys * e, third2=n[1] * keys * v, third3=keys * v, out2=n[1] * queries * v, out3=queries * v, safe=safe,
                  keys=keys, scale=scale, masked=masked, queries=queries, e=e, v=v)


def groupnorms(cases):
    """Weights by channel; of all of an image by element, where weight_position is not 0."""
    size = (7, 4, 3)
    for affine in (0, 1):
        for centered in (0, 1):
            parameters = (cases.operand(1, *size), cases.operand(2, *size)) if affine else (None, None)
            x = cases.operand(0, 3, *size)
            out = F.layer_norm(x, size, *parameters, 1e-3) if centered else F.rms_norm(x, size, parameters[0], 1e-3)
            cases.add("groupnorm", out, images=3, c=7, h=4, w=3, group=7, centered=centered, scale=affine,
                      bias=affine and centered, weight_position=1, eps=1e-3)
        for c, groups in ((6, 3), (34, 2), (5, 5)):
            parameters = (cases.operand(1, c), cases.operand(2, c)) if affine else (None, None)
            x = cases.operand(0, 3, c, 4, 3)
            out = F.group_norm(x, groups, *parameters, 1e-3) if groups < c else F.instance_norm(x, None, None, *parameters, eps=1e-3)
            cases.add("groupnorm", out, images=3, c=c, h=4, w=3, group=c // groups, centered=1, scale=affine, bias=affine, eps=1e-3)


def step(mode, i, n, out, align_corners=False, size=None, scale_factor=None):
    """Of PyTorch's, in the input from a position of the output to the next; some modes copy sizes that are equal or twice the input's."""
    if align_corners:
        return (n - 1) / (out - 1) if out > 1 else 0
    copies = mode == "nearest" and out in (n, 2 * n) or mode == "bilinear" and out == n
    return n / out if size or copies else 1 / np.broadcast_to(scale_factor, 2)[i]


def resample(cases, rows_columns, mode, **how):
    """Of tensors of float32, whose positions PyTorch finds in that."""
    out = F.interpolate(cases.operand(0, 3, 2, *rows_columns).float(), mode=mode, **how).double()
    steps = {f"step_{axis}": step(mode, i, rows_columns[i], out.shape[2 + i], **how) for i, axis in enumerate("yx")}
    cases.add("resample", out, images=3, c=2, ih=rows_columns[0], iw=rows_columns[1], oh=out.shape[2], ow=out.shape[3],
              taps={"bilinear": 2, "bicubic": 4}.get(mode, 1), centers=int(mode != "nearest" and not how.get("align_corners", False)), **steps)


def steps(cases):
    n, c, size = 3, 6, (5, 7)
    copy(cases, F.interpolate(cases.operand(0, n, c, *size), scale_factor=(3, 2), mode="nearest"), n, c, size, c, uy=3, ux=2)
    for to in ((8, 3), (3, 24), (1, 10)):
        for mode in ("nearest", "nearest-exact"):
            resample(cases, size, mode, size=to)
        for mode in ("bilinear", "bicubic"):
            for corners in (False, True):
                resample(cases, size, mode, size=to, align_corners=corners)
    copy(cases, cases.operand(0, n, c, *size)[:, :, 1::2].flip(3), n, c, size, c, dy=1, sy=2, dx=6, sx=-1)


def strided(cases):
    """Permutations of dense tensors."""
    for size, dims in (((2, 3, 4, 5), (0, 2, 1, 3)), ((1, 7, 9), (0, 2, 1)), ((2, 2, 3, 2, 3, 5), (0, 1, 3, 2, 4, 5))):
        x = cases.operand(0, *size).permute(dims)
        missing = 6 - len(size)
        out = x.contiguous()
        fields = {}
        for i in range(6):
            fields[f"n{i}"] = 1 if i < missing else x.shape[i - missing]
            fields[f"in{i}"] = 0 if i < missing else x.stride(i - missing)
            fields[f"out{i}"] = 0 if i < missing else out.stride(i - missing)
        cases.add("strided", out, **fields)


def rest(cases):
    for inverse, side, c, h, w in ((0, 2, 12, 3, 4), (0, 3, 18, 2, 1), (1, 2, 5, 4, 6), (1, 3, 1, 9, 3)):
        function = F.pixel_unshuffle if inverse else F.pixel_shuffle
        out = function(cases.operand(0, 3, c, h, w), side)
        cases.add("pixel_shuffle", out, images=3, c=out.shape[1], oh=out.shape[2], ow=out.shape[3], side=side, inverse=inverse)
    for up, size in ((2, (5, 7)), (3, (4, 1)), (4, (1, 3)), (1.5, (5, 7)), ((0.7, 2.3), (9, 4)), ((1.15, 1.4), (6, 2))):
        for mode in ("nearest", "nearest-exact", "bilinear", "bicubic"):
            resample(cases, size, mode, scale_factor=up)
        for mode in ("bilinear", "bicubic"):
            resample(cases, size, mode, scale_factor=up, align_corners=True)
    for n, c, h, w in ((3, 10, 1, 1), (1, 37, 3, 2)):
        for log, function in enumerate((F.softmax, F.log_softmax)):
            cases.add("softmax", function(cases.operand(0, n, c, h, w), 1), log=log, images=n, c=c, h=h, w=w)
    for size in (1, 4, 5, 9):
        out = F.local_response_norm(cases.operand(0, 3, 7, 4, 3), size, 0.5, 0.75, 2.0)
        cases.add("lrn", out, images=3, c=7, h=4, w=3, size=size, alpha=0.5, beta=0.75, k=2)


def borders(cases):
    for n, c, h, w, (top, left, bottom, right) in ((2, 3, 4, 5, (1, 2, 0, 3)), (1, 18, 1, 3, (2, 0, 1, 0))):
        out = F.pad(cases.operand(0, n, c, h, w), (left, right, top, bottom))
        cases.add("border", out, images=n, c=c, h=h, w=w, border_top=top, border_left=left,
                  border_bottom=bottom, border_right=right)


def weight_gradients(cases):
    for n, ic, oc, size, kernel, stride, dilation, pad, groups in (
            (2, 3, 5, (6, 7), (3, 3), (1, 1), (1, 1), (1, 1), 1), (1, 18, 4, (5, 9), (2, 5), (2, 3), (1, 1), (0, 2), 1),
            (2, 6, 4, (7, 7), (3, 2), (1, 2), (2, 1), (1, 0), 2), (2, 5, 5, (6, 6), (3, 3), (2, 2), (1, 1), (1, 1), 5)):
        x = cases.operand(0, n, ic, *size)
        weight = torch.zeros(oc, ic // groups, *kernel, dtype=x.dtype, requires_grad=True)
        out = F.conv2d(x, weight, None, stride, pad, dilation, groups)
        out.backward(cases.operand(3, *out.shape))
        cases.add("weight_gradient", weight.grad, images=n, oc=oc, group_oc=oc // groups, group_ic=ic // groups, ih=size[0],
                  iw=size[1], oh=out.shape[2], ow=out.shape[3], **window(kernel, stride, dilation, pad), depthwise=int(groups == oc))


def winograd_gradients(cases):
    for n, ic, oc, size, kernel, pad in ((2, 4, 5, (6, 7), (3, 3), (1, 1)), (1, 3, 2, (8, 5), (5, 2), (2, 0))):
        weight = torch.zeros(oc, ic, *kernel, dtype=torch.float64, requires_grad=True)
        out = F.conv2d(cases.operand(0, n, ic, *size), weight, None, 1, pad)
        out.backward(cases.operand(3, *out.shape))
        cases.add("winograd_gradient", weight.grad, images=n, ic=ic, oc=oc, ih=size[0], iw=size[1], oh=out.shape[2],
                  ow=out.shape[3], kh=kernel[0], kw=kernel[1], pt=pad[0], pl=pad[1])


def scattered(cases):
    """Gradients of gather along dimension 0, 1 or 2 of [4, 9, 5], and of an embedding."""
    shape, steps = (4, 9, 5), (45, 5, 1)
    for dim in range(3):
        x = torch.zeros(*shape, dtype=torch.float64, requires_grad=True)
        index = ((cases.operand(3, *shape) + 1) / 2 * shape[dim]).long()
        torch.gather(x, dim, index).backward(cases.operand(0, *shape))
        strides = [steps[i] if i != dim else 0 for i in range(3)]
        cases.add("scatter", x.grad, **six("n", *shape), **six("in", *steps), **six("other", *steps), **six("out", *strides),
                  along=steps[dim], size=shape[dim], clear=180)


def resampled(cases):
    for to in ((8, 3), (3, 24), (10, 14)):
        for mode, corners in (("nearest", None), ("nearest-exact", None), ("bilinear", False), ("bilinear", True), ("bicubic", False), ("bicubic", True)):
            how = {"size": to} if corners is None else {"size": to, "align_corners": corners}
            x = torch.zeros(3, 2, 5, 7, requires_grad=True)
            F.interpolate(x, mode=mode, **how).backward(cases.operand(0, 3, 2, *to).float())
            steps = {f"step_{axis}": step(mode, i, (5, 7)[i], to[i], **how) for i, axis in enumerate("yx")}
            cases.add("resample_gradient", x.grad.double(), images=3, c=2, ih=5, iw=7, oh=to[0], ow=to[1],
                      taps={"bilinear": 2, "bicubic": 4}.get(mode, 1), centers=int(mode != "nearest" and not corners), **steps)


def sums(cases):
    for dims in ((0, 2, 3), (1,), (0, 1, 2, 3), (2,), (3,)):
        out = cases.operand(0, 2, 18, 3, 4).sum(dims, keepdim=True)
        over = {f"over_{name}": int(i in dims) for i, name in enumerate(("images", "channels", "rows", "columns"))}
        cases.add("sum_to", out, images=2, c=18, h=3, w=4, **over)


def gradient_of(function, inputs, gradient):
    inputs = [x.detach().requires_grad_() for x in inputs]
    function(*inputs).backward(gradient)
    return [x.grad for x in inputs]


def activation_gradients(cases):
    for number, act in enumerate(ACTS):
        shift, scale = (1.5, 1) if act in DEFINED_ABOVE_ZERO else (0, 8)
        x, g = cases.operand(3, 3, 5, 4, 3) * scale + shift, cases.operand(0, 3, 5, 4, 3)
        cases.add("activation_gradient", gradient_of(ACTS[act], [x], g)[0], images=3, c=5, h=4, w=3, act=number, act_arg=0.1,
                  act_arg2=0.7, shift=shift, weight=scale)


def pool_gradients(cases):
    for average, n, c, size, kernel, stride, pad, dilation, ceil, include in (
            (0, 2, 3, (7, 9), (3, 3), (2, 2), (1, 1), (1, 1), False, False), (0, 1, 2, (11, 9), (3, 3), (1, 2), (1, 0), (2, 3), True, False),
            (1, 2, 3, (7, 9), (3, 3), (2, 2), (1, 1), (1, 1), False, True), (1, 1, 3, (8, 10), (3, 4), (2, 3), (1, 2), (1, 1), True, False)):
        x = cases.operand(3, n, c, *size)

        def pooled(x):
            if average:
                return F.avg_pool2d(x, kernel, stride, pad, ceil, include)
            return F.max_pool2d(x, kernel, stride, pad, dilation, ceil)
        oh, ow = pooled(x).shape[2:]
        out, = gradient_of(pooled, [x], cases.operand(0, n, c, oh, ow))
        cases.add("pooling_gradient", out, average=average, count_include_pad=int(include), images=n, c=c, ih=size[0], iw=size[1],
                  oh=oh, ow=ow, **window(kernel, stride, dilation, pad), pb=pad[0], pr=pad[1])
    for size, to in (((7, 9), (1, 1)), ((13, 5), (6, 6)), ((3, 4), (7, 7))):
        for average, function in enumerate((F.adaptive_max_pool2d, F.adaptive_avg_pool2d)):
            out, = gradient_of(lambda x: function(x, to), [cases.operand(3, 2, 3, *size)], cases.operand(0, 2, 3, *to))
            cases.add("adaptive_pooling_gradient", out, average=average, images=2, c=3, ih=size[0], iw=size[1], oh=to[0], ow=to[1])


def batch_norms(cases):
    """In training; statistics, or gradients of weights and biases, follow the output."""
    n, c, h, w, eps = 3, 5, 4, 3, 1e-3
    for affine, residual, act in ((1, 0, "none"), (1, 1, "relu"), (0, 0, "none")):
        x, weight, bias = cases.operand(0, n, c, h, w), cases.operand(1, c), cases.operand(2, c)
        out = F.batch_norm(x, None, None, weight if affine else None, bias if affine else None, True, 0.1, eps)
        if residual:
            out = out + cases.operand(3, n, c, h, w)
        mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0)
        cases.add("bn_train", torch.cat([ACTS[act](out).flatten(), mean, var]), images=n, c=c, h=h, w=w, affine=affine,
                  residual=residual, act=list(ACTS).index(act), eps=eps, weight=0)
    for affine in (0, 1):
        weight = cases.operand(1, c) if affine else torch.ones(c, dtype=torch.float64)
        grads = gradient_of(lambda x, weight, bias: F.batch_norm(x, None, None, weight, bias, True, 0.1, eps),
                            [cases.operand(3, n, c, h, w), weight, weight * 0], cases.operand(0, n, c, h, w))
        cases.add("bn_gradient", torch.cat([g.flatten() for g in grads]), images=n, c=c, h=h, w=w, affine=affine, eps=eps)


def add_losses(cases, said):
    n, h, w = 3, 2, 4
    for c, how, gradient in itertools.product((5, 18), said, (0, 1)):
        x, weight = cases.operand(0, n, c, h, w), cases.operand(1, c) + 1.5
        labels = (cases.operand(3, *((n, c, h, w) if "shares" in how else (n, h, w))) * c + c) / 2

        def loss(x):
            return F.cross_entropy(x, labels if "shares" in how else labels.long(), weight if "weighted" in how else None,
                                   ignore_index=how.get("ignored", -100), label_smoothing=how.get("smoothing", 0))
        out = gradient_of(loss, [x], torch.tensor(2.5, dtype=x.dtype))[0] if gradient else loss(x).reshape(1)
        cases.add("cross_entropy" + "_gradient" * gradient, out, images=n, c=c, h=h, w=w, **{"ignored": -100, **how})


def losses(cases):
    add_losses(cases, [dict(smoothing=smoothing) for smoothing in (0, 0.1)])


def weighted_losses(cases):
    add_losses(cases, [dict(smoothing=0.1, weighted=1), dict(ignored=2, weighted=1), dict(ignored=3, smoothing=0.2), dict(shares=1),
                       dict(shares=1, smoothing=0.1, weighted=1)])


def batch_norms_with_activations(cases):
    """Of both together, the gradients that batch_norms() has of one."""
    n, c, h, w, eps = 3, 5, 4, 3, 1e-3
    for affine, act in ((1, "relu"), (1, "hardswish"), (0, "sigmoid"), (1, "silu")):
        weight, bias = cases.operand(1, c), cases.operand(2, c)
        if not affine:
            weight, bias = torch.ones_like(weight), torch.zeros_like(bias)
        grads = gradient_of(lambda x, weight, bias: ACTS[act](F.batch_norm(x, None, None, weight, bias, True, 0.1, eps)),
                            [cases.operand(3, n, c, h, w), weight, bias], cases.operand(0, n, c, h, w))
        cases.add("bn_gradient", torch.cat([g.flatten() for g in grads]), images=n, c=c, h=h, w=w, affine=affine, eps=eps,
                  act=list(ACTS).index(act))


def mix(x):
    x = ((x ^ x >> 16) * 0x7FEB352D) & 0xFFFFFFFF
    x = ((x ^ x >> 15) * 0x846CA68B) & 0xFFFFFFFF
    return x ^ x >> 16


def dropouts(cases):
    """PyTorch has other random numbers: these are drawn as dropout.h says, in Python's integers."""
    for p, stream, seed in ((0.5, 3, 11), (0.2, 0, 1)):
        x = cases.operand(0, 2, 18, 3, 4)
        key = mix((mix(stream) + seed) & 0xFFFFFFFF)
        numbers = [mix(mix((i + key) & 0xFFFFFFFF) ^ key) >> 8 for i in range(x.numel())]
        kept = torch.tensor([number / (1 << 24) >= p for number in numbers]).reshape(x.shape)
        cases.add("dropout", torch.where(kept, x / (1 - p), 0), images=2, c=18, h=3, w=4, p=p, stream=stream, weight=seed)


def corners(boxes):
    """Right and bottom behind left and top, in the arithmetic of floats."""
    boxes = boxes.float()
    return torch.cat([boxes[..., :2], boxes[..., :2] + boxes[..., 2:].abs()], -1)


def stable_batched_nms(boxes, scores, groups, threshold):
    """torchvision's batched_nms; of many boxes it sorts equal scores in an order that PyTorch leaves open, here in their own."""
    if boxes.numel() <= 4000:
        return torchvision.ops.batched_nms(boxes, scores, groups, threshold)
    kept = torch.zeros_like(scores, dtype=torch.bool)
    for group in groups.unique():
        here = torch.where(groups == group)[0]
        kept[here[torchvision.ops.nms(boxes[here], scores[here], threshold)]] = True
    kept = torch.where(kept)[0]
    return kept[scores[kept].sort(descending=True, stable=True)[1]]


def soft_nms(boxes, scores, groups, sigma, least):
    """Soft-NMS with Gaussian weights (Bodla et al., 2017), one result after another: which are kept, and their scores."""
    scores, left, kept = scores.clone(), torch.ones_like(scores, dtype=torch.bool), []
    while left.any():
        best = int(torch.where(left, scores, -math.inf).argmax())
        kept.append(best)
        left[best] = False
        overlap = torchvision.ops.box_iou(boxes[best:best + 1], boxes)[0]
        worse = left & (groups == groups[best])
        scores = torch.where(worse, scores * torch.exp(-overlap ** 2 / sigma), scores)
        left &= (scores > least) | (least == -math.inf)
    return torch.tensor(kept, dtype=torch.long), scores


def found(boxes, scores, threshold, detections, least, small, candidates, first, grouped, levels, sigma=0):
    """Boxes, scores, classes, which boxes they are and their number, of [boxes, classes]: torchvision's functions as its models call them."""
    n, classes = scores.shape
    label = torch.arange(classes).expand(n, classes)
    level = torch.repeat_interleave(torch.arange(len(levels)), torch.tensor(levels))[:, None].expand(n, classes)
    index = torch.arange(n)[:, None].expand(n, classes)
    parts = [(slice(None), slice(first, None))]
    if candidates and grouped == 1:
        parts = [(slice(None), slice(c, c + 1)) for c in range(first, classes)]
    elif candidates:
        parts = [(level[:, 0] == i, slice(first, None)) for i in range(len(levels))]
    chosen = []
    for rows, columns in parts:
        part = [x[rows][:, columns].flatten(0, 1) for x in (boxes, scores, label, level, index)]
        part = [x[part[1] > least] for x in part] if least > -math.inf else part
        best = part[1].sort(descending=True, stable=True)[1][:candidates] if candidates else slice(None)
        chosen.append([x[best] for x in part])
    boxes, scores, label, level, index = (torch.cat(x) for x in zip(*chosen))
    large = torchvision.ops.remove_small_boxes(boxes, small) if small else slice(None)
    boxes, scores, label, level, index = (x[large] for x in (boxes, scores, label, level, index))
    if sigma:
        kept, scores = soft_nms(boxes, scores, label if grouped else torch.zeros_like(label), sigma, least)
    elif grouped:
        kept = stable_batched_nms(boxes, scores, level if grouped == 2 else label, threshold)
    else:
        kept = torchvision.ops.nms(boxes, scores, threshold)
    kept = kept[:detections]
    missing = detections - len(kept)
    rows = (F.pad(x[kept], (0, missing)) for x in (scores, label, index))
    return F.pad(boxes[kept], (0, 0, 0, missing)), *rows, len(kept)


def suppressions(cases):
    for images, n, classes, shared, detections, threshold, least, small, candidates, first, grouped, levels, ties, *sigma in (
            (1, 60, 1, 1, 60, 0.5, -math.inf, 0, 0, 0, 0, (60,), 0), (2, 60, 1, 1, 25, 0.3, -0.5, 0.4, 0, 0, 0, (60,), 4),
            (2, 30, 4, 1, 50, 0.5, 0.1, 0, 0, 1, 1, (30,), 4), (1, 30, 4, 0, 120, 0.4, -math.inf, 0.3, 0, 0, 1, (30,), 0),
            (1, 400, 4, 0, 300, 0.6, -math.inf, 0, 0, 0, 1, (400,), 8), (1, 90, 5, 1, 60, 0.45, -0.2, 0, 20, 1, 1, (90,), 8),
            (1, 100, 1, 1, 50, 0.7, -math.inf, 0.1, 20, 0, 2, (60, 30, 10), 8), (1, 20, 3, 1, 10, 0.5, 1, 0, 0, 0, 1, (20,), 0),
            (1, 90, 4, 1, 70, 0.4, -0.6, 0, 25, 0, 3, (50, 25, 15), 8), (2, 40, 1, 1, 40, 0.5, -math.inf, 0, 0, 0, 0, (40,), 0, 0.5),
            (1, 40, 3, 1, 30, 0.5, 0.05, 0, 0, 1, 1, (40,), 0, 0.25), (1, 30, 3, 0, 90, 0.5, 0.1, 0.2, 0, 0, 0, (30,), 0, 1.5)):
        boxes = corners(cases.operand(0, images, n, *(() if shared else (classes,)), 4))
        scores = cases.operand(3, images, n, classes).float()
        if ties:
            scores = torch.floor(scores * ties) / ties
        if shared:
            boxes = boxes[:, :, None].expand(images, n, classes, 4)
        results = [found(boxes[i], scores[i], threshold, detections, least, small, candidates, first, grouped, levels, *sigma)
                   for i in range(images)]
        parts = [torch.stack([r[i] for r in results]).flatten().double() for i in range(4)]
        counts = torch.zeros(images, 16, dtype=torch.float64)
        counts[:, 0] = torch.tensor([r[4] for r in results])
        begin = [sum(levels[:i + 1]) for i in range(5)]
        step = 4 if shared else 4 * classes
        below = np.float32(threshold)
        below = np.nextafter(below, np.float32(0)) if float(below) > threshold else below
        cases.add("nms", torch.cat([*parts[:3], counts.flatten(), parts[3]]), images=images, boxes=n, classes=classes, detections=detections,
                  in_image=n * step, in_box=step, in_class=0 if shared else 4, other_image=n * classes, other_box=classes,
                  other_class=1, first_class=first, candidates=candidates, grouped=grouped,
                  **{f"level{i + 1}": begin[i] for i in range(5)}, iou_threshold=float(below), score_threshold=least,
                  min_size=small, **({"sigma": sigma[0]} if sigma else {}), levels=ties)


def listed(name, values):
    return {f"{name}{i}": value for i, value in enumerate([*values, *[0] * 6][:6])}


def anchors(cases):
    """torchvision's AnchorGenerator; and boxes of given sides."""
    for rows, columns, stride, sizes, ratios in ((5, 4, (16, 16), (128, 256, 512), (0.5, 1, 2)), (7, 9, (8, 4), (32,), (0.5, 1, 2)),
                                                 (11, 3, (64, 32), (40, 50.796834, 63.496042), (0.33, 3))):
        generator = AnchorGenerator((sizes,), (ratios,))
        grid = generator.grid_anchors([[rows, columns]], [[torch.tensor(s) for s in stride]])[0]
        cases.add("anchors", grid.double(), rows=rows, columns=columns, sh=stride[0], sw=stride[1], sizes=len(sizes), ratios=len(ratios),
                  **listed("size", sizes), **listed("ratio", ratios))
    widths, heights = (10, 23, 37), (14, 27, 58)
    rows, columns, stride, position = 6, 5, 16, 0.5
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    center = (torch.stack([x, y], -1)[:, :, None] + position) * stride
    half = torch.tensor([widths, heights]).T / 2
    cases.add("anchors", torch.cat([center - half, center + half], -1).double(), rows=rows, columns=columns, sh=stride, sw=stride, sizes=3,
              ratios=3, given=1, **listed("size", widths), **listed("ratio", heights), position=position)


def decoded_yolo(deltas, boxes, stride, scaled):
    """YOLOv3's and YOLOv5's rules, of anchors in the middle of their cells."""
    side, center = boxes[:, 2:] - boxes[:, :2], (boxes[:, 2:] + boxes[:, :2]) / 2
    cell = center - torch.tensor(stride[::-1]) / 2
    share = torch.sigmoid(deltas[:, :2])
    center = cell + (share * 2 - 0.5 if scaled else share) * torch.tensor(stride[::-1])
    half = side * ((torch.sigmoid(deltas[:, 2:]) * 2) ** 2 if scaled else torch.exp(deltas[:, 2:])) / 2
    return torch.cat([center - half, center + half], -1)


def inside(cases):
    """Those that torchvision's clip_boxes_to_image leaves as they are."""
    for images, n, size in ((1, 40, (1, 1)), (3, 25, (1, 2)), (2, 30, (2, 1))):
        boxes = corners(cases.operand(3, images * n, 4)).double()
        same = (torchvision.ops.clip_boxes_to_image(boxes, size) == boxes).all(-1)
        cases.add("inside", same.double(), images=images, boxes=n, bottom=size[0], right=size[1])


def decodes(cases):
    """torchvision's BoxCoder, and clip_boxes_to_image."""
    for images, n, classes, weights, size, yolo, stride in (
            (2, 9, 1, (1, 1, 1, 1), None, 0, (1, 1)), (1, 30, 4, (10, 10, 5, 5), None, 0, (1, 1)), (2, 12, 1, (0.1, 0.2, 0.05, 0.1), (1, 2), 0, (1, 1)),
            (1, 20, 1, (1, 1, 1, 1), None, 1, (16, 8)), (2, 20, 1, (1, 1, 1, 1), (9, 4), 2, (8, 16))):
        deltas = cases.operand(0, images * n, classes * 4)
        boxes = corners(cases.operand(3, images * n, 4)).double()
        if yolo:
            out = decoded_yolo(deltas, boxes, stride, yolo == 2)
        else:
            out = BoxCoder(tuple(map(float, weights))).decode(deltas, [boxes])
        if size:
            out = torchvision.ops.clip_boxes_to_image(out, size)
        bottom, right = size or (0, 0)
        cases.add("decode", out, images=images, boxes=n, classes=classes, yolo=yolo, **{f"weight{i}": w for i, w in enumerate(weights)},
                  stride_y=stride[0], stride_x=stride[1], bottom=bottom, right=right)


def rois(cases):
    """torchvision.ops.roi_align and roi_pool."""
    for images, regions, c, size, out, scale, align, samples, aligned in (
            (2, 5, 3, (9, 7), (3, 3), 1, 1, 2, False), (1, 6, 2, (12, 12), (4, 2), 0.25, 1, 0, False), (2, 4, 3, (8, 10), (7, 7), 0.5, 1, 3, True),
            (1, 7, 2, (10, 10), (2, 5), 0.125, 1, 0, True), (2, 6, 3, (9, 7), (3, 3), 1, 0, 0, False), (1, 9, 2, (14, 11), (7, 7), 0.0625, 0, 0, False)):
        x = cases.operand(0, images, c, *size)
        boxes = (corners(cases.operand(3, images, regions, 4)) * np.float32(size[0] / scale)).double()
        if align:
            want = torchvision.ops.roi_align(x, list(boxes), out, scale, samples or -1, aligned)
        else:
            want = torchvision.ops.roi_pool(x, list(boxes), out, scale)
        cases.add("roi", want, images=images, regions=regions, c=c, ih=size[0], iw=size[1], oh=out[0], ow=out[1], align=align, samples=samples,
                  offset=0.5 if aligned else 0, scale=scale)


def masks(cases):
    """torchvision's paste_masks_in_image, without the padding that it adds."""
    for images, regions, size, picture in ((2, 5, (7, 6), (20, 24)), (1, 6, (14, 14), (9, 11))):
        x = cases.operand(0, images, regions, *size)
        boxes = (corners(cases.operand(3, images, regions, 4).abs()) * np.float32(min(picture))).double()
        want = torch.stack([roi_heads.paste_masks_in_image(m[:, None], b, picture, padding=0)[:, 0] for m, b in zip(x, boxes)])
        cases.add("paste", want, images=images, regions=regions, ih=size[0], iw=size[1], oh=picture[0], ow=picture[1])


def keypoints(cases):
    """torchvision's heatmaps_to_keypoints."""
    for images, regions, points, size in ((2, 4, 3, (7, 6)), (1, 5, 17, (14, 14))):
        x = cases.operand(0, images, regions, points, *size)
        rois = (corners(cases.operand(3, images, regions, 4).abs()) * np.float32(2 * size[1])).double()
        found = [roi_heads.heatmaps_to_keypoints(m, r) for m, r in zip(x, rois)]
        want = torch.cat([torch.stack([f[i] for f in found]).flatten() for i in range(2)]).double()
        cases.add("keypoints", want, images=images, regions=regions, points=points, ih=size[0], iw=size[1])


def main():
    cases = Cases()
    for part in (convs, transposes, pools, pointwise, copies, rest, winograds, strided, channelnorms, groupnorms, matmuls, reductions, steps, attentions, recurrents, borders, positions,
                 weight_gradients, sums, activation_gradients, pool_gradients, batch_norms, losses, dropouts, suppressions, anchors, decodes, rois,
                 scattered, resampled, weighted_losses, inside, batch_norms_with_activations, masks, keypoints, winograd_gradients):
        part(cases)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden", "kernels.txt")
    with open(path, "w", encoding="ascii") as file:
        file.write("\n".join(cases.lines) + "\n")


if __name__ == "__main__":
    main()
