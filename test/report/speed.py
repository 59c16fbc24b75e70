"""A report of 1202 layers takes little time, and memory that is linear in the layers: speed.py NETC RESNET_CIFAR.net"""
import os
import subprocess
import sys

NETC, FILE = sys.argv[1:]
MOST_SECONDS = 0.1  # of processor time, on a machine that also does other things


def measure(net):
    """The least processor time of ten runs, and the peak of resident memory in KiB."""
    best, peak = 1e9, 0
    for _ in range(10):
        child = subprocess.Popen([NETC, "--report", "--net", net, FILE], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        if status:
            sys.exit(f"{net}: exit status {status}")
        best, peak = min(best, usage.ru_utime + usage.ru_stime), usage.ru_maxrss
    return best, peak


seconds, deep = measure("resnet1202")
shallow = measure("resnet110")[1]
if seconds > MOST_SECONDS:
    sys.exit(f"{seconds:.3f} s for resnet1202")
if deep > 1202 / 110 * shallow:
    sys.exit(f"{deep} KiB for 1202 layers, {shallow} KiB for 110")
print(f"resnet1202: {1000 * seconds:.0f} ms, {deep} KiB; resnet110: {shallow} KiB")
