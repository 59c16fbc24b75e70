"""Steps of training beside PyTorch's: steps.py NETC WORK GOLDEN [--torch|--write].

A small net with bn and dropout learns a small data set of idx files, with each optimizer and by recipes, from weights of a
formula (netc_random.py) and without shuffling; the losses of its log are compared with the golden ones, or with PyTorch's in
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
import mixing
from netc_random import from_uniform, uniform

PICTURES, CLASSES, BATCH, STEPS, NEAR = 24, 4, 6, 10, 1e-4
NET = """
net small(classes=4, heads=HEADS) {
    input image[1, 9, 8]
    a: conv(5, 3, padding=1, bias=false) -> bn -> relu -> maxpool(2)
    if training and heads { aux: output { flatten -> linear(4) } }
    b: conv(6, 3, groups=1) -> tanh -> flatten
    dropout(0.0) -> c: linear(classes)
    output classes
    TRAIN
}
"""
# Recipes, and how many epochs their ten steps are.
RECIPES = {
    "cycle": ("false", """train {
        loss cross_entropy(output, label_smoothing=0.1)
        optimizer adamw(lr=0.01, weight_decay=0.1, norm_weight_decay=0, bias_weight_decay=0.05)
        schedule one_cycle
        average 0.9
        batch 6
        epochs 3
    }"""),
    "heads": ("true", """train {
        loss cross_entropy(output) + 0.3 * cross_entropy(aux, weight=[0.5, 2, 1, 4])
        optimizer sgd(lr=0.05, momentum=0.9, dampening=0.1, weight_decay=0.01, norm_weight_decay=0)
        schedule steps([1, 3], gamma=0.5, warmup=1, start_factor=0.1)
        clip 0.5
        accumulate 2
        batch 6
        epochs 5
    }"""),
    "mixed": ("false", """train {
        loss cross_entropy(output, weight=[0.5, 2, 1, 4], label_smoothing=0.1)
        optimizer sgd(lr=0.05)
        augment { mixup(0.4) -> cutmix }
        batch 6
        epochs 3
    }"""),
}
MIXING = [("mixup", 0.4), ("cutmix", 1)]
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


AUX = {"aux.1.weight": [4, 80], "aux.1.bias": [4]}
SHAPES = {"a.weight": [5, 1, 3, 3], "0.weight": [5], "0.bias": [5], "0.running_mean": [5], "0.running_var": [5],
          "b.weight": [6, 5, 3, 3], "b.bias": [6], "c.weight": [4, 24], "c.bias": [4]}


def compile_net(netc, work, name, heads, recipe):
    """The program that learns by a recipe."""
    net, program = os.path.join(work, name + ".net"), os.path.join(work, name)
    with open(net, "w", encoding="utf-8") as file:
        file.write(NET.replace("HEADS", heads).replace("TRAIN", recipe))
    compiler = os.environ.get("NETC_GRADIENTS_CC")
    batch = [] if recipe else ["--batch", str(BATCH)]
    subprocess.run([netc, "--train", *batch, net, "-o", program, *(["--cc", compiler] if compiler else [])], check=True)
    return program


def run(work, program, name, options):
    """The losses of ten steps, and the weights after the last."""
    log, end = os.path.join(work, name + ".csv"), os.path.join(work, name + ".safetensors")
    subprocess.run([program, "train", "--data", os.path.join(work, "train-images-idx3-ubyte"), "--no-shuffle",
                    "--steps", str(STEPS), "--log", log, "--output", end, *options], check=True, stdout=subprocess.DEVNULL)
    with open(log, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == list(range(1, STEPS + 1))
    return [float(row["loss"]) for row in rows], gradients.read_safetensors(end)


def train(netc, work):
    """Of each optimizer and recipe the losses, and the weights after the last step."""
    os.makedirs(work, exist_ok=True)
    write_idx(work)
    start, headed = os.path.join(work, "start.safetensors"), os.path.join(work, "headed.safetensors")
    write_checkpoint(start, SHAPES)
    write_checkpoint(headed, {**SHAPES, **AUX})
    plain = compile_net(netc, work, "small", "false", "")
    results = {name: run(work, plain, name, ["--init", start, *options]) for name, options in OPTIMIZERS.items()}
    for name, (heads, recipe) in RECIPES.items():
        program = compile_net(netc, work, "small_" + name, heads, recipe)
        epochs = recipe.split("epochs ")[1].split()[0]
        results[name] = run(work, program, name, ["--init", headed if heads == "true" else start, "--epochs", epochs])
    return results


def apart(net, bias, norm):
    """Groups of parameters with weight decays of their own."""
    decay = {"bias": bias, "norm": norm}
    kind = {id(p): "norm" if key.startswith("0.") else "bias" if key.endswith("bias") else "weight" for key, p in net.named_parameters()}
    groups = {name: [p for p in net.parameters() if kind[id(p)] == name] for name in ("weight", "bias", "norm")}
    return [{"params": params, **({"weight_decay": decay[name]} if name in decay else {})} for name, params in groups.items()]


def optimizer_of(torch, name, net):
    """The optimizer, and the schedule of its rate with the steps between two of its own."""
    optim, params = torch.optim, net.parameters()
    if name == "cycle":
        optimizer = optim.AdamW(apart(net, 0.05, 0), lr=0.01, weight_decay=0.1)
        return optimizer, optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=12), 1
    if name == "heads":
        optimizer = optim.SGD(apart(net, 0.01, 0), lr=0.05, momentum=0.9, dampening=0.1, weight_decay=0.01)
        parts = [optim.lr_scheduler.LinearLR(optimizer, 0.1, total_iters=1), optim.lr_scheduler.MultiStepLR(optimizer, [1, 3], 0.5)]
        return optimizer, optim.lr_scheduler.SequentialLR(optimizer, parts, [1]), 2
    make = {"sgd": lambda: optim.SGD(params, lr=0.05),
            "momentum": lambda: optim.SGD(params, lr=0.02, momentum=0.9, weight_decay=0.01),
            "nesterov": lambda: optim.SGD(params, lr=0.02, momentum=0.8, nesterov=True),
            "adam": lambda: optim.Adam(params, lr=0.004), "adamw": lambda: optim.AdamW(params, lr=0.004, weight_decay=0.1),
            "rmsprop": lambda: optim.RMSprop(params, lr=0.002, momentum=0.5), "mixed": lambda: optim.SGD(params, lr=0.05)}
    return make[name](), None, 1


def loss_of(torch, name, net, x, y):
    """PyTorch's own functions, the net written a second time."""
    F = torch.nn.functional
    h = F.max_pool2d(net["0"](net["a"](x)).relu(), 2)
    scores = net["c"](net["b"](h).tanh().flatten(1))
    if name == "heads":
        return F.cross_entropy(scores, y) + 0.3 * F.cross_entropy(net["aux_1"](h.flatten(1)), y, x.new_tensor([0.5, 2, 1, 4]))
    weight = x.new_tensor([0.5, 2, 1, 4]) if name == "mixed" else None
    return F.cross_entropy(scores, y, weight, label_smoothing=0.1 if name in ("cycle", "mixed") else 0)


def train_torch(name):
    import torch
    from torch import nn
    net = nn.ModuleDict({"a": nn.Conv2d(1, 5, 3, padding=1, bias=False), "0": nn.BatchNorm2d(5), "b": nn.Conv2d(5, 6, 3),
                         "c": nn.Linear(24, 4), **({"aux_1": nn.Linear(80, 4)} if name == "heads" else {})}).double()
    state = {key.replace("aux.1", "aux_1"): torch.tensor([from_uniform(u, key, shape) for u in uniform(gradients.WEIGHTS, key, math.prod(shape))]).float().reshape(shape)
             for key, shape in {**SHAPES, **(AUX if name == "heads" else {})}.items()}
    net.load_state_dict(state, strict=False)
    optimizer, schedule, every = optimizer_of(torch, name, net)
    averaged = torch.optim.swa_utils.AveragedModel(net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.9))
    pixels, labels = pictures()
    x = torch.tensor(pixels, dtype=torch.float64).reshape(PICTURES, 1, 9, 8) / 255
    y = torch.tensor(labels)
    losses, runs = [], 2 if name == "heads" else 1
    for step in range(STEPS):
        optimizer.zero_grad()
        parts = []
        for run_ in range(runs):
            first = (step * runs + run_) * BATCH % PICTURES
            batch = x[first:first + BATCH], y[first:first + BATCH]
            if name == "mixed":
                batch = mixing.mixed(torch, *batch, CLASSES, 0, step, MIXING)
            loss = loss_of(torch, name, net, *batch)
            (loss / runs).backward()
            parts.append(loss.item())
        if name == "heads":
            nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        optimizer.step()
        averaged.update_parameters(net)
        if schedule and step % every == every - 1:
            schedule.step()
        losses.append(sum(parts) / runs)
    end = (averaged.module if name == "cycle" else net).state_dict()
    return losses, {key: value.flatten().tolist() for key, value in end.items() if key in SHAPES}


def faults(name, got, wanted):
    for step, (a, b) in enumerate(zip(got[0], wanted[0]), 1):
        if not abs(a - b) <= NEAR * abs(b):
            yield f"{name}: the loss of step {step} is {a:.7g}, not {b:.7g}"
    for tensor in SHAPES:
        largest = max(map(abs, wanted[1][tensor]))
        worst = max(abs(a - b) for a, b in zip(gradients.samples(got[1][tensor]), wanted[1][tensor]))
        if not worst <= 1e-3 * largest:
            yield f"{name}: {tensor} is off by {worst:.3g}, the largest being {largest:.3g}"


def wanted_of(golden, mode, by_torch):
    """What the file has; with a mode what PyTorch computes, which --write puts there."""
    if not mode:
        with open(golden, encoding="utf-8") as file:
            return json.load(file)
    wanted = by_torch()
    if mode == ["--write"]:
        with open(golden, "w", encoding="utf-8") as file:
            file.write(json.dumps(wanted, indent=1) + "\n")
    return wanted


def train_all_torch(names):
    wanted = {}
    for name in names:
        losses, tensors = train_torch(name)
        wanted[name] = losses, {tensor: gradients.samples(values) for tensor, values in tensors.items()}
    return wanted


def main():
    netc, work, golden, *mode = sys.argv[1:]
    results = train(netc, work)
    wanted = wanted_of(golden, mode, lambda: train_all_torch(results))
    found = [fault for name in results for fault in faults(name, results[name], wanted[name])]
    print("\n".join(found) or f"{len(wanted)} optimizers and recipes agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
