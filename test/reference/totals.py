#!/usr/bin/env python3
"""Parameters, buffers and multiply-accumulates of the example nets by PyTorch: writes
test/cost/Inputs/totals.txt, a line "net params buffers macs" each. Usage: totals.py > totals.txt
"""
import torch
from torch.utils.flop_counter import FlopCounterMode

import nets

COMPUTED = ("regnet_y_400mf",)  # its widths come from tensors, which hold nothing on the device meta


def totals(name):
    with torch.device("cpu" if name in COMPUTED else "meta"):
        net = nets.BUILDERS[name]().eval()
        params = sum(p.numel() for p in net.parameters())
        buffers = sum(b.numel() for key, b in net.named_buffers()
                      if not key.endswith(nets.INTEGERS))
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            net(*map(torch.zeros, nets.input_shapes(name).values()))
    return f"{name} {params} {buffers} {counter.get_total_flops() // 2}"


if __name__ == "__main__":
    for builder in sorted(nets.BUILDERS):
        print(totals(builder))
