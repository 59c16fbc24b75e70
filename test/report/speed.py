"""A report of 1202 layers takes little time, and memory that is linear in the layers: speed.py NETC RESNET_CIFAR.net
[--table], which prints the table of docs/report.md."""
import json
import os
import re
import subprocess
import sys
import time

NETC, FILE = sys.argv[1:3]
MOST_SECONDS = 0.05  # of processor time, the least of some runs
NETS = ["resnet20", "resnet56", "resnet110", "resnet1202"]


def seconds(net):
    best = 1e9
    for _ in range(20):
        child = subprocess.Popen([NETC, "--report", "--net", net, FILE], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        if status:
            sys.exit(f"{net}: exit status {status}")
        best = min(best, usage.ru_utime + usage.ru_stime)
    return best


def full_pipe():
    """A pipe whose writer has to wait, and how many bytes it holds. (The peak that a parent is told of holds its own memory.)"""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    held = 0
    try:
        while True:
            held += os.write(writer, bytes(4096))
    except BlockingIOError:
        os.set_blocking(writer, True)
    return reader, writer, held


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return status.read()


def peak_kib(net):
    """Of resident memory, when the report is done and waits to be written."""
    reader, writer, held = full_pipe()
    child = subprocess.Popen([NETC, "--report", "--net", net, FILE], stdout=writer, stderr=subprocess.DEVNULL)
    os.close(writer)
    waits = 0
    while waits < 5:
        time.sleep(0.02)
        status = status_of(child.pid)
        waits = waits + 1 if "State:\tS" in status else 0
    while os.read(reader, 1 << 20):
        pass
    os.close(reader)
    if child.wait():
        sys.exit(f"{net}: exit status {child.returncode}, {held} bytes held")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])


def layers(net):
    text = subprocess.run([NETC, "--report=json", "--net", net, FILE], check=True, stdout=subprocess.PIPE).stdout
    return len(json.loads(text)["layers"])


if "--table" in sys.argv:
    print("| network | layers | processor time | memory | for each layer |\n| --- | ---: | ---: | ---: | ---: |")
    rows = [(net, layers(net), 1e3 * seconds(net), peak_kib(net)) for net in NETS]
    empty = rows[0][3] - rows[0][1] * (rows[-1][3] - rows[0][3]) / (rows[-1][1] - rows[0][1])
    for net, n, ms, kib in rows:
        print(f"| {net} | {n:,} | {ms:.1f} ms | {kib / 1024:.1f} MiB | {(kib - empty) / n:.1f} KiB |")
    sys.exit(0)
least = seconds("resnet1202")
if least > MOST_SECONDS:
    sys.exit(f"{least:.3f} s for resnet1202")
shallow, middle, deep = (peak_kib(net) for net in NETS[1:])
grown, expected = deep - middle, (layers("resnet1202") - layers("resnet110")) / (layers("resnet110") - layers("resnet56"))
if grown > 1.5 * expected * (middle - shallow):
    sys.exit(f"{shallow}, {middle}, {deep} KiB for {', '.join(NETS[1:])}")
print(f"resnet1202: {1000 * least:.0f} ms, {deep} KiB; resnet110: {middle} KiB; resnet56: {shallow} KiB")
