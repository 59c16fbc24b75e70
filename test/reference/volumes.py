#!/usr/bin/env python3
"""Makes golden/convolved.golden, enlarged.golden, pooled.golden, moved.golden and swept.golden: outputs of the nets of test/nets/volumes.net by PyTorch.
Usage: volumes.py FOLDER"""
import os
import sys

import torch
import torch.nn.functional as F
from torch import nn

import nets


class Layers(nn.Module):
    def __init__(self, **layers):
        super().__init__()
        for name, layer in layers.items():
            self.add_module(name, layer)


class Convolved(Layers):
    def __init__(self):
        conv = nn.Conv3d
        super().__init__(
            a=conv(3, 20, (3, 5, 3), (1, 2, 2), (1, 2, 1)), b=nn.BatchNorm3d(20),
            c=conv(20, 24, 3, padding=(2, 1, 0), dilation=(2, 1, 1)), d=conv(24, 24, 3, padding=1, groups=24),
            e=conv(24, 32, (2, 3, 3), (2, 1, 1), groups=8), f=nn.PReLU(32), g=conv(32, 48, 3, padding="same"),
            h=conv(48, 48, (3, 1, 1), padding=(1, 0, 0), groups=12), i=conv(48, 48, 3, padding=1),
            j=conv(48, 12, 3, (2, 1, 1), 1), k=conv(12, 7, (2, 1, 1), bias=False))

    def forward(self, x):
        x = self.d(self.c(self.b(self.a(x)).relu()))
        x = self.f(self.e(F.pad(x, (0, 2, 1, 1, 1, 0))))  # columns, rows, depth: before and behind
        x = self.g(x).relu()
        x = x + self.h(x).sigmoid()
        x = (x + self.i(x)).relu()
        return self.k(self.j(x))


class Enlarged(Layers):
    def __init__(self):
        conv = nn.ConvTranspose3d
        super().__init__(
            a=conv(3, 18, (3, 2, 3), (2, 1, 2), (1, 0, 1), (1, 0, 1)), n=nn.BatchNorm3d(18),
            b=conv(18, 18, 3, padding=(2, 1, 0), dilation=(2, 1, 1), groups=18), c=conv(18, 18, (3, 1, 3), padding=(1, 0, 1), groups=3),
            d=conv(18, 40, (2, 3, 1), (3, 1, 1)), e=conv(40, 7, (4, 2, 1), (2, 3, 2), (3, 0, 0), bias=False),
            f=conv(7, 5, (3, 1, 1), (2, 1, 1)))

    def forward(self, x):
        x = self.b(self.n(self.a(x)).relu()).sigmoid()
        x = x + self.c(x)
        return self.f(self.e(self.d(x).relu()).mean(2, keepdim=True))


class Pooled(Layers):
    def __init__(self):
        super().__init__(a=nn.Conv3d(5, 18, 1), b=nn.Conv3d(18, 35, 1))

    def forward(self, x):
        x = F.max_pool3d(self.a(x), (2, 3, 2), (1, 2, 1), (1, 1, 0), (2, 1, 1))
        x = F.avg_pool3d(x, 2, 1, 1)
        x = F.avg_pool3d(self.b(x), (3, 2, 3), 2, 1, ceil_mode=True, count_include_pad=False)
        x = F.adaptive_max_pool3d(F.adaptive_avg_pool3d(x, (3, 2, 4)), (2, 2, 3))
        mean = F.max_pool3d(x, 2, 1).mean((2, 3, 4))
        return torch.cat([mean, x.amax((2, 3, 4))], 1)


class Moved(Layers):
    def __init__(self):
        super().__init__(
            a=nn.Conv3d(7, 16, 1), b=nn.Conv3d(7, 7, 3, padding=1), c=nn.Conv3d(23, 23, 1),
            d=nn.Conv3d(23, 32, (3, 1, 1), padding=(1, 0, 0)), e=nn.GroupNorm(4, 32), f=nn.Conv3d(32, 6, 2),
            g=nn.Conv3d(3, 9, (3, 2, 2)), h=nn.Linear(9 * 7, 10))

    def forward(self, x):
        x = F.pad(x, (0, 1, 2, 1, 1, 0, 1, 2), value=0.5)
        x = torch.cat([self.a(x), self.b(x)], 1)
        x = x * self.c(x.mean((2, 3, 4), keepdim=True)).sigmoid()
        x = self.d(x.roll((1, 2), (2, 4)).flip((2, 3)))
        x = x[:, :, 1:5] + x[:, :, 0:4].softmax(1) + self.e(x[:, :, 2:6])
        x = self.g(self.f(x).permute(0, 2, 1, 3, 4))
        return self.h(x.mean(2, keepdim=True).amax(4).flatten(1))


class Swept(Layers):
    def __init__(self):
        super().__init__(a=nn.Conv3d(20, 33, (2, 3, 3), padding=(1, 1, 0)), b=nn.LayerNorm(4), c=nn.LayerNorm(33),
                         d=nn.RMSNorm(4, eps=1e-6), e=nn.PReLU(33), f=nn.BatchNorm3d(33 * 7 + 10))

    def forward(self, x):
        x = self.a(x)
        x = torch.cat([x.softmax(2), x.log_softmax(4), self.b(x), self.c(x.movedim(1, -1)).movedim(-1, 1), self.d(x),
                       x.relu().exp(), x[:, 1:20:2], self.e(x)], 1)
        x = x - x.mean((3, 4), keepdim=True).tanh()
        x = x * x.amax(1, keepdim=True).sigmoid()
        x = x + x.sum(2, keepdim=True) * 0.25
        return self.f(x)[:, :, :, 1:6:2].amin(2)


NETS = {"convolved": (Convolved, (2, 3, 9, 13, 14)), "enlarged": (Enlarged, (2, 3, 4, 5, 3)), "pooled": (Pooled, (2, 5, 8, 11, 12)), "moved": (Moved, (2, 4, 5, 6, 7)),
        "swept": (Swept, (2, 20, 5, 7, 6))}


def main():
    for name, (module, shape) in NETS.items():
        nets.BUILDERS[name], nets.SIZES[name] = module, shape
        with open(os.path.join(sys.argv[1], name + ".golden"), "w", encoding="ascii") as file:
            file.write(nets.golden(name))


if __name__ == "__main__":
    main()
