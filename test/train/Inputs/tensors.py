"""A safetensors file of float32: tensors.py FILE NAME=1,-0.5... writes vectors."""
import json
import struct
import sys


def write(path, tensors):
    """Of {name: (shape, elements)}."""
    head, data = {}, b""
    for name, (shape, elements) in tensors.items():
        part = struct.pack(f"<{len(elements)}f", *elements)
        head[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(part)]}
        data += part
    text = json.dumps(head).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def main():
    vectors = {name: [float(x) for x in text.split(",")] for name, text in (part.split("=") for part in sys.argv[2:])}
    write(sys.argv[1], {name: ([len(elements)], elements) for name, elements in vectors.items()})


if __name__ == "__main__":
    main()
