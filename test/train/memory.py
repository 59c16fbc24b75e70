"""What a report predicts that a program for training allocates, beside what it does: memory.py NETC CC INPUTS WORK NET.net NET BATCH.

A step of `train` is made with one thread and CC -shared's Inputs/allocated.c loaded before it, which counts. The prediction is
to be within 2 %.
"""
import json
import os
import shutil
import struct
import subprocess
import sys
import zlib

NETC, CC, INPUTS, WORK, FILE, NET, BATCH = sys.argv[1:]
NEAR, DRAWN = 0.02, 3


def write_gray(folder, n, rows, columns):
    """As MNIST's: idx files of pictures and labels."""
    with open(os.path.join(folder, "train-images-idx3-ubyte"), "wb") as file:
        file.write(struct.pack(">4i", 0x803, n, rows, columns) + bytes(i * 7 % 256 for i in range(n * rows * columns)))
    with open(os.path.join(folder, "train-labels-idx1-ubyte"), "wb") as file:
        file.write(struct.pack(">2i", 0x801, n) + bytes(i % DRAWN for i in range(n)))
    return os.path.join(folder, "train-images-idx3-ubyte")


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_colours(folder, n, rows, columns):
    """PNG pictures in a folder for each class."""
    head = struct.pack(">2I5B", columns, rows, 8, 2, 0, 0, 0)
    for i in range(n):
        lines = b"".join(b"\0" + bytes((i + y + x * 5) % 256 for x in range(3 * columns)) for y in range(rows))
        place = os.path.join(folder, "pictures", str(i % DRAWN))
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, f"{i}.png"), "wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", zlib.compress(lines)) + png_chunk(b"IEND", b""))
    return os.path.join(folder, "pictures")


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    program, counter, counted = (os.path.join(WORK, name) for name in ("net", "allocated.so", "allocated"))
    call = [NETC, "--train", "--batch", BATCH, "--net", NET, FILE]
    report = json.loads(subprocess.run([*call, "--report=json"], check=True, capture_output=True).stdout)
    predicted = report["memory"]["train"]["program"]["bytes"]
    subprocess.run([*call, "-o", program, "--cc", f"{CC} -O1"], check=True)
    subprocess.run([*CC.split(), "-shared", "-fPIC", "-O1", os.path.join(INPUTS, "allocated.c"), "-o", counter], check=True)
    n, channels, rows, columns = report["inputs"][0]["shape"]
    data = (write_gray if channels == 1 else write_colours)(WORK, n, rows, columns)
    subprocess.run([program, "train", "--data", data, "--steps", "1", "--threads", "1", "--output", os.path.join(WORK, "o.safetensors")],
                   check=True, capture_output=True, env={**os.environ, "LD_PRELOAD": counter, "ALLOCATED": counted})
    with open(counted, encoding="utf-8") as file:
        allocated = int(file.read())
    if abs(predicted - allocated) > NEAR * allocated:
        sys.exit(f"{NET}: {predicted} bytes are predicted, {allocated} allocated: {100 * (predicted / allocated - 1):+.2f} %")
    if os.environ.get("NETC_VERBOSE"):
        print(f"{NET}: {100 * (predicted / allocated - 1):+.2f} %")


main()
