"""Compiles nets of a file, and compares their outputs on a batch of 2 with the definitions of their operators:
defined.py NETC EVALUATE FILE.net NET... Where $NETC_AGREE_QUICK is set, that C compiler compiles them, with its options."""
import os
import subprocess
import sys
import tempfile

import check

NETC, EVALUATE, SOURCE, *NETS = sys.argv[1:]
QUICK = os.environ.get("NETC_AGREE_QUICK", "")
CC = ["--cc", QUICK] if QUICK else []


def agrees(net):
    with tempfile.TemporaryDirectory() as folder:
        executable = os.path.join(folder, net)
        subprocess.run([NETC, *CC, "--batch", "2", "--net", net, SOURCE, "-o", executable], check=True)
        golden = subprocess.run([EVALUATE, "1", "2", SOURCE, net], capture_output=True, text=True, check=True).stdout
        good, words = check.compare(executable, golden.splitlines())
    print(f"{net}: {words}")
    return good


sys.exit(0 if all([agrees(net) for net in NETS]) else 1)
