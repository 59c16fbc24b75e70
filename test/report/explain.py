"""Computes every formula of --explain anew: explain.py NETC SCHEMA EXAMPLES COST_INPUTS NETS."""
import json
import math
import os
import re
import subprocess
import sys
from fractions import Fraction

import schema as schemas

NETC, SCHEMA, EXAMPLES, COST, NETS = sys.argv[1:]
MODELS = [(EXAMPLES, "resnet.net", "resnet50"), (EXAMPLES, "googlenet.net", "googlenet"), (EXAMPLES, "alexnet.net", "alexnet_paper"),
          (EXAMPLES, "vit.net", "vit_b_16"), (EXAMPLES, "video.net", None)]
MODELS += [(folder, file, None) for folder in (COST, NETS) for file in sorted(os.listdir(folder)) if file.endswith(".net")]


def reports(folder, file, net):
    """The report of a net, or of each net of a file."""
    path = os.path.join(folder, file)
    nets = [net] if net else re.findall(r"^net (\w+)", open(path, encoding="utf-8").read(), re.M)
    for name in nets:
        run = subprocess.run([NETC, "--report=json", "--explain", "--target=generic", "--net", name, path],
                             capture_output=True, text=True)
        if run.returncode == 0:
            yield json.loads(run.stdout)


def value_of(text):
    """The number at the end of `(224 - 11) / 4 + 1 = 54.25 -> 54`, and whether the formula gives it."""
    text = re.sub(r"(?<=\d),(?=\d)", "", text)
    formula, _, result = text.rpartition(" = ")
    shown, _, rounded = result.rpartition(" -> ")
    value = int(rounded)
    if not formula:
        return value, not shown
    exact = eval(re.sub(r"\d+", r"Fraction(\g<0>)", formula), {"Fraction": Fraction, "floor": math.floor})
    if shown:
        return value, f"{float(exact):.6g}" == shown and value in (math.floor(exact), math.ceil(exact)) and exact != value
    return value, exact == value


def counted(layer, figure):
    """The figure as the report has it elsewhere."""
    if match := re.match(r"(output|field|jump),? (rows|columns|depth)$", figure):
        axis = {"rows": 0, "columns": 1, "depth": 2}[match[2]]
        if match[1] == "output":
            return layer["output"][-2 + axis if axis < 2 else -3]
        return layer["field"]["size" if match[1] == "field" else "jump"][axis]
    if figure == "bias":
        return layer["output"] and layer["flops"]["ptflops"] - layer["macs"] or math.prod(layer["output"])
    return layer.get(figure, layer["flops"].get(figure))


def check(report, layer, explained):
    value, holds = value_of(explained["numbers"])
    names = re.findall(r"[A-Za-z_]\w*|2macs", explained["formula"])
    known = set(report["symbols"]) | set(layer) | {"weight", "value", "running_mean", "running_var", "bias", "floor"}
    if not holds or value != explained["value"]:
        return f"'{explained['numbers']}' does not hold"
    if explained["figure"] != "bias" and value != counted(layer, explained["figure"]):
        return f"{value} is counted as {counted(layer, explained['figure'])}"
    unknown = [name for name in names if name not in known and not re.match(r"(weight|bias)_[ih]h_l\d", name)]
    return f"what is {unknown[0]}?" if unknown else None


def is_explained(layer):
    """Each figure but those that are 0, or are differences of others."""
    shown = {e["figure"] for e in layer["explain"]}
    figures = [k for k in ("params", "buffers", "mul", "add", "cmp", "div", "exp", "macs", "activations", "traffic_bytes") if layer[k]]
    return shown >= set(figures) | {k for k, v in layer["flops"].items() if v and k != "macs"}


def main():
    kinds, total = set(), 0
    schema = json.load(open(SCHEMA, encoding="utf-8"))
    for model in MODELS:
        for report in reports(*model):
            print(*schemas.check(schema, schema, report, report["network"]), sep="\n", end="")
            for layer in report["layers"]:
                kinds.add(layer["op"])
                total += len(layer["explain"])
                if not is_explained(layer):
                    print(f"{report['network']}: {layer['name']}: not all figures are explained")
                for explained in layer["explain"]:
                    if fault := check(report, layer, explained):
                        print(f"{report['network']}: {layer['name']}: {explained['figure']}: {fault}")
    print(f"formulas of {len(kinds)} kinds of operators agree: {total} of them")


main()
