"""The work from a description to C grows with the layers: linear_work.py VALGRIND NETC RESNET_CIFAR.net FOLDER.
Counts instructions, which are the same on a busy machine; resnet1202 has 10.9 times as many layers as resnet110."""
import os
import re
import subprocess
import sys

VALGRIND, NETC, FILE, FOLDER = sys.argv[1:]
LAYERS = {"resnet110": 110, "resnet1202": 1202}
MOST_OF_LINEAR = 1.2  # what a layer of the deeper net may take of one of the other


def instructions(net):
    run = subprocess.run([VALGRIND, "--tool=callgrind", "--callgrind-out-file=/dev/null", NETC, "--net", net, "--emit=c", "-o",
                          os.path.join(FOLDER, net), FILE], capture_output=True, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", run.stderr)[1])


def main():
    os.makedirs(FOLDER, exist_ok=True)
    counts = {net: instructions(net) for net in LAYERS}
    ratio = counts["resnet1202"] / counts["resnet110"] * LAYERS["resnet110"] / LAYERS["resnet1202"]
    print(f"{counts}: {ratio:.2f} of linear")
    return ratio > MOST_OF_LINEAR


sys.exit(main())
