"""Whether a net that was written as an ONNX file and read again gives PyTorch's outputs: again.py NETC FILE.net FOLDER REFERENCE NET...

Its weights are those of the golden file's formula, written to a checkpoint and from there to the ONNX file.
"""
import json
import math
import os
import struct
import subprocess
import sys

NETC, SOURCE, FOLDER, REFERENCE, *NETS = sys.argv[1:]
sys.path.insert(0, REFERENCE)
import check
import netc_random


def write_weights(path, net, seed):
    """A safetensors file of what --params lists."""
    listed = subprocess.run([NETC, "--params", "--net", net, SOURCE], capture_output=True, text=True, check=True).stdout
    header, data = {}, bytearray()
    for line in listed.splitlines()[1:-1]:
        name, dims, _ = line.split()
        shape = tuple(map(int, dims.split("x")))
        values = [netc_random.from_uniform(u, name, shape) for u in netc_random.uniform(seed, name, math.prod(shape))]
        begin = len(data)
        data += struct.pack(f"<{len(values)}f", *values)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def agrees(net):
    base = os.path.join(FOLDER, net)
    with open(os.path.join(REFERENCE, "golden", net + ".golden"), encoding="ascii") as file:
        lines = file.readlines()
    write_weights(base + ".safetensors", net, int(check.read_golden(lines)[0]["seed"]))
    subprocess.run([NETC, "--emit=onnx", "--net", net, "--weights", base + ".safetensors", SOURCE, "-o", base + ".onnx"], check=True)
    subprocess.run([NETC, base + ".onnx", "-o", base], check=True)
    good, words = check.compare(base, lines, embedded=True)
    print(f"{net}: {words}")
    return good


os.makedirs(FOLDER, exist_ok=True)
sys.exit(0 if all([agrees(net) for net in NETS]) else 1)
