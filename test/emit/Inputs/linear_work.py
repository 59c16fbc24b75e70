"""The work from a description to C grows with the layers: linear_work.py VALGRIND NETC RESNET_CIFAR.net FOLDER.
resnet1202 has 10.9 times as many layers as resnet110."""
import os
import sys

from instructions import instructions

VALGRIND, NETC, FILE, FOLDER = sys.argv[1:]
LAYERS = {"resnet110": 110, "resnet1202": 1202}
MOST_OF_LINEAR = 1.2  # what a layer of the deeper net may take of one of the other


def main():
    os.makedirs(FOLDER, exist_ok=True)
    counts = {net: instructions(VALGRIND, NETC, "--net", net, "--emit=c", "-o", os.path.join(FOLDER, net), FILE) for net in LAYERS}
    ratio = counts["resnet1202"] / counts["resnet110"] * LAYERS["resnet110"] / LAYERS["resnet1202"]
    print(f"{counts}: {ratio:.2f} of linear")
    return ratio > MOST_OF_LINEAR


sys.exit(main())
