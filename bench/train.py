"""Training steps beside PyTorch's: train.py NETC PEAK FOLDER [options].

Forward, loss, backward and plain descent with momentum, float32. netc's steps are those of its command `train`, which reads pictures and
packs weights for each; PyTorch has its batch in memory: eager with either memory format, and compiled. That losses and gradients
agree is what test/train finds. Rounds: each system in turn runs for a moment, in a process of its own that keeps to as many
processors as it has threads; medians and minima over the rounds. Multiply-adds are counted three times those of the forward pass; the
peak is measured after each round. FOLDER gets `train.md`, the tables, and under `train` the programs and their data.
"""
import argparse
import os
import subprocess

import bench
import datasets
import runs
import tables
import zoo
from systems import System, train_pytorch

NETS = {"lenet5_modern": 64, "resnet20": 128, "vgg11": 4, "googlenet": 8, "resnet18": 8, "resnet50": 4, "mobilenet_v2": 8}
SYSTEMS = (System("netc", "train_netc", 0), System("PyTorch", "train_pytorch", 0),
           System("PyTorch, channels last", "train_pytorch_last", 0), System("PyTorch, compiled", "train_pytorch_compiled", 0))
STEPS = 500


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("netc", "peak", "folder"):
        parser.add_argument(name)
    add = parser.add_argument
    add("--nets", nargs="*", default=list(NETS), choices=list(NETS))
    add("--threads", nargs="*", type=int, default=(1, 2))
    add("--systems", nargs="*", default=[system.name for system in SYSTEMS])
    add("--rounds", type=int, default=5)
    add("--moment", type=float, default=3, help="seconds that a system runs in a round")
    add("--option", dest="options", action="append", default=[], help="of netc, for all networks: --option=--winograd=2")
    how = parser.parse_args()
    how.nets, how.folder = how.nets or list(NETS), os.path.abspath(how.folder)
    return how


def prepare(how, net):
    """The folder of a network: its program, and pictures."""
    batch = NETS[net]
    here = os.path.join(how.folder, "train", f"{net}-{batch}")
    os.makedirs(here, exist_ok=True)
    if not datasets.path_in(here):
        datasets.write(here, train_pytorch.nets.input_shape(net)[1:], batch, STEPS)
    subprocess.run([how.netc, "--train", "--net", net, "--batch", str(batch), *how.options, zoo.sources()[net], "-o",
                    os.path.join(here, "netc")], check=True)
    return here


def start_all(how, threads):
    return {system.name: runs.Running(system, threads) for system in SYSTEMS if system.name in how.systems}


def measured(how, net, threads, folder):
    """A row: {net, threads, times, failed, gflop, peak}."""
    running, failed = start_all(how, threads), {}
    for name, system in running.items():
        try:
            system.ask("load " + folder)
        except runs.Failed as error:
            failed[name] = str(error)
    ready = {name: system for name, system in running.items() if name not in failed}
    times, machines = runs.in_turns(ready, how.rounds, how.moment, lambda: bench.machine(how.peak, threads))
    for system in running.values():
        system.close()
    gflop = 3 * bench.work_of(how, net, NETS[net], threads)["gflop"]
    return {"net": net, "threads": threads, "times": times, "failed": failed, "gflop": gflop, "peak": max(m[0] for m in machines)}


def least_ratio(row):
    """The fastest of the others by least times, to ours; None: nothing to compare."""
    others = [least for name, (_, least) in row["times"].items() if name != "netc"]
    return min(others) / row["times"]["netc"][1] if others and "netc" in row["times"] else None


def table(names, threads, rows):
    """A line as each row comes."""
    head = [f"{threads} thread{'s' * (threads > 1)}", "batch", "GFLOP", *names, "of peak", "best of PyTorch ÷ netc (minima)"]
    yield f"| {' | '.join(head)} |"
    yield "|" + " --- |" * len(head)
    kept = []
    for row in rows:
        kept.append(row)
        share = f"{100e3 * row['gflop'] / row['times']['netc'][1] / row['peak']:.0f} %" if "netc" in row["times"] else "–"
        ratio = f"{tables.ratio(row):.2f} ({least_ratio(row):.2f})" if least_ratio(row) else "–"
        cells = [row["net"], str(NETS[row["net"]]), f"{row['gflop']:.3g}", *(tables.times_text(row, name) for name in names), share, ratio]
        yield f"| {' | '.join(cells)} |"
    yield from conclusions(kept)


def conclusions(rows):
    ratios = [least_ratio(row) for row in rows if least_ratio(row)]
    if ratios:
        yield ""
        yield f"By least times: geometric mean {tables.geometric_mean(ratios):.2f}, least {min(ratios):.2f}."
    yield ""
    for row in rows:
        for name, why in row["failed"].items():
            yield f"{row['net']}: {name}: {why}"


def lines(how):
    names = [system.name for system in SYSTEMS if system.name in how.systems]
    folders = {net: prepare(how, net) for net in how.nets}
    yield "Medians (minima) in milliseconds."
    yield ""
    for threads in how.threads:
        yield from table(names, threads, (measured(how, net, threads, folders[net]) for net in how.nets))


def main():
    how = arguments()
    os.makedirs(how.folder, exist_ok=True)
    tables.keep(how.folder, "train", lines(how))


if __name__ == "__main__":
    main()
