"""How training's gradients round: bends.py NETC FOLDER [options]: beside PyTorch's in float64, of batches of random weights and pictures.

An activation that rounding takes over the bend of its relu has another derivative, and one such moves gradients by percents; of how many
batches that happens depends on how much is rounded before. Counts the batches in which a gradient differs by more than 1e-4 of the largest of
its tensor, and tells the largest difference of all others: of netc's programs, multiplied out and as they are, and of PyTorch in float32.
With --smooth the networks have silu for relu and relu6, avgpool for maxpool, and no bends. With --largest it tells of one batch the largest
difference in each network, and in how many of its tensors it is more than 1e-4.
Prints a table in Markdown, which FOLDER/bends.md keeps.
"""
import argparse
import glob
import os
import re
import subprocess
import sys

import numpy as np

import tables
import zoo

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "test", "reference"))
import gradients  # noqa: E402
import npy  # noqa: E402

NETS = ("resnet20", "googlenet_cifar", "vgg_cifar")
PROGRAMS = {"netc, no Winograd": ("--no-winograd",), "netc": (), "netc, --winograd 4": ("--winograd", "4")}
NEAR, NOTHING = 1e-4, 1e-6  # a gradient of that size is 0 but for rounding


def gradients_of(program, folder, inputs, whole):
    """What a program makes of a batch, by name."""
    output = os.path.join(folder, "gradients.safetensors")
    command = [program, "gradients", "--random-weights", str(gradients.WEIGHTS), "--seed", str(gradients.DRAWS), "--output", output]
    for name, (shape, values) in inputs.items():
        path = os.path.join(folder, name + ".npy")
        npy.write(path, shape, values, "<i8" if name in whole else "<f4")
        command += ["--input", f"{name}={path}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return gradients.read_safetensors(output)


def differences(got, wanted):
    """Of each tensor the largest one, to the largest of its elements."""
    pairs = ((np.array(got[name]), np.array(values)) for name, values in wanted.items())
    return [np.abs(a - b).max() / np.abs(b).max() for a, b in pairs if np.abs(b).max() > NOTHING]


def descriptions(how):
    """Net -> file, or of --smooth a changed copy of it."""
    if not how.smooth:
        return zoo.sources()
    folder = os.path.join(how.folder, "bends", "smooth")
    for path in glob.glob(os.path.join(zoo.EXAMPLES, "**", "*.net"), recursive=True):
        copy = os.path.join(folder, os.path.relpath(path, zoo.EXAMPLES))
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        with open(path, encoding="utf-8") as file:
            text = re.sub(r"\bmaxpool\b", "avgpool", re.sub(r"\brelu6?\b", "silu", file.read()))
        with open(copy, "w", encoding="utf-8") as file:
            file.write(text)
    return {net: os.path.join(folder, os.path.basename(path)) for net, path in zoo.sources().items()}


def of_batches(how, net, programs):
    """Name -> the differences of all batches, of each a list."""
    folder = os.path.join(how.folder, "bends", net)
    os.makedirs(folder, exist_ok=True)
    training = [how.netc, "--train", "--net", net, "--batch", "2", descriptions(how)[net]]
    paths = {name: os.path.join(folder, f"net{i}") for i, name in enumerate(programs)}
    for name, path in paths.items():
        subprocess.run([*training, *PROGRAMS[name], "--input-gradients", "-o", path], check=True)
    text = subprocess.run([*training, "--emit=graph"], check=True, capture_output=True, text=True).stdout
    nodes, classes = gradients.read_graph(text)
    whole = [node.name for node in nodes.values() if node.op == "input" and node.type == "i64"]
    found = {name: [] for name in ("PyTorch", *programs)}
    for batch in range(1 if how.largest else how.batches):
        gradients.WEIGHTS, gradients.INPUTS = 2 * batch + 1, 2 * batch + 2
        inputs = gradients.inputs_of(nodes, gradients.scores_of(nodes, classes))
        wanted = gradients.Run(text, inputs).gradients()
        found["PyTorch"].append(differences(gradients.Run(text, inputs, 32).gradients(), wanted))
        for name, path in paths.items():
            found[name].append(differences(gradients_of(path, folder, inputs, whole), wanted))
    return found


def count(batches):
    """How many pass a bend, and the largest difference of the others."""
    values = [max(batch) for batch in batches]
    others = [value for value in values if value <= NEAR]
    return f"{len(values) - len(others)} ({max(others):.1e})" if others else str(len(values))


def largest(batches):
    """The largest difference of a batch, and in how many of its tensors it is too large."""
    batch, = batches
    far = sum(value > NEAR for value in batch)
    return f"{max(batch):.1e}" + (f" ({far} of {len(batch)})" if far else "")


def table(how):
    programs, cell = (["netc"], largest) if how.largest else (list(PROGRAMS), count)
    names = ["PyTorch", *programs]
    yield ("The largest difference (tensors with one of more than 1e-4)." if how.largest else
           f"Of {how.batches} batches those with a bend passed (the largest difference of the others).")
    yield ""
    yield f"| net | {' | '.join(names)} |\n|" + " --- |" * (1 + len(names))
    for net in how.nets:
        found = of_batches(how, net, programs)
        yield f"| {net} | " + " | ".join(cell(found[name]) for name in names) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("netc")
    parser.add_argument("folder")
    parser.add_argument("--nets", nargs="*", default=NETS)
    parser.add_argument("--batches", type=int, default=40)
    for flag in ("--smooth", "--largest"):
        parser.add_argument(flag, action="store_true")
    how = parser.parse_args()
    os.makedirs(how.folder, exist_ok=True)
    tables.keep(how.folder, "bends", table(how))


if __name__ == "__main__":
    main()
