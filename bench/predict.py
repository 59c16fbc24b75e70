"""Compares predicted with measured times of the nets of examples/: predict.py [--netc NETC] [--folder F] [NET...].

Every net is compiled for one thread and for all, with random weights; the prediction is that of `netc --report
--machine=native` for the same program. Programs that are in the folder already are not compiled again. Prints a table in Markdown
of the nets that take over a millisecond (all, where they are named), and exits with 1 if a time is off by more than 20 %.
"""
import argparse
import json
import os
import re
import subprocess
import sys

import zoo

BOUND, LEAST_MS, SECONDS = 0.2, 1, 0.4


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


def compare(netc, path, net, threads, folder):
    """(net, threads, predicted, measured), or None."""
    predicted = predicted_ms(netc, path, net, threads)
    if predicted is None:
        return None
    return net, threads, predicted, measured_ms(compiled(netc, path, net, threads, folder), threads, predicted)


def print_table(rows, everyone):
    print("| net | threads | predicted ms | measured ms | ratio |\n| --- | ---: | ---: | ---: | ---: |")
    shown = [row for row in rows if everyone or row[3] >= LEAST_MS]
    for net, threads, predicted, measured in shown:
        print(f"| {net} | {threads} | {predicted:.3g} | {measured:.3g} | {predicted / measured:.2f} |")
    return [row for row in shown if abs(row[2] / row[3] - 1) > BOUND]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--netc", default="netc")
    parser.add_argument("--folder", default="predict.build")
    parser.add_argument("--compile", action="store_true", help="compile only")
    parser.add_argument("nets", nargs="*")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    known = zoo.sources()
    rows = []
    for net in options.nets or known:
        for threads in sorted({1, os.cpu_count()}):
            if options.compile:
                if predicted_ms(options.netc, known[net], net, threads) is not None:
                    compiled(options.netc, known[net], net, threads, options.folder)
            else:
                rows.append(compare(options.netc, known[net], net, threads, options.folder))
    sys.exit(1 if print_table([row for row in rows if row], bool(options.nets)) else 0)


if __name__ == "__main__":
    main()
