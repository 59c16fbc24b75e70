"""Writes a safetensors file of float32 anew, with its weights of rank 2 and more rounded: rounded.py FILE OUT bf16|f16."""
import json
import struct
import sys

path, out, kind = sys.argv[1:]
with open(path, "rb") as file:
    (size,) = struct.unpack("<Q", file.read(8))
    head = file.read(size)
    data = bytearray(file.read())


def rounded(x):
    """To the nearest, of two the even one."""
    if kind == "f16":
        return struct.unpack("<e", struct.pack("<e", x))[0]
    (bits,) = struct.unpack("<I", struct.pack("<f", x))
    below, rest = bits >> 16, bits & 0xFFFF
    up = rest > 0x8000 or (rest == 0x8000 and below % 2)
    return struct.unpack("<f", struct.pack("<I", below + up << 16))[0]


for name, tensor in json.loads(head).items():
    if name == "__metadata__" or not name.endswith(".weight") or len(tensor["shape"]) < 2:
        continue
    first, end = tensor["data_offsets"]
    values = struct.unpack(f"<{(end - first) // 4}f", data[first:end])
    data[first:end] = struct.pack(f"<{len(values)}f", *map(rounded, values))
with open(out, "wb") as file:
    file.write(struct.pack("<Q", size) + head + data)
