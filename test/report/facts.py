"""Facts of course documents, and what netc's reports say of each: imported by courses.py.

Inputs/facts.csv has a row for each; those that no report can express are in Inputs/facts_apart.csv, with the reason. Sums,
quotients and units that only this module computes, from several of a report's figures, are in COMPUTED_HERE."""
import csv
import functools
import json
import os
import re
import subprocess
import sys

import torchinfo_rows

NETC, EXAMPLES, INPUTS = map(os.path.abspath, sys.argv[1:])
COURSE, PIECES = os.path.join(EXAMPLES, "course.net"), os.path.join(INPUTS, "pieces.net")


def run(*arguments):
    return subprocess.run([NETC, *arguments], check=True, capture_output=True, text=True).stdout


@functools.lru_cache(None)
def report(file, net, *options):
    path = file if os.path.isabs(file) else os.path.join(EXAMPLES, file)
    return json.loads(run("--report=json", "--target=generic", "--net", net, *options, path))


def digits(value):
    return re.sub(r"(?<=\d),(?=\d\d\d)", "", value)


def squeeze(value):
    return re.findall(r"[A-Za-z_]+|[0-9.]+", re.sub(r"(?<=\d)x(?=\d)", " ", digits(value)))


# ---- tables of torchinfo and Gluon, listings of PyTorch ----

@functools.lru_cache(None)
def torchinfo(net):
    return dict(torchinfo_rows.numbered(torchinfo_rows.without_functions(torchinfo_rows.table(NETC, COURSE, net))))


def of_torchinfo(net, fact):
    rows = torchinfo(net)
    cells = rows.get(fact["layer"]) or (next(iter(rows.values())) if ":" not in fact["layer"] else None)
    column = {"kernel": 0, "input shape": 1, "output shape": 2, "parameters": 3, "mult-adds": 4}.get(fact["quantity"])
    if fact["layer"] == "total":
        return torchinfo_total(net, fact)
    if fact["quantity"] == "layer name":
        return fact["layer"] if cells else None
    return cells[column] if cells and column is not None else None


@functools.lru_cache(None)
def footer(net):
    return run("--style=torchinfo-course", "--net", net, COURSE)


def torchinfo_total(net, fact):
    lines = {"parameters": "Total params", "trainable parameters": "Trainable params",
             "non-trainable parameters": "Non-trainable params",
             "input size MB": r"Input size \(MB\)", "params size MB": r"Params size \(MB\)",
             "forward/backward pass size MB": r"Forward/backward pass size \(MB\)",
             "estimated total size MB": r"Estimated Total Size \(MB\)"}
    if fact["quantity"] == "mult-adds":
        return str(report(COURSE, net)["totals"]["flops"]["torchinfo"])
    line = lines.get(fact["quantity"])
    return line and re.search(line + ": (.*)", footer(net))[1]


@functools.lru_cache(None)
def gluon(file, net, side):
    text = run("--style=gluon", "--net", net, "--input", f"image=1x{side}x{side}", os.path.join(EXAMPLES, file))
    rows = re.findall(r"^ *(\S+) +\(([^)]*)\) +(\d+)$", text, re.M)
    totals = dict(re.findall(r"^ *([A-Z][a-z -]+): (\d+)$", text, re.M))
    return {layer: (shape, params) for layer, shape, params in rows}, totals


def without_deferred(fact):
    """The row among those that are layers: Gluon printed its activations twice, first as symbols."""
    layers = [row["layer"] for row in read("facts.csv") if row["network"] == fact["network"]
              and row["quantity"] == "parameters" and row["layer"] not in ("total", "Input")]
    return re.sub(r"-\d+$", f"-{layers.index(fact['layer']) + 1}", fact["layer"]) if fact["layer"] in layers else fact["layer"]


def of_gluon(file, net, side, fact):
    rows, totals = gluon(file, net, side)
    if side == 96 and net == "vgg11_d2l":
        fact = dict(fact, layer=without_deferred(fact))
    if fact["layer"] == "total":
        return totals.get(fact["quantity"], totals["Total params"] if fact["quantity"] == "parameters" else None)
    row = rows.get(fact["layer"])
    return row and row[fact["quantity"] == "parameters"]


@functools.lru_cache(None)
def listing(file, net):
    return re.findall(r"\): (\w+\(.*\))$", run("--style=torch", "--net", net, os.path.join(EXAMPLES, file)), re.M)


def of_listing(file, net, fact):
    found = fact["recomputed_value"] in listing(file, net)
    return fact["recomputed_value"] if found else f"not in the listing of {net}"


# ---- tables of courses: conv1_1, pool1, fc1 ----

@functools.lru_cache(None)
def stages(file, net):
    """The layers that a course's table names, in order."""
    data, named = report(file, net), {}
    named["Input"] = {"output": data["inputs"][0]["shape"], "params": 0, "params_without_bias": 0,
                      "activations": data["totals"]["input_elements"]}
    stage, conv, linear = 1, 1, 1
    for layer in data["layers"]:
        if layer["op"] == "conv":
            named[f"conv{stage}_{conv}"] = layer
            conv += 1
        elif layer["op"] == "maxpool":
            named[f"pool{stage}"] = layer
            stage, conv = stage + 1, 1
        elif layer["op"] == "linear":
            named[f"fc{linear}"] = layer
            linear += 1
    return named


def rows_columns_channels(shape, mark="x"):
    n, c, *image = shape
    return mark.join(str(size) for size in (image or [1, 1]) + [c])


def product(shape):
    result = 1
    for size in shape:
        result *= size
    return result


def of_stages(file, net, fact):
    layer = stages(file, net).get(fact["layer"])
    if fact["layer"] == "total" and fact["quantity"] == "parameters":
        bias = "" if "bias" in fact["convention"] and "without" not in fact["convention"] else "_without_bias"
        return str(report(file, net)["totals"]["params" + bias])
    if fact["layer"] == "total" and fact["quantity"] == "activations":
        return str(report(file, net, "--activations=course")["totals"]["activations_with_input"])
    if not layer:
        return None
    weights = "params_without_bias" if "without" in fact["convention"] else "params"
    kernel, stride = layer.get("kernel"), layer.get("stride")
    quantities = {
        "input shape": lambda: rows_columns_channels(layer["inputs"][0]),
        "output shape": lambda: rows_columns_channels(layer["output"]),
        "activation product": lambda: rows_columns_channels(layer["output"], "*"),
        "activations": lambda: str(layer["activations"]),
        "parameters": lambda: str(layer[weights]),
        "kernel/stride": lambda: ",".join(map(str, kernel + stride)),
        "stride,kernel,in,out": lambda: ",".join(map(str, (
            [stride[0], *kernel] if kernel else [1, 1]) + [layer["inputs"][0][1], layer["output"][1]])),
    }
    return quantities[fact["quantity"]]() if fact["quantity"] in quantities else None


# ---- single facts ----

def layer(file, net, name, *options):
    return next(x for x in report(file, net, *options)["layers"] if x["name"] == name)


def of_kind(op, figure, file, net, *options):
    """A figure of all operators of a kind."""
    return next(x[figure] for x in report(file, net, *options)["operators"] if x["op"] == op)


def reference(file, net, *options, stored="course"):
    """"params …; MACs …; torchinfo …; stored elements incl. input …", of the networks of the papers."""
    totals = report(file, net, f"--activations={stored}", *options)["totals"]
    return [totals["params"], totals["macs"], totals["flops"]["torchinfo"], totals["activations_with_input"]]


def maps(net, name, *options):
    return layer("homework.net", net, name, *options)


ALEX, VGG16, PAPER = ("alexnet.net", "alexnet"), ("vgg.net", "vgg16"), ("alexnet.net", "alexnet_paper")
GOOGLENET = ("googlenet.net", "googlenet_paper")
PAPER_224 = ("alexnet.net", "alexnet_224")
HOMEWORK = ("homework.net", "conv_pool")


def total(figure, file, net, *options):
    return report(file, net, *options)["totals"][figure]


def flops(name, file, net, *options):
    return total("flops", file, net, *options)[name]


def exercise(net, side=32):
    return report("googlenet.net", net, "--input", f"maps=256x{side}x{side}")


def conv_macs(net, index, side=224):
    return [x for x in exercise(net, side)["layers"] if x["op"] == "conv"][index]["macs"]


def conv_shape(net, index):
    return str([x for x in exercise(net, 224)["layers"] if x["op"] == "conv"][index]["output"])


def shape_of(net, op, side=224):
    output = next(x for x in exercise(net, side)["layers"] if x["op"] == op)["output"]
    return str(output if side == 224 else output[1:])


def pools(file, net):
    return [x["output"] for x in report(file, net)["layers"] if x["op"] == "maxpool"]


def piece(net, name, figure="params"):
    return next(x for x in report(PIECES, net)["layers"] if x["name"] == name)[figure]


def field_of(net, *options):
    return "x".join(map(str, report(PIECES, net, *options)["layers"][-1]["field"]["size"]))


def hundredth(net, *options):
    """Weights of a piece with C = 10, in C^2."""
    return total("params", PIECES, net, *options) // 100


def stage_macs():
    """Of VGG16, up to each pool."""
    sums = [0]
    for x in report(*VGG16)["layers"]:
        sums[-1] += x["macs"] if x["op"] == "conv" else 0
        sums += [0] if x["op"] == "maxpool" else []
    return sums[:-1]


SINGLE = {
    "A0016": lambda: total("params", *ALEX),
    "A0017": lambda: flops("thop2021", *ALEX),
    "A0018": lambda: flops("macs", *ALEX),
    "A0019": lambda: flops("thop", *ALEX),
    "A0020": lambda: flops("torchinfo", *ALEX),
    "A0021": lambda: flops("thop2021", *ALEX),
    "A0022": lambda: 2 * flops("thop2021", *ALEX),
    "A0034": lambda: layer(*PAPER, "conv1")["params"],
    "A0035": lambda: layer(*PAPER, "conv2")["params"],
    "A0036": lambda: layer(*PAPER, "conv3")["params"],
    "A0037": lambda: layer(*PAPER, "conv4")["params"],
    "A0038": lambda: layer(*PAPER, "conv5")["params"],
    "A0039": lambda: layer(*PAPER, "fc6")["params"],
    "A0040": lambda: layer(*PAPER, "fc7")["params"],
    "A0041": lambda: layer(*PAPER, "fc8")["params"],
    "A0042": lambda: total("params", *PAPER),
    "A0044": lambda: total("params", *PAPER, "-D", "towers=1"),
    "A0025": lambda: rows_columns_channels(layer(*PAPER, "conv1")["output"]),
    "A0027": lambda: rows_columns_channels(layer(*PAPER, "conv2")["output"]),
    "A0029": lambda: rows_columns_channels(layer(*PAPER, "conv3")["output"]),
    "A0030": lambda: rows_columns_channels(layer(*PAPER, "conv4")["output"]),
    "A0031": lambda: rows_columns_channels(layer(*PAPER, "conv5")["output"]),
    "A0224": lambda: total("params", "vgg.net", "vgg19"),
    "A0234": lambda: conv_macs("inception_naive", 0),
    "A0235": lambda: conv_macs("inception_naive", 1),
    "A0236": lambda: conv_macs("inception_naive", 2),
    "A0237": lambda: exercise("inception_naive", 224)["totals"]["macs"],
    "A0238": lambda: exercise("inception_naive")["totals"]["macs"],
    "A0227": lambda: field_of("three_5x5"),
    "A0228": lambda: conv_shape("inception_naive", 0),
    "A0229": lambda: conv_shape("inception_naive", 1),
    "A0230": lambda: conv_shape("inception_naive", 2),
    "A0231": lambda: shape_of("inception_naive", "maxpool"),
    "A0232": lambda: shape_of("inception_naive", "concat"),
    "A0233": lambda: shape_of("inception_naive", "concat", 32),
    "A0239": lambda: conv_shape("inception_reduced", 0),
    "A0240": lambda: conv_shape("inception_reduced", 2),
    "A0243": lambda: shape_of("inception_reduced", "concat"),
    "A0244": lambda: shape_of("inception_reduced", "concat", 32),
    "A0245": lambda: conv_macs("inception_reduced", 0),
    "A0246": lambda: conv_macs("inception_reduced", 1),
    "A0247": lambda: conv_macs("inception_reduced", 2),
    "A0248": lambda: conv_macs("inception_reduced", 3),
    "A0249": lambda: conv_macs("inception_reduced", 4),
    "A0250": lambda: exercise("inception_reduced", 224)["totals"]["macs"] - conv_macs("inception_reduced", 5),
    "A0251": lambda: exercise("inception_reduced", 224)["totals"]["macs"],
    "A0252": lambda: exercise("inception_reduced")["totals"]["macs"],
    "A0253": lambda: "%.4f" % (exercise("inception_naive")["totals"]["macs"] / (
        exercise("inception_reduced")["totals"]["macs"] - conv_macs("inception_reduced", 5, 32))),
    "A0026": lambda: rows_columns_channels(pools(*PAPER)[0]),
    "A0028": lambda: rows_columns_channels(pools(*PAPER)[1]),
    "A0032": lambda: rows_columns_channels(pools(*PAPER)[2]),
    "B0006": lambda: f"12x7x7 = {maps('conv_pool', 'conv')['activations']}",
    "B0007": lambda: f"12x3x3 = {report(*HOMEWORK)['layers'][1]['activations']}",
    "B0002": lambda: maps("conv_pool", "conv")["output"][2],
    "B0003": lambda: "7x7" if maps("conv_pool", "conv")["output"][2:] == [7, 7] else None,
    "B0004": lambda: report(*HOMEWORK)["layers"][1]["output"][2],
    "B0005": lambda: "3x3" if report(*HOMEWORK)["layers"][1]["output"][2:] == [3, 3] else None,
    "B0009": lambda: maps("conv_pool", "conv")["mul"],
    "B0010": lambda: maps("conv_pool", "conv")["mul"],
    "B0011": lambda: maps("conv_pool", "conv")["add"],
    "B0012": lambda: maps("conv_pool", "conv")["add"],
    "B0014": lambda: total("cmp", *HOMEWORK),
    "B0015": lambda: total("cmp", *HOMEWORK),
    "B0016": lambda: flops("exact", *HOMEWORK),
    "B0017": lambda: flops("exact", *HOMEWORK),
    "B0018": lambda: flops("exact", *HOMEWORK, "-D", "relu=true"),
    "B0019": lambda: flops("exact", *HOMEWORK, "-D", "relu=true", "-D", "bias=true"),
    "C0001": lambda: of_kind("conv", "count", *VGG16),
    "C0002": lambda: of_kind("linear", "count", *VGG16),
    "C0088": lambda: total("params", *VGG16),
    "C0090": lambda: stages(*VGG16)["fc1"]["inputs"][0][1],
    "C0345": lambda: layer(COURSE, "NiN", "net.4")["output"][1],
    "C0346": lambda: piece("method1", "conv"),
    "C0347": lambda: piece("method2", "reduce"),
    "C0348": lambda: piece("method2", "conv"),
    "C0349": lambda: total("params", PIECES, "method1"),
    "C0350": lambda: total("params", PIECES, "method2"),
    "C0351": lambda: str(piece("method1", "conv", "output")[1:]),
    "C0352": lambda: str(piece("method2", "reduce", "output")[1:]),
    "C0353": lambda: str(piece("method2", "conv", "output")[1:]),
    "C0811": lambda: total("params", COURSE, "GoogleNet") - sum(
        x["params"] for x in report(COURSE, "GoogleNet")["scopes"] if x["name"] in ("aux1", "aux2")),
    "C0809": lambda: next(x["params"] for x in report(COURSE, "GoogleNet")["scopes"] if x["name"] == "aux1"),
    "C0810": lambda: next(x["params"] for x in report(COURSE, "GoogleNet")["scopes"] if x["name"] == "aux2"),
    "D0001": lambda: layer("alexnet.net", "alexnet_d2l", "fc6")["params"],
    "D0002": lambda: layer("alexnet.net", "alexnet_d2l", "conv2")["macs"],
    "D0003": lambda: run("--report=csv", "-Wno-rounding", "--sort=macs", "--net", "alexnet_d2l",
                         os.path.join(EXAMPLES, "alexnet.net")).splitlines()[1].split(",")[0],
    "D0004": lambda: total("params", "alexnet.net", "alexnet_d2l"),
    "D0236": lambda: total("macs", "nin.net", "nin_d2l"),
    "D0532": lambda: re.search(r"is (\d+)x", run("--min-input", "--net", "googlenet_d2l",
                                                 os.path.join(EXAMPLES, "googlenet.net")))[1],
    "E0001": lambda: total("input_elements", *ALEX),
    "E0004": lambda: layer(*PAPER, "conv1")["params"],
    "E0005": lambda: report("alexnet.net", "alexnet_paper", "--batch=128")["layers"][0]["flops"]["2macs"],
    "E0039": lambda: sum(x["params"] for x in report("googlenet.net", "googlenet_paper")["scopes"]
                         if x["name"] in ("conv1", "conv2", "conv3")),
    "E0048": lambda: layer("googlenet.net", "googlenet_paper", "fc")["params"],
    "E0050": lambda: of_kind("linear", "params", *VGG16),
    "E0052": lambda: total("params", "googlenet.net", "googlenet_paper"),
    "E0071": lambda: reference(*PAPER_224),
    "E0074": lambda: reference(*VGG16),
    "E0075": lambda: reference("vgg.net", "vgg19"),
    "E0076": lambda: reference("googlenet.net", "googlenet_paper"),
}

def shapes(file, net, *ops):
    """The shapes after each of these operators."""
    return [", ".join(map(str, x["output"])) for x in report(file, net)["layers"] if x["op"] in ops]


def widths(net, module):
    """Output channels of a module's convolutions, in order."""
    name = "inception" + module[1:]
    return " ".join(str(x["output"][1]) for x in report("googlenet.net", net)["layers"]
                    if x["op"] == "conv" and x["name"].startswith(name + "."))


MODULES = ("i3a", "i3b", "i4a", "i4b", "i4c", "i4d", "i4e", "i5a", "i5b")
SINGLE.update({f"C{354 + i:04}": functools.partial(widths, "googlenet_paper", m) for i, m in enumerate(MODULES)})
SINGLE.update({f"D{240 + i:04}": functools.partial(widths, "googlenet_d2l", m) for i, m in enumerate(MODULES)})
SINGLE.update({f"D{7 + i:04}": lambda i=i: shapes("vgg.net", "vgg11_d2l", "maxpool")[i] for i in range(5)})
SINGLE.update({f"D{12 + i:04}": lambda i=i: shapes("vgg.net", "vgg11_d2l", "linear", "dropout")[i] for i in range(5)})
SINGLE.update({f"D{159 + 2 * i:04}": lambda i=i: shapes("nin.net", "nin_d2l", "maxpool")[i] for i in range(3)})
SINGLE.update({f"D{158 + 2 * i + (i == 3):04}": lambda i=i: shapes("nin.net", "nin_d2l", "conv")[3 * i + 2]
               for i in range(4)})


def module(name):
    """A row of the module 3a of the paper's network: its name ends so."""
    found = [x for x in report("googlenet.net", "googlenet_paper")["layers"] if x["name"].startswith("inception3a.")]
    return next(str(x["output"][1:]) for x in found if x["name"].endswith(name))


def batch_of_128(name, figure):
    return next(x for x in report("alexnet.net", "alexnet_paper", "--batch=128")["layers"] if x["name"] == name)[figure]


def ops_share(ops, figure, *options):
    data = report(*PAPER, *options)
    part = sum(x[figure] for x in data["operators"] if x["op"] in ops)
    return 100 * part / data["totals"][figure]


def to_28(net=("vgg.net", "vgg16")):
    """The layers of VGG16 until its images are 28x28: seven convolutions and three pools."""
    layers = [x for x in report(*net)["layers"] if x["op"] in ("conv", "maxpool")]
    return layers[:10]


def mib(size):
    return "%.5f" % (size / 2**20)


SINGLE.update({
    "C0363": lambda: module("branch2.0.conv"), "C0364": lambda: module("branch3.0.conv"),
    "C0365": lambda: module("branch4.0"), "C0366": lambda: module("branch1.conv"),
    "C0367": lambda: module("branch2.1.conv"), "C0368": lambda: module("branch3.1.conv"),
    "C0369": lambda: module("concat"), "C0372": lambda: module("branch4.1.conv"),
    "C0814": lambda: "20 and 56" if report("resnet_cifar.net", "plain56") else None,
    "D0017": lambda: report("vgg.net", "vgg11_d2l")["inputs"][0]["shape"][2],
    "D0156": lambda: rows_columns_channels(report("vgg.net", "vgg11_d2l")["inputs"][0]["shape"]),
    "D0164": lambda: shapes("nin.net", "nin_d2l", "dropout")[0],
    "D0166": lambda: shapes("nin.net", "nin_d2l", "global_avgpool")[0],
    "D0167": lambda: shapes("nin.net", "nin_d2l", "flatten")[0],
    "E0002": lambda: "%.1f" % (128 * 4 * total("input_elements", *ALEX) / 2**20),
    "E0003": lambda: layer(*PAPER, "conv1")["output"][2],
    "E0006": lambda: mib(2 * 4 * batch_of_128("conv1", "activations")),
    "E0010": lambda: "%d channels, %d" % tuple(pools(*PAPER)[0][1:3]),
    "E0011": lambda: of_kind("maxpool", "params", *PAPER),
    "E0012": lambda: of_kind("conv", "count", *PAPER),
    "E0013": lambda: rows_columns_channels(pools(*PAPER)[2]),
    "E0014": lambda: layer(*PAPER, "fc6")["inputs"][0][1],
    "E0015": lambda: layer(*PAPER, "fc6")["output"][1],
    "E0016": lambda: "%.1f / %.1f" % (ops_share(["linear"], "params", "-D", "towers=1"), ops_share(["linear"], "params")),
    "E0017": lambda: "%.1f / %.1f" % (ops_share(["conv"], "macs", "-D", "towers=1"), ops_share(["conv"], "macs")),
    "E0019": lambda: "%d vs %d" % (layer(*PAPER, "fc6")["params"], layer(*PAPER, "fc6")["activations"]),
    "E0032": lambda: "%d vs %d" % (total("params", *VGG16), total("params", *PAPER, "-D", "towers=1")),
    "E0041": lambda: len(to_28()) if to_28()[-1]["output"][2] == 28 else None,
    "E0042": lambda: "%.3f TFLOPs" % (2 * 128 * sum(x["macs"] for x in to_28()) / 1e12),
    "E0043": lambda: sum(x["params"] for x in to_28()),
    "E0044": lambda: ("%.2f GiB" % (2 * 128 * 4 * sum(x["activations"] for x in to_28()) / 2**30),),
    "C0816": lambda: str(layer("resnet.net", "resnet18", "layer2.0.downsample.0")["stride"]),
    "E0009": lambda: "%dx%d stride %d" % (*report(*PAPER)["layers"][3]["kernel"], report(*PAPER)["layers"][3]["stride"][0]),
    "E0020": lambda: tuple("%dx%d stride %d" % (*x["kernel"], x["stride"][0])
                           for x in report("alexnet.net", "zfnet")["layers"] if x["op"] == "conv")[:2],
    "E0021": lambda: sum(x["op"] in ("conv", "linear") for x in report("vgg.net", "vgg11")["layers"]),
    "E0022": lambda: "%d, %d, %d" % tuple(sum(x["op"] in ("conv", "linear") for x in report("vgg.net", net)["layers"])
                                          for net in ("vgg13", "vgg16", "vgg19")),
    "E0025": lambda: ", ".join(field_of("stack", "-D", f"depth={n}") for n in (2, 3, 4)),
    "E0026": lambda: ("%dC^2 vs %dC^2" % (hundredth("stack"), hundredth("five_by_five")),
                      "%dC^2 vs %dC^2" % (hundredth("stack", "-D", "depth=3"), hundredth("seven_by_seven"))),
    "E0028": lambda: ("%.2f GFLOPs" % (2 * layer(*VGG16, "features.2")["macs"] / 1e9),
                      "%.1f GFLOPs" % (128 * 2 * layer(*VGG16, "features.2")["macs"] / 1e9)),
    "E0029": lambda: " / ".join("%.2f" % (2 * n / 1e9) for n in stage_macs()),
    "E0030": lambda: ("%.2f GiB" % (2 * 128 * layer(*VGG16, "features.0")["activations"] * 4 / 2**30),),
    "E0051": lambda: ("%.2f GFLOPs" % (2 * 128 * sum(x["macs"] for x in report(*VGG16)["layers"]
                                                     if x["op"] == "linear") / 1e9),),
    "E0053": lambda: ("%.1f GFLOPs" % (2 * 128 * total("macs", *GOOGLENET) / 1e9),
                      "%.3f GFLOPs" % (2 * total("macs", *GOOGLENET) / 1e9)),
    "E0033": lambda: "nine" if sum(x["block"] == "inception" for x in report(*GOOGLENET)["scopes"]) == 9 else None,
    "E0038": lambda: ("%.2f GFLOPs" % (2 * 128 * sum(x["macs"] for x in report(*GOOGLENET)["scopes"]
                                                     if x["name"] in ("conv1", "conv2", "conv3")) / 1e9),),
    "E0058": lambda: "%dx%d" % tuple(report("resnet.net", "resnet50")["layers"][3]["output"][2:]),
    "E0063": lambda: ("%dC^2" % hundredth("standard_block"),),
    "E0064": lambda: ("%dC^2" % hundredth("bottleneck_block"),),
    "E0055": lambda: ("%dC^2 vs %dC^2" % (hundredth("stack"), hundredth("five_by_five")),),
    "E0072": lambda: reference(*PAPER_224, "-D", "towers=1"),
    "E0073": lambda: reference(*ALEX, stored="stored"),  # with the pool that leaves 6x6 as it is
})

KEPT = ("conv", "maxpool", "global_avgpool", "linear")  # results that the estimates of a course keep


def kept_bytes(layers, batch=128):
    """Such results and their gradients."""
    return 2 * batch * 4 * sum(x["activations"] for x in layers if x["op"] in KEPT)


def copies(net, n):
    return n * 4 * total("params", *net)


def estimate_of_alexnet():
    net = (*PAPER, "-D", "towers=1")
    kept = kept_bytes(report(*net)["layers"])
    return "activations %.1f MiB; params x3 %.1f, x4 %.1f MiB" % tuple(
        x / 2**20 for x in (kept, copies(net, 3), copies(net, 4)))


def estimate_of_vgg():
    kept = kept_bytes(report(*VGG16)["layers"]) + 2 * 128 * 4 * total("input_elements", *VGG16)
    return "%.2f GiB (%.2f GB)" % (kept / 2**30, kept / 1e9), "params x3 %.2f GiB" % ((kept + copies(VGG16, 3)) / 2**30)


def googlenet_stem():
    layers = report(*GOOGLENET)["layers"]
    first = next(i for i, x in enumerate(layers) if x["name"].startswith("inception"))
    return [x for x in layers[:first] if x["op"] in ("conv", "maxpool")]


def googlenet_head():
    """Of the linear layer 2 a product, of the pool all that it does; then of the linear layer alone."""
    rows = {x["op"]: x["flops"] for x in report(*GOOGLENET)["layers"]}
    return tuple("%.2f" % (128 * n / 1e6) for n in (rows["linear"]["2macs"] + rows["global_avgpool"]["exact"],
                                                    rows["linear"]["2macs"]))


def count_of(file, net, *ops):
    return sum(x["count"] for x in report(file, net)["operators"] if x["op"] in ops)


def convs(net, scope):
    return [x for x in report("resnet.net", net)["layers"] if x["op"] == "conv" and x["name"].startswith(scope)]


def stem_of_resnet_c():
    three, one = convs("resnet50c", "conv1"), convs("resnet50", "conv1")
    params, macs = ([sum(x[name] for x in side) for side in (three, one)] for name in ("params", "macs"))
    return "weights %d vs %d; MACs %.2fx" % (*params, macs[0] / macs[1])


def blocks_of_resnext():
    grouped, plain = (sum(x["params"] for x in convs(net, "layer1.1.")) for net in ("resnext50_32x4d", "resnet50"))
    return "d=%d: %d vs %d" % (convs("resnext50_32x4d", "layer1.1.")[1]["output"][1] / 32, grouped, plain)


def nin_inference():
    """The parameters, and the largest operand with its result."""
    net = ("nin.net", "nin_d2l")
    return "%d B" % (copies(net, 1) + max(4 * (product(x["inputs"][0]) + x["activations"])
                                          for x in report(*net)["layers"] if x["op"] in KEPT))


def variant():
    """ResNet-18 with biases and bare shortcuts."""
    return report("resnet.net", "resnet18_cifar")


def sizes_of_variant():
    """Rows after the first convolution, the pool and each stage."""
    last = {x["name"].split(".")[0] if x["name"].startswith("layer") else x["op"]: x["output"][2:] for x in variant()["layers"][:-3]}
    first = variant()["layers"][0]["output"]
    return str([first[2]] + [rows for key, (rows, *_) in last.items() if key == "maxpool" or key.startswith("layer")])


def deepest_path():
    """Of GoogLeNet: the convolutions before its modules, two in each, and the linear layer."""
    data = report(*GOOGLENET)
    stem = sum(x["op"] == "conv" for x in googlenet_stem())
    branch = sum(x["op"] == "conv" and x["name"].startswith("inception3a.branch2.") for x in data["layers"])
    return stem + branch * sum(x["block"] == "inception" for x in data["scopes"]) + count_of(*GOOGLENET, "linear")


def quarter():
    first, middle, _ = convs("resnet50", "layer1.1.")
    return "1/%d" % (first["inputs"][0][1] / middle["output"][1])


def first_branch():
    row = layer(*GOOGLENET, "inception3a.branch1.conv")
    return "%d filters %dx%dx%d" % (row["output"][1], row["inputs"][0][1], *row["kernel"])


SINGLE.update({
    "C0371": first_branch,
    "C0815": lambda: "%dx%d" % tuple(layer("resnet.net", "resnet18", "layer2.1.conv1")["inputs"][0][2:]),
    "C0818": lambda: variant()["totals"]["params"],
    "C0819": sizes_of_variant,
    "E0034": deepest_path,
    "E0062": quarter,
    "C0370": lambda: "x".join(map(str, layer(*GOOGLENET, "inception3a.branch1.conv")["inputs"][0][1:])),
    "D0237": lambda: "%d B" % report("nin.net", "nin_d2l")["memory"]["train"]["lecture"][0],
    "D0238": nin_inference,
    "E0007": lambda: "..".join("%.1f" % ((2 * 4 * batch_of_128("conv1", "activations")
                                          + n * 4 * layer(*PAPER, "conv1")["params"]) / 2**20) for n in (3, 4)),
    "E0018": estimate_of_alexnet,
    "E0027": lambda: "%gx" % (total("activations", PIECES, "stack")
                              / total("activations", PIECES, "five_by_five", "--input", "maps=10x32x32")),
    "E0031": estimate_of_vgg,
    "E0035": lambda: "%d conv/fc/pool/concat blocks" % count_of(*GOOGLENET, *KEPT, "concat"),
    "E0036": lambda: len(googlenet_stem()),
    "E0037": lambda: "%d to %d" % (googlenet_stem()[0]["inputs"][0][2], googlenet_stem()[-1]["output"][2]),
    "E0040": lambda: "%.2f GB (%.2f GiB)" % tuple(kept_bytes(googlenet_stem()) / n for n in (1e9, 2**30)),
    "E0045": lambda: layer(PIECES, "toy_head", "fc")["inputs"][0][1],
    "E0046": lambda: "%dx%d" % tuple(layer(PIECES, "toy_head", "fc")[x] / n for x, n in (("activations", 1), ("params", 1000))),
    "E0047": lambda: "%dx%d" % tuple(layer(PIECES, "toy_pooled", "fc")[x] / n for x, n in (("activations", 1), ("params", 1000))),
    "E0049": googlenet_head,
    "E0054": lambda: ("%.2f GiB" % (kept_bytes([x for x in report(*GOOGLENET)["layers"]
                                                if x["op"] in ("conv", "maxpool")]) / 2**30),),
    "E0067": stem_of_resnet_c,
    "E0070": blocks_of_resnext,
})

COMPUTED_HERE = {
    "A0022", "A0250", "A0253", "C0811", "D0238", "E0002", "E0006", "E0007", "E0016", "E0017", "E0018", "E0021", "E0022",
    "E0026", "E0027", "E0028", "E0029", "E0030", "E0031", "E0033", "E0034", "E0035", "E0036", "E0038", "E0039", "E0040",
    "E0041", "E0042", "E0043", "E0044", "E0046", "E0047", "E0049", "E0051", "E0053", "E0054", "E0055", "E0062", "E0063",
    "E0064", "E0067", "E0070"}


def table_of_torchinfo(net):
    return functools.partial(of_torchinfo, net), f"netc --style=torchinfo-course --net {net} examples/course.net"


def table_of_gluon(file, net, side):
    return (functools.partial(of_gluon, file, net, side),
            f"netc --style=gluon --net {net} --input image=1x{side}x{side} examples/{file}")


def table_of_listing(file, net):
    return functools.partial(of_listing, file, net), f"netc --style=torch --net {net} examples/{file}"


def table_of_stages(file, net):
    return functools.partial(of_stages, file, net), f"netc --style=course --activations=course --net {net} examples/{file}"


# By network: what a fact of it is, and the command that prints its table.
TABLES = {
    "VGG on CIFAR-10": table_of_torchinfo("VGG"),
    "NiN on CIFAR-10": table_of_torchinfo("NiN"),
    "GoogLeNet on CIFAR-10": table_of_torchinfo("GoogleNet"),
    "VGG11 (D2L, 1x244x244)": table_of_gluon("vgg.net", "vgg11_d2l", 244),
    "VGG11 (D2L, 1x96x96)": table_of_gluon("vgg.net", "vgg11_d2l", 96),
    "VGG11 (D2L, 1 channel)": table_of_gluon("vgg.net", "vgg11_d2l", 224),
    "NiN (D2L, 1x244x244)": table_of_gluon("nin.net", "nin_d2l", 244),
    "NiN (D2L, 1x224x224)": table_of_gluon("nin.net", "nin_d2l", 224),
    "GoogLeNet (D2L, 1x244x244)": table_of_gluon("googlenet.net", "googlenet_d2l", 244),
    "GoogLeNet (D2L, 1 channel, 10 classes)": table_of_gluon("googlenet.net", "googlenet_d2l", 96),
    "AlexNet torchvision (as printed)": table_of_listing("alexnet.net", "alexnet"),
    "VGG19 torchvision (as printed)": table_of_listing("vgg.net", "vgg19"),
    "VGG19": table_of_stages("vgg.net", "vgg19"),
    "VGG16": table_of_stages("vgg.net", "vgg16"),
}


def computed(fact):
    """What the reports say, or None where none does."""
    if fact["id"] in SINGLE:
        return SINGLE[fact["id"]]()
    table = TABLES.get(fact["network"])
    return table[0](fact) if table else None


def agree(value, wanted):
    if isinstance(value, tuple):  # figures that the sentence holds
        return all(str(x) in digits(wanted) for x in value)
    if isinstance(value, list):  # several numbers of a sentence, in order
        return re.findall(r"\b\d{5,}\b", digits(wanted)) == [str(x) for x in value]
    return squeeze(str(value)) == squeeze(wanted) or (
        str(value).isdigit() and squeeze(wanted)[:1] == [str(value)])


@functools.lru_cache(None)
def read(name):
    with open(os.path.join(INPUTS, name), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
