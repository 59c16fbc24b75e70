"""Boxes with annotations, and what pycocotools says of them.

    annotated.py make FOLDER SEED             pictures that hold the boxes a net finds in them, annotations of COCO and of VOC
    annotated.py expect FOLDER                what pycocotools computes for both, as JSON
    annotated.py compare EXPECTED FORM FILE   FILE, what `eval --json` printed, with EXPECTED's figures of FORM, to 1e-6

A picture has ROWS rows of 6 columns, which are left, top, right, bottom, score and class of three boxes, one in each channel. Scores are
few, so that many are equal, and corners are integers, so that overlaps are often just a threshold.
"""
import contextlib
import io
import json
import os
import random
import struct
import sys
import zlib

ROWS, PICTURES = 40, 12
CLASSES = ["aeroplane", "traffic_light", "dog", "Cat", "horse"]
# Numbers of categories, their names, and the classes that these are.
CATEGORIES = [(90, "dog", 2), (3, "cat", 3), (17, "zebra", None), (5, "traffic light", 1), (44, "airplane", 0), (8, "bench", None)]
TOLERANCE = 1e-6


def png(path, rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = b"".join(b"\0" + bytes(row) for row in rows)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", len(rows[0]) // 3, len(rows), 8, 2, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b""))


def random_box(draw):
    left, top = draw.randrange(0, 120), draw.randrange(0, 120)
    side = draw.choice([20, 30, 60, 100, 130])
    return [left, top, left + draw.randrange(side // 2, side), top + draw.randrange(side // 2, side)]


def near(draw, box):
    """Moved a little; or of half its width, or of three quarters of its height: overlaps of just 0.5 and 0.75, if these divide."""
    how = draw.randrange(4)
    if how == 0:
        return [box[0], box[1], (box[0] + box[2]) // 2, box[3]]
    if how == 1:
        return [box[0], box[1], box[2], box[1] + 3 * (box[3] - box[1]) // 4]
    return [max(0, x + draw.randrange(-6, 7)) for x in box[:2]] + [min(255, x + draw.randrange(-6, 7)) for x in box[2:]]


def random_picture(draw, crowded):
    """Things (category, corners, crowd) and boxes (corners, score, class)."""
    categories = [category for category in CATEGORIES if category[1] != "bench"]
    things = [(draw.choice(categories), random_box(draw), draw.random() < 0.15) for _ in range(draw.randrange(0, 14))]
    boxes = []
    for category, box, crowd in things:
        for _ in range(draw.randrange(0, 5 if crowd else 3)):
            if category[2] is not None:
                boxes.append((near(draw, box), 10 * draw.randrange(1, 20), category[2]))
    for _ in range(3 * ROWS - len(boxes) if crowded else draw.randrange(0, 20)):
        boxes.append((random_box(draw), 10 * draw.randrange(1, 20), 2 if crowded else draw.randrange(len(CLASSES))))
    draw.shuffle(boxes)
    return things, boxes


def picture_rows(boxes):
    """The boxes in the order in which a net that reshapes [3, ROWS, 6] to [3 ROWS, 6] has them."""
    rows = [[0] * 18 for _ in range(ROWS)]
    for i, (box, score, kind) in enumerate(boxes):
        for k, x in enumerate([*box, score, kind]):
            rows[i % ROWS][3 * k + i // ROWS] = x
    return rows


def voc_text(name, things):
    objects = "".join(f"""  <object>
    <name>{'aeroplane' if category[1] == 'airplane' else category[1]}</name>
    <part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>
    <difficult>{int(hard)}</difficult>
    <bndbox><xmin>{box[0] + 1}</xmin><ymin>{box[1] + 1}</ymin><xmax>{box[2]}</xmax><ymax>{box[3]}.0</ymax></bndbox>
  </object>
""" for category, box, hard in things)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<!-- a picture -->
<annotation>
  <filename>{name}</filename>
  <size><width>6</width><height>{ROWS}</height><depth>3</depth></size>
{objects}</annotation>
"""


def coco_form(pictures, crowds):
    """Annotations as COCO has them: crowds, or things that are difficult. To pycocotools these are of an area beyond all ranges."""
    annotations = []
    for number, _, things, _ in pictures:
        for category, (left, top, right, bottom), marked in things:
            area = (right - left) * (bottom - top)
            annotations.append({"id": len(annotations) + 1, "image_id": number, "category_id": category[0],
                                "bbox": [left, top, right - left, bottom - top], "iscrowd": int(marked and crowds),
                                "area": 2e10 if marked and not crowds else area})
    return {"images": [{"id": number, "file_name": name, "width": 6, "height": ROWS} for number, name, *_ in pictures],
            "annotations": annotations, "categories": [{"id": number, "name": name} for number, name, _ in CATEGORIES]}


def results(pictures):
    numbers = {kind: number for number, _, kind in CATEGORIES if kind is not None}
    return [{"image_id": number, "category_id": numbers[kind], "bbox": [box[0], box[1], box[2] - box[0], box[3] - box[1]], "score": score}
            for number, _, _, boxes in pictures for box, score, kind in boxes if kind in numbers]


def write_json(folder, name, value):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file)


def make(folder, seed):
    draw = random.Random(int(seed))
    pictures = [(900 - 7 * i, f"{(i * 5) % PICTURES:02}.png", *random_picture(draw, i == 4)) for i in range(PICTURES)]
    for name in ("some", "voc/JPEGImages", "voc/Annotations"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    for _, name, things, boxes in pictures:
        png(os.path.join(folder, "some", name), picture_rows(boxes))
        png(os.path.join(folder, "voc/JPEGImages", name), picture_rows(boxes))
        with open(os.path.join(folder, "voc/Annotations", name.replace("png", "xml")), "w", encoding="utf-8") as file:
            file.write(voc_text(name, things))
    write_json(folder, "annotations/instances_some.json", coco_form(pictures, True))
    write_json(folder, "results.json", results(pictures))
    # Pictures of VOC are in the order of their names.
    by_name = [(i, name, *rest) for i, (_, name, *rest) in enumerate(sorted(pictures, key=lambda picture: picture[1]), 1)]
    write_json(folder, "voc.json", coco_form(by_name, False))
    write_json(folder, "voc_results.json", results(by_name))
    with open(os.path.join(folder, "classes.txt"), "w", encoding="utf-8") as file:
        file.writelines(name + "\n" for name in CLASSES)


def figures(annotations, boxes):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(annotations)
        e = COCOeval(truth, truth.loadRes(boxes), "bbox")
        e.evaluate()
        e.accumulate()
        e.summarize()
    precision = e.eval["precision"][:, :, :, 0, -1]  # overlaps, recalls, categories
    names = {category["id"]: category["name"] for category in truth.dataset["categories"]}
    found = {"mAP": e.stats[0], "mAP50": e.stats[1], "mAP75": e.stats[2], "mAP_small": e.stats[3], "mAP_medium": e.stats[4],
             "mAP_large": e.stats[5], "mAR": e.stats[8], "categories": {}}
    for k, number in enumerate(e.params.catIds):
        has = precision[0, 0, k] > -1
        found["categories"][names[number]] = [precision[:, :, k].mean() if has else None, precision[0, :, k].mean() if has else None]
    return found


def expect(folder):
    print(json.dumps({"coco": figures(f"{folder}/annotations/instances_some.json", f"{folder}/results.json"),
                      "voc": figures(f"{folder}/voc.json", f"{folder}/voc_results.json")}, indent=1))


def differs(a, b):
    return a != b if a is None or b is None else abs(a - b) > TOLERANCE


def compare(expected, form, path):
    with open(expected, encoding="utf-8") as file:
        wanted = json.load(file)[form]
    with open(path, encoding="utf-8") as file:
        found = json.load(file)
    kinds = {entry["category"].replace("aeroplane", "airplane"): [entry["AP"], entry["AP50"]] for entry in found["categories"]}
    wrong = [name for name in wanted if name != "categories" and differs(found[name], wanted[name])]
    wrong += [name for name, pair in wanted["categories"].items() if any(map(differs, kinds.get(name, [None, None]), pair))]
    print(form, f"differs: {wrong}" if wrong else f"equal: mAP {wanted['mAP']:.6f}, {len(kinds)} categories")
    sys.exit(bool(wrong))


{"make": make, "expect": expect, "compare": compare}[sys.argv[1]](*sys.argv[2:])
