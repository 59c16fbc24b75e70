"""A safetensors file with other names or shapes: rename.py FROM TO CHANGE..., each OLD=NEW (an empty OLD:
NEW before every name), NAME:OLD=NEW for a shape such as 84=21,4, or NAME+SHAPE for one more tensor."""
import json
import math
import struct
import sys

source, target, *changes = sys.argv[1:]
with open(source, "rb") as file:
    header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    data = file.read()
for change in changes:
    if "+" in change:
        name, shape = change.split("+")
        shape = [int(n) for n in shape.split(",")]
        size = 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + size]}
        data += bytes(size)
        continue
    old, new = change.split("=")
    if ":" in old:
        header[old.split(":")[0]]["shape"] = [int(n) for n in new.split(",")]
    elif old:
        header[new] = header.pop(old)
    else:
        header = {name if name == "__metadata__" else new + name: entry for name, entry in header.items()}
text = json.dumps(header).encode()
with open(target, "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
