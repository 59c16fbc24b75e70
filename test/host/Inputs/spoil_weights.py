"""Copies a safetensors file of float32, one tensor's elements from FIRST on replaced by VALUE (nan, inf, a number):
spoil_weights.py FROM TO TENSOR VALUE [FIRST]."""
import json
import struct
import sys

source, target, name, value, *first = sys.argv[1:]
with open(source, "rb") as file:
    content = bytearray(file.read())
start = 8 + struct.unpack_from("<Q", content)[0]
begin, end = json.loads(content[8:start])[name]["data_offsets"]
begin += 4 * int(first[0]) if first else 0
content[start + begin:start + end] = struct.pack("<f", float(value)) * ((end - begin) // 4)
with open(target, "wb") as file:
    file.write(content)
