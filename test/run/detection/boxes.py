"""Compares the boxes that an executable finds with those in a csv file: boxes.py EXECUTABLE FOLDER. For each picture of
FOLDER/expected.csv (file, class, score, x1, y1, x2, y2; without classes all are faces): as many, of the same classes in the order of their scores, scores to 1e-3,
corners to half a pixel."""
import csv
import json
import os
import subprocess
import sys

SCORE, CORNER = 1e-3, 0.5


def difference(found, expected):
    """(of the score, of the corners), or None where the classes differ."""
    if found["name"] != expected.get("class", "face"):
        return None
    corners = [float(expected[name]) for name in ("x1", "y1", "x2", "y2")]
    return (abs(found["score"] - float(expected["score"])), max(abs(x - y) for x, y in zip(found["box"], corners)))


executable, folder = sys.argv[1:]
pictures = {}
with open(os.path.join(folder, "expected.csv"), encoding="utf-8", newline="") as file:
    for row in csv.DictReader(file):
        pictures.setdefault(row["file"], []).append(row)
run = subprocess.run([executable, "--json", *(os.path.join(folder, name) for name in pictures)], stdout=subprocess.PIPE, check=True)
worst, boxes = (0, 0), 0
for line in run.stdout.splitlines():
    answer = json.loads(line)
    name, found = os.path.basename(answer["picture"]), answer["outputs"][0]["boxes"]
    differences = [difference(*pair) for pair in zip(found, pictures[name])]
    if len(found) != len(pictures[name]) or None in differences:
        sys.exit(f"{name}: {found} where {pictures[name]} is expected")
    worst = tuple(map(max, zip(worst, *differences)))
    boxes += len(found)
    del pictures[name]
print(f"{boxes} boxes, scores differ by {worst[0]:.6f}, corners by {worst[1]:.3f}")
sys.exit(bool(pictures) or worst[0] > SCORE or worst[1] > CORNER)
