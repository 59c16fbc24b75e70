"""torchvision's networks as PyTorch prints them, and as netc does: listings.py NETC FILE:NET..."""
import re
import subprocess
import sys

import torchvision

NETC, *NETS = sys.argv[1:]


def ours(file, net):
    """Blocks of the description are classes of their own."""
    text = subprocess.run([NETC, "--style=torch", "--net", net, file], check=True, capture_output=True, text=True).stdout
    return [re.sub(r"(Stages|Head)\($", "Sequential(", line) for line in text.splitlines() if "Flatten" not in line]


def theirs(net):
    """Newer versions say whether a norm has a bias."""
    return re.sub(r"(affine=\w+), bias=\w+", r"\1", str(getattr(torchvision.models, net)())).splitlines()


for name in NETS:
    path, which = name.rsplit(":", 1)
    if ours(path, which) != theirs(which):
        sys.exit("\n".join([name, *(f"{a}    torchvision: {b}" for a, b in zip(ours(path, which), theirs(which)) if a != b)]))
