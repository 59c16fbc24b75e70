"""Data sets of noise for trainings that are timed: a batch, as often as steps may read it. Small pictures are in the files that their
networks' data sets come in, which are read at once; of others each is a PNG without compression, so that a step's time is not that of
inflating noise."""
import os
import struct

import torch
import torchvision

CLASSES = 10
NAMES = ("train-images-idx3-ubyte", "data.bin", "data.csv")


def path_in(folder):
    """That of the data set in a folder; None: it has none."""
    paths = (os.path.join(folder, name) for name in NAMES)
    return next((path for path in paths if os.path.exists(path)), None)


def noise(shape, number):
    torch.manual_seed(number)
    return torch.randint(0, 256, shape, dtype=torch.uint8)


def write_idx(folder, pictures, times):
    """As MNIST, labels beside the pictures."""
    n, _, height, width = pictures.shape
    labels = bytes(i % CLASSES for i in range(n))
    with open(os.path.join(folder, "train-labels-idx1-ubyte"), "wb") as file:
        file.write(struct.pack(">II", 0x801, n * times) + labels * times)
    with open(os.path.join(folder, "train-images-idx3-ubyte"), "wb") as file:
        file.write(struct.pack(">IIII", 0x803, n * times, height, width) + pictures.numpy().tobytes() * times)


def write_cifar(folder, pictures, times):
    records = b"".join(bytes([i % CLASSES]) + picture.numpy().tobytes() for i, picture in enumerate(pictures))
    with open(os.path.join(folder, "data.bin"), "wb") as file:
        for _ in range(times):
            file.write(records)


def write_files(folder, pictures, times):
    for i, picture in enumerate(pictures):
        torchvision.io.write_png(picture, os.path.join(folder, f"{i}.png"), compression_level=0)
    with open(os.path.join(folder, "data.csv"), "w", encoding="ascii") as file:
        file.write("file,class\n")
        file.writelines(f"{i}.png,{i % CLASSES}\n" for _ in range(times) for i in range(len(pictures)))


FORMS = {(1, 28, 28): write_idx, (3, 32, 32): write_cifar}


def write(folder, shape, batch, times):
    """`batch` pictures [channels, height, width], so many times."""
    pictures = torch.stack([noise(shape, i) for i in range(batch)])
    FORMS.get(tuple(shape), write_files)(folder, pictures, times)
