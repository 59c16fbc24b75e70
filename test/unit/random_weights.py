"""Prints what test/unit/weights.c prints of the random weights, by the formula in Python."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))
import netc_random

TENSORS = (("conv1.weight", (8, 3, 5, 5)), ("conv1.bias", (8,)), ("bn.weight", (40,)),
           ("bn.running_mean", (40,)), ("bn.running_var", (40,)), ("fc.weight", (7, 11)),
           ("norm.weight", (2, 3, 4)), ("weight", (3, 3)))

for seed in range(3):
    for name, shape in TENSORS:
        u = netc_random.uniform(seed * 0x123456789ABCDEF, name, 5)[1:]
        values = (struct.unpack("f", struct.pack("f", netc_random.from_uniform(x, name, shape)))[0] for x in u)
        print(name, *(f"{value:.9g}" for value in values))
