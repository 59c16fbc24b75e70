"""Copies a file that torch.save wrote before it wrote zip files, of float32 alone, its storages in the other order: turn_old.py FROM TO."""
import pickle
import pickletools
import struct
import sys

source, target = sys.argv[1:]
with open(source, "rb") as file:
    for _ in range(4):  # a number, a version, the machine, the tensors
        for _ in pickletools.genops(file):
            pass
    end = file.tell()
    keys = pickle.load(file)
    storages = []
    for _ in keys:
        count = file.read(8)
        storages.append(count + file.read(4 * struct.unpack("<q", count)[0]))
    assert len(keys) > 1 and not file.read()
    file.seek(0)
    start = file.read(end)
with open(target, "wb") as file:
    file.write(start + pickle.dumps(keys[::-1], protocol=2) + b"".join(storages[::-1]))
