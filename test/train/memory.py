"""What a report predicts that a program for training allocates, beside what it does: memory.py NETC CC INPUTS WORK NET.net NET BATCH [OPTION...].

A step of `train` is made with one thread and CC -shared's Inputs/allocated.c loaded before it, which counts. The prediction is
to be within 2 %.
"""
import json
import os
import shutil
import subprocess
import sys

import computed_pictures

NETC, CC, INPUTS, WORK, FILE, NET, BATCH, *OPTIONS = sys.argv[1:]
NEAR = 0.02


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    program, counter, counted = (os.path.join(WORK, name) for name in ("net", "allocated.so", "allocated"))
    call = [NETC, "--train", "--batch", BATCH, "--net", NET, FILE, *OPTIONS]
    report = json.loads(subprocess.run([*call, "--report=json"], check=True, capture_output=True).stdout)
    predicted = report["memory"]["train"]["program"]["bytes"]
    subprocess.run([*call, "-o", program, "--cc", f"{CC} -O1"], check=True)
    subprocess.run([*CC.split(), "-shared", "-fPIC", "-O1", os.path.join(INPUTS, "allocated.c"), "-o", counter], check=True)
    n, channels, rows, columns = report["inputs"][0]["shape"]
    data = computed_pictures.write_pictures(WORK, n, channels, rows, columns)
    subprocess.run([program, "train", "--data", data, "--steps", "1", "--threads", "1", "--output", os.path.join(WORK, "o.safetensors")],
                   check=True, capture_output=True, env={**os.environ, "LD_PRELOAD": counter, "ALLOCATED": counted})
    with open(counted, encoding="utf-8") as file:
        allocated = int(file.read())
    if abs(predicted - allocated) > NEAR * allocated:
        sys.exit(f"{NET}: {predicted} bytes are predicted, {allocated} allocated: {100 * (predicted / allocated - 1):+.2f} %")
    if os.environ.get("NETC_VERBOSE"):
        print(f"{NET}: {100 * (predicted / allocated - 1):+.2f} %")


main()
