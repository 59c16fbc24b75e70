"""Processor time of netc itself: netc.py NETC SRCDIR. The C of every net of the examples, and reports of the deep ones; each
the least of ten runs. Exits with 1 where one takes longer than its limit."""
import os
import re
import subprocess
import sys

NETC, SRCDIR = sys.argv[1:]
FILES = ("alexnet densenet googlenet inception_resnet_v2 inception_v3 inception_v4 lenet mobilenet nin resnet resnet_cifar "
         "squeezenet vgg").split()
REPORTS = ("resnet20", "resnet56", "resnet110", "resnet1202")
RUNS, LIMIT, DEEP_LIMIT = 10, 0.05, 0.1  # seconds; the latter for the C of resnet1202


def source(file):
    return os.path.join(SRCDIR, "examples", file + ".net")


def nets(file):
    with open(source(file), encoding="utf-8") as text:
        return [match[1] for match in re.finditer(r"^net (\w+)", text.read(), re.M)]


def seconds(*arguments):
    """Processor time, the least of some runs; None: the net is refused, since it needs a value."""
    times = []
    for _ in range(RUNS):
        with subprocess.Popen([NETC, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        if status:
            return None
        times.append(usage.ru_utime + usage.ru_stime)
    return min(times)


def measured():
    """(what, seconds, limit) of each."""
    for file in FILES:
        for net in nets(file):
            time = seconds("--emit=c", "--net", net, source(file), "-o", "/dev/stdout")
            if time is not None:
                yield f"C of {net}", time, DEEP_LIMIT if net == "resnet1202" else LIMIT
    for net in REPORTS:
        yield f"report of {net}", seconds("--report", "--net", net, source("resnet_cifar")), LIMIT


def main():
    late = False
    for what, time, limit in measured():
        over = time > limit
        print(f"{1e3 * time:7.1f} ms  {what}{f'  (more than {1e3 * limit:.0f} ms)' if over else ''}")
        late |= over
    return late


sys.exit(main())
