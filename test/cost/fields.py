"""Compares receptive fields with a table's: fields.py NETC PROGRAM FILE TABLE; lines of TABLE are
"net size jump offset size jump offset", of the field at the end of a net of FILE."""
import subprocess
import sys

NETC, PROGRAM, FILE, TABLE = sys.argv[1:5]


def field(net):
    graph = subprocess.run([NETC, "--emit=graph", "--net", net, FILE], check=True, capture_output=True).stdout
    lines = subprocess.run([PROGRAM, "fields"], input=graph, check=True, capture_output=True).stdout.decode()
    return lines.splitlines()[-1].split()[2:]


def main():
    faults = 0
    with open(TABLE, encoding="ascii") as table:
        for net, *expected in map(str.split, table):
            found = field(net)
            if found != expected:
                print(f"{net}: {found}, not {expected}")
                faults += 1
    return 1 if faults else 0


sys.exit(main())
