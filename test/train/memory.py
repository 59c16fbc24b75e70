"""What a report predicts that a program for training allocates, beside what it does: memory.py NETC CC INPUTS WORK NET.net NET BATCH.

A step of `train` is made with one thread and CC -shared's Inputs/allocated.c loaded before it, which counts. The prediction is
to be within 2 %.
"""
import json
import os
import struct
import subprocess
import sys

NETC, CC, INPUTS, WORK, FILE, NET, BATCH = sys.argv[1:]
NEAR, DRAWN = 0.02, 3


def write_gray(folder, n, rows, columns):
    """As MNIST's: idx files of pictures and labels."""
    with open(os.path.join(folder, "train-images-idx3-ubyte"), "wb") as file:
        file.write(struct.pack(">4i", 0x803, n, rows, columns) + bytes(i * 7 % 256 for i in range(n * rows * columns)))
    with open(os.path.join(folder, "train-labels-idx1-ubyte"), "wb") as file:
        file.write(struct.pack(">2i", 0x801, n) + bytes(i % DRAWN for i in range(n)))
    return os.path.join(folder, "train-images-idx3-ubyte")


def write_colours(folder, n):
    """As CIFAR-10's: a binary batch."""
    path = os.path.join(folder, "data_batch_1.bin")
    with open(path, "wb") as file:
        for i in range(n):
            file.write(bytes([i % DRAWN]) + bytes((i + k * 5) % 256 for k in range(3 * 32 * 32)))
    return path


def main():
    os.makedirs(WORK, exist_ok=True)
    program, counter, counted = (os.path.join(WORK, name) for name in ("net", "allocated.so", "allocated"))
    call = [NETC, "--train", "--batch", BATCH, "--net", NET, FILE]
    report = json.loads(subprocess.run([*call, "--report=json"], check=True, capture_output=True).stdout)
    predicted = report["memory"]["train"]["program"]["bytes"]
    subprocess.run([*call, "-o", program, "--cc", f"{CC} -O1"], check=True)
    subprocess.run([*CC.split(), "-shared", "-fPIC", "-O1", os.path.join(INPUTS, "allocated.c"), "-o", counter], check=True)
    n, channels, rows, columns = report["inputs"][0]["shape"]
    data = write_gray(WORK, n, rows, columns) if channels == 1 else write_colours(WORK, n)
    subprocess.run([program, "train", "--data", data, "--steps", "1", "--threads", "1", "--output", os.path.join(WORK, "o.safetensors")],
                   check=True, capture_output=True, env={**os.environ, "LD_PRELOAD": counter, "ALLOCATED": counted})
    with open(counted, encoding="utf-8") as file:
        allocated = int(file.read())
    if abs(predicted - allocated) > NEAR * allocated:
        sys.exit(f"{NET}: {predicted} bytes are predicted, {allocated} allocated: {100 * (predicted / allocated - 1):+.2f} %")
    if os.environ.get("NETC_VERBOSE"):
        print(f"{NET}: {100 * (predicted / allocated - 1):+.2f} %")


main()
