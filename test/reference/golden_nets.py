"""Compiles nets of a file, and compares their outputs on a batch of 2 with golden files:
golden_nets.py NETC FILE.net FOLDER NET..."""
import os
import subprocess
import sys
import tempfile

import check

NETC, SOURCE, FOLDER, *NETS = sys.argv[1:]


def agrees(net):
    with tempfile.TemporaryDirectory() as folder:
        executable = os.path.join(folder, net)
        subprocess.run([NETC, "--batch", "2", "--net", net, SOURCE, "-o", executable], check=True)
        with open(os.path.join(FOLDER, net + ".golden"), encoding="ascii") as file:
            good, words = check.compare(executable, file)
    print(f"{net}: {words}")
    return good


sys.exit(0 if all([agrees(net) for net in NETS]) else 1)
