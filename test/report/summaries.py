"""torchinfo's own tables, byte by byte: summaries.py NETC FILE.net TABLES. A line "== net options" of TABLES is before each."""
import subprocess
import sys

NETC, SOURCE, TABLES = sys.argv[1:]


def differences(head, wanted):
    net, *options = head.split()
    run = subprocess.run([NETC, "--style=torchinfo", "--net", net, *options, SOURCE], capture_output=True, text=True)
    found = run.stdout
    if found == wanted:
        return
    for ours, theirs in zip(found.splitlines() + [""], wanted.splitlines() + [""]):
        if ours != theirs:
            yield f"{head}:\n  {ours or run.stderr}\n  {theirs}"
            return


def main():
    with open(TABLES, encoding="utf-8") as file:
        parts = [part.split("\n", 1) for part in file.read().split("== ")[1:]]
    faults = [fault for head, table in parts for fault in differences(head, table)]
    print("\n".join(faults), end="\n" if faults else "")
    return bool(faults) or not parts


sys.exit(main())
