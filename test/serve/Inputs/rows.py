"""Writes the weights of rows.net as safetensors: row i of the table is i, 10 i, 100 i, 1000 i."""
import json
import struct
import sys

data = struct.pack("<40f", *(i * scale for i in range(10) for scale in (1, 10, 100, 1000)))
header = json.dumps({"emb.weight": {"dtype": "F32", "shape": [10, 4], "data_offsets": [0, len(data)]}}).encode()
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<Q", len(header)) + header + data)
