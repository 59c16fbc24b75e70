"""Every step of a program that computes results again has the kernel that it has where all are kept, and a copy that of what it repeats:
recompute_kernels.py NETC [OPTION...] -- KEEP,KEEP... Other kernels would sum in other orders; copies of elements sum nothing. Silent where it is so."""
import re
import subprocess
import sys


def steps_of(call, keep):
    """Kernels and products by the step's name; of copies, the names with ':again'."""
    text = subprocess.run([*call, "--recompute", keep, "--emit=plan"], check=True, capture_output=True, text=True).stdout
    steps = {}
    for name, kernel, rest in re.findall(r"^step \d+ (.*?): \S+ kernel=(\S+)(.*)$", text, re.M):
        if kernel == "copy":
            continue
        macs = re.search(r" macs=(\d+)", rest)
        steps.setdefault(name, set()).add((kernel, macs and macs[1]))
    return steps


def main():
    split = sys.argv.index("--")
    call = [sys.argv[1], "--train", *sys.argv[2:split]]
    every = steps_of(call, "1")
    for keep in sys.argv[split + 1].split(","):
        steps = steps_of(call, keep)
        if not any(":again" in name for name in steps):
            print(f"--recompute {keep}: nothing is computed again")
        for name, kernels in steps.items():
            whole = every.get(name.replace(":again", ""), set())
            if not kernels <= whole:
                print(f"--recompute {keep}: {name} is {kernels}, and {whole} where all are kept")


main()
