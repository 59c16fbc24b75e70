"""Compares predicted with measured times of the nets of examples/: predict.py [--netc NETC] [--folder F] [NET...].

Every net is compiled for one thread and for all, with random weights; the prediction is that of `netc --report
--machine=native` for the same program, of this machine as it is now, not as it was when it was first measured. Programs
that are in the folder already are not compiled again. Prints a table in Markdown of the nets that take over a
millisecond (all, where they are named), and exits with 1 if a time is off by more than 20 %.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys

import zoo

BOUND, LEAST_MS, SECONDS = 0.2, 1, 0.4


def forget_machine(folder):
    """What netc remembers of this machine is kept in the folder, and begins with nothing."""
    os.environ["XDG_CACHE_HOME"] = os.path.abspath(folder)
    shutil.rmtree(os.path.join(folder, "netc"), ignore_errors=True)


def predicted_ms(netc, path, net, threads):
    """None: netc cannot compile it without more arguments."""
    run = subprocess.run([netc, "--report=json", "--machine=native", f"--threads={threads}", "--net", net, path],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return json.loads(run.stdout)["predicted_us"] / 1e3 if run.returncode == 0 else None


def compiled(netc, path, net, threads, folder):
    program = os.path.join(folder, f"{net}.{threads}")
    if not os.path.exists(program):
        subprocess.run([netc, f"--threads={threads}", "--net", net, path, "-o", program], check=True,
                       stderr=subprocess.DEVNULL)
    return program


def measured_ms(program, threads, guess_ms):
    runs = min(1000, max(5, int(1e3 * SECONDS / guess_ms)))
    text = subprocess.run([program, "bench", "--random-weights", "1", "--threads", str(threads), "--runs", str(runs)],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    return float(re.search(r"median\s+([\d.]+) ms", text)[1])


def compare(netc, path, net, counts, folder):
    """[(predicted, measured)] for each count of threads, or None."""
    times = []
    for threads in counts:
        predicted = predicted_ms(netc, path, net, threads)
        if predicted is None:
            return None
        times.append((predicted, measured_ms(compiled(netc, path, net, threads, folder), threads, predicted)))
    return times


def print_table(rows, counts):
    """Of {net: times}."""
    heads = [f"{n} thread{'s' * (n > 1)}: predicted | measured | ratio" for n in counts]
    print(f"| net | {' | '.join(heads)} |\n| --- |{' ---: |' * 3 * len(counts)}")
    for net, times in rows.items():
        cells = [f"{predicted:.3g} | {measured:.3g} | {predicted / measured:.2f}" for predicted, measured in times]
        print(f"| {net} | {' | '.join(cells)} |")


def is_off(times):
    return any(abs(predicted / measured - 1) > BOUND for predicted, measured in times)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--netc", default="netc")
    parser.add_argument("--folder", default="predict.build")
    parser.add_argument("--compile", action="store_true", help="compile only")
    parser.add_argument("nets", nargs="*")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    forget_machine(os.path.join(options.folder, "machine"))
    known = zoo.sources()
    counts, rows = sorted({1, os.cpu_count()}), {}
    for net in options.nets or known:
        if not options.compile:
            rows[net] = compare(options.netc, known[net], net, counts, options.folder)
            continue
        for threads in counts:
            if predicted_ms(options.netc, known[net], net, threads) is not None:
                compiled(options.netc, known[net], net, threads, options.folder)
    shown = {net: times for net, times in rows.items() if times and (options.nets or times[0][1] >= LEAST_MS)}
    if not options.compile:
        print_table(shown, counts)
    sys.exit(1 if any(map(is_off, shown.values())) else 0)


if __name__ == "__main__":
    main()
