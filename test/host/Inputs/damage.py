"""Writes checkpoints that are damaged, lie or are something else: damage.py FOLDER-OF-SOUND-ONES FOLDER."""
import json
import os
import pickle
import shutil
import sys
import zipfile

sound, folder = sys.argv[1:]


def read(name):
    with open(os.path.join(sound, name), "rb") as file:
        return file.read()


def write(name, data):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def write_index(name, shard, tensor="conv.bias"):
    write(name, json.dumps({"weight_map": {tensor: shard}}).encode())


write("cut.pth", read("zip.pth")[:-10])
write("cut_old.pth", read("old.pth")[:-10])
npz = bytearray(read("compressed.npz"))
with zipfile.ZipFile(os.path.join(sound, "compressed.npz")) as archive:
    entry = archive.getinfo("conv.weight.npy")
start = entry.header_offset + 30 + npz[entry.header_offset + 26] + npz[entry.header_offset + 28]
for i in range(start + entry.compress_size - 40, start + entry.compress_size):
    npz[i] ^= 255
write("flipped.npz", npz)
with zipfile.ZipFile(os.path.join(folder, "text.zip"), "w") as archive:
    archive.writestr("a.txt", "a text")
stored = bytearray(read("stored.npz"))
stored[stored.index(b"PK\1\2") + 8] |= 1
write("encrypted.npz", stored)
for name, order in (("number.pth", "little"), ("big.pth", "big")):
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        archive.writestr("a/data.pkl", pickle.dumps(7, protocol=2))
        archive.writestr("a/byteorder", order)
write("long.pth", b"\x80\2" + b"N" * 3000000)
lie = bytearray(read("compressed.npz"))
at = lie.index(b"PK\1\2") + 24
lie[at:at + 4] = b"\xfe\xff\xff\xff"
write("lie.npz", lie)
shutil.copy(os.path.join(sound, "base.safetensors"), folder)
write("other.json", b'{"a": 1}')
write_index("outside.json", "../base.safetensors")
write_index("lost.json", "lost.safetensors")
write_index("lacking.json", "base.safetensors", "x")
write_index("nested.json", "other.json")
