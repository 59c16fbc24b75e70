"""Whether docs/onnx.md names each operator that netc reads, and no other, and exports.def has a row for each that users
write, but for those that become others before there is a graph: documented.py SRCDIR. Silent where it does."""
import os
import re
import sys


def read(*path):
    with open(os.path.join(sys.argv[1], *path), encoding="utf-8") as file:
        return file.read()


rows = set(re.findall(r"^ONNX\((\w+),", read("compiler", "onnx", "operators.def"), re.M))
table = read("docs", "onnx.md").split("| operators | |")[1].split("\n\n")[0]
named = {name for cells in re.findall(r"^\| ([^|-][^|]*) \|", table, re.M) for name in cells.split(", ")}
faults = [f"docs/onnx.md: no word of '{name}'" for name in sorted(rows - named)]
faults += [f"docs/onnx.md: '{name}' is no row of operators.def" for name in sorted(named - rows)]
written = set(re.findall(r"^EXPORT(?:_OWN)?\((\w+),", read("compiler", "onnx", "exports.def"), re.M))
users = set(re.findall(r"^OP\((\w+), \"\w+\", (?:LAYER|FORK), \w+, \w+, (?!COMPOSITE)", read("compiler", "ir", "ops.def"), re.M))
faults += [f"exports.def: no row for '{name}'" for name in sorted(users - written)]
print("\n".join(faults), end="\n" if faults else "")
sys.exit(bool(faults))
