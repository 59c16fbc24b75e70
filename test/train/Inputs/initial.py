"""What parameters begin with: initial.py REFERENCE WORK data | moments | losses."""
import csv
import math
import os
import sys

reference, work, command = sys.argv[1:]
sys.path.insert(0, reference)
import gradients
import steps

# Of fan_in = channels in x 9 and fan_out = channels out x 9, by torch.nn.init's formulas: mean, deviation, least and largest.
# Of a uniform distribution of width w the deviation is w / sqrt(12); of the truncated ones scipy.stats.truncnorm has
#   truncnorm.std(-4, 4, scale=0.5) = 0.49973, truncnorm.mean(-0.4, 0.5, 0.1, 1) = 0.14672, .std = 0.25630
ROOT = math.sqrt
WANTED = {
    "a.weight": (0, ROOT(2 / (64 * 9)), None),                       # kaiming_normal, fan_out
    "b.weight": (0, ROOT(1 / (64 * 9)), ROOT(3 / (64 * 9))),         # kaiming_uniform, a = 1: gain 1
    "c.weight": (0, ROOT(2 / (64 * 9 + 32 * 9)), None),              # xavier_normal
    "d.weight": (0, 2 * ROOT(2 / (32 * 9 + 64 * 9)), 2 * ROOT(6 / (32 * 9 + 64 * 9))),
    "e.weight": (1, 0.01, None),
    "f.weight": (0, 0.49973, None),
    "h.weight": (1, 4 / ROOT(12), 3),
    "lstm.weight_ih_l0": (0, ROOT(1 / 64 / 3), ROOT(1 / 64)),        # uniform within 1 / sqrt(hidden_size)
    "lstm.bias_hh_l0": (0, ROOT(1 / 64 / 3), ROOT(1 / 64)),
    "out.weight": (0, ROOT(1 / 128 / 3), ROOT(1 / 128)),             # the default: 1 / sqrt(fan_in)
}
CONSTANT = {"a.bias": 0.25, "e.bias": -1, "out.bias": -1, "i.weight": 7, "prelu.weight": 0.25, "last.weight": 0, "last.bias": 0}


def near(what, got, wanted, error):
    if not abs(got - wanted) <= error:
        sys.exit(f"{what} is {got:.6g}, not {wanted:.6g}")


def moments(tensors):
    for name, (mean, deviation, largest) in WANTED.items():
        values = tensors[name]
        n, got = len(values), math.fsum(values) / len(values)
        spread = ROOT(math.fsum((x - got) ** 2 for x in values) / n)
        near(f"mean of {name}", got, mean, 5 * deviation / ROOT(n))
        near(f"deviation of {name}", spread, deviation, 5 * deviation / ROOT(2 * n))
        if largest:
            most = max(map(abs, values))
            near(f"largest of {name}", most, largest, 1e-6 + largest * 20 / n)
            assert most <= largest * (1 + 1e-6), name
    for name, wanted in CONSTANT.items():
        assert set(tensors[name]) == {wanted}, name
    g = tensors["g.weight"]
    assert -0.3 <= min(g) < -0.29 and 0.59 < max(g) <= 0.6
    near("mean of g.weight", math.fsum(g) / len(g), 0.14672, 0.25630 * 5 / ROOT(len(g)))


def first_loss(name):
    with open(os.path.join(work, name), encoding="utf-8") as file:
        return next(csv.DictReader(file))["loss"]


if command == "data":
    os.makedirs(work, exist_ok=True)
    steps.write_idx(work)
elif command == "moments":
    moments(gradients.read_safetensors(os.path.join(work, "o")))
else:  # a residual whose last bn is 0 is not there; another one is
    assert first_loss("block.csv") == first_loss("plain.csv") != first_loss("one.csv")
