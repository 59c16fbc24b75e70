"""Writes docs/zoo.md: the nets of examples/ with what they cost, from netc's reports: zoo.py NETC EXAMPLES.

SOURCES says what a net's figures were compared with; a test compares this page with what this script writes.
"""
import json
import os
import re
import subprocess
import sys

HEAD = """# The zoo

Every net of `examples/`, with its trainable parameters and its multiply-accumulates (without bias) for one picture of
its input; of detectors with as many regions as there can be. `scripts/zoo.py` writes this page from the reports of netc, and
a test compares the two.

## What was compared

Each figure is also that of a PyTorch module: torchvision's, or one in `test/reference/`. `totals.py` there counts
parameters and, with PyTorch's FlopCounterMode, multiply-accumulates; `nets.py` makes the outputs that the compiled
nets are held to; `names.py` compares names and shapes of parameters, in training too. `state_dicts.py` loads
torchvision's state dicts as they are. The columns say where else a figure stands:

* tv: torchvision's module itself.
* timm: the names, shapes and parameters of that library's module.
* paper: the net's paper, to the digits that it prints.
* course: the tables of courses (Dive into Deep Learning, a course's printouts of torchinfo, exercises), recomputed.
* module: a module of `test/reference/` alone, written from the paper.
"""

# net: (parameters, multiply-accumulates)
TV, TIMM, COURSE, MODULE = ("tv", "tv"), ("timm", "module"), ("course", "course"), ("module", "module")
COUNTED, PAPER = ("course", "module"), ("paper", "paper")
SOURCES = {
    "lenet5": MODULE, "lenet5_modern": MODULE, "lenet5_d2l": MODULE,
    "alexnet_paper": COURSE, "alexnet_224": COUNTED, "alexnet_devices": COURSE, "alexnet_d2l": COUNTED, "zfnet": MODULE,
    "vgg11_d2l": COUNTED, "vgg_cifar": COURSE, "nin": MODULE, "nin_d2l": COUNTED, "nin_cifar": COURSE,
    "googlenet_paper": COURSE, "googlenet_d2l": COUNTED, "googlenet_cifar": COURSE,
    "inception_naive": ("module", "course"), "inception_reduced": ("module", "course"),
    "inception_v4": TIMM, "inception_resnet_v2": TIMM,
    "resnet50b": TV, "resnet50c": TIMM, "resnet50d": TIMM,
    "plain18": MODULE, "plain34": ("module", "paper"), "resnet18_d2l": COUNTED, "resnet18_cifar": COUNTED, "resnet50a": MODULE,
    "VGG": COURSE, "NiN": COURSE, "GoogleNet": COURSE,
    "resnet20": ("paper", "module"), "resnet32": ("paper", "module"), "resnet44": ("paper", "module"),
    "resnet56": ("paper", "module"), "resnet110": ("paper", "module"), "resnet1202": ("paper", "module"),
    "unet": MODULE, "espcn": MODULE, "dcgan": MODULE, "dcgan_discriminator": MODULE, "m5": MODULE, "kws_lstm": MODULE, "kws_gru": MODULE, "vae": MODULE, "yolo_fastestv2": MODULE, "faster_rcnn": MODULE, "yolov3_tiny": MODULE,
    "repvgg_a0": ("timm", "timm"), "seresnet50": ("timm", "timm"),
    "plain20": MODULE, "plain56": MODULE, "mobilenet_v1": PAPER, "conv_pool": COURSE, "three_weights": COUNTED,
}

# Lines of the same nets elsewhere: net, file here, Caffe's prototxt, Darknet's cfg.
ELSEWHERE = [("resnet50", "resnet", "2,318", "511"), ("resnet152", "resnet", "6,775", "1,463"),
             ("inception_v4", "inception_v4", "8,320", "-")]

# Nets that others are made from.
LEFT_OUT = {"alexnet.net:AlexNet", "vgg.net:VGG", "vgg.net:small", "resnet.net:resnet",
            "resnet_cifar.net:resnet_cifar", "densenet.net:densenet", "mobilenet_v3.net:mobilenet_v3",
            "mnasnet.net:mnasnet", "shufflenet_v2.net:shufflenet_v2", "efficientnet.net:efficientnet",
            "regnet.net:regnet_y", "repvgg.net:repvgg", "swin.net:swin", "vit.net:vit", "convnext.net:convnext"}


def read(examples, name):
    with open(os.path.join(examples, name), encoding="utf-8") as file:
        return file.read()


def lines_of(examples, name, seen=()):
    """Of a file and of what it imports, each once."""
    text = read(examples, name)
    count = text.count("\n")
    for other in re.findall(r'^import "(.*)"', text, re.M):
        if other not in seen:
            count += lines_of(examples, other)
    return count


def report(netc, path, net, *options):
    run = subprocess.run([netc, "--report=json", "--net", net, *options, path], check=True, capture_output=True)
    return json.loads(run.stdout)


def row(netc, path, net):
    plain = report(netc, path, net)
    params, macs = plain["totals"]["params"], plain["totals"]["macs"]
    training = report(netc, path, net, "--train")["totals"]["params"]
    of_params, of_macs = SOURCES.get(net, TV)
    shape = ", ".join("×".join(map(str, each["shape"][1:])) for each in plain["inputs"])
    return (f"| {net} | {shape} | {params:,} | {of_params} | {f'{training:,}' if training != params else ''} "
            f"| {macs:,} | {of_macs} |")


def families(examples):
    """(file, title, nets) of each family, in the files' order."""
    for name in sorted(os.listdir(examples)):
        if name.endswith(".net"):
            text = read(examples, name)
            nets = [net for net in re.findall(r"^net (\w+)", text, re.M) if f"{name}:{net}" not in LEFT_OUT]
            if nets:
                yield name, text.split("\n", 1)[0].lstrip("# "), nets


def main():
    netc, examples = sys.argv[1:]
    print(HEAD)
    print("## The nets\n\nParameters in training are given where training has more: auxiliary heads.")
    for name, title, nets in families(examples):
        print(f"\n`{name}`, {read(examples, name).count(chr(10))} lines: {title}\n")
        print("<!-- held by test/docs/zoo.test -->")
        print("| net | input | parameters | source | in training | multiply-accumulates | source |")
        print("| --- | --- | ---: | --- | ---: | ---: | --- |")
        for net in nets:
            print(row(netc, os.path.join(examples, name), net))
    print("\n## Lines\n\nOf the file with its imports, which holds the whole family, and of the one net elsewhere:\n")
    print("<!-- held by test/docs/zoo.test -->")
    print("| net | here | Caffe's prototxt | Darknet's cfg |\n| --- | ---: | ---: | ---: |")
    for net, name, caffe, darknet in ELSEWHERE:
        print(f"| {net} | {lines_of(examples, name + '.net')} | {caffe} | {darknet} |")


main()
