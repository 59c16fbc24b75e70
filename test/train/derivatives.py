"""Derivatives as formulas, beside finite differences: derivatives.py NETC FOLDER SOURCES [--torch].

Each net of CASES is written here again, as a function of its scalars. Weights and inputs of a formula go into a checkpoint;
`netc --emit=gradient` prints formulas without it, and with it numbers too. Those formulas, evaluated here in float64, and
these numbers are to be the derivatives: central differences of the function, to 1e-7. With --torch autograd says them as
well, to 1e-12.
"""
import math
import os
import re
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "Inputs"))
import tensors  # noqa: E402

NETC, FOLDER, SOURCES = sys.argv[1:4]
TORCH = "--torch" in sys.argv
STEP, NEAR = 1e-5, 1e-7
if TORCH:
    import torch


def numbers(kind):
    """The functions of formulas, of floats or of PyTorch's scalars."""
    if kind is float:
        return {"exp": math.exp, "log": math.log, "tanh": math.tanh, "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
                "relu": lambda x: max(x, 0.0), "step": lambda x: float(x > 0), "is": lambda a, b: float(a == b), "max": max,
                "min": min, "sqrt": math.sqrt, "abs": abs, "sign": lambda x: math.copysign(1, x)}
    return {"exp": torch.exp, "log": torch.log, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu,
            "max": torch.maximum, "min": torch.minimum, "sqrt": torch.sqrt, "abs": torch.abs}


# ---- the nets, as functions of their scalars: v("name", 0, 1) is one of them, f has the functions ----

def three_weights(v, f, n):
    """The quadratic error, half the sum of squares, as a mean over the data."""
    total = 0
    for i in range(n):
        h = f["sigmoid"](v("hidden.weight", 0, 0) * v("x", i, 0))
        for k in range(2):
            o = f["sigmoid"](v("outputs.weight", k, 0) * h)
            total = total + (o - v("labels", i, k)) ** 2 / 2
    return total / n


def cross_entropy(f, scores, shares, smoothing):
    share = [smoothing / len(scores) + (1 - smoothing) * s for s in shares]
    total = f["log"](sum(f["exp"](s) for s in scores))
    return sum(p * (total - s) for p, s in zip(share, scores))


def classes(v, f, n):
    total = 0
    for i in range(n):
        seen = [v("c.bias", 0) + sum(v("c.weight", 0, 0, y, x) * v("x", i, 0, r + y, c + x) for y in range(2) for x in range(2))
                for r in range(2) for c in range(2)]
        seen = [f["relu"](s) for s in seen]
        hidden = [f["tanh"](v("a.bias", k) + sum(v("a.weight", k, j) * seen[j] for j in range(4))) for k in range(3)]
        scores = [v("b.bias", k) + sum(v("b.weight", k, j) * hidden[j] for j in range(3)) for k in range(3)]
        total = total + cross_entropy(f, scores, [k == float(v("labels", i, 0)) for k in range(3)], 0.1)
    return total / n


def shares(v, f, n):
    """A label is a share of each class, which need not be 1 together."""
    total = 0
    for i in range(n):
        scores = [v("a.bias", k) + sum(v("a.weight", k, j) * v("x", i, j) for j in range(2)) for k in range(3)]
        total = total + cross_entropy(f, scores, [v("target", i, k) for k in range(3)], 0.1)
    return total / n


def weighted(v, f, n):
    """Classes count differently, and label 2 not at all: the mean is over what the others count."""
    weight, total, count = [0.5, 2, 7], 0, 0
    for i in range(n):
        label = int(float(v("labels", i, 0)))
        scores = [v("a.bias", k) + sum(v("a.weight", k, j) * v("x", i, j) for j in range(2)) for k in range(3)]
        if label == 2:
            continue
        share = [weight[k] * (0.1 / 3 + 0.9 * (k == label)) for k in range(3)]
        total = total + sum(p * (f["log"](sum(f["exp"](s) for s in scores)) - s) for p, s in zip(share, scores))
        count += weight[label]
    return total / count


def silu(f, x):
    return x * f["sigmoid"](x)


def joined(v, f, n):
    """A gate, a skip, a quotient and the larger of two, and losses with factors."""
    total = 0
    for i in range(n):
        x = [v("x", i, k) for k in range(2)]
        a = [v("a.bias", k) + sum(v("a.weight", k, j) * x[j] for j in range(2)) for k in range(2)]
        gate = [f["sigmoid"](a[k]) * (silu(f, a[k]) + x[k]) for k in range(2)]
        down = [gate[k] / (1 + f["exp"](a[k])) for k in range(2)]
        most = [f["max"](down[k], f["log"](1 + f["exp"](x[k] - a[k]))) for k in range(2)]
        o = [v("b.bias", k) + sum(v("b.weight", k, j) * most[j] for j in range(2)) for k in range(2)]
        total = total + sum(3 * (o[k] - v("target", i, k)) ** 2 + 0.5 * f["abs"](gate[k] - v("target", i, k)) for k in range(2))
    return total / (2 * n)


OWN = """
net classes {
    input x[1, 3, 3]
    c: conv(1, 2) -> r: relu -> flatten -> a: linear(3) -> t: tanh -> b: linear(3)
    output classes
    train { loss cross_entropy(output, labels, label_smoothing=0.1) }
}
net shares {
    input x[2]
    input target[3]
    from x -> a: linear(3)
    train { loss cross_entropy(a, target, label_smoothing=0.1) }
}
net weighted {
    input x[2]
    a: linear(3)
    output classes
    train { loss cross_entropy(output, labels, weight=[0.5, 2, 7], ignore_index=2, label_smoothing=0.1) }
}
net joined {
    input x[2]
    input target[2]
    from x -> a: linear(2)
    gate: output { mul { | from a -> sigmoid | add { | from a -> silu | from x } } }
    down: div { | from gate | add { | from a -> exp | from x -> full([1, 2], 1) } }
    maximum { | from down | sub { | from x | from a } -> softplus }
    b: linear(2)
    train { loss 3 * mse(b, target) + l1(gate, target) / 2 }
}
"""
# net, its function, tensors that are no parameters
CASES = [("three_weights", three_weights, {"x": (1,), "labels": (2,)}, (1, 3)),
         ("classes", classes, {"x": (1, 3, 3), "labels": (1,)}, (1, 2)),
         ("shares", shares, {"x": (2,), "target": (3,)}, (1, 2)),
         ("weighted", weighted, {"x": (2,), "labels": (1,)}, (3,)),
         ("joined", joined, {"x": (2,), "target": (2,)}, (2,))]
PARAMETERS = {"three_weights": {"hidden.weight": (1, 1), "outputs.weight": (2, 1)},
              "classes": {"c.weight": (1, 1, 2, 2), "c.bias": (1,), "a.weight": (3, 4), "a.bias": (3,), "b.weight": (3, 3), "b.bias": (3,)},
              "shares": {"a.weight": (3, 2), "a.bias": (3,)},
              "weighted": {"a.weight": (3, 2), "a.bias": (3,)},
              "joined": {"a.weight": (2, 2), "a.bias": (2,), "b.weight": (2, 2), "b.bias": (2,)}}


# ---- values ----

def positions(shape):
    at = [()]
    for size in shape:
        at = [p + (i,) for p in at for i in range(size)]
    return at


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def values_of(shapes):
    """Numbers like 0.37, by a formula of their place; labels of classes are whole."""
    values, n = {}, 0
    for name, shape in shapes.items():
        for at in positions(shape):
            n += 1
            whole = name == "labels" and shape[1:] == (1,)
            values[name, at] = float(n % 3) if whole else single(math.sin(1.7 * n) * 0.9)
    return values


def differences(function, values, n, parameters):
    def at(name, *place):
        return values[name, place]
    found = {}
    for key in [k for k in values if k[0] in parameters]:
        kept, sides = values[key], []
        for side in (1, -1):
            values[key] = kept + side * STEP
            sides.append(function(at, numbers(float), n))
        values[key] = kept
        found[key] = (sides[0] - sides[1]) / (2 * STEP)
    return found


def autograd(function, values, n, parameters):
    leaves = {key: torch.tensor(value, dtype=torch.float64, requires_grad=key[0] in parameters) for key, value in values.items()}
    loss = function(lambda name, *place: leaves[name, place], numbers(torch.Tensor), n)
    loss.backward()
    return {key: leaf.grad.item() for key, leaf in leaves.items() if key[0] in parameters}


# ---- formulas ----

def element(name, shape, at):
    """As a formula calls it: dimensions of 1 are left out."""
    index = ",".join(str(i) for i, size in zip(at, shape) if size > 1)
    return f"{name}[{index}]" if index else name


def evaluate(lines, names):
    """The value of each line's name, one after the other, in Python's arithmetic."""
    known = dict(names)
    for name, formula in lines:
        text = re.sub(r"[a-zA-Z_][\w.:]*(?:\[[\d,]+\])?(?!\()(?![\w.(\[])", lambda m: f"known[{m[0]!r}]", formula)
        known[name] = eval(re.sub(r"\bis\(", "is_(", text.replace("^", "**")),
                           {"known": known, **{k if k != "is" else "is_": v for k, v in numbers(float).items()}})
    return known


def netc(net, n, *options):
    source = os.path.join(SOURCES, "homework.net") if net == "three_weights" else os.path.join(FOLDER, "own.net")
    run = subprocess.run([NETC, "--emit=gradient", "--batch", str(n), *options, "--net", net, source], capture_output=True, text=True)
    assert run.returncode == 0 and not run.stderr, (net, run.stderr)
    return run.stdout


def agree(what, found, expected, near=NEAR):
    for name in expected:
        assert abs(found[name] - expected[name]) <= near * max(1, abs(expected[name])), (what, name, found[name], expected[name])


def check(net, function, inputs, n):
    shapes = {**PARAMETERS[net], **{name: (n, *shape) for name, shape in inputs.items()}}
    values = values_of(shapes)
    path = os.path.join(FOLDER, net + ".safetensors")
    tensors.write(path, {name: (shape, [values[name, at] for at in positions(shape)]) for name, shape in shapes.items()})
    called = {key: element(key[0], shapes[key[0]], key[1]) for key in values}
    expected = differences(function, values, n, PARAMETERS[net])
    if TORCH:
        exact = autograd(function, values, n, PARAMETERS[net])
        agree((net, "autograd"), exact, expected)
        expected = exact
    expected = {f"d loss / d {called[key]}": value for key, value in expected.items()}
    lines = re.findall(r"^  (\S.*?) = (.*)$", netc(net, n), re.M)
    found = evaluate(lines, {called[key]: value for key, value in values.items()})
    agree((net, "formulas"), found, expected, 1e-12 if TORCH else NEAR)
    agree((net, "loss"), found, {"loss": function(lambda name, *place: values[name, place], numbers(float), n)}, 1e-12)
    # "  name = formula", below it "       = numbers = value"; six digits of each are printed
    shown = re.findall(r"^  (\S.*?) = .*\n +=(?:.*=)? (\S+)$", netc(net, n, "--weights", path), re.M)
    assert [name for name, _ in shown] == [name for name, _ in lines], net
    for name, value in shown:
        assert abs(float(value) - found[name]) <= 1e-5 * max(abs(found[name]), 1e-3), (net, name, value, found[name])


def main():
    os.makedirs(FOLDER, exist_ok=True)
    with open(os.path.join(FOLDER, "own.net"), "w", encoding="utf-8") as file:
        file.write(OWN)
    for net, function, inputs, counts in CASES:
        for n in counts:
            check(net, function, inputs, n)


main()
