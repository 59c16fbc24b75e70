"""Loads PyTorch's state dicts as they are: state_dicts.py NETC EXAMPLES FOLDER [NET...].

Each net of torchvision, all by default, with random weights, batch norm's statistics among them, and with what
it has for training alone: saved as safetensors, loaded by the compiled net without a word but for heads that it
passes over, and the outputs compared with PyTorch's in float64. One renamed and one left out are refused."""
import os
import subprocess
import sys

import numpy as np
import torch
from safetensors.torch import save_file

import names
import netc_random
import nets

TOLERANCE = 1e-4
FILE_OF = {net: file for file, of_file in names.FILES.items() for net in of_file}


def state_dict(name):
    """Of the module in training mode, by the formula of names."""
    module = nets.TRAINING.get(name, nets.BUILDERS[name])()
    return {key: tensor.clone() if key.endswith(nets.INTEGERS) else
            torch.from_numpy(netc_random.tensor_numpy(nets.SEED, key, tuple(tensor.shape)))
            for key, tensor in module.state_dict().items()}


def run(executable, weights, before, after):
    return subprocess.run([executable, "run", "--weights", weights, "--input", before, "--output", after],
                          capture_output=True, text=True)


def refused(path, tensors, executable, before, after):
    """Whether the executable refuses these tensors."""
    save_file(tensors, path)
    return run(executable, path, before, after).returncode == 1


def faults(name, netc, examples, folder):
    executable, weights, before, after = (os.path.join(folder, name + end) for end in ("", ".st", ".x.npy", ".y.npy"))
    subprocess.run([netc, "--net", name, os.path.join(examples, FILE_OF[name] + ".net"), "-o", executable], check=True)
    tensors = state_dict(name)
    save_file(tensors, weights)
    x = netc_random.input_numpy(nets.SEED, nets.input_shape(name))
    np.save(before, x)
    ran = run(executable, weights, before, after)
    if ran.returncode:
        yield ran.stderr
        return
    if ran.stderr and name not in nets.TRAINING:
        yield "says: " + ran.stderr
    module = nets.TRAINING.get(name, nets.BUILDERS[name])()
    module.load_state_dict(tensors)
    with torch.no_grad():
        expected = module.eval().double()(torch.from_numpy(x).double()).numpy()
    error = np.abs(np.load(after) - expected).max() / np.abs(expected).max()
    print(f"{name}: {len(tensors)} tensors, error {error:.1e}", flush=True)
    if not error < TOLERANCE:
        yield f"error {error:.2e}"
    key = next(key for key in tensors if key.endswith("weight") and not key.startswith(("aux", "Aux")))
    rest = {other: tensor for other, tensor in tensors.items() if other != key}
    if not refused(weights, rest, executable, before, after):
        yield f"does not miss {key}"
    if not refused(weights, {**tensors, "more.weight": tensors[key].clone()}, executable, before, after):
        yield "takes a tensor more"
    for path in (executable, weights, before, after):
        os.remove(path)


def main():
    netc, examples, folder, *chosen = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    wrong = 0
    for name in chosen or (*nets.VISION, "googlenet", "inception_v3"):
        for fault in faults(name, netc, examples, folder):
            print(f"{name}: {fault}")
            wrong += 1
    return 1 if wrong else 0


sys.exit(main())
