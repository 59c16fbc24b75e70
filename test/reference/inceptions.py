"""Inception-v4 and Inception-ResNet-v2 (Szegedy et al., 2016) in PyTorch, with the names of their well-known port."""
import torch
from torch import nn

TALL, WIDE = (3, 1), (1, 3)
COLUMN, ROW = (7, 1), (1, 7)


class Cbr(nn.Module):
    """Convolution, batch norm, relu."""

    def __init__(self, before, c, k, stride=1, padding=None):
        super().__init__()
        kernel = (k, k) if isinstance(k, int) else k
        half = tuple(side // 2 for side in kernel)
        self.conv = nn.Conv2d(before, c, kernel, stride, half if padding is None else padding, bias=False)
        self.bn = nn.BatchNorm2d(c, eps=0.001)

    def forward(self, x):
        return self.bn(self.conv(x)).relu()


def chain(before, *layers):
    """Cbr of each (c, k) or (c, k, stride, padding); one alone is not in a Sequential."""
    made = []
    for c, *rest in layers:
        made.append(Cbr(before, c, *rest))
        before = c
    return made[0] if len(made) == 1 else nn.Sequential(*made)


def shrink(c):
    """A 3x3 convolution of stride 2 without padding."""
    return c, 3, 2, 0


def mean(before, c):
    return nn.Sequential(nn.AvgPool2d(3, 1, 1, count_include_pad=False), Cbr(before, c, 1))


class Branches(nn.Module):
    """Concatenates what its children make of the input, in their order; a child's name is its name."""

    def __init__(self, **children):
        super().__init__()
        for name, child in children.items():
            self.add_module(name, child)

    def forward(self, x):
        return torch.cat([child(x) for child in self.children()], 1)


def numbered(*children):
    return Branches(**{f"branch{i}": child for i, child in enumerate(children)})


class InceptionC(nn.Module):
    """Two branches that fork once more."""

    def __init__(self):
        super().__init__()
        self.branch0, self.branch3 = Cbr(1536, 256, 1), mean(1536, 256)
        self.branch1_0 = Cbr(1536, 384, 1)
        self.branch1_1a, self.branch1_1b = Cbr(384, 256, WIDE), Cbr(384, 256, TALL)
        self.branch2_0, self.branch2_1, self.branch2_2 = Cbr(1536, 384, 1), Cbr(384, 448, TALL), Cbr(448, 512, WIDE)
        self.branch2_3a, self.branch2_3b = Cbr(512, 256, WIDE), Cbr(512, 256, TALL)

    def forward(self, x):
        one, two = self.branch1_0(x), self.branch2_2(self.branch2_1(self.branch2_0(x)))
        return torch.cat([self.branch0(x), self.branch1_1a(one), self.branch1_1b(one),
                          self.branch2_3a(two), self.branch2_3b(two), self.branch3(x)], 1)


def inception_a():
    return numbered(chain(384, (96, 1)), chain(384, (64, 1), (96, 3)), chain(384, (64, 1), (96, 3), (96, 3)),
                    mean(384, 96))


def inception_b():
    return numbered(chain(1024, (384, 1)), chain(1024, (192, 1), (224, ROW), (256, COLUMN)),
                    chain(1024, (192, 1), (192, COLUMN), (224, ROW), (224, COLUMN), (256, ROW)), mean(1024, 128))


def pool():
    return nn.MaxPool2d(3, 2)


class InceptionV4(nn.Module):
    def __init__(self, classes=1000):
        super().__init__()
        self.features = nn.Sequential(
            Cbr(3, 32, 3, 2, 0), Cbr(32, 32, 3, 1, 0), Cbr(32, 64, 3),
            Branches(maxpool=pool(), conv=Cbr(64, *shrink(96))),
            numbered(chain(160, (64, 1), (96, 3, 1, 0)),
                     chain(160, (64, 1), (64, ROW), (64, COLUMN), (96, 3, 1, 0))),
            Branches(conv=Cbr(192, *shrink(192)), maxpool=pool()),
            *[inception_a() for _ in range(4)],
            numbered(chain(384, shrink(384)), chain(384, (192, 1), (224, 3), shrink(256)), pool()),
            *[inception_b() for _ in range(7)],
            numbered(chain(1024, (192, 1), shrink(192)),
                     chain(1024, (256, 1), (256, ROW), (320, COLUMN), shrink(320)), pool()),
            *[InceptionC() for _ in range(3)])
        self.last_linear = nn.Linear(1536, classes)

    def forward(self, x):
        return self.last_linear(self.features(x).mean((2, 3)))


class Residual(nn.Module):
    """x + factor times a 1x1 convolution of branches, then relu, but for the last."""

    def __init__(self, channels, factor, *branches, last=False):
        super().__init__()
        for i, layers in enumerate(branches):
            self.add_module(f"branch{i}", chain(channels, *layers))
        self.conv2d = nn.Conv2d(sum(layers[-1][0] for layers in branches), channels, 1)
        self.factor, self.last, self.count = factor, last, len(branches)

    def forward(self, x):
        y = torch.cat([getattr(self, f"branch{i}")(x) for i in range(self.count)], 1)
        y = x + self.factor * self.conv2d(y)
        return y if self.last else y.relu()


def block35():
    return Residual(320, 0.17, [(32, 1)], [(32, 1), (32, 3)], [(32, 1), (48, 3), (64, 3)])


def block17():
    return Residual(1088, 0.1, [(192, 1)], [(128, 1), (160, ROW), (192, COLUMN)])


def block8(factor=0.2, last=False):
    return Residual(2080, factor, [(192, 1)], [(192, 1), (224, WIDE), (256, TALL)], last=last)


class InceptionResNetV2(nn.Module):
    def __init__(self, classes=1000):
        super().__init__()
        self.conv2d_1a, self.conv2d_2a, self.conv2d_2b = Cbr(3, 32, 3, 2, 0), Cbr(32, 32, 3, 1, 0), Cbr(32, 64, 3)
        self.maxpool_3a = pool()
        self.conv2d_3b, self.conv2d_4a = Cbr(64, 80, 1), Cbr(80, 192, 3, 1, 0)
        self.maxpool_5a = pool()
        self.mixed_5b = numbered(chain(192, (96, 1)), chain(192, (48, 1), (64, 5)),
                                 chain(192, (64, 1), (96, 3), (96, 3)), mean(192, 64))
        self.repeat = nn.Sequential(*[block35() for _ in range(10)])
        self.mixed_6a = numbered(chain(320, shrink(384)), chain(320, (256, 1), (256, 3), shrink(384)), pool())
        self.repeat_1 = nn.Sequential(*[block17() for _ in range(20)])
        self.mixed_7a = numbered(chain(1088, (256, 1), shrink(384)), chain(1088, (256, 1), shrink(288)),
                                 chain(1088, (256, 1), (288, 3), shrink(320)), pool())
        self.repeat_2 = nn.Sequential(*[block8() for _ in range(9)])
        self.block8 = block8(1, last=True)
        self.conv2d_7b = Cbr(2080, 1536, 1)
        self.last_linear = nn.Linear(1536, classes)

    def forward(self, x):
        for name, child in self.named_children():
            if name != "last_linear":
                x = child(x)
        return self.last_linear(x.mean((2, 3)))
