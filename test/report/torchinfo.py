"""torchinfo's own tables of three networks, row for row: torchinfo.py NETC COURSE.net TABLES. Silent when all agree."""
import csv
import os
import sys

from torchinfo_rows import numbered, table, without_functions

NETC, COURSE, INPUTS = sys.argv[1:]
COLUMNS = ("kernel", "input_shape", "output_shape", "params", "mult_adds")


def check(net):
    ours = list(numbered(without_functions(table(NETC, COURSE, net))))
    with open(os.path.join(INPUTS, f"torchinfo-{net.lower()}-cifar.csv"), encoding="utf-8", newline="") as file:
        theirs = [row for row in csv.DictReader(file) if row["layer"] != "TOTAL"]
    if len(ours) != len(theirs):
        yield f"{net}: {len(ours)} rows, torchinfo has {len(theirs)}"
    for (name, cells), row in zip(ours, theirs):
        wanted = [row[column].replace(",", "") for column in COLUMNS]
        if cells != wanted or name != row["layer"]:
            yield f"{net}: {name} {cells}, torchinfo has {row['layer']} {wanted}"


problems = [problem for net in ("VGG", "NiN", "GoogleNet") for problem in check(net)]
print("\n".join(problems), end="\n" if problems else "")
sys.exit(bool(problems))
