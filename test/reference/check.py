"""Runs an executable of netc on the input and the random weights of a golden file, and compares:
check.py COMMAND FILE.golden [OPTION...]. The largest error stays below 1e-4 of the largest output."""
import math
import os
import shlex
import subprocess
import sys
import tempfile

import netc_random
import npy

TOLERANCE = 1e-4


def read_golden(lines):
    """The head as a dictionary, and index -> value."""
    rows = [line.split() for line in lines]
    head = {key: value for key, value in rows if not key.isdigit()}
    return head, {int(key): float(value) for key, value in rows if key.isdigit()}


def run(command, head, options, embedded=False):
    """The output of an executable (or of one that an emulator runs), a flat list; `embedded`: it has its weights."""
    with tempfile.TemporaryDirectory() as folder:
        inputs, after = [], os.path.join(folder, "y.npy")
        for number, text in enumerate(head["input"].split(",")):
            name, equals, dims = text.rpartition("=")
            dims, _, positions = dims.partition(":")
            shape, before = tuple(map(int, dims.split("x"))), os.path.join(folder, f"x{number}.npy")
            if positions:
                npy.write(before, shape, netc_random.positions(int(head["seed"]), shape, int(positions)), "<i8")
            else:
                npy.write(before, shape, netc_random.input_values(int(head["seed"]), shape))
            inputs += ["--input", name + equals + before]
        weights = [] if embedded else ["--random-weights", head["seed"]]
        subprocess.run([*shlex.split(command), "run", *weights, *inputs, "--output", after, *options], check=True)
        return npy.read(after)[1]


def compare(command, lines, options=(), embedded=False, shared=0):
    """Whether the executable agrees with the lines of a golden file, and the largest error in words. The rounding of the sum is that
    of elements by themselves, or `shared`, a part of the largest, that all of them share, as they do that of a mean."""
    head, expected = read_golden(lines)
    out = run(command, head, options, embedded)
    highest, count = float(head["largest"]), int(head["count"])
    largest = highest or 1
    if len(out) != count:
        return False, f"{len(out)} outputs, not {count}"
    errors = {i: abs(out[i] - value) / largest for i, value in expected.items()}
    errors["sum"] = abs(sum(out) - float(head["sum"])) / (largest * max(math.sqrt(count), count * shared / TOLERANCE))
    errors["largest"] = abs(max(map(abs, out)) - highest) / largest
    worst = max(errors, key=lambda key: errors[key] if not math.isnan(errors[key]) else math.inf)
    return errors[worst] < TOLERANCE, f"error {errors[worst]:.2e} of the largest output, at {worst}"


def main():
    command, golden, *options = sys.argv[1:]
    with open(golden, encoding="ascii") as file:
        agrees, words = compare(command, file, options)
    print(words)
    return 0 if agrees else 1


if __name__ == "__main__":
    sys.exit(main())
