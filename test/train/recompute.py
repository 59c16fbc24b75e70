"""What is computed again is the same to the bit: recompute.py NETC CC REFERENCE WORK NET.net NET BATCH KEEP,KEEP... [OPTION...].

Of programs that keep what --recompute says, and of the one that keeps all: the gradients of a batch, and ten steps of training, by
their losses and by the checkpoint, which has running statistics. Each must do multiply-accumulates again, in less memory.
"""
import json
import os
import shutil
import subprocess
import sys

NETC, CC, REFERENCE, WORK, FILE, NET, BATCH, KEEPS, *OPTIONS = sys.argv[1:]
sys.path.insert(0, REFERENCE)
import npy  # noqa: E402
import computed_pictures  # noqa: E402

STEPS = 10


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def contents(path):
    with open(path, "rb") as file:
        return file.read()


def write_batch(report):
    """Arrays for the network's input and its labels, by the command line that names them."""
    shape, (n, classes) = report["inputs"][0]["shape"], report["outputs"][0]["shape"]
    elements = [(i * 37 % 101 - 50) / 32 for i in range(shape[0] * shape[1] * shape[2] * shape[3])]
    image, labels = os.path.join(WORK, "image.npy"), os.path.join(WORK, "labels.npy")
    npy.write(image, shape, elements, "<f4")
    npy.write(labels, [n, 1], [i * 3 % classes for i in range(n)], "<f4")
    return ["--input", f"{report['inputs'][0]['name']}={image}", "--input", f"labels={labels}"]


def steps_of(log):
    """The rows but for their seconds."""
    lines = [line.split(",") for line in contents(log).decode().splitlines()]
    seconds = lines[0].index("seconds")
    return [row[:seconds] + row[seconds + 1:] for row in lines]


def results(keep, call, report, data):
    """What the program computes: gradients, rows of its log, and its checkpoint."""
    program, gradients, log, output = (os.path.join(WORK, f"{keep}.{name}") for name in ("program", "gradients", "csv", "safetensors"))
    run(*call, "-o", program, "--cc", CC)
    run(program, "gradients", "--random-weights", "1", "--seed", "5", *write_batch(report), "--output", gradients)
    run(program, "train", "--data", data, "--steps", str(STEPS), "--lr", "0.01", "--log", log, "--output", output)
    return contents(gradients), steps_of(log), contents(output)


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    every, before = None, None
    for keep in ("1", *KEEPS.split(",")):
        call = [NETC, "--train", "--batch", BATCH, "--net", NET, FILE, "--recompute", keep, *OPTIONS]
        report = json.loads(run(*call, "--report=json"))
        program = report["memory"]["train"]["program"]
        data = computed_pictures.write_pictures(WORK, STEPS * int(BATCH), *report["inputs"][0]["shape"][1:])
        if before and not (program["macs_again"] > 0 and program["arena_bytes"] < before["arena_bytes"]):
            sys.exit(f"{NET}: --recompute {keep} computes nothing again, or saves nothing")
        found = results(keep, call, report, data)
        if len(found[1]) != STEPS + 1:
            sys.exit(f"{NET}: the log has {len(found[1]) - 1} steps")
        for name, one, other in zip(("gradients", "steps", "checkpoint"), every or found, found):
            if one != other:
                sys.exit(f"{NET}: {name} differ with --recompute {keep}")
        every, before = every or found, before or program


main()
