"""Makes golden/narrow.txt: floats as PyTorch's .to() rounds them, a line of bits each: of the float, of bfloat16, of float16.
narrow.py > golden/narrow.txt"""
import struct

import torch

TIES = 0x8000, 0x18000, 0x28000, 0x7FFF, 0x8001, 0x17FFF, 0x18001, 0x1000, 0x3000, 0x5000, 0x0FFF, 0x1001, 0x2FFF, 0x3001
STARTS = (
    0x3F800000,  # 1
    0xBF800000,
    0x3FFF0000,  # near 2: a carry into the exponent
    0x38800000,  # 2^-14, the least normal float16
    0x387F0000,  # below it
    0x33800000,  # 2^-24, the least subnormal
    0x33000000,  # half of it
    0x33C00000,  # one and a half of it
    0x32FF0000,
    0x477FE000,  # 65504, the largest float16
    0x477F0000,
    0x7F7F0000,  # the largest bfloat16
    0x00800000,  # the least normal float
    0x007F0000,  # subnormal floats
    0x00000000,
)
OTHERS = (0x80000000, 0x7F800000, 0xFF800000, 0x7FC00000, 0x7F800001, 0xFF800001, 0x477FEFFF, 0x477FF000, 0xC77FF000, 0x7F7F7FFF,
          0x7F7F8000, 0x7F7FFFFF, 0xFF7FFFFF, 0x00000001, 0x80000001, 0x33000001, 0xB3000000, 0xB3000001)


def bits_of(tensor):
    """Of a tensor of 16 bits."""
    return tensor.view(torch.int16).item() & 0xFFFF


values = sorted({start + tie for start in STARTS for tie in (0, *TIES) if start + tie < 2**32} | set(OTHERS))
for value in values:
    x = torch.frombuffer(bytearray(struct.pack("<I", value)), dtype=torch.float32)
    print(f"{value:08x} {bits_of(x.to(torch.bfloat16)):04x} {bits_of(x.to(torch.float16)):04x}")
