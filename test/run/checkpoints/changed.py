"""Counts the photos for which another executable has another first class: changed.py EXECUTABLE OTHER WEIGHTS FOLDER MOST.
The status is 1 if there are more than MOST."""
import csv
import os
import re
import subprocess
import sys

EXECUTABLE, OTHER, WEIGHTS, FOLDER, MOST = sys.argv[1:]


def answers(executable, files):
    """The first class for each file."""
    run = subprocess.run([executable, "--weights", WEIGHTS, *files], stdout=subprocess.PIPE, text=True, check=True)
    return re.findall(r"^\S.*\n\s+[\d.]+\s+(\d+)", run.stdout, re.M)


with open(os.path.join(FOLDER, "expected.csv"), encoding="utf-8", newline="") as file:
    photos = [os.path.join(FOLDER, row["file"]) for row in csv.DictReader(file)]
classes, other_classes = answers(EXECUTABLE, photos), answers(OTHER, photos)
if not len(classes) == len(other_classes) == len(photos):
    sys.exit(f"{len(photos)} photos, {len(classes)} and {len(other_classes)} answers")
changed = sum(before != after for before, after in zip(classes, other_classes))
print(f"{len(photos)} photos, {changed} with another first class")
sys.exit(changed > int(MOST))
