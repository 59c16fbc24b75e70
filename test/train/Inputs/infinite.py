"""A picture of infinities of either sign, and its label: infinite.py X.npy LABELS.npy."""
import math
import struct
import sys


def write(path, shape, values):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + struct.pack(f"<{len(values)}f", *values))


write(sys.argv[1], (1, 4), [math.inf, -math.inf, 1, 2])
write(sys.argv[2], (1, 1), [1])
