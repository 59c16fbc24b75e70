"""Writes a NumPy file of floats in [-1, 1): random_npy.py FILE DIM..."""
import random
import struct
import sys

path, *dims = sys.argv[1:]
shape = tuple(map(int, dims))
count = 1
for dim in shape:
    count *= dim
head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
head += " " * (-(len(head) + 11) % 64) + "\n"
source = random.Random(1)
with open(path, "wb") as file:
    file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode())
    file.write(struct.pack(f"<{count}f", *(2 * source.random() - 1 for _ in range(count))))
