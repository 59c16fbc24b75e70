"""The tables of operators in docs/language.md, made from compiler/ir/ops.def and what it includes: operators.py OPS.def
prints them, operators.py OPS.def LANGUAGE.md says which rows the document lacks."""
import os
import re
import sys

PRESENCE = {"REQUIRED": "{name}", "OPTIONAL": "{name}={value}", "AS_KERNEL": "{name}=kernel", "NAMED": "*, {name}={value}"}
MODES = ("nearest",)  # the one that stands for a default


def default(kind, value):
    if kind == "BOOL":
        return "true" if value == "1" else "false"
    if kind == "FAN":
        return '"fan_in"'
    if kind in ("DIMS", "REALS", "NUMBERS") and value == "0":
        return "[]"
    return f'"{MODES[int(value)]}"' if kind == "MODE" else value.replace("INFINITY", "inf")


def signature(operands, attrs):
    """What stands between an operator's parentheses; what follows a star is given by name only."""
    text = ", ".join([*operands, *(PRESENCE[presence].format(name=name, value=default(kind, value)) for name, kind, presence, value in attrs)])
    first, star, rest = text.partition("*, ")
    return first + star + rest.replace("*, ", "")


def included(path, name):
    """Rows OPTIMIZER, SCHEDULE, AUGMENT and INITIAL, with their numbers, as the operators that they are."""
    top = os.path.join(os.path.dirname(path), "..", "..", "runtime")
    text = open(os.path.join(top, name), encoding="utf-8").read()
    text = re.sub(r'^(OPTIMIZER|SCHEDULE|AUGMENT|INITIAL)\((\w+),(.*)\)$', r'OP(\2, "\2", \1,\3)', text, flags=re.M)
    return re.sub(r"^NUMBER\(", "ATTR(", text, flags=re.M)


def rows(path):
    """(class, row of the table) of each operator."""
    text = open(path, encoding="utf-8").read()
    for name in re.findall(r'^#include "(core/.*)"$', text, re.M):
        yield from rows_of(included(path, name))
    yield from rows_of(text)


def rows_of(text):
    attrs, text = {}, re.sub(r"^ATTR_AS\((\w+), (\w+), \w+,", r"ATTR(\1, \2,", text, flags=re.M)
    for op, name, kind, presence, value in re.findall(r"^ATTR\((\w+), (\w+), (\w+), (\w+), ([^,]+),", text, re.M):
        attrs.setdefault(op, []).append((name, kind, presence, value))
    operands = {}
    for op, name in re.findall(r"^OPERAND\((\w+), (\w+),", text, re.M):
        if name != "count":  # which nobody has to give
            operands.setdefault(op, []).append(name)
    for op, name, kind, doc in re.findall(r'^OP\((\w+), "(\w+)", (\w+),.*"([^"]*)"\)$', text, re.M):
        arguments = f"({signature(operands.get(op, ()), attrs.get(op, ()))})" if op in attrs or op in operands else ""
        yield kind, f"| `{name}{arguments}` | {doc} |"


def main():
    wanted = [row for kind, row in rows(sys.argv[1]) if kind in ("LAYER", "PICTURE", "LOSS", "OPTIMIZER", "SCHEDULE", "AUGMENT", "INITIAL")]
    if len(sys.argv) == 2:
        print("\n".join(wanted))
        return 0
    there = open(sys.argv[2], encoding="utf-8").read().splitlines()
    missing = [row for row in wanted if row not in there]
    print("\n".join(missing))
    return bool(missing) or not wanted


sys.exit(main())
