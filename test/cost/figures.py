"""Compares figures of nets with other tools': figures.py NETC PROGRAM FOLDERS BATCH WHAT TABLE [REASONS].

FOLDERS, separated by commas, hold the .net files; PROGRAM prints figures of graph text, and lines of TABLE
are "net figure value". Lines of REASONS, "net figure difference # why", say by how much ours is larger where
it differs on purpose: each must be needed.
"""
import os
import re
import subprocess
import sys

NETC, PROGRAM, FOLDERS, BATCH, WHAT, TABLE, *REASONS = sys.argv[1:]


def lines_of(path):
    with open(path, encoding="ascii") as file:
        return [line.split("#")[0].split() for line in file if line.split("#")[0].strip()]


def file_of_each_net():
    files = {}
    for folder in FOLDERS.split(","):
        for name in sorted(os.listdir(folder)):
            if name.endswith(".net"):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    files |= {net: file.name for net in re.findall(r"^net (\w+)", file.read(), re.M)}
    return files


def figures(net, path):
    graph = subprocess.run([NETC, "--emit=graph", "--net", net, "--batch", BATCH, path], check=True,
                           capture_output=True).stdout
    text = subprocess.run([PROGRAM, WHAT], input=graph, check=True, capture_output=True).stdout.decode()
    return {words[0]: words[1] for words in map(str.split, text.splitlines())}


def main():
    files, ours, faults = file_of_each_net(), {}, 0
    reasons = {(net, figure): int(more) for net, figure, more in lines_of(REASONS[0])} if REASONS else {}
    for net, figure, value in lines_of(TABLE):
        if net not in ours:
            ours[net] = figures(net, files[net])
        more = int(ours[net][figure]) - int(value)
        if more != reasons.pop((net, figure), 0):
            print(f"{net} {figure}: {ours[net][figure]}, not {value}: {more} more")
            faults += 1
    for net, figure in reasons:
        print(f"{net} {figure}: a reason for nothing")
    return 1 if faults or reasons else 0


sys.exit(main())
