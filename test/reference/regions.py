"""Compares the operators of detection with torchvision's functions on random images: regions.py NETC FOLDER."""
import os
import subprocess
import sys
from collections import OrderedDict

import numpy as np
import torch
import torchvision
from torchvision.models.detection import roi_heads
from torchvision.models.detection._utils import BoxCoder
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.ops import MultiScaleRoIAlign

NETC, FOLDER = sys.argv[1:]
IMAGES, TOLERANCE = 60, 2e-5
random = np.random.default_rng(1)


def numbers(*shape, scale=1.0):
    return (random.standard_normal((IMAGES, *shape)) * scale).astype(np.float32)


def boxes(n, size):
    """Inside of a picture and beyond it, some empty, some equal, some turned around."""
    corner, side = random.uniform(-0.2, 1, (IMAGES, n, 2)), random.exponential(0.3, (IMAGES, n, 2))
    x = np.concatenate([corner, corner + side], -1).astype(np.float32) * np.float32(size)
    x[:, 0, 2:] = x[:, 0, :2]
    x[:, 1] = x[:, 2]
    x[:, 3] = x[:, 3, [2, 3, 0, 1]]
    return x


def run(inputs, body, outputs):
    """The outputs of a net with these inputs, for all images at once."""
    shapes = "".join(f"    input {name}[{', '.join(map(str, x.shape[1:]))}]\n" for name, x in inputs.items())
    with open("n.net", "w", encoding="ascii") as file:
        file.write(f"net n {{\n{shapes}{body}\n}}\n")
    subprocess.run([NETC, "n.net", "--batch", str(IMAGES), "-o", "n"], check=True)
    for name, x in inputs.items():
        np.save(f"{name}.npy", x)
    files = [f"--input={name}={name}.npy" for name in inputs] + [f"--output={name}={name}.npy" for name in outputs]
    subprocess.run(["./n", "run", *files], check=True)
    return [np.load(f"{name}.npy") for name in outputs]


def decoded(deltas, anchors, weights, size):
    out = BoxCoder(weights).decode(deltas, [anchors])
    return torchvision.ops.clip_boxes_to_image(out, size) if size else out


def check_decode():
    faults = 0
    for n, classes, weights, size in ((20, 1, (1, 1, 1, 1), None), (30, 5, (10, 10, 5, 5), (60, 80)), (7, 1, (2, 3, 4, 5), (50, 50))):
        deltas, around = numbers(n, 4 * classes), boxes(n, 80)
        body = f"    out: decode(deltas, boxes, [{', '.join(map(str, weights))}]{f', size={size}' if size else ''})"
        got, = run({"deltas": deltas, "boxes": around}, body, ["out"])
        for i in range(IMAGES):
            want = decoded(torch.from_numpy(deltas[i]), torch.from_numpy(around[i]), tuple(map(float, weights)), size)
            faults += not np.allclose(got[i].reshape(want.shape), want, rtol=TOLERANCE, atol=TOLERANCE * 80)
    return "decode", faults


def check_regions():
    faults = 0
    for op, c, size, out, scale, options in (
            ("roi_align", 5, (13, 17), (7, 7), 0.25, {}), ("roi_align", 20, (9, 9), (3, 5), 0.5, {"sampling_ratio": 2}),
            ("roi_align", 3, (16, 12), (5, 5), 0.125, {"aligned": True, "sampling_ratio": 3}), ("roi_pool", 18, (13, 17), (7, 7), 0.25, {}),
            ("roi_pool", 4, (6, 5), (2, 3), 1, {})):
        features, rois = numbers(c, *size), boxes(12, size[0] / scale)
        features[0, 0, 2, 2] = np.nan
        said = "".join(f", {name}={str(value).lower()}" for name, value in options.items())
        got, = run({"features": features, "rois": rois}, f"    out: {op}(features, rois, {out}, scale={scale}{said})", ["out"])
        want = getattr(torchvision.ops, op)(torch.from_numpy(features), list(torch.from_numpy(rois)), out, scale, **options)
        faults += not np.allclose(got.reshape(want.shape), want, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
    return "regions", faults


def check_pyramid():
    """Sides that lie on a border between levels among them."""
    sizes = (64, 32, 16, 8)
    maps = {f"p{i + 2}": numbers(6, s, s) for i, s in enumerate(sizes)}
    rois = boxes(40, 256)
    rois[:, 4] = [10, 20, 122, 132]
    rois[:, 5] = [0, 0, 224, 224]
    rois[:, 6] = [0, 0, 448, 112]
    body = "    out: roi_align([p2, p3, p4, p5], rois, 7, scale=[1 / 4, 1 / 8, 1 / 16, 1 / 32], sampling_ratio=2)"
    got, = run({**maps, "rois": rois}, body, ["out"])
    pooler = MultiScaleRoIAlign(list(maps), 7, 2)
    # Regions turned around have no level in torchvision.
    rois = torch.from_numpy(rois)
    usual = torch.ones(rois.shape[1], dtype=torch.bool)
    usual[3] = False
    want = pooler(OrderedDict((name, torch.from_numpy(x)) for name, x in maps.items()), list(rois[:, usual]), [(256, 256)] * IMAGES)
    got = got.reshape(IMAGES, -1, 6, 7, 7)[:, usual].reshape(want.shape)
    return "pyramid", not np.allclose(got, want, rtol=TOLERANCE, atol=TOLERANCE)


def proposed(scores, deltas, stride, sizes, ratios, size, first, threshold, last):
    """torchvision's region proposal network on one map, of scores of equal order."""
    n, (rows, columns) = scores.shape[0], scores.shape[1:]
    anchors = AnchorGenerator((sizes,), (ratios,)).grid_anchors([[rows, columns]], [[torch.tensor(stride)] * 2])[0]
    scores = scores.permute(1, 2, 0).flatten()
    found = decoded(deltas.reshape(n, 4, rows, columns).permute(2, 3, 0, 1).reshape(-1, 4), anchors, (1.0, 1.0, 1.0, 1.0), size)[:, 0]
    best = scores.sort(descending=True, stable=True)[1][:first]
    found, scores = found[best], scores[best]
    large = torchvision.ops.remove_small_boxes(found, 2)
    return found[large][torchvision.ops.nms(found[large], scores[large], threshold)[:last]]


def check_proposals():
    faults, size, sizes, ratios = 0, (96, 128), (16, 40), (0.5, 1, 2)
    scores, deltas = numbers(6, 6, 8), numbers(24, 6, 8, scale=0.4)
    scores[:IMAGES // 2] = np.round(scores[:IMAGES // 2] * 2) / 2
    deltas[0], deltas[1] = -1e3, np.nan
    body = f"    out: proposals(scores, deltas, 16, {list(sizes)}, {list(ratios)}, pre_nms=150, post_nms=40, min_size=2, size={size})"
    got, count = run({"scores": scores, "deltas": deltas}, body, ["out", "out.count"])
    for i in range(IMAGES):
        want = proposed(torch.from_numpy(scores[i]), torch.from_numpy(deltas[i]), 16, sizes, ratios, size, 150, 0.7, 40).numpy()
        faults += count[i, 0] != len(want) or not np.allclose(got[i][:len(want)], want, atol=1e-3) or got[i][len(want):].any()
    return "proposals", faults


def check_inside():
    """The anchors of a network for regions, most of them beyond the border; and any boxes."""
    body = "    grid: anchors((37, 62), 16, [128, 256, 512], [0.5, 1, 2])\n    out: output { inside(grid, (600, 1000)) }\n    some: inside(any, (50, 80))"
    around = boxes(33, 80)
    around[0, 5], around[0, 6] = [np.nan, 1, 2, 3], [0, 0, 80, 50]
    got, some = run({"any": around}, body, ["out", "some"])
    grid = AnchorGenerator(((128, 256, 512),), ((0.5, 1, 2),)).grid_anchors([[37, 62]], [[torch.tensor(16)] * 2])[0]
    want = (torchvision.ops.clip_boxes_to_image(grid, (600, 1000)) == grid).all(-1)
    around = torch.from_numpy(around)
    same = (around[..., :2] >= 0).all(-1) & (around[..., 2] <= 80) & (around[..., 3] <= 50)
    return "inside", int(want.sum()) != 8044 or (got[0] != want.numpy()).any() or (some != same.numpy()).any() or not same.any() or same.all()


def check_masks():
    """Boxes of whole and of broken pixels; torchvision's function without its padding."""
    faults = 0
    for n, size, picture in ((9, (28, 28), (50, 80)), (6, (7, 5), (40, 33)), (5, (1, 1), (9, 9))):
        masks, around = numbers(n, *size), boxes(n, min(picture))
        around = np.concatenate([np.minimum(around[..., :2], around[..., 2:]), np.maximum(around[..., :2], around[..., 2:])], -1)
        around[..., 2:] = np.maximum(around[..., 2:], 0)
        got, = run({"masks": masks, "boxes": around}, f"    out: paste_masks(masks, boxes, {picture})", ["out"])
        for i in range(IMAGES):
            want = roi_heads.paste_masks_in_image(torch.from_numpy(masks[i])[:, None], torch.from_numpy(around[i]), picture, padding=0)[:, 0]
            faults += not np.allclose(got[i], want, rtol=TOLERANCE, atol=TOLERANCE)
    return "masks", faults


def check_keypoints():
    faults = 0
    for n, points, size in ((6, 3, (14, 14)), (4, 17, (9, 5)), (3, 2, (56, 56))):
        maps, rois = numbers(n, points, *size), boxes(max(n, 4), 60)[:, :n]
        body = "    found: heatmaps_to_keypoints(maps, rois)\n    scores: output { from found.scores }"
        got, scores = run({"maps": maps, "rois": rois}, body, ["found", "scores"])
        for i in range(IMAGES):
            want, best = roi_heads.heatmaps_to_keypoints(torch.from_numpy(maps[i]), torch.from_numpy(rois[i]))
            faults += not np.allclose(got[i], want, atol=1e-3) or not np.allclose(scores[i], best, atol=1e-4)
    return "keypoints", faults


def main():
    os.chdir(FOLDER)
    results = [check() for check in (check_decode, check_regions, check_pyramid, check_proposals, check_inside, check_masks, check_keypoints)]
    for name, faults in results:
        print(f"{name}: {int(faults)} differ")
    return any(faults for _, faults in results)


sys.exit(main())
