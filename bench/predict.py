"""Compares predicted with measured times of the nets of examples/: predict.py [--netc NETC] [--folder F] [NET...].

Every net is compiled for one thread and for all, with random weights; the prediction is that of `netc --report
--machine=native` for the same program, of this machine as it is now, not as it was when it was first measured. Others
may share its caches and memory, so that both change within minutes: there are some rounds, each of which measures the
machine and then runs all programs, and a figure is the median of the rounds. Programs that are in the folder already
are not compiled again. Prints a table in Markdown of the nets that take over a millisecond (all, where they are named),
and exits with 1 if a time is off by more than 20 %.
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys

import zoo

BOUND, LEAST_MS, SECONDS, ROUNDS = 0.2, 1, 0.15, 5


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


def takes_arguments(netc, path, net):
    """Whether netc cannot compile it without more of them."""
    return predicted_ms(netc, path, net, 1) is None


def compare(netc, nets, programs, folder):
    """A round: (predicted, measured) of each (net, threads) of the programs."""
    forget_machine(os.path.join(folder, "machine"))
    times = {}
    for (net, threads), program in programs.items():
        predicted = predicted_ms(netc, nets[net], net, threads)
        times[net, threads] = predicted, measured_ms(program, threads, predicted)
    return times


def medians(rounds):
    """The same, of some rounds."""
    return {key: tuple(statistics.median(times[key][i] for times in rounds) for i in range(2)) for key in rounds[0]}


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
    nets = {net: known[net] for net in options.nets or known if not takes_arguments(options.netc, known[net], net)}
    counts = sorted({1, os.cpu_count()})
    programs = {(net, threads): compiled(options.netc, nets[net], net, threads, options.folder)
                for net in nets for threads in counts}
    if options.compile:
        return
    times = medians([compare(options.netc, nets, programs, options.folder) for _ in range(ROUNDS)])
    rows = {net: [times[net, threads] for threads in counts] for net in nets}
    shown = {net: row for net, row in rows.items() if options.nets or row[0][1] >= LEAST_MS}
    print_table(shown, counts)
    sys.exit(1 if any(map(is_off, shown.values())) else 0)


if __name__ == "__main__":
    main()
