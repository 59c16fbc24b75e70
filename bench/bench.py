"""Speed of compiled networks beside other systems: bench.py NETC PEAK FOLDER [options].

The same weights and inputs for all, float32; the outputs are compared first. Then rounds: each system in turn runs for a moment,
in a process of its own that keeps to as many processors as it has threads; medians and minima over the rounds. PEAK, the
program of runtime/host/peak.c, measures multiply-adds and reading of memory after each round. FOLDER gets the models
(models.py), `results.json`, to which every call adds, and from all of it `results.md` and `results.svg`; of busy processors, `busy.md`.
Exits with 1 if netc's output is wrong.
"""
import argparse
import itertools
import json
import os
import subprocess
import sys

import predict
import runs
import tables
import zoo
from systems import SYSTEMS

MEMORY = 512 << 20


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("netc", "peak", "folder"):
        parser.add_argument(name)
    add = parser.add_argument
    add("--nets", nargs="*", default=zoo.NETS)
    add("--batches", nargs="*", type=int, default=(1, 8))
    add("--threads", nargs="*", type=int, default=(1, 2))
    add("--systems", nargs="*", default=[system.name for system in SYSTEMS])
    add("--rounds", type=int, default=5)
    add("--moment", type=float, default=0.3, help="seconds that a system runs in a round")
    add("--busy", action="store_true", help="measure with another process at work on the last processor, batch 1")
    add("--avx2", action="store_true", help="hold netc and the systems that can be held to AVX2, where the processor has more")
    how = parser.parse_args()
    how.nets, how.batches, how.threads = how.nets or zoo.NETS, how.batches or (1, 8), how.threads or (1, 2)
    how.folder, how.options = os.path.abspath(how.folder), []
    if how.avx2:
        hold_to_avx2(how)
    return how


def hold_to_avx2(how):
    """OpenVINO's and PyTorch's kernels take no more by these variables; MNN of PyPI has no more. PEAK is to be of AVX2 as well."""
    os.environ.update(ONEDNN_MAX_CPU_ISA="AVX2", ATEN_CPU_CAPABILITY="avx2", MKL_ENABLE_INSTRUCTIONS="AVX2")
    how.systems = [name for name in how.systems if name in ("netc", "OpenVINO", "MNN", "PyTorch")]
    how.options = ["--target", "x86-64-v3"]


def machine(peak, threads):
    """(GFLOP/s, GB/s of reading), of so many threads together."""
    run = subprocess.run([peak, str(threads), str(MEMORY)], check=True, stdout=subprocess.PIPE, text=True)
    return tuple(map(float, run.stdout.split()))


def work_of(how, net, batch, threads):
    """GFLOP of a run, GB of its weights, and the milliseconds that are predicted: from the report."""
    command = [how.netc, "--report=json", "--machine=native", "--threads", str(threads), "--net", net,
               "--batch", str(batch), *how.options, zoo.sources()[net]]
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return {"gflop": 2e-9 * report["totals"]["macs"], "weights": 4e-9 * report["totals"]["params"],
            "predicted": 1e-3 * report["predicted_us"]}


def checked(net, off, failed):
    if "netc" in failed:
        sys.exit(f"{net}: netc {failed['netc']}")
    for name, why in failed.items():
        print(f"{net}: {name}: {why}", file=sys.stderr)
    return off


def measured(how, running, net, batch, threads):
    """A row of results.json."""
    off, failed = runs.load_all(running, runs.prepare(how.netc, how.folder, net, batch, *how.options))
    checked(net, off, failed)
    ready = {name: system for name, system in running.items() if name not in failed}
    times, machines = runs.in_turns(ready, how.rounds, how.moment, lambda: machine(how.peak, threads))
    work = work_of(how, net, batch, threads)
    return {"net": net, "batch": batch, "threads": threads, **work, "times": times, "off": off,
            "failed": failed, "peak": max(m[0] for m in machines), "reading": max(m[1] for m in machines)}


def measure_all(how, results):
    for threads in how.threads:
        running, absent = runs.start_all(how.systems, threads)
        results.versions.update({name: system.version for name, system in running.items()})
        results.absent = absent
        for batch in how.batches:
            for net in how.nets:
                row = measured(how, running, net, batch, threads)
                results.add(row)
                results.save()
                print(tables.line(row), flush=True)
        for system in running.values():
            system.close()


def busy_row(how, net, alone, together):
    """Name -> (one thread, two threads, two beside the other process), in milliseconds."""
    folder = runs.prepare(how.netc, how.folder, net, 1, *how.options)
    _, failed = runs.load_all(alone, folder)
    _, failed_together = runs.load_all(together, folder)
    names = [name for name in alone if name not in failed | failed_together]
    some = lambda running: {name: running[name] for name in names}
    one, _ = runs.in_turns(some(alone), how.rounds, how.moment)
    two, _ = runs.in_turns(some(together), how.rounds, how.moment)
    last = str(sorted(os.sched_getaffinity(0))[1])
    spin = ["taskset", "-c", last, sys.executable, "-c", "while True: pass"]
    with subprocess.Popen(spin) as other:
        beside, _ = runs.in_turns(some(together), how.rounds, how.moment)
        other.kill()
    return {name: (one[name][0], two[name][0], beside[name][0]) for name in names}


def measure_busy(how):
    alone, absent = runs.start_all(how.systems, 1)
    together, _ = runs.start_all(how.systems, 2)
    rows = tables.busy(how.nets, lambda net: busy_row(how, net, alone, together))
    tables.keep(how.folder, "busy", itertools.chain(tables.absences(absent), rows))
    for system in (*alone.values(), *together.values()):
        system.close()


def main():
    how = arguments()
    os.makedirs(how.folder, exist_ok=True)
    predict.forget_machine(os.path.join(how.folder, "machine"))
    if how.busy:
        measure_busy(how)
        return
    results = tables.Results(os.path.join(how.folder, "results.json"))
    measure_all(how, results)
    tables.keep(how.folder, "results", tables.markdown(results))
    import plot  # not before: it needs matplotlib, and the figures are already saved
    plot.draw(results, os.path.join(how.folder, "results.svg"))


if __name__ == "__main__":
    main()
