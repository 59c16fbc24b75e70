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


def search(boxes, scores, above=-np.inf, candidates=10 ** 6, background=0, levels=(), agnostic=False, min_size=0):
    """(box, class) of each that is found in an image; boxes have four sides, or four for each class."""
    box_of = (lambda b, c: boxes[b, c]) if boxes.ndim == 3 else lambda b, c: boxes[b]
    classes = range(background, scores.shape[1])
    ends = np.cumsum(levels) if levels else [BOXES]
    level_of = np.searchsorted(ends, np.arange(BOXES), side="right")
    apart = not agnostic and not levels and scores.shape[1] > 1
    groups = ([[(b, c) for b in range(BOXES)] for c in classes] if apart else
              [[(b, c) for b in range(end - size, end) for c in classes] for end, size in zip(ends, levels or [BOXES])])
    places = [place for group in groups for place in best([p for p in group if scores[p] > above], scores, candidates)]
    places = [p for p in places if (box_of(*p)[2:] - box_of(*p)[:2] >= min_size).all()]

    def same_group(p, q):
        return agnostic or (p[1] == q[1] if scores.shape[1] > 1 else level_of[p[0]] == level_of[q[0]])

    found = []
    for place in best(places, scores, len(places)):
        if all(not same_group(place, other) or overlap(box_of(*place), box_of(*other)) <= 0.4 for other in found):
            found.append(place)
    return found[:MOST]


CASES = {
    "plain": (1, "", {}),
    "few": (1, "candidates=7", {"candidates": 7}),
    "classes": (3, "score_threshold=0.7", {"above": 0.7}),
    "background": (3, "candidates=9, background=true", {"candidates": 9, "background": 1}),
    "levels": (3, "candidates=16, levels=[30, 6, 4]", {"candidates": 16, "levels": (30, 6, 4)}),
    "level_by_level": (1, "candidates=16, levels=[30, 6, 4]", {"candidates": 16, "levels": (30, 6, 4)}),
    "large": (3, "min_size=9, candidates=20", {"min_size": 9, "candidates": 20}),
    "agnostic": (3, "agnostic=true, background=true, candidates=30", {"agnostic": True, "background": 1, "candidates": 30}),
    "agnostic_levels": (1, "agnostic=true, levels=[30, 6, 4]", {"agnostic": True, "levels": (30, 6, 4)}),
    "own": (3, "score_threshold=0.4, background=true", {"above": 0.4, "background": 1}),
    "own_large": (3, "min_size=6, candidates=12", {"min_size": 6, "candidates": 12}),
    "own_agnostic": (3, "agnostic=true", {"agnostic": True}),
    "none": (3, "score_threshold=2", {"above": 2}),
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
            made[0][image, i], made[1][image, i] = boxes[image, box, label] if boxes.ndim == 4 else boxes[image, box], scores[image, box, label]
            made[2][image, i], made[4][image, i] = label, box
    return made


def main():
    os.makedirs(FOLDER, exist_ok=True)
    random, wrong = np.random.default_rng(1), 0
    for name, (classes, more, rules) in CASES.items():
        base = os.path.join(FOLDER, name)
        with open(base + ".net", "w", encoding="ascii") as file:
            places = [BOXES, classes, 4] if name.startswith("own") else [BOXES, 4]
            file.write(f"net {name} {{\n    input boxes{places}\n    input scores[{BOXES}, {classes}]\n"
                       f"    found: nms(boxes, scores, 0.4, {MOST}{', ' * bool(more)}{more})\n"
                       + "".join(f"    {r}_of: output {{ from found.{r} }}\n" for r in RESULTS[1:]) + "}\n")
        run(NETC, "--emit=onnx", "--batch", "2", base + ".net", "-o", base + ".onnx")
        onnx.checker.check_model(base + ".onnx", full_check=True)
        corner, sides = random.uniform(0, 30, (2, *places[:-1], 2)), random.uniform(2, 20, (2, *places[:-1], 2))
        boxes = np.concatenate([corner, corner + sides], -1).astype(np.float32)
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
