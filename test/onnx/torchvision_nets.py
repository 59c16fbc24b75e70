"""Networks of torchvision, exported by both exporters of PyTorch, against onnxruntime: torchvision_nets.py NETC FOLDER [NAME]...

Without names they are all that classify a picture or its pixels. Each has random weights, is exported for every version of the operators in EXPORTS, compiled by netc, and run on a random
picture; its largest difference from onnxruntime's outputs, by their largest element, is at most 1e-4. Prints a line for each
export that is not so, and at last how many there were; what PyTorch itself cannot write in a version is none. Status 1: one
is not so.
"""
import contextlib
import logging
import os
import shutil
import subprocess
import sys
import warnings

import numpy
import onnxruntime
import torch
import torchvision

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
CLASSIFIERS = torchvision.models.list_models(module=torchvision.models)
SEGMENTATION = torchvision.models.list_models(module=torchvision.models.segmentation)
# The side of a picture is 64, which does not take long, but for families that take a larger or an odd one.
SIDES = {"alexnet": 224, "deeplabv3": 65, "fcn": 65, "inception": 96, "maxvit": 224, "vgg": 224, "vit": 224}
# Exporters, and the version each is asked for: at last the newest that it writes. Of a file for 26 PyTorch 2.15 says that it is one for 18.
EXPORTS = [("trace", 11), ("trace", 17), ("trace", 20), ("dynamo", 18), ("dynamo", 25)]


class Main(torch.nn.Module):
    """The output of a network for segmentation that is not of training alone."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(x)["out"]


def side_of(name):
    return next((side for family, side in SIDES.items() if name.startswith(family)), 64)


def make(name):
    torch.manual_seed(1)
    if name in SEGMENTATION:
        net = Main(getattr(torchvision.models.segmentation, name)(weights=None, weights_backbone=None))
    else:
        more = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
        net = getattr(torchvision.models, name)(weights=None, **more)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    for parameter in net.parameters():  # some layers begin with zeros, which hide what is before them
        if not parameter.any():
            torch.nn.init.uniform_(parameter, -0.1, 0.1)
    return net.eval()


def export(net, x, path, exporter, version, **more):
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
            torch.onnx.export(net, (x,), path, dynamo=exporter == "dynamo", opset_version=version, **more)


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return f"{os.path.basename(command[0])}: {done.stderr.strip()}" if done.returncode else None


def fault(netc, folder, x, path):
    """What is wrong with an export; None: nothing."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    wanted = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    names = [output.name for output in session.get_outputs()]
    program, picture = os.path.join(folder, "program"), os.path.join(folder, "x.npy")
    numpy.save(picture, x.numpy())
    outputs = [word for name in names for word in ("--output", f"{name}={folder}/{name}.npy")]
    said = run(netc, path, "-o", program) or run(program, "run", "--input", picture, *outputs)
    for name, right in zip(names, wanted):
        if said:
            return said
        error = abs(numpy.load(f"{folder}/{name}.npy") - right).max() / abs(right).max()
        said = None if error <= 1e-4 else f"'{name}' differs by {error}"
    return said


def main():
    netc, folder, *names = sys.argv[1:]
    torch.set_num_threads(1)
    faults, exports = 0, 0
    for name in names or CLASSIFIERS + SEGMENTATION:
        net, x = make(name), torch.rand(1, 3, side_of(name), side_of(name))
        for exporter, version in EXPORTS:
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder)
            path = os.path.join(folder, "net.onnx")
            try:
                export(net, x, path, exporter, version)
            except torch.onnx.errors.OnnxExporterError:
                continue
            said = fault(netc, folder, x, path)
            exports, faults = exports + 1, faults + bool(said)
            if said:
                print(f"{name}, {exporter}, {version}: {said}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    print(f"{exports} exports, {faults} faults")
    sys.exit(faults > 0)


if __name__ == "__main__":
    main()
