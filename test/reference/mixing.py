"""What runtime/train/augment_batch.c draws for a run, repeated, and what torchvision's MixUp and CutMix make of it."""
import math
from unittest import mock

from netc_random import MASK, splitmix64


class Draws:
    """Numbers in [0, 1), one after the other, of a key."""

    def __init__(self, key):
        self.key, self.n = key, 0

    def __call__(self):
        self.n += 1
        return (splitmix64((self.key + self.n - 1) & MASK) >> 11) / (1 << 53)

    def up_to(self, n):
        return int(self() * (n + 1))

    def above(self):
        return self() + 2.0 ** -54

    def normal(self):
        radius = math.sqrt(-2 * math.log(self.above()))
        return radius * math.cos(2 * math.pi * self())

    def log_gamma(self, alpha):
        """Marsaglia and Tsang's method, of alpha + 1, times a power of a uniform number."""
        shape = alpha + 1 - 1 / 3
        while True:
            x = self.normal()
            v = (1 + x / math.sqrt(9 * shape)) ** 3
            u = math.log(self.above())
            if v > 0 and u < x * x / 2 + shape - shape * v + shape * math.log(v):
                return math.log(shape * v) + math.log(self.above()) / alpha

    def beta(self, alpha):
        first, second = self.log_gamma(alpha), self.log_gamma(alpha)
        return 1 / (1 + math.exp(second - first))


def mixed(torch, x, y, classes, seed, run, steps):
    """The pictures and labels of a run, by one of the steps ("mixup" or "cutmix", alpha); runs are counted over all epochs."""
    from torchvision.transforms import v2
    draws = Draws(splitmix64((splitmix64(seed + 2) + run) & MASK))
    name, alpha = steps[draws.up_to(len(steps) - 1)]
    transform = {"mixup": v2.MixUp, "cutmix": v2.CutMix}[name](alpha=alpha, num_classes=classes)
    transform._dist = mock.Mock(sample=lambda shape: draws.beta(alpha))
    with mock.patch("torch.randint", lambda end, size: torch.tensor([draws.up_to(end - 1)])):
        return transform(x, y)
