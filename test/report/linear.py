"""The memory of a report is linear in the layers, of which the deepest net has 1202: linear.py NETC RESNET_CIFAR.net
[--table], which prints columns of docs/report.md."""
import json
import os
import re
import subprocess
import sys
import time

NETC, FILE = sys.argv[1:3]
NETS = ["resnet20", "resnet56", "resnet110", "resnet1202"]


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
    print("| network | layers | memory | for each layer |\n| --- | ---: | ---: | ---: |")
    rows = [(net, layers(net), peak_kib(net)) for net in NETS]
    empty = rows[0][2] - rows[0][1] * (rows[-1][2] - rows[0][2]) / (rows[-1][1] - rows[0][1])
    for net, n, kib in rows:
        print(f"| {net} | {n:,} | {kib / 1024:.1f} MiB | {(kib - empty) / n:.1f} KiB |")
    sys.exit(0)
shallow, middle, deep = (peak_kib(net) for net in NETS[1:])
grown, expected = deep - middle, (layers("resnet1202") - layers("resnet110")) / (layers("resnet110") - layers("resnet56"))
if grown > 1.5 * expected * (middle - shallow):
    sys.exit(f"{shallow}, {middle}, {deep} KiB for {', '.join(NETS[1:])}")
print(f"resnet1202: {deep} KiB; resnet110: {middle} KiB; resnet56: {shallow} KiB")
