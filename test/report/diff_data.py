"""A difference as data: its changes add up to the difference of the totals, csv and json agree, and the json is of its schema:
diff_data.py NETC SCHEMA FIRST.net:NET SECOND.net NET"""
import csv
import io
import json
import subprocess
import sys

import schema

NETC, SCHEMA, FIRST, SECOND, NET = sys.argv[1:]


def difference(form):
    return subprocess.run([NETC, f"--diff={FIRST}", f"--report={form}", "--net", NET, SECOND], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def figures(operator):
    """Those of an operator or a total, with one for each convention."""
    flat = {name: value for name, value in (operator or {}).items() if isinstance(value, int)}
    return flat | {"flops_" + name: value for name, value in (operator or {}).get("flops", {}).items()}


data = json.loads(difference("json"))
rows = list(csv.DictReader(io.StringIO(difference("csv"))))
problems = list(schema.errors(SCHEMA, data))
first, second = (figures(data[side]["totals"]) for side in ("first", "second"))
for name in first:
    gained = sum(figures(change["second"]).get(name, 0) - figures(change["first"]).get(name, 0) for change in data["changes"])
    if gained != second[name] - first[name]:
        problems.append(f"json: {name} changes by {gained}")
    if gained != sum(int(row[name + "_second"]) - int(row[name + "_first"]) for row in rows):
        problems.append(f"csv: {name} does not change by {gained}")
kinds = [(change["change"], change["name"]) for change in data["changes"]]
if kinds != [(row["change"], row["name"]) for row in rows]:
    problems.append("csv: its rows are not the changes")
counts = {kind: sum(change == kind for change, _ in kinds) for kind in ("added", "removed", "changed")}
if problems:
    sys.exit("\n".join(problems))
print(data["first"]["network"], "to", data["second"]["network"], counts)
