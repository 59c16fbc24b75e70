"""Evaluates the conditions of expressions.net as Python's: those that do not hold are printed."""
import math
import re
import sys

SCOPE = {"floor": math.floor, "ceil": math.ceil, "true": True, "false": False,
         "range": lambda *a: list(range(*a)), "zip": lambda *a: list(zip(*a))}
UNITS = {"K": "e3", "M": "e6", "Ki": "*1024"}

text = open(sys.argv[1], encoding="utf-8").read()
conditions = re.findall(r"if not \((.*)\) \{ wrong_\d+ \}", text)
wrong = [c for c in conditions
         if not eval(re.sub(r"\b([\d.]+)(Ki|K|M)\b", lambda m: m[1] + UNITS[m[2]], c), SCOPE)]
print("\n".join(wrong))
sys.exit(bool(wrong) or not conditions)
