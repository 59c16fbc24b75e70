"""Compares an executable's answers on the photos with PyTorch's: photos.py EXECUTABLE WEIGHTS FOLDER CHECKPOINT
[CROPS]. Each photo has PyTorch's first class, or its second where the two differ by less than twice BOUND; and, where the
first agrees, its probability to BOUND. Rounding of floats explains no more: a picture that PIL decodes, resizes and crops
has the same bytes. Where torchvision resizes a tensor of bytes in PIL's place, many are off by one, and the first
photo's probability by 0.018."""
import csv
import os
import re
import subprocess
import sys

EXECUTABLE, WEIGHTS, FOLDER, CHECKPOINT, *CROPS = sys.argv[1:]
BOUND = 2e-5
COLUMN = CHECKPOINT + (".five_crop." if CROPS == ["5"] else ".center.")


def answers(files):
    """File -> [(probability, class), ...], best first."""
    options = ["--crops", CROPS[0]] if CROPS else []
    run = subprocess.run([EXECUTABLE, "--weights", WEIGHTS, *options, *files], stdout=subprocess.PIPE, text=True, check=True)
    found, file = {}, None
    for line in run.stdout.splitlines():
        if match := re.match(r"\s+([\d.]+)\s+(\d+)", line):
            found[file].append((float(match[1]), int(match[2])))
        else:
            file = line
            found[file] = []
    return found


def fault(row, top):
    """What differs from PyTorch's answer, or None."""
    expected, probability = int(row[COLUMN + "top1"]), float(row[COLUMN + "p1"])
    second = int(row[COLUMN + "top5"].split()[1])
    (p1, first), (p2, _) = top[:2]
    if first == expected:
        return None if abs(p1 - probability) < BOUND else f"{p1}, PyTorch {probability}"
    close = first == second and p1 - p2 < 2 * BOUND
    return None if close else f"class {first}, PyTorch {expected}"


def main():
    with open(os.path.join(FOLDER, "expected.csv"), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = answers([os.path.join(FOLDER, row["file"]) for row in rows])
    faults = {row["file"]: fault(row, found[os.path.join(FOLDER, row["file"])]) for row in rows}
    wrong = [f"{name}: {what}" for name, what in faults.items() if what]
    print("\n".join(wrong + [f"{len(rows)} photos, {len(wrong)} differ"]))
    return 1 if wrong else 0


sys.exit(main())
