"""Exports of torchvision's networks beside the descriptions of examples/: imported_nets.py NETC EXAMPLES FOLDER FILE:NET...

Each network, of random weights, is exported by both exporters of PyTorch for a picture of the size that its description says.
The export is planned as the description is: the same kernels of the same shapes, tiles and tasks, in the same order and at
the same places. Imported as a description it is at most three times as long as FILE.net.
Prints a line for each export; status 1: one is not so.
"""
import os
import re
import shutil
import subprocess
import sys

import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import torchvision_nets

# Exporters, and the version each is asked for; None: its own.
EXPORTS = [("trace", 17), ("dynamo", None)]
MOST_TIMES = 3


def output_of(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def steps(netc, *words):
    """The planned steps without their names, what they are expected to take, and the reasons."""
    lines = [line for line in output_of(netc, "--emit=plan", *words).splitlines() if line.startswith("step ")]
    return [re.sub(r"^step (\d+) .*?: | us=.*", r"\1 ", line) for line in lines]


def length(path):
    """Lines that are neither empty nor a comment."""
    with open(path, encoding="utf-8") as file:
        return sum(not re.match(r"\s*(#|$)", line) for line in file)


def picture(netc, path, net):
    """What the input of the description is, for PyTorch."""
    dims = re.search(r"= input .* : f32\[([\d,]*)\]", output_of(netc, "--emit=graph", "--net", net, path)).group(1)
    return torch.rand(*map(int, dims.split(",")))


def fault(netc, path, net, file):
    """What is wrong with an export; None: nothing."""
    imported = path.replace(".onnx", ".net")
    own, other = steps(netc, "--net", net, file), steps(netc, path)
    differing = [(a, b) for a, b in zip(own, other) if a != b]
    if len(own) != len(other) or differing:
        return f"{len(own)} steps, and {len(other)} of the export; the first that differ: {differing[:1]}"
    output_of(netc, "--import", path, "-o", imported)
    lines, most = length(imported), MOST_TIMES * length(file)
    print(f"  {lines} lines, {length(file)} of {os.path.basename(file)}")
    return f"{lines} lines, {most} are the most" if lines > most else None


def main():
    netc, examples, folder, *nets = sys.argv[1:]
    faults = 0
    torch.set_num_threads(1)
    os.makedirs(folder, exist_ok=True)
    for word in nets:
        file, _, name = word.partition(":")
        description = os.path.join(examples, file + ".net")
        net, x = torchvision_nets.make(name), picture(netc, description, name)
        for exporter, version in EXPORTS:
            path = os.path.join(folder, name + ".onnx")
            torchvision_nets.export(net, x, path, exporter, version)
            said = fault(netc, path, name, description)
            print(f"{name}, {exporter}: {said or 'good'}", flush=True)
            faults += bool(said)
    shutil.rmtree(folder)
    print(f"{len(nets) * len(EXPORTS)} exports, {faults} faults")
    return faults > 0


if __name__ == "__main__":
    sys.exit(main())
