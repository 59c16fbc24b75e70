"""Networks of torchvision and timm as descriptions: torch_networks.py NETC FOLDER LIBRARY:NAME...

Each has random weights, and is written by torch.export, with nothing said. Its outputs are the module's, with the weights beside the description, and
with the module's own checkpoint unless the name ends in '*': such networks compute parameters from others, or have some for training alone.
"""
import contextlib
import io
import os
import shutil
import sys

NETC, FOLDER, *NAMES = sys.argv[1:]
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "python"))
import netc
import netc.torch
import torch

os.environ["NETC"] = NETC
OPTIONS = {"googlenet": {"init_weights": True}}
LIBRARIES = {"torchvision": lambda name: __import__("torchvision").models.get_model(name, weights=None, **OPTIONS.get(name, {})),
             "timm": lambda name: __import__("timm").create_model(name)}


def make(library, name):
    """A network at inference, with no parameter or statistic that is one number everywhere, as trained ones have none; the size of its input."""
    torch.manual_seed(1)
    module = LIBRARIES[library](name).eval()
    with torch.no_grad():
        for x in (*module.parameters(), *module.buffers()):
            if x.is_floating_point() and x.numel() > 1 and x.min() == x.max():
                x.uniform_(0.5, 1)
    return module, netc.torch.usual_input(module)[0]


def fault(net, weights, x, wanted):
    """What is wrong with the outputs by a checkpoint; None: nothing."""
    try:
        net.bind(weights)
    except netc.RunError as error:
        return str(error)
    worst = abs(net(x) - wanted).max() / abs(wanted).max()
    return None if worst < 1e-4 else f"outputs differ by {worst:.1e} of the largest"


def faults(word):
    library, _, name = word.rstrip("*").partition(":")
    module, size = make(library, name)
    path, own = os.path.join(FOLDER, name + ".net"), os.path.join(FOLDER, "own.pth")
    x = torch.rand(1, *size)
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        netc.torch.describe(module, x, path)
    assert not said.getvalue(), said.getvalue()
    torch.save(module.state_dict(), own)
    with torch.no_grad():
        wanted = module(x).numpy()
    net = netc.compile(path)
    checkpoints = [path[:-4] + ".safetensors", *([] if word.endswith("*") else [own])]
    return [f"{word}, {os.path.basename(w)}: {said}" for w in checkpoints if (said := fault(net, w, x.numpy(), wanted))]


def trace(*_):
    raise AssertionError("torch.export does not write it")


def main():
    netc.torch._trace = trace
    torch.set_num_threads(1)
    found = []
    for name in NAMES:
        shutil.rmtree(FOLDER, ignore_errors=True)
        os.makedirs(FOLDER)
        try:
            said = faults(name)
        except Exception as error:    # of one network of many
            said = [f"{name}: {error} ({error.__context__})"]
        print(*said or [f"{name}: good"], sep="\n", flush=True)
        found += said
    shutil.rmtree(FOLDER, ignore_errors=True)
    print(f"{len(NAMES)} networks, {len(found)} faults")


main()
