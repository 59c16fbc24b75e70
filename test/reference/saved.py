"""Bytes that PyTorch keeps for the backward pass of the example nets in training, two images:
saved.py NET... > table, a line "net saved bytes" each. They are those of the storages that
saved_tensors_hooks see, each once, without those of parameters and buffers. Recurrent layers run without
oneDNN, which keeps a memory of its own.
"""
import sys

import torch
from torch import nn

import counters


class Crop(nn.Module):
    """The middle rows and columns, as slices: a view."""

    def __init__(self, rows, columns):
        super().__init__()
        self.size = rows, columns

    def forward(self, x):
        top, left = ((x.shape[2 + i] - self.size[i]) // 2 for i in range(2))
        return x[:, :, top:top + self.size[0], left:left + self.size[1]]


class Sliced(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.first = nn.Sequential(nn.Flatten(), nn.Linear(1024, 3))
        self.second = nn.Sequential(Crop(4, 4), nn.Flatten())

    def forward(self, x):
        first, second = torch.split(self.conv(x), [4, 4], 1)
        return torch.cat([self.first(first), self.second(second)], 1)


def chain(out, kernel, padding, rows, columns, *between):
    """A convolution, a crop, and a linear layer that reads all of it."""
    return nn.Sequential(nn.Conv2d(3, out, kernel, padding=padding), Crop(rows, columns), *between[:1], nn.Flatten(),
                         *between[1:], nn.Linear(out * rows * columns, 5))


# test/cost/Inputs/views.net
VIEWS = {
    "cropped": lambda: chain(8, 3, 1, 2, 2),
    "cropped_rows": lambda: chain(1, 3, 1, 2, 16),
    "cropped_planes": lambda: chain(8, 3, 1, 2, 16),
    "cropped_pixel": lambda: chain(8, 16, 1, 1, 1),
    "cropped_nothing": lambda: chain(8, 3, 1, 16, 16),
    "cropped_input": lambda: nn.Sequential(Crop(8, 8), nn.Flatten(), nn.Linear(192, 2)),
    "cropped_activation": lambda: chain(8, 3, 1, 2, 2, nn.Dropout(0.0), nn.LeakyReLU(inplace=True)),
    "sliced": Sliced,
}
BUILDERS = counters.BUILDERS | VIEWS


def saved(net, x):
    own = {t.untyped_storage().data_ptr() for t in (*net.parameters(), *net.buffers())}
    storages = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            storages[storage.data_ptr()] = storage
        return tensor

    with torch.backends.mkldnn.flags(enabled=not isinstance(net, counters.Recurrent)), \
            torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        result = net(x)
    del result
    return sum(s.nbytes() for s in storages.values())


if __name__ == "__main__":
    for name in sys.argv[1:]:
        dims = (3, 16, 16) if name in VIEWS else counters.shape(name)[1:]
        print(name, "saved", saved(BUILDERS[name]().train(), counters.operand(name, 2, *dims)), flush=True)
