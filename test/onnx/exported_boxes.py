"""Anchors and decoded boxes as ONNX files: exported_boxes.py NETC FOLDER.

Each file satisfies onnx.checker, and gives with onnxruntime what the formulas of torchvision's AnchorGenerator and BoxCoder, and of
YOLO's layers, give here in float64; so does the program that netc makes of the file.
"""
import os
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime

NETC, FOLDER = sys.argv[1:3]
ROWS, COLUMNS = 3, 4


def anchors(stride, sizes, ratios=(1,), heights=None, position=0):
    """[1, rows x columns x ratios x sizes, 4]: left, top, right, bottom."""
    boxes = []
    for y in range(ROWS):
        for x in range(COLUMNS):
            center = np.array([(x + position) * stride[1], (y + position) * stride[0]])
            for ratio in [None] if heights else ratios:
                for number, size in enumerate(sizes):
                    half = (np.array([size, heights[number]]) / 2 if heights
                            else np.round(np.array([size / ratio ** 0.5, size * ratio ** 0.5]) / 2))
                    boxes.append([*(center - half), *(center + half)])
    return np.array(boxes)[None]


def joined(center, sides, size):
    boxes = np.concatenate([center - sides / 2, center + sides / 2], -1)
    return np.clip(boxes, 0, [size[1], size[0]] * 2) if size else boxes


def decode(deltas, boxes, weights=(1, 1, 1, 1), size=None):
    """[N, boxes, classes, 4] of deltas of that shape."""
    boxes = boxes[:, :, None]
    sides = boxes[..., 2:] - boxes[..., :2]
    center = (boxes[..., 2:] + boxes[..., :2]) / 2 + deltas[..., :2] / weights[:2] * sides
    return joined(center, sides * np.exp(np.minimum(deltas[..., 2:] / weights[2:], np.log(1000 / 16))), size)


def decode_yolo(deltas, boxes, stride, scaled=False):
    sigmoid = 1 / (1 + np.exp(-deltas))
    sides = boxes[..., 2:] - boxes[..., :2]
    center = (boxes[..., 2:] + boxes[..., :2]) / 2 + (sigmoid[..., :2] - 0.5) * (2 if scaled else 1) * np.array(stride[::-1])
    return joined(center, sides * ((2 * sigmoid[..., 2:]) ** 2 if scaled else np.exp(deltas[..., 2:])), None)


def inside(boxes, rows, columns):
    return ((boxes[..., :2] >= 0).all(-1) & (boxes[..., 2:] <= [columns, rows]).all(-1)).astype(np.float64)


MAP = "anchors((3, 4), (8, 16), [16, 31], ratios=[0.5, 1, 2])"
CASES = {
    "made": (f"    add {{ | identity | {MAP} }}\n", [72, 4], lambda x: x + anchors((8, 16), (16, 31), (0.5, 1, 2))),
    "moved": (f"    around: {MAP}\n    decode(x, around, weights=[10, 10, 5, 5], size=(24, 64))\n",
              [72, 4], lambda x: decode(x[:, :, None], anchors((8, 16), (16, 31), (0.5, 1, 2)), (10, 10, 5, 5), (24, 64))[:, :, 0]),
    "classes": (f"    around: {MAP}\n    decode(x, around, weights=2)\n",
                [72, 12], lambda x: decode(x.reshape(2, 72, 3, 4), anchors((8, 16), (16, 31), (0.5, 1, 2)), (2, 2, 2, 2))),
    "cells": ("    around: anchors((3, 4), 8, [10, 23], heights=[14, 27], position=0.5)\n    decode_yolo(x, around, 8)\n",
              [24, 4], lambda x: decode_yolo(x, anchors((8, 8), (10, 23), heights=(14, 27), position=0.5), (8, 8))),
    "scaled": ("    around: anchors((3, 4), (8, 16), [10, 23], heights=[14, 27], position=0.5)\n"
               "    decode_yolo(x, around, (8, 16), scaled=true)\n",
               [24, 4], lambda x: decode_yolo(x, anchors((8, 16), (10, 23), heights=(14, 27), position=0.5), (8, 16), True)),
    "inside": ("    scale(2) -> moved: identity\n    inside(moved, (1, 2))\n", [400, 4], lambda x: inside(2 * x, 1, 2)),
}


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr}")


def main():
    os.makedirs(FOLDER, exist_ok=True)
    worst = 0
    for name, (steps, shape, formula) in CASES.items():
        base = os.path.join(FOLDER, name)
        with open(base + ".net", "w", encoding="ascii") as file:
            file.write(f"net {name} {{\n    input x{shape}\n{steps}}}\n")
        run(NETC, "--emit=onnx", "--batch", "2", base + ".net", "-o", base + ".onnx")
        onnx.checker.check_model(base + ".onnx", full_check=True)
        x = np.random.default_rng(1).normal(0, 1.5, [2, *shape]).astype(np.float32)
        np.save(base + ".npy", x)
        right = formula(x.astype(np.float64))
        run(NETC, base + ".onnx", "-o", base)
        run(base, "run", "--input", base + ".npy", "--output", base + ".out.npy")
        for made in (onnxruntime.InferenceSession(base + ".onnx").run(None, {"x": x})[0], np.load(base + ".out.npy")):
            if made.shape != right.shape:
                sys.exit(f"{name}: {made.shape}, and not {right.shape}")
            worst = max(worst, np.abs(made - right).max() / np.abs(right).max())
    print("all boxes are right" if worst < 1e-6 else f"off by {worst:.2e} of the largest")


main()
