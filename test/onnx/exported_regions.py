"""Regions as ONNX files, and detectors of two stages: exported_regions.py NETC FOLDER [SEEDS [NET...]].

Each file satisfies onnx.checker, and its batch is open. Onnxruntime gives of random maps, weights and boxes in two images what the
program gives that netc compiles of the description: of boxes that reach beyond the maps, that are a point, and whose corners, sides and
scores are equal, and where nothing is found. Read by netc, a file has the operators of the description, with the same attributes.
"""
import os
import re
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime

NETC, FOLDER = sys.argv[1:3]
SEEDS = int(sys.argv[3]) if len(sys.argv) > 3 else 4
OWN = "anchors|decode|decode_yolo|inside|nms|roi_align|roi_pool|paste_masks|heatmaps_to_keypoints"
MAP = ["a[5, 24, 32]", "rois[30, 4]"]
PYRAMID = ["a[5, 24, 32]", "b[5, 12, 16]", "c[5, 6, 8]", "rois[30, 4]"]
TWO_STAGES = ["a[3, 48, 64]", """conv(16, 3, stride=4, padding=1) -> relu -> features: conv(24, 3, stride=4, padding=1)
    scores: conv(6, 1)
    from features -> deltas: conv(4 * 6, 1)
    rois: proposals(scores, deltas, stride=16, sizes=[16, 24], ratios=[0.5, 1, 2], post_nms=20, iou=IOU, min_size=4, size=(48, 64))
    roi_POOL(features, rois, 3, scale=1 / 16) -> flatten
    all: { linear(32) -> relu }
    places: linear(4 * 5)
    from all -> linear(5) -> probs: softmax
    boxes: decode(places, rois, weights=[10, 10, 5, 5], size=(48, 64))
    found: nms(boxes, probs, 0.3, 15, score_threshold=LEAST, min_size=2, background=true)
    scores_of: output { from found.scores }
    classes_of: output { from found.classes }
    indices_of: output { from found.indices }"""]


def two_stages(pool, iou="0.7", least="0.1"):
    image, steps = TWO_STAGES
    return [image, steps.replace("POOL", pool).replace("IOU", iou).replace("LEAST", least)]


CASES = {
    "align": MAP + ["roi_align(a, rois, (3, 4), scale=0.5, sampling_ratio=2)"],
    "align_any": MAP + ["roi_align(a, rois, 3, scale=0.5)"],
    "aligned": MAP + ["roi_align(a, rois, 3, scale=0.5, aligned=true)"],
    "align_levels": PYRAMID + ["roi_align([a, b, c], rois, 3, scale=[1, 1/2, 1/4], sampling_ratio=2, canonical_size=8, canonical_level=1)"],
    "pool": MAP + ["roi_pool(a, rois, (3, 4), scale=0.5)"],
    "pool_levels": PYRAMID + ["roi_pool([a, b, c], rois, 3, scale=[1, 1/2, 1/4], canonical_size=8, canonical_level=1)"],
    "pasted": ["m[30, 7, 9]", "rois[30, 4]", "paste_masks(m, rois, (24, 32))"],
    "two_stages": two_stages("pool"),
    "two_stages_align": two_stages("align", iou="0.3"),
    "nothing_found": two_stages("pool", least="2"),
}


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def boxes(random, shape, ties):
    """Some of which are points, or lie outside; with ties all corners are even numbers."""
    corner, side = random.uniform(-8, 60, (*shape, 2)), random.uniform(0, 40, (*shape, 2)) * random.integers(0, 2, (*shape, 1))
    made = np.concatenate([corner, corner + side], -1)
    return np.round(made / 2) * 2 if ties else made


def feeds_of(inputs, random, ties):
    """With ties also the numbers of maps are few."""
    feeds = {}
    for i in inputs:
        shape = [2 if isinstance(size, str) else size for size in i.shape]
        value = boxes(random, shape[:-1], ties) if i.name == "rois" else random.normal(0, 1, shape)
        feeds[i.name] = (np.round(value * 2) / 2 if ties else value).astype(np.float32)
    return feeds


def write_weights(base, random):
    """A checkpoint of what the net has; the options that take it."""
    params = [line.split() for line in run(NETC, "--params", base + ".net").splitlines()[1:-1]]
    shapes = {name: tuple(map(int, dims.split("x"))) for name, dims, *_ in params}
    np.savez(base + ".npz", **{n: random.normal(0, (2 / np.prod(s[1:])) ** 0.5, s).astype(np.float32) for n, s in shapes.items()})
    return ["--weights", base + ".npz"] if shapes else []


def program_gives(base, feeds, names, weights):
    words = []
    for option, of in (("input", list(feeds)), ("output", names)):
        for name in of:
            path = f"{base}.{option}.{name}.npy"
            words += [f"--{option}", path if len(of) == 1 else f"{name}={path}"]
            if option == "input":
                np.save(path, feeds[name])
    run(base, "run", *weights, *words)
    return [np.load(f"{base}.output.{name}.npy") for name in names]


def difference(is_, right):
    """Of the largest number. A program leaves out the zeros that stand behind what is found of all images."""
    if is_.ndim > 1 and is_.shape[1] < right.shape[1]:
        is_ = np.concatenate([is_, np.zeros((is_.shape[0], right.shape[1] - is_.shape[1], *is_.shape[2:]), is_.dtype)], 1)
    return np.abs(is_ - right).max() / max(1, np.abs(right).max()) if is_.shape == right.shape else np.inf


def own_operators(path):
    """Without what they are called, and the numbers of their operands."""
    lines = [line for line in run(NETC, "--emit=graph", path).splitlines() if re.match(rf" +%\d+ = ({OWN}) ", line)]
    return sorted(re.sub(r'%\d+,? ?| "\S*"| label "\S*"| in !\d+', "", line) for line in lines)


def judge(name):
    """How far it is off, and how many boxes were found."""
    *inputs, steps = CASES[name]
    base, worst, found = os.path.join(FOLDER, name), 0, 0
    with open(base + ".net", "w", encoding="ascii") as file:
        file.write("\n".join([f"net {name} {{", *(f"    input {i}" for i in inputs), f"    {steps}", "}", ""]))
    run(NETC, "--batch", "2", base + ".net", "-o", base)
    for seed in range(SEEDS):
        random = np.random.default_rng(seed)
        weights = write_weights(base, random)
        run(NETC, "--emit=onnx", *weights, base + ".net", "-o", base + ".onnx")
        session = onnxruntime.InferenceSession(base + ".onnx")
        names, feeds = [o.name for o in session.get_outputs()], feeds_of(session.get_inputs(), random, seed % 2)
        right = session.run(None, feeds)
        made = program_gives(base, feeds, names, weights)
        worst = max([worst, *(difference(is_, r) for is_, r in zip(made, right))])
        found += sum(r.sum() for n, r in zip(names, right) if n.endswith("count"))
    onnx.checker.check_model(base + ".onnx", full_check=True)
    if own_operators(base + ".net") != own_operators(base + ".onnx"):
        sys.exit(f"{name}: other operators: {own_operators(base + '.onnx')}")
    return worst, found


def main():
    os.makedirs(FOLDER, exist_ok=True)
    off = {}
    for name in sys.argv[4:] or CASES:
        off[name], found = judge(name)
        if (found > 0) != name.startswith("two"):
            sys.exit(f"{name}: {found} boxes are found")
    wrong = {name: worst for name, worst in off.items() if not worst < 1e-4}
    print("all regions are right" if not wrong else f"off, of the largest: {wrong}")


main()
