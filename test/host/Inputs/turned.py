"""Writes a JPEG or PNG picture with the eight orientations of Exif, OUT1 to OUT8: turned.py IN OUT. With --check, whether OUT1.png to OUT8.png are
OUT1.png turned accordingly, as written by a program that turns them."""
import struct
import subprocess
import sys
import os
import zlib


def exif(orientation, order):
    mark = b"II*\0" if order == "<" else b"MM\0*"
    entries = ((0x10f, 2, 1, struct.pack(order + "4s", b"A\0\0\0")), (0x112, 3, 1, struct.pack(order + "HH", orientation, 0)))
    return mark + struct.pack(order + "IH", 8, len(entries)) + b"".join(struct.pack(order + "HHI", *e[:3]) + e[3] for e in entries) + bytes(4)


def with_exif(data, block):
    if data[:2] == b"\xff\xd8":
        block = b"Exif\0\0" + block
        return data[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + data[2:]
    chunk = struct.pack(">I", len(block)) + b"eXIf" + block + struct.pack(">I", zlib.crc32(b"eXIf" + block))
    return data[:33] + chunk + data[33:]


def rows(path):
    tool = os.path.join(os.path.dirname(os.path.abspath(__file__)), "png_tool.py")
    text = subprocess.run([sys.executable, tool, "read", path], stdout=subprocess.PIPE, text=True, check=True).stdout
    return [line.split(".") for line in text.splitlines()[1:]]


# What PIL's ImageOps.exif_transpose does: flip left to right, by 180 degrees, top to bottom, transpose, by 270, transverse, by 90.
def flip(x):
    return [row[::-1] for row in x]


def transpose(x):
    return [list(row) for row in zip(*x)]


TURNS = {1: lambda x: x, 2: flip, 3: lambda x: flip(x[::-1]), 4: lambda x: x[::-1], 5: transpose, 6: lambda x: flip(transpose(x)),
         7: lambda x: flip(transpose(x)[::-1]), 8: lambda x: transpose(x)[::-1]}

if sys.argv[1] == "--check":
    plain = rows(sys.argv[2] + "1.png")
    wrong = [i for i, turn in TURNS.items() if rows(f"{sys.argv[2]}{i}.png") != turn(plain)]
    print("wrong:", wrong) if wrong else print("all turned", f"{len(plain[0])} x {len(plain)}")
    sys.exit(bool(wrong))
with open(sys.argv[1], "rb") as file:
    picture = file.read()
for i in TURNS:
    with open(sys.argv[2] + str(i), "wb") as file:
        file.write(with_exif(picture, exif(i, "<>"[i % 2])))
