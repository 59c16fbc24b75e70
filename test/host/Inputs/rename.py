"""A safetensors file with other names or shapes: rename.py FROM TO CHANGE..., each OLD=NEW (an empty OLD:
NEW before every name) or NAME:OLD=NEW for a shape such as 84=21,4."""
import json
import struct
import sys

source, target, *changes = sys.argv[1:]
with open(source, "rb") as file:
    header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    data = file.read()
for change in changes:
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
