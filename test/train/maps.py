"""Steps of training on maps of labels beside PyTorch's: maps.py NETC WORK GOLDEN [--torch|--write].

A small net learns a class for each pixel, of pictures that are larger than its input and cut to it, from maps of labels as
PNG files; 255 is no label. The losses of its log, and its shares of right pixels, are compared with golden ones, or with
PyTorch's in float64, which --write makes the golden ones, to 1e-4.
"""
import csv
import math
import os
import struct
import subprocess
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))
import gradients  # noqa: E402
from netc_random import from_uniform, uniform  # noqa: E402
import steps  # noqa: E402

PICTURES, CLASSES, BATCH, STEPS, NEAR, NONE = 6, 3, 3, 6, 1e-4, 255
HEIGHT, WIDTH, ROWS, COLUMNS = 10, 9, 8, 6
NET = """
net pixels(known=255) {
    input image[3, 8, 6] { center_crop }
    output map
    a: conv(5, 3, padding=1, bias=false) -> n: bn -> relu
    b: conv(3, 1)
    train {
        loss cross_entropy(output, weight=[1, 3, 0.5], ignore_index=known, label_smoothing=0.1)
        optimizer sgd(lr=0.2, momentum=0.9)
        batch 3
        epochs 3
    }
}
"""
SHAPES = {"a.weight": [5, 3, 3, 3], "n.weight": [5], "n.bias": [5], "n.running_mean": [5], "n.running_var": [5],
          "b.weight": [3, 5, 1, 1], "b.bias": [3]}


def png(path, channels, values):
    """Values row by row, of HEIGHT rows."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    size = WIDTH * channels
    rows = b"".join(b"\0" + bytes(values[y * size:(y + 1) * size]) for y in range(HEIGHT))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2 if channels == 3 else 0, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def picture(i):
    """Pixels, and labels: 0 or 1 where it is dark or light, the rest 2, and no label in a corner of it."""
    pixels = [int(256 * u) for u in uniform(1, f"picture{i}", HEIGHT * WIDTH * 3)]
    labels = []
    for at in range(HEIGHT * WIDTH):
        light = sum(pixels[3 * at:3 * at + 3]) / 3
        labels.append(NONE if at // WIDTH > 6 and at % WIDTH < 3 + i else 0 if light < 90 else 1 if light > 150 else 2)
    return pixels, labels


def write_data(work):
    for folder in ("pictures", "labels"):
        os.makedirs(os.path.join(work, folder), exist_ok=True)
    for i in range(PICTURES):
        pixels, labels = picture(i)
        png(os.path.join(work, "pictures", f"{i}.png"), 3, pixels)
        png(os.path.join(work, "labels", f"{i}.png"), 1, labels)


def train(netc, work):
    write_data(work)
    net, start, log = (os.path.join(work, name) for name in ("pixels.net", "start.safetensors", "log.csv"))
    with open(net, "w", encoding="utf-8") as file:
        file.write(NET)
    steps.write_checkpoint(start, SHAPES)
    program, compiler = os.path.join(work, "pixels"), os.environ.get("NETC_GRADIENTS_CC")
    subprocess.run([netc, "--train", net, "-o", program, *(["--cc", compiler] if compiler else [])], check=True)
    subprocess.run([program, "train", "--data", os.path.join(work, "labels"), "--pictures", os.path.join(work, "pictures"),
                    "--no-shuffle", "--init", start, "--log", log, "--output", os.path.join(work, "end.safetensors")],
                   check=True, stdout=subprocess.DEVNULL)
    with open(log, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [[float(row["loss"]), float(row["accuracy"])] for row in rows]


def train_torch():
    import torch
    from torch import nn
    from torchvision.transforms.functional import center_crop
    net = nn.ModuleDict({"a": nn.Conv2d(3, 5, 3, padding=1, bias=False), "n": nn.BatchNorm2d(5), "b": nn.Conv2d(5, 3, 1)}).double()
    net.load_state_dict({key: torch.tensor([from_uniform(u, key, shape) for u in uniform(gradients.WEIGHTS, key, math.prod(shape))]).float().reshape(shape)
                         for key, shape in SHAPES.items()}, strict=False)
    data = [picture(i) for i in range(PICTURES)]
    x = torch.tensor([p for p, _ in data], dtype=torch.float64).reshape(PICTURES, HEIGHT, WIDTH, 3).permute(0, 3, 1, 2) / 255
    y = torch.tensor([p for _, p in data]).reshape(PICTURES, HEIGHT, WIDTH)
    x, y = center_crop(x, (ROWS, COLUMNS)), center_crop(y, (ROWS, COLUMNS))
    loss_of = nn.CrossEntropyLoss(x.new_tensor([1, 3, 0.5]), ignore_index=NONE, label_smoothing=0.1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.2, momentum=0.9)
    rows = []
    for step in range(STEPS):
        first = step * BATCH % PICTURES
        batch, labels = x[first:first + BATCH], y[first:first + BATCH]
        scores = net["b"](net["n"](net["a"](batch)).relu())
        loss = loss_of(scores, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        there = labels != NONE
        rows.append([loss.item(), (scores.argmax(1)[there] == labels[there]).double().mean().item()])
    return rows


def main():
    netc, work, golden, *mode = sys.argv[1:]
    got = train(netc, work)
    wanted = steps.wanted_of(golden, mode, train_torch)
    assert len(got) == len(wanted) == STEPS, got
    faults = [f"step {i}: loss and share of right pixels are {a}, not {b}" for i, (a, b) in enumerate(zip(got, wanted), 1)
              if any(abs(x - y) > NEAR * abs(y) for x, y in zip(a, b))]
    print("\n".join(faults) or f"{STEPS} steps agree")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
