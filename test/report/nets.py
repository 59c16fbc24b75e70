"""Rows of tables of networks beside their own reports: nets.py NETC SCHEMA EXAMPLES."""
import csv
import io
import json
import os
import subprocess
import sys

import schema as schemas

NETC, SCHEMA, EXAMPLES = sys.argv[1:]
FIGURES = ("params", "params_without_bias", "buffers", "mul", "add", "cmp", "div", "exp", "macs", "activations", "traffic_bytes")


def run(form, *arguments):
    return subprocess.run([NETC, f"--report={form}", "--target=generic", *arguments], check=True, capture_output=True, text=True).stdout


def example(name):
    return os.path.join(EXAMPLES, name)


def of_report(report):
    """What a table shows of a report."""
    memory, totals = report["memory"], report["totals"]
    return ({name: totals[name] for name in FIGURES}, totals["flops"], totals["weights_bytes"], memory["arena_bytes"],
            memory["packed_weights_bytes"], memory["train"]["peak"], report["network"], report["batch"])


def of_row(row):
    return ({name: row[name] for name in FIGURES}, row["flops"], row["weights_bytes"], row["arena_bytes"],
            row["packed_weights_bytes"], row["train_bytes"], row["network"], row["batch"])


def of_csv(row):
    return ({name: int(row[name]) for name in FIGURES},
            {name[6:]: int(value) for name, value in row.items() if name.startswith("flops_")},
            int(row["weights_bytes"]), int(row["arena_bytes"]), int(row["packed_weights_bytes"]),
            {name[12:]: int(value) for name, value in row.items() if name.startswith("train_bytes_")},
            row["network"], int(row["batch"]))


def check(what, count, own, *arguments, every=1):
    """`own(row)` gives the arguments of the row's report; of long tables only some rows are compared."""
    table = json.loads(run("json", *arguments))
    schema = json.load(open(SCHEMA, encoding="utf-8"))
    faults = list(schemas.check(schema, schema, table, what))
    rows, lines = table["networks"], list(csv.DictReader(io.StringIO(run("csv", *arguments))))
    faults += [] if len(rows) == len(lines) == count else [f"{what}: {len(rows)} rows, {len(lines)} lines"]
    for i, (row, line) in enumerate(zip(rows, lines)):
        if of_row(row) != of_csv(line):
            faults.append(f"{what}: {row['swept']} differs in csv")
        if i % every == 0 and of_row(row) != of_report(json.loads(run("json", *own(row)))):
            faults.append(f"{what}: {row['swept']} is not what its report says")
    print("".join(fault + "\n" for fault in faults), end="")


def main():
    lenet, resnet, mobile = example("lenet.net"), example("resnet.net"), example("mobilenet.net")
    check("batches", 256, lambda row: ("--net=lenet5", f"--batch={row['swept']['batch']}", lenet),
          "--net=lenet5", "--sweep=batch=1..256", lenet, every=50)
    check("sizes", 8, lambda row: ("--net=resnet18", "--input=image=3x{0}x{0}".format(row["swept"]["input"]), resnet),
          "--net=resnet18", "--sweep=input=64..512:64", resnet, every=3)
    check("widths", 6, lambda row: ("--net=mobilenet_v1", f"-Dwidth={row['swept']['width']}", f"--batch={row['swept']['batch']}", mobile),
          "--net=mobilenet_v1", "-Dwidth=0.25,0.5,1", "--sweep=batch=1..2*2", mobile, every=4)
    files = [lenet + ":lenet5", resnet + ":resnet18", mobile + ":mobilenet_v1", example("homework.net") + ":conv_pool"]
    nets = {file.split(":")[1]: file.split(":")[0] for file in files}
    check("files", 4, lambda row: ("--net", row["network"], nets[row["network"]]), *files)
    print("256 batches of lenet5, 8 sizes of resnet18, 3 widths by 2 batches, 4 files: all as their reports")


main()
