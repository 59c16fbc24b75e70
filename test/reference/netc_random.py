"""The random weights of runtime/core/weights.h, repeated: the formula of seed, name and index."""
import array
import functools
import math
import subprocess

MASK = (1 << 64) - 1


def splitmix64(x):
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def fnv1a64(name):
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = ((h ^ byte) * 0x100000001B3) & MASK
    return h


def uniform(seed, name, count, first=0):
    """The numbers u(first), ..., u(count - 1), in [0, 1)."""
    start = splitmix64((seed ^ fnv1a64(name)) & MASK)
    return [(splitmix64((start + i) & MASK) >> 40) / (1 << 24) for i in range(first, count)]


def uniform_numpy(seed, name, count):
    """The same as an array of float64, for millions of them."""
    import numpy as np

    start = splitmix64((seed ^ fnv1a64(name)) & MASK)
    x = np.arange(count, dtype=np.uint64) + np.uint64(start) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = x ^ (x >> np.uint64(31))
    return (x >> np.uint64(40)).astype(np.float64) / (1 << 24)


def from_uniform(u, name, shape):
    """A parameter's values from u, by the role that the name ends in; u: a number or an array."""
    role = name.rsplit(".", 1)[-1]
    if role == "running_var":
        return u + 0.5
    if role == "weight" and len(shape) in (1, 3):
        return (u + 1) * 0.5
    if role == "weight":
        return (u - 0.5) * (2 * math.sqrt(6 / math.prod(shape[1:])))
    return (u - 0.5) * 0.2


def tensor_numpy(seed, name, shape):
    """A parameter as the executable's --random-weights SEED gives it, float32."""
    import numpy as np

    u = uniform_numpy(seed, name, math.prod(shape))
    return from_uniform(u, name, shape).astype(np.float32).reshape(shape)


def input_numpy(seed, shape):
    """The input of the references: 2u - 1 of the name `input`, float32."""
    import numpy as np

    u = uniform_numpy(seed, "input", math.prod(shape))
    return (2 * u - 1).astype(np.float32).reshape(shape)


def positions(seed, shape, count):
    """The integers of the references, from 0 to count - 1: of the same u, rounded down; a list."""
    return [int(u * count) for u in uniform(seed, "input", math.prod(shape))]


@functools.lru_cache(maxsize=1)
def known_inputs(seed):
    """The values of inputs that were computed so far: all inputs begin with the same."""
    return array.array("f")


def input_values(seed, shape):
    """What input_numpy gives, without numpy, an array in one dimension."""
    known, count = known_inputs(seed), math.prod(shape)
    known.extend(2 * u - 1 for u in uniform(seed, "input", count, len(known)))
    return known[:count]


def write_numpy(path, netc, source, net, seed=1):
    """A .npz file of what --params lists, as golden files are made with; the names in it."""
    import numpy as np
    listed = subprocess.run([netc, "--params", "--net", net, source], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()[1:-1]]
    np.savez(path, **{name: tensor_numpy(seed, name, tuple(map(int, dims.split("x")))) for name, dims, _ in rows})
    return [name for name, _, _ in rows]
