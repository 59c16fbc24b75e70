"""How often cifar_resnet20 is right on CIFAR-10 in PyTorch, with bn folded in float64 and the weights rounded to a type:
resnet20_as.py CHECKPOINT.safetensors TEST_BATCH.bin float32|bfloat16|float16."""
import json
import struct
import sys

import torch
from torch.nn import functional as F

CHECKPOINT, BATCH, TYPE = sys.argv[1:]
EPS = 1e-5


def tensors(path):
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        head = json.loads(file.read(size))
        data = bytearray(file.read())
    return {name: torch.frombuffer(data, dtype=torch.float32, offset=t["data_offsets"][0],
                                   count=(t["data_offsets"][1] - t["data_offsets"][0]) // 4).reshape(t["shape"])
            for name, t in head.items() if name != "__metadata__" and t["dtype"] == "F32"}


def rounded(weight):
    return weight.float().to(getattr(torch, TYPE)).float()


def folded(t, conv, bn):
    scale = t[bn + ".weight"].double() / torch.sqrt(t[bn + ".running_var"].double() + EPS)
    bias = t[bn + ".bias"].double() - t[bn + ".running_mean"].double() * scale
    return rounded(t[conv + ".weight"].double() * scale[:, None, None, None]), bias.float()


def block(t, name, x, stride):
    weight, bias = folded(t, name + ".conv1", name + ".bn1")
    y = F.relu(F.conv2d(x, weight, bias, stride, 1))
    weight, bias = folded(t, name + ".conv2", name + ".bn2")
    y = F.conv2d(y, weight, bias, 1, 1)
    if stride == 2:
        more = y.shape[1] - x.shape[1]
        x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, more // 2, more // 2))
    return F.relu(x + y)


def classes(t, x):
    weight, bias = folded(t, "conv1", "bn1")
    x = F.relu(F.conv2d(x, weight, bias, 1, 1))
    for stage in (1, 2, 3):
        for i in range(3):
            x = block(t, f"layer{stage}.{i}", x, 2 if stage > 1 and i == 0 else 1)
    return F.linear(x.mean((2, 3)), rounded(t["linear.weight"]), t["linear.bias"]).argmax(1)


with open(BATCH, "rb") as file:
    pictures = torch.frombuffer(bytearray(file.read()), dtype=torch.uint8).reshape(-1, 3073)
mean, std = (torch.tensor(v).reshape(3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
t, right = tensors(CHECKPOINT), 0
with torch.no_grad():
    for part in pictures.split(500):
        x = (part[:, 1:].reshape(-1, 3, 32, 32).float() / 255 - mean) / std
        right += (classes(t, x) == part[:, 0]).sum().item()
print(f"{right} of {len(pictures)}")
