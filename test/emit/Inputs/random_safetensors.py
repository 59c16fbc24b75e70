"""Writes the tensors of --random-weights as safetensors: random_safetensors.py FILE SEED NAME=2,3 ..."""
import json
import math
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../reference"))
import netc_random  # noqa: E402

path, seed, *tensors = sys.argv[1:]
header, data = {}, b""
for tensor in tensors:
    name, dims = tensor.split("=")
    shape = [int(n) for n in dims.split(",")]
    values = [netc_random.from_uniform(u, name, shape) for u in netc_random.uniform(int(seed), name, math.prod(shape))]
    header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + 4 * len(values)]}
    data += struct.pack(f"<{len(values)}f", *values)
text = json.dumps(header).encode()
with open(path, "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
