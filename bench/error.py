"""Rounding of the networks: error.py NETC FOLDER [options]: largest difference from PyTorch in float64, to the largest output.

For netc with and without Winograd's algorithm and the other systems, one thread, batch 1; inception_v3_ill has weights that
magnify rounding. Prints a table in Markdown; exits with 1 where netc exceeds 1e-4, or with those weights 4 times
what ONNX Runtime's difference is. FOLDER/error.md keeps it.
"""
import argparse
import os
import sys

import numpy as np

import runs
import tables
import zoo
from systems import SYSTEMS

NETS = (*zoo.NETS, "inception_v3" + zoo.ILL)
MOST, TIMES = 1e-4, 4


def error_of(running, folder):
    running.ask("load " + folder)
    out, truth = (np.load(os.path.join(folder, name + ".npy")).ravel() for name in (running.system.module, "expected"))
    return np.abs(out - truth).max() / np.abs(truth).max()


def errors(how, running, net):
    """Name -> error; NaN: it failed."""
    found = {"netc, no Winograd": error_of(running["netc"], runs.prepare(how.netc, how.folder, net, 1, "--no-winograd"))}
    folder = runs.prepare(how.netc, how.folder, net, 1)
    for name, system in running.items():
        try:
            found[name] = error_of(system, folder)
        except runs.Failed as failure:
            print(f"{net}: {name}: {failure}", file=sys.stderr)
            found[name] = np.nan
    return found


def exceeds(net, found):
    if net != zoo.described(net) and "ONNX Runtime" in found:
        return not found["netc"] < TIMES * found["ONNX Runtime"]
    return not found["netc"] < MOST


def table(how, running, absent, wrong):
    """The lines; networks that differ too much are added to the list."""
    yield from tables.absences(absent)
    names = ["netc, no Winograd", *running]
    yield f"| difference from float64 | {' | '.join(names)} |\n|" + " --- |" * (1 + len(names))
    for net in how.nets or NETS:
        found = errors(how, running, net)
        yield f"| {net} | " + " | ".join(f"{found[name]:.1e}" for name in names) + " |"
        wrong += [net] if exceeds(net, found) else []


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("netc")
    parser.add_argument("folder")
    parser.add_argument("--nets", nargs="*", default=NETS)
    parser.add_argument("--systems", nargs="*", default=[system.name for system in SYSTEMS])
    how = parser.parse_args()
    os.makedirs(how.folder, exist_ok=True)
    running, absent = runs.start_all(how.systems, 1)
    wrong = []
    tables.keep(how.folder, "error", table(how, running, absent, wrong))
    for system in running.values():
        system.close()
    if wrong:
        sys.exit("too much of a difference: " + ", ".join(wrong))


if __name__ == "__main__":
    main()
