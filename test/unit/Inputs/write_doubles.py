"""Writes a NumPy file of float64, one dimension: write_doubles.py FILE NUMBER..."""
import struct
import sys

path, *numbers = sys.argv[1:]
header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({len(numbers)},), }}\n"
with open(path, "wb") as file:
    file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() +
               struct.pack(f"<{len(numbers)}d", *map(float, numbers)))
