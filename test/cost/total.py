"""Holds a total of a report to a number: total.py FIELD NUMBER < REPORT.json, where FIELD may be flops.NAME."""
import json
import sys

field, wanted = sys.argv[1:]
value = json.load(sys.stdin)["totals"]
for part in field.split("."):
    value = value[part]
sys.exit(f"{field} is {value}, not {wanted}" if value != int(wanted) else 0)
