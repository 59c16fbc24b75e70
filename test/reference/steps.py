"""Steps of training beside PyTorch's: steps.py NETC WORK GOLDEN [--torch|--write].

A small net with bn and dropout learns a small data set of idx files, with each optimizer, from weights of a formula
(netc_random.py) and without shuffling; the losses of its log are compared with the golden ones, or with PyTorch's in
float64, to 1e-4 relative: the graph that netc prints is run as gradients.py does. So are the weights of the last step,
running statistics among them, within 1e-3 of the largest of each tensor.
"""
import csv
import json
import math
import os
import struct
import subprocess
import sys

import gradients
from netc_random import from_uniform, uniform

PICTURES, CLASSES, BATCH, STEPS, NEAR = 24, 4, 6, 10, 1e-4
NET = """
net small(classes=4) {
    input image[1, 9, 8]
    a: conv(5, 3, padding=1, bias=false) -> bn -> relu -> maxpool(2)
    b: conv(6, 3, groups=1) -> tanh -> flatten
    dropout(0.0) -> c: linear(classes)
    output classes
}
"""
OPTIMIZERS = {
    "sgd": ["--lr", "0.05"],
    "momentum": ["--optimizer", "sgd", "--lr", "0.02", "--momentum", "0.9", "--weight-decay", "0.01"],
    "nesterov": ["--optimizer", "sgd", "--lr", "0.02", "--momentum", "0.8", "--nesterov"],
    "adam": ["--optimizer", "adam", "--lr", "0.004"],
    "adamw": ["--optimizer", "adamw", "--weight-decay", "0.1", "--lr", "0.004"],
    "rmsprop": ["--optimizer", "rmsprop", "--lr", "0.002", "--momentum", "0.5"],
}


def pictures():
    return [int(256 * u) for u in uniform(1, "pictures", PICTURES * 72)], [int(CLASSES * u) for u in uniform(2, "labels", PICTURES)]


def write_idx(folder):
    pixels, labels = pictures()
    with open(os.path.join(folder, "train-images-idx3-ubyte"), "wb") as file:
        file.write(struct.pack(">4B3I", 0, 0, 8, 3, PICTURES, 9, 8) + bytes(pixels))
    with open(os.path.join(folder, "train-labels-idx1-ubyte"), "wb") as file:
        file.write(struct.pack(">4BI", 0, 0, 8, 1, PICTURES) + bytes(labels))


def write_checkpoint(path, shapes):
    tensors, at, data = {}, 0, b""
    for name, shape in shapes.items():
        values = [from_uniform(u, name, shape) for u in uniform(gradients.WEIGHTS, name, math.prod(shape))]
        data += struct.pack(f"<{len(values)}f", *values)
        tensors[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, len(data)]}
        at = len(data)
    header = json.dumps(tensors).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + data)


SHAPES = {"a.weight": [5, 1, 3, 3], "0.weight": [5], "0.bias": [5], "0.running_mean": [5], "0.running_var": [5],
          "b.weight": [6, 5, 3, 3], "b.bias": [6], "c.weight": [4, 24], "c.bias": [4]}


def train(netc, work):
    """Of each optimizer the losses, and the weights after the last step."""
    os.makedirs(work, exist_ok=True)
    net, program = os.path.join(work, "small.net"), os.path.join(work, "small")
    write_idx(work)
    write_checkpoint(os.path.join(work, "start.safetensors"), SHAPES)
    with open(net, "w", encoding="utf-8") as file:
        file.write(NET)
    command = [netc, "--train", "--batch", str(BATCH), net]
    text = subprocess.run([*command, "--emit=graph"], check=True, capture_output=True, text=True).stdout
    compiler = os.environ.get("NETC_GRADIENTS_CC")
    subprocess.run([*command, "-o", program, *(["--cc", compiler] if compiler else [])], check=True)
    results = {}
    for name, options in OPTIMIZERS.items():
        log, end = os.path.join(work, name + ".csv"), os.path.join(work, name + ".safetensors")
        subprocess.run([program, "train", "--data", os.path.join(work, "train-images-idx3-ubyte"), "--no-shuffle",
                        "--init", os.path.join(work, "start.safetensors"), "--steps", str(STEPS), "--log", log,
                        "--output", end, *options], check=True, stdout=subprocess.DEVNULL)
        with open(log, encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert [int(row["step"]) for row in rows] == list(range(1, STEPS + 1))
        results[name] = [float(row["loss"]) for row in rows], gradients.read_safetensors(end)
    return text, results


def optimizer_of(torch, name, params):
    make = {"sgd": lambda: torch.optim.SGD(params, lr=0.05),
            "momentum": lambda: torch.optim.SGD(params, lr=0.02, momentum=0.9, weight_decay=0.01),
            "nesterov": lambda: torch.optim.SGD(params, lr=0.02, momentum=0.8, nesterov=True),
            "adam": lambda: torch.optim.Adam(params, lr=0.004), "adamw": lambda: torch.optim.AdamW(params, lr=0.004, weight_decay=0.1),
            "rmsprop": lambda: torch.optim.RMSprop(params, lr=0.002, momentum=0.5)}
    return make[name]()


def train_torch(text, name):
    """PyTorch's own modules: the net written a second time."""
    import torch
    from torch import nn
    net = nn.ModuleDict({"a": nn.Conv2d(1, 5, 3, padding=1, bias=False), "0": nn.BatchNorm2d(5), "b": nn.Conv2d(5, 6, 3),
                         "c": nn.Linear(24, 4)}).double()
    state = {key: torch.tensor([from_uniform(u, key, shape) for u in uniform(gradients.WEIGHTS, key, math.prod(shape))]).float().reshape(shape)
             for key, shape in SHAPES.items()}
    net.load_state_dict(state, strict=False)
    optimizer = optimizer_of(torch, name, net.parameters())
    pixels, labels = pictures()
    x = torch.tensor(pixels, dtype=torch.float64).reshape(PICTURES, 1, 9, 8) / 255
    y = torch.tensor(labels)
    losses = []
    for step in range(STEPS):
        first = step * BATCH % PICTURES
        part = x[first:first + BATCH]
        h = nn.functional.max_pool2d(net["0"](net["a"](part)).relu(), 2)
        loss = nn.functional.cross_entropy(net["c"](net["b"](h).tanh().flatten(1)), y[first:first + BATCH])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, {key: value.flatten().tolist() for key, value in net.state_dict().items() if key in SHAPES}


def faults(name, got, wanted):
    for step, (a, b) in enumerate(zip(got[0], wanted[0]), 1):
        if not abs(a - b) <= NEAR * abs(b):
            yield f"{name}: the loss of step {step} is {a:.7g}, not {b:.7g}"
    for tensor in SHAPES:
        largest = max(map(abs, wanted[1][tensor]))
        worst = max(abs(a - b) for a, b in zip(gradients.samples(got[1][tensor]), wanted[1][tensor]))
        if not worst <= 1e-3 * largest:
            yield f"{name}: {tensor} is off by {worst:.3g}, the largest being {largest:.3g}"


def main():
    netc, work, golden, *mode = sys.argv[1:]
    text, results = train(netc, work)
    if mode:
        wanted = {}
        for name in OPTIMIZERS:
            losses, tensors = train_torch(text, name)
            wanted[name] = losses, {tensor: gradients.samples(values) for tensor, values in tensors.items()}
    else:
        with open(golden, encoding="utf-8") as file:
            wanted = json.load(file)
    if mode == ["--write"]:
        with open(golden, "w", encoding="utf-8") as file:
            file.write(json.dumps(wanted, indent=1) + "\n")
    found = [fault for name in OPTIMIZERS for fault in faults(name, results[name], wanted[name])]
    print("\n".join(found) or f"{len(wanted)} optimizers agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
