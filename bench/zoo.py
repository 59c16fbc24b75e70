"""The networks that are measured, and where they are described."""
import glob
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
EXAMPLES = os.path.join(TOP, "examples")
NETS = ("lenet5_modern", "alexnet", "vgg16", "googlenet", "inception_v3", "resnet18", "resnet50", "resnext50_32x4d",
        "squeezenet1_1", "densenet121", "mobilenet_v2")

# A network with weights that magnify rounding.
ILL = "_ill"


def described(net):
    """The name in its description."""
    return net.removesuffix(ILL)


def sources():
    """Net -> file, of all the examples: some take arguments."""
    found = {}
    for path in sorted(glob.glob(os.path.join(EXAMPLES, "*.net"))):
        with open(path, encoding="utf-8") as file:
            found.update((net, path) for net in re.findall(r"^net (\w+)", file.read(), re.M))
    return found
