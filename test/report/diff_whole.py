"""The totals of a difference are what the reports of both networks say: diff_whole.py NETC MACHINE FILE FIRST SECOND."""
import csv
import json
import subprocess
import sys

NETC, MACHINE, FILE, *NETS = sys.argv[1:]


def say(form, *options):
    command = [NETC, f"--report={form}", "--target=generic", f"--machine={MACHINE}", *options, FILE]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def whole(row):
    return {"packed_weights_bytes": int(row["packed_weights_bytes"]), "arena": int(row["arena_bytes"]),
            "field": min(int(row["field_h"]), int(row["field_w"])), "train_bytes": int(row["train_bytes_adam"]),
            "time": float(row["predicted_us"])}


difference = json.loads(say("json", "--net", NETS[0], f"--diff={NETS[1]}"))
table = csv.DictReader(say("csv", f"--nets={','.join(NETS)}").splitlines())
for net, row, side in zip(NETS, table, ("first", "second")):
    totals, want = difference[side]["whole"], whole(row)
    for name, value in want.items():
        assert abs(totals[name] - value) <= 1e-3 * value, (net, name, totals[name], value)
assert difference["first"]["whole"]["field"] != difference["second"]["whole"]["field"]
