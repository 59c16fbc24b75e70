"""Makes the golden outputs of test/nets/indices.net with PyTorch: indices.py FOLDER."""
import os
import sys

import torch
from torch import nn

import nets


class Text(nn.Module):
    """fastText's classifier: the mean of the words' vectors, and a layer."""

    def __init__(self):
        super().__init__()
        self.emb, self.fc = nn.Embedding(200, 40), nn.Linear(40, 7)

    def forward(self, tokens):
        return self.fc(self.emb(tokens).mean(1))


class Pairs(nn.Module):
    """Vectors of pairs, and some of them in another order."""

    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(30, 17)

    def forward(self, pairs):
        x = self.emb(pairs)
        return torch.cat([x, x.flip(2).permute(0, 2, 1, 3).reshape(-1, 6, 2, 17)[:, :, 1:]], 2)


class Mask(nn.Module):
    def __init__(self, choose):
        super().__init__()
        self.conv, self.choose = nn.Conv2d(3, 21, 3, padding=1), choose

    def forward(self, image):
        return self.choose(self.conv(image))


class Beam(nn.Module):
    """The rows of the four largest scores."""

    def __init__(self):
        super().__init__()
        self.score = nn.Linear(12, 1)

    def forward(self, x):
        best = self.score(x).squeeze(2).topk(4).indices
        return x.gather(1, best.unsqueeze(2).expand(-1, -1, 12))


class Table(nn.Module):
    """Elements of a parameter, by position."""

    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.empty(1, 9, 5))

    def forward(self, i):
        return self.table.expand(i.shape[0], -1, -1).gather(1, i)


IMAGE = (1, 3, 11, 18)
CASES = {
    "fasttext": (((1, 20), 200), Text),
    "pairs": (((2, 6, 2), 30), Pairs),
    "mask": (IMAGE, lambda: Mask(lambda x: x.argmax(1))),
    "mask_rows": (IMAGE, lambda: Mask(lambda x: x.argmin(2, keepdim=True))),
    "mask_columns": (IMAGE, lambda: Mask(lambda x: x.argmax(3, keepdim=True))),
    "top_channels": (IMAGE, lambda: Mask(lambda x: x.topk(5, 1).values)),
    "top_places": (IMAGE, lambda: Mask(lambda x: x.topk(3, 3, largest=False).indices)),
    "top_rows": (IMAGE, lambda: Mask(lambda x: x.topk(2, 2).indices)),
    "whole": (IMAGE, lambda: Mask(lambda x: (x * 9).long())),
    "halves": (IMAGE, lambda: Mask(lambda x: ((x * 9).long().float() * 0.5).sum(1))),
    "beam": ((2, 10, 12), Beam),
    "table": (((3, 6, 5), 9), Table),
}

if __name__ == "__main__":
    for name, (shape, build) in CASES.items():
        nets.INPUTS[name], nets.BUILDERS[name] = {"": shape}, build
        with open(os.path.join(sys.argv[1], name + ".golden"), "w", encoding="ascii") as file:
            file.write(nets.golden(name))
