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
SHARED = 2e-6  # of the largest element: rounding that all elements of an output may share


def read_outputs(lines):
    """Of each output of a golden file the head as a dictionary, and index -> value: a line for each, or one of all values. A line that
    names it begins each if there are several; seed and inputs stand in the first alone."""
    head, expected = {}, {}
    outputs = [(head, expected)]
    for line in lines:
        key, *values = line.split()
        if key.isdigit():
            expected[int(key)] = float(values[0])
        elif key == "values":
            expected.update(enumerate(map(float, values)))
        else:
            if key == "output" and "count" in head:
                head, expected = {}, {}
                outputs.append((head, expected))
            head[key] = values[0]
    return outputs


def read_golden(lines):
    """The head and the values of the main output."""
    return read_outputs(lines)[0]


def run(command, outputs, options, embedded=False):
    """The outputs of an executable (or of one that an emulator runs), each a flat list; `embedded`: it has its weights."""
    head = outputs[0][0]
    with tempfile.TemporaryDirectory() as folder:
        inputs, after = [], [os.path.join(folder, f"y{number}.npy") for number in range(len(outputs))]
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
        for (of, _), path in zip(outputs, after):
            inputs += ["--output", f"{of['output']}={path}" if "output" in of else path]
        subprocess.run([*shlex.split(command), "run", *weights, *inputs, *options], check=True)
        return [npy.read(path)[1] for path in after]


def worst_error(head, expected, out, shared):
    """The largest error of an output over its largest element, and where; infinite where it has another size."""
    highest, count = float(head["largest"]), int(head["count"])
    largest = highest or 1
    if len(out) != count:
        return math.inf, f"{len(out)} elements, not {count}"
    errors = {i: abs(out[i] - value) / largest for i, value in expected.items()}
    errors["sum"] = abs(sum(out) - float(head["sum"])) / (largest * max(math.sqrt(count), count * shared / TOLERANCE))
    errors["largest"] = abs(max(map(abs, out)) - highest) / largest
    if math.isnan(sum(errors.values())):
        return math.inf, next(key for key, error in errors.items() if math.isnan(error))
    worst = max(errors, key=errors.get)
    return errors[worst], worst


def compare(command, lines, options=(), embedded=False, shared=0):
    """Whether the executable agrees with the lines of a golden file, and the largest error in words. The rounding of the sum is that
    of elements by themselves, or `shared`, a part of the largest, that all of them share, as they do that of a mean."""
    outputs = read_outputs(lines)
    made = run(command, outputs, options, embedded)
    errors = [(*worst_error(*of, out, shared), of[0].get("output", "output")) for of, out in zip(outputs, made)]
    error, place, name = max(errors, key=lambda of: of[0])
    return error < TOLERANCE, f"error {error:.2e} of the largest of '{name}', at {place}"


def main():
    command, golden, *options = sys.argv[1:]
    with open(golden, encoding="ascii") as file:
        agrees, words = compare(command, file, options)
    print(words)
    return 0 if agrees else 1


if __name__ == "__main__":
    sys.exit(main())
