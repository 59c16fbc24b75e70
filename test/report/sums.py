"""Rows sum to the totals in every form, for every net: sums.py NETC SCHEMA FILE.net... Silent when they do.

The JSON is checked against its schema where Python has jsonschema, and for the fields of the schema everywhere."""
import csv
import io
import json
import re
import subprocess
import sys

import schema

NETC, SCHEMA, *FILES = sys.argv[1:]
SKIPPED = re.compile(r"needs a value for|has no input|is not an operator of this version")


def report(form, file, net):
    command = [NETC, f"--report={form}", "--target=generic", "--net", net, file]
    return subprocess.run(command, capture_output=True, text=True)


def nets(file):
    with open(file, encoding="utf-8") as source:
        return re.findall(r"^net\s+(\w+)", source.read(), re.M)


def check_json(data):
    totals = data["totals"]
    figures = [name for name in data["operators"][0] if isinstance(totals.get(name), int)]
    for name in figures:
        for part in ("layers", "operators"):
            if sum(row[name] for row in data[part]) != totals[name]:
                yield f"json: {part} do not sum to {name}"
        for scope in data["scopes"]:
            inside = [row for row in data["layers"] if row["name"].startswith(scope["name"] + ".")]
            if sum(row[name] for row in inside) != scope[name] or len(inside) != scope["count"]:
                yield f"json: {scope['name']} does not sum to {name}"
    for name, value in totals["flops"].items():
        if sum(row["flops"][name] for row in data["layers"]) != value:
            yield f"json: layers do not sum to {name}"
    if sum(operator["count"] for operator in data["operators"]) != len(data["layers"]):
        yield "json: operators do not count the layers"


def check_csv(text, data):
    rows = list(csv.DictReader(io.StringIO(text)))
    if [row["name"] for row in rows] != [row["name"] for row in data["layers"]]:
        yield "csv: its rows are not the layers"
    for name, value in data["totals"].items():
        if isinstance(value, int) and name in rows[0] and sum(int(row[name]) for row in rows) != value:
            yield f"csv: rows do not sum to {name}"
    for name, value in data["totals"]["flops"].items():
        if sum(int(row["flops_" + name]) for row in rows) != value:
            yield f"csv: rows do not sum to {name}"


def number(cell):
    return int(cell.strip(" *").replace(",", "") or 0) if cell.strip(" *") not in ("-", "") else 0


def check_md(text, data):
    table = [line.strip("| ").split(" | ") for line in text.split("\n\n")[1].splitlines()]
    rows = [row for row in table[3:-1] if row[1] != "input"]
    for column, name in ((3, "params"), (4, "macs"), (5, "activations")):
        total = number(table[-1][column])
        if sum(number(row[column]) for row in rows) != total or total != data["totals"][name]:
            yield f"md: rows do not sum to {name}"


def check_text(text, data):
    """The last three figures of a row stand before its field and jump."""
    lines = text.split("\n\n")[1].splitlines()
    starts = [match.span() for match in re.finditer(r"-+", lines[1])]
    rows = [[line[a:b] for a, b in starts] for line in lines[2:]]
    body = [row for row in rows if row[1].strip() != "input" and not row[0].startswith(("total", "--"))]
    for column, name in ((3, "params"), (4, "macs"), (5, "activations")):
        total = number(rows[-1][column])
        if sum(number(row[column]) for row in body) != total or total != data["totals"][name]:
            yield f"text: rows do not sum to {name}"


def check(file, net):
    run = report("json", file, net)
    if run.returncode:
        if not SKIPPED.search(run.stderr):
            yield run.stderr.splitlines()[0]
        return
    data = json.loads(run.stdout)
    yield from schema.errors(SCHEMA, data, len(data["layers"]) < 300)
    yield from check_json(data)
    yield from check_csv(report("csv", file, net).stdout, data)
    yield from check_md(report("md", file, net).stdout, data)
    yield from check_text(report("text", file, net).stdout, data)


problems = [f"{net}: {problem}" for file in FILES for net in nets(file) for problem in check(file, net)]
print("\n".join(problems), end="\n" if problems else "")
sys.exit(bool(problems))
