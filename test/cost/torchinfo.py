"""Compares a report with a whole table of torchinfo: torchinfo.py TABLE.csv < REPORT.json.

Each row of a layer is the next of its operator in the report: same kernel, input and output shape, parameters
and mult-adds. Rows that hold others: the input of their first layer and the output of their last. The table
leaves out some activations; convolutions, linears and pools are all in it."""
import csv
import json
import sys

OPERATORS = {"Conv2d": ("conv",), "Linear": ("linear",), "MaxPool2d": ("maxpool",), "ReLU": ("relu",),
             "AdaptiveAvgPool2d": ("global_avgpool", "adaptive_avgpool"), "Flatten": ("flatten",), "Dropout": ("dropout",)}
PASSED_OVER = {"relu", "dropout", "flatten", "concat", "identity"}


def numbers(text):
    return json.loads(text) if text.startswith("[") else [int(text)] * 2


def faults_of_layer(row, layer):
    """The fields in which a layer differs from its row."""
    found = {"input_shape": layer["inputs"][0], "output_shape": layer["output"], "params": layer["params"],
             "mult_adds": layer["flops"]["torchinfo"], "macs_without_bias": layer["macs"], "kernel": layer.get("kernel")}
    for field, value in found.items():
        wanted = numbers(row[field]) if field in ("input_shape", "output_shape", "kernel") and row[field] else \
            int(row[field]) if row[field] else None
        if wanted is not None and wanted != value:
            yield f"{row['layer']}: {field} {value}, not {wanted}"


def match(rows, layers):
    """Index of a row -> index of its layer, -1 for rows that hold others; exits where one is missing."""
    at, places = 0, []
    for row in rows:
        operators = OPERATORS.get(row["layer"].split(":")[0])
        while operators and layers[at]["op"] not in operators:
            if layers[at]["op"] not in PASSED_OVER or at + 1 == len(layers):
                sys.exit(f"{row['layer']}: not in the report, which has {layers[at]['name']}")
            at += 1
        places.append(at if operators else -1)
        at += operators is not None
    left = [layer["name"] for layer in layers[at:] if layer["op"] not in PASSED_OVER]
    if left:
        sys.exit(f"not in the table: {left}")
    return places


def depth(row):
    """2 of `Sequential: 2-1`; 0 of the whole net."""
    return int(row["layer"].split(": ")[1].split("-")[0]) if ": " in row["layer"] else 0


def faults_of_holder(i, rows, places, layers):
    end = next((j for j in range(i + 1, len(rows)) if depth(rows[j]) <= depth(rows[i])), len(rows))
    inside = [places[j] for j in range(i + 1, end) if places[j] >= 0]
    after = next((place for place in places[end:] if place >= 0), len(layers))
    if numbers(rows[i]["input_shape"]) != layers[inside[0]]["inputs"][0]:
        yield f"{rows[i]['layer']}: input {layers[inside[0]]['inputs'][0]}"
    if numbers(rows[i]["output_shape"]) not in [layer["output"] for layer in layers[inside[-1]:after]]:
        yield f"{rows[i]['layer']}: output not {rows[i]['output_shape']}"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        *rows, total = csv.DictReader(file)
    report = json.load(sys.stdin)
    layers, totals = report["layers"], report["totals"]
    places, faults = match(rows, layers), []
    for i, place in enumerate(places):
        faults += faults_of_layer(rows[i], layers[place]) if place >= 0 else faults_of_holder(i, rows, places, layers)
    for field, value in (("params", totals["params"]), ("mult_adds", totals["flops"]["torchinfo"]),
                         ("macs_without_bias", totals["macs"])):
        faults += [f"total: {field} {value}, not {total[field]}"] if int(total[field]) != value else []
    print("\n".join(faults))
    return 1 if faults else 0


sys.exit(main())
