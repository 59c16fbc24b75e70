"""Compares the example nets' totals with PyTorch's: totals.py NETC PROGRAM EXAMPLES TABLE, where PROGRAM
prints those of graph text, and lines of TABLE are "net params buffers macs"."""
import os
import re
import subprocess
import sys

NETC, PROGRAM, EXAMPLES, TABLE = sys.argv[1:]


def file_of_each_net():
    files = {}
    for name in sorted(os.listdir(EXAMPLES)):
        if name.endswith(".net"):
            with open(os.path.join(EXAMPLES, name), encoding="utf-8") as file:
                files |= {net: file.name for net in re.findall(r"^net (\w+)", file.read(), re.M)}
    return files


def totals(net, path):
    graph = subprocess.run([NETC, "--emit=graph", "--net", net, path], check=True, capture_output=True).stdout
    return subprocess.run([PROGRAM, "totals"], input=graph, check=True, capture_output=True).stdout.decode().split()


def main():
    files, faults = file_of_each_net(), 0
    with open(TABLE, encoding="ascii") as table:
        for net, *expected in map(str.split, table):
            counted = totals(net, files[net])
            if counted != expected:
                print(f"{net}: {counted}, not {expected}")
                faults += 1
    return 1 if faults else 0


sys.exit(main())
