"""Compares nms with torchvision's functions on random boxes, of which some are equal, NaN or infinite: boxes.py NETC FOLDER.

Soft-NMS, whose exponentials differ in their last bits, is compared where no scores are equal, and whatever the order of results
whose scores are equal but for these bits."""
import math
import os
import subprocess
import sys

import numpy as np
import torch

from kernels import found

NETC, FOLDER = sys.argv[1:]
IMAGES = 400
random = np.random.default_rng(1)
# boxes, classes, boxes of each class, threshold, least score, detections, least side, candidates, first class, grouped, levels, sigma
CASES = (
    (50, 1, False, 0.5, -math.inf, 50, 0, 0, 0, 0, (50,)), (50, 3, False, 0.5, 0.05, 20, 0, 0, 0, 1, (50,)),
    (40, 3, True, 0.3, 0.3, 30, 0.1, 0, 1, 1, (40,)), (60, 4, False, 0.7, 0.2, 10, 0, 0, 0, 0, (60,)),
    (300, 4, True, 0.6, -math.inf, 200, 0, 0, 0, 1, (300,)), (300, 5, False, 0.45, 0.1, 200, 0, 40, 1, 1, (300,)),
    (200, 8, False, 0.3, 0.01, 100, 5, 0, 0, 1, (200,)), (140, 1, False, 0.7, -math.inf, 60, 1, 30, 0, 2, (100, 30, 10)),
    (140, 5, False, 0.5, 0.05, 80, 0, 60, 0, 3, (100, 30, 10)), (60, 3, False, 0.5, 0.05, 50, 0, 0, 1, 1, (60,), 0.5),
    (50, 2, True, 0.5, -math.inf, 100, 0, 0, 0, 0, (50,), 0.3))


def call(detections, threshold, least, small, candidates, first, grouped, levels, sigma=0):
    options = [f"{threshold}", f"{detections}", f"min_size={small}", f"candidates={candidates}"]
    options += [f"score_threshold={least}"] if least > -math.inf else []
    options += ["background=true"] if first else []
    options += ["agnostic=true"] if not grouped else []
    options += [f"levels=[{', '.join(map(str, levels))}]"] if grouped >= 2 else []
    options += [f"sigma={sigma}"] if sigma else []
    return f"nms(boxes, scores, {', '.join(options)})"


def draw(n, classes, each):
    """A quarter of the images have equal boxes, half of them equal scores; in the last ones some numbers are none."""
    shape = (IMAGES, n, classes) if each else (IMAGES, n)
    corner, size = random.uniform(0, 100, (*shape, 2)), random.exponential(30, (*shape, 2))
    boxes = np.concatenate([corner, corner + size], -1).astype(np.float32)
    boxes[:IMAGES // 4] = np.round(boxes[:IMAGES // 4] / 8) * 8
    scores = random.uniform(0, 1, (IMAGES, n, classes)).astype(np.float32)
    scores[::2] = np.round(scores[::2] * 8) / 8
    scores[5], scores[6] = 0, 1
    last = slice(IMAGES * 3 // 4, None)
    for x, share, value in ((scores, 0.02, np.nan), (boxes, 0.003, np.nan), (boxes, 0.003, np.inf)):
        x[last][random.uniform(size=x[last].shape) < share] = value
    return boxes, scores


def run(n, classes, each, step):
    text = f"net n {{\n input boxes[{n}{f', {classes}' * each}, 4]\n input scores[{n}, {classes}]\n found: {step}\n"
    text += " s: output { from found.scores }\n c: output { from found.classes }\n i: output { from found.indices }\n}\n"
    with open("n.net", "w", encoding="ascii") as file:
        file.write(text)
    subprocess.run([NETC, "n.net", "--batch", str(IMAGES), "-o", "n"], check=True)
    boxes, scores = draw(n, classes, each)
    np.save("boxes.npy", boxes)
    np.save("scores.npy", scores)
    outputs = [f"--output={name}={name}.npy" for name in ("found", "s", "c", "i", "found.count")]
    subprocess.run(["./n", "run", "--input=boxes=boxes.npy", "--input=scores=scores.npy", *outputs], check=True)
    return boxes, scores, [np.load(f"{name}.npy") for name in ("found", "s", "c", "i", "found.count")]


def same(got, want, count):
    """What is behind the results that were found is zero in both."""
    return np.array_equal(got[:count], want[:count], equal_nan=True) and not got[count:].any()


def nearly_same(got, want, count):
    """Boxes, scores and classes: scores descend, and each box of a class has its own, to 1e-4.

    (Thin boxes lose bits where classes are moved apart.)"""
    def ordered(boxes, scores, classes):
        rows = np.concatenate([boxes[:count], classes[:count, None], scores[:count, None]], 1)
        return rows[np.lexsort(rows.T[:5])]
    got_rows, want_rows = ordered(*got), ordered(*want)
    falls = got[1][:-1] >= got[1][1:]
    return falls.all() and np.array_equal(got_rows[:, :5], want_rows[:, :5]) and np.allclose(got_rows[:, 5], want_rows[:, 5], rtol=1e-4)


def main():
    os.chdir(FOLDER)
    faults = compared = 0
    for n, classes, each, threshold, least, detections, small, candidates, first, grouped, levels, *sigma in CASES:
        rules = (threshold, detections, least, small, candidates, first, grouped, levels, *sigma)
        boxes, scores, got = run(n, classes, each, call(detections, threshold, *rules[2:]))
        for i in range(IMAGES // 4 + 1, IMAGES * 3 // 4, 2) if sigma else range(IMAGES):
            b = torch.from_numpy(boxes[i])
            b = b if each else b[:, None].expand(n, classes, 4)
            *want, count = found(b, torch.from_numpy(scores[i]), *rules)
            mine, theirs = [x[i] for x in got[:4]], [x.numpy() for x in want]
            equal = nearly_same(mine[:3], theirs[:3], count) if sigma else all(same(mine[k], theirs[k], count) for k in range(4))
            good = got[4][i, 0] == count and equal
            faults += not good
            compared += 1
            if not good:
                print(f"image {i} of {n} boxes, {classes} classes: {got[4][i, 0]} were found, not {count}, or others")
    print(f"{faults} of {compared} differ")
    return faults > 0


sys.exit(main())
