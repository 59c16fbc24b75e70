"""nms as ONNX files: exported_nms.py NETC FOLDER.

Each file satisfies onnx.checker, and finds with onnxruntime what a plain search finds here, of random boxes in two images: the same boxes,
scores, classes, positions and counts, and zeros behind the last.
"""
import os
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime

NETC, FOLDER = sys.argv[1:3]
BOXES, MOST = 40, 25
RESULTS = ("boxes", "scores", "classes", "count", "indices")


def overlap(a, b):
    w, h = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    both = max(w, 0) * max(h, 0)
    return both / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - both)


def best(places, scores, most):
    """Those of so many (box, class) that have the best scores, the best first."""
    return sorted(places, key=lambda place: -scores[place])[:most]


def search(boxes, scores, above=-np.inf, candidates=10 ** 6, background=0, levels=()):
    """(box, class) of each that is found in an image."""
    classes = range(background, scores.shape[1])
    ends = np.cumsum(levels) if levels else [BOXES]
    groups = ([[(b, c) for b in range(end - size, end) for c in classes] for end, size in zip(ends, levels or [BOXES])]
              if levels or scores.shape[1] == 1 else [[(b, c) for b in range(BOXES)] for c in classes])
    places = [place for group in groups for place in best([p for p in group if scores[p] > above], scores, candidates)]
    found = []
    for box, label in best(places, scores, len(places)):
        if all(label != other or overlap(boxes[box], boxes[b]) <= 0.4 for b, other in found):
            found.append((box, label))
    return found[:MOST]


CASES = {
    "plain": (1, "", {}),
    "few": (1, "candidates=7", {"candidates": 7}),
    "classes": (3, "score_threshold=0.7", {"above": 0.7}),
    "background": (3, "candidates=9, background=true", {"candidates": 9, "background": 1}),
    "levels": (3, "candidates=16, levels=[30, 6, 4]", {"candidates": 16, "levels": (30, 6, 4)}),
}


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr}")


def expected(boxes, scores, rules):
    made = [np.zeros((2, MOST, 4)), np.zeros((2, MOST)), np.zeros((2, MOST)), np.zeros((2, 1)), np.zeros((2, MOST))]
    for image in range(2):
        found = search(boxes[image], scores[image], **rules)
        made[3][image] = len(found)
        for i, (box, label) in enumerate(found):
            made[0][image, i], made[1][image, i] = boxes[image, box], scores[image, box, label]
            made[2][image, i], made[4][image, i] = label, box
    return made


def main():
    os.makedirs(FOLDER, exist_ok=True)
    random, wrong = np.random.default_rng(1), 0
    for name, (classes, more, rules) in CASES.items():
        base = os.path.join(FOLDER, name)
        with open(base + ".net", "w", encoding="ascii") as file:
            file.write(f"net {name} {{\n    input boxes[{BOXES}, 4]\n    input scores[{BOXES}, {classes}]\n"
                       f"    found: nms(boxes, scores, 0.4, {MOST}{', ' * bool(more)}{more})\n"
                       + "".join(f"    {r}_of: output {{ from found.{r} }}\n" for r in RESULTS[1:]) + "}\n")
        run(NETC, "--emit=onnx", "--batch", "2", base + ".net", "-o", base + ".onnx")
        onnx.checker.check_model(base + ".onnx", full_check=True)
        corner, sides = random.uniform(0, 30, (2, BOXES, 2)), random.uniform(2, 20, (2, BOXES, 2))
        boxes = np.concatenate([corner, corner + sides], 2).astype(np.float32)
        scores = random.permutation(2 * BOXES * classes).reshape(2, BOXES, classes).astype(np.float32) / (2 * BOXES * classes)
        session = onnxruntime.InferenceSession(base + ".onnx")
        outputs = [session.get_outputs()[0].name] + [f"{r}_of" for r in RESULTS[1:]]
        made = session.run(outputs, {"boxes": boxes, "scores": scores})
        for result, is_, right in zip(RESULTS, made, expected(boxes, scores, rules)):
            if is_.shape != right.shape or np.abs(is_ - right).max() > 1e-6:
                print(f"{name}: other {result}:\n{is_}\n{right}")
                wrong += 1
    print("all boxes are found" if not wrong else f"{wrong} results are wrong")


main()
