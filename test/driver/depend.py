"""A rule that -M writes means to make what netc meant: depend.py NETC FOLDER.

Each file name below is one of labels, so that a description brings it into the rule. Where a name can stand in a rule, make
must know the target to be out of date when the file changes; where it cannot, netc must say so and write nothing. In no case may
make run a command that a name holds."""
import os
import subprocess
import sys

NETC, FOLDER = sys.argv[1:]
HELD = ["plain.txt", "two words.txt", "a  b", "cost$.txt", "$(shell touch PWNED).txt", "${shell touch PWNED}", "#1.txt", "a:b", "a|b",
        "50%.txt", "star*.txt", "what?.txt", "[1].txt", "L (1).txt", "quote'\".txt", "`touch PWNED`", "a,b", "a&b", "a!b", "$$", "\u00e4.txt"]
REFUSED = ["a;touch PWNED", "a=b", "x!=touch PWNED", "tab\t.txt", "line\nbreak", "back\\slash", "a(b)"]
NET = 'net n {{\n    labels "{}"\n    input x[4]\n    a: linear(2)\n}}\n'


def text_of(name):
    for plain, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t")):
        name = name.replace(plain, written)
    return name


def rule_of(name):
    """netc's status and message, with the rule in rule.d."""
    with open("n.net", "w", encoding="utf-8") as net:
        net.write(NET.format(text_of(name)))
    with open(name, "w", encoding="ascii") as labels:
        labels.write("one\ntwo\n")
    if os.path.exists("rule.d"):
        os.remove("rule.d")
    run = subprocess.run([NETC, "-M", "rule.d", "n.net", "--emit=c", "-o", "n"], capture_output=True, text=True)
    return run.returncode, run.stderr


def fault_of_held(name):
    status, message = rule_of(name)
    if status:
        return f"status {status}: {message}"
    os.utime("n.net", (1, 1))
    os.utime("n.c", (3, 3))
    for time, wanted in ((2, 0), (4, 1)):  # older than what is made of it, younger
        os.utime(name, (time, time))
        status = subprocess.run(["make", "-q", "-f", "makefile", "n.c"], capture_output=True).returncode
        if status != wanted:
            return f"make -q says {status}, not {wanted}"
    return None


def fault_of_refused(name):
    status, message = rule_of(name)
    if status != 1 or "a rule of make cannot hold the name" not in message:
        return f"status {status}: {message}"
    return "a rule was written" if os.path.exists("rule.d") else None


def main():
    os.makedirs(FOLDER, exist_ok=True)
    os.chdir(FOLDER)
    with open("makefile", "w", encoding="ascii") as makefile:
        makefile.write("include rule.d\nn.c:\n\t@echo made\n")
    faults = 0
    for names, fault_of in ((HELD, fault_of_held), (REFUSED, fault_of_refused)):
        for name in names:
            fault = fault_of(name)
            if os.path.exists("PWNED"):
                fault = "a command was run"
                os.remove("PWNED")
            faults += fault is not None
            if fault:
                print(f"{name!r}: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
