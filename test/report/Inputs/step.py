"""The predicted time of a step that ranks share: step.py NETC FOLDER. Silent when all is as it should be.

The net has bn, whose two statistics rank 0 gives to all, and gradients whose sums are cut in buckets of 2^18 elements: a bucket takes
2 (N - 1) messages of a share of it.
"""
import json
import math
import os
import subprocess
import sys

NETC, FOLDER = sys.argv[1:]
NET = """
net n {
    input image[1, 12, 12]
    conv(4, 3, padding=1, bias=false) -> bn -> flatten -> linear(1000) -> linear(4)
    output classes
    train { batch 8 }
}
"""
MACHINE = {"name": "m", "threads": 1, "gflops": [100, 100], "gbytes": [10, 10], "cache_gbytes": 20, "cache_bytes": 2**25}
# Of the last layer, the large one, and bn and the convolution
ELEMENTS = (4 * 1000 + 4) + (576 * 1000 + 1000) + (4 + 4 + 36)
LATE, SLOW, NEAR = 1e9, 1e-9, 1e-4
LARGE = """
net large {
    input x[4096]
    linear(4096, bias=false) -> relu -> linear(4096, bias=false) -> linear(5)
    output classes
}
"""


def step(link):
    with open("link.json", "w", encoding="utf-8") as file:
        json.dump({"name": "link", **link}, file)
    words = [NETC, "--report=json", "--train", "--mpi", "--batch", "2", "--target", "generic", "--machine", "m.json"]
    text = subprocess.run([*words, "--interconnect", "link.json", "n.net"], check=True, capture_output=True, text=True).stdout
    return json.loads(text)["step"]


def near(a, b):
    return abs(a - b) <= NEAR * abs(b)


def check(link, exchange):
    s = step(link)
    assert (s["runs"], s["pictures"], s["link"]) == (4, 8, "link"), s
    assert [(r["ranks"], r["runs"]) for r in s["ranks"]] == [(1, 4), (2, 2), (4, 1)], s
    for r in s["ranks"]:
        own = r["runs"] * (s["pack_us"] + s["run_us"] + s["add_us"]) + s["update_us"]
        assert near(r["us"], own + r["exchange_us"]), (r, own)
        assert exchange(r["ranks"], r["exchange_us"], s["run_us"]), (link, r, s)


def late(n, us, run):
    """Four buckets: the last layer's gradients wait for the large one's, ceil(581004 / 2^18) = 3, and those behind these are one; and
    four messages in a tree: counts twice, and mean and variance of bn."""
    del run
    if n == 1:
        return us == 0
    return near(us, LATE * (2 * (n - 1) * 4 + 4 * math.ceil(math.log2(n))))


def slow(n, us, run):
    """2 (N - 1) / N of all gradients, 4 bytes each, of which no part is hidden but what a run is long."""
    del run
    return near(us, 2 * (n - 1) / n * ELEMENTS * 4 / (SLOW * 1e3))


def fast(n, us, run):
    """What is left is that each rank passes over its gradients four times, at most; of them it has done something before its run ends."""
    return (0 < us < 4 * 4 * ELEMENTS / (MACHINE["cache_gbytes"] * 1e3) if n > 1 else us == 0) and run > 0


def large():
    """Two matrices of 4096 by 4096, from memory, on a machine that computes in no time: each is read forward, the second one backward; the
    gradient of each is written, and read and written again where it becomes dense. These are nine times 64 MiB; the rest is nothing."""
    with open("fast.json", "w", encoding="utf-8") as file:
        json.dump(MACHINE | {"gflops": [1e7, 1e7]}, file)
    with open("large.net", "w", encoding="utf-8") as file:
        file.write(LARGE)
    words = [NETC, "--report=json", "--train", "--target", "generic", "--machine", "fast.json", "large.net"]
    us = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)["step"]["run_us"]
    wanted = 9 * 4096 * 4096 * 4 / (MACHINE["gbytes"][0] * 1e3)
    assert abs(us - wanted) <= 0.01 * wanted, (us, wanted)


def main():
    os.makedirs(FOLDER, exist_ok=True)
    os.chdir(FOLDER)
    for name, text in (("n.net", NET), ("m.json", json.dumps(MACHINE)), ("late.json", json.dumps({"gbytes": 1e6, "latency_us": LATE, "name": "late"}))):
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)
    check({"gbytes": 1e6, "latency_us": LATE}, late)
    check({"gbytes": SLOW, "latency_us": 1e-9}, slow)
    check({"gbytes": 1e6, "latency_us": 1e-9}, fast)
    large()


main()
