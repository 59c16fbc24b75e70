"""Compares what two builds of netc write of every net: same_bytes.py NETC OTHER EXAMPLES FOLDER."""
import glob
import os
import re
import subprocess
import sys


def outputs(netc, file, net, folder):
    """What that netc writes of a net, or says of it, by the form."""
    path = os.path.join(folder, "net")
    c = subprocess.run([netc, "--emit=c", "--target=generic", "--net", net, file, "-o", path], capture_output=True)
    made = {"c": c.stderr}
    for ending in (".c", ".h"):
        if os.path.exists(path + ending):
            with open(path + ending, "rb") as written:
                made[ending] = written.read()
            os.remove(path + ending)
    for form in (["--emit=plan", "--target=x86-64-v3"], ["--report=json", "--target=x86-64-v2"]):
        run = subprocess.run([netc, *form, "--net", net, file], capture_output=True)
        made[form[0]] = run.stdout + run.stderr
    return made


def main(netc, other, examples, folder):
    os.makedirs(folder, exist_ok=True)
    compared, differing = 0, []
    for file in sorted(glob.glob(os.path.join(examples, "*.net"))):
        with open(file, encoding="utf-8") as source:
            nets = re.findall(r"^net (\w+)", source.read(), re.MULTILINE)
        for net in nets:
            one, two = outputs(netc, file, net, folder), outputs(other, file, net, folder)
            differing += [f"{net}: {form}" for form in one if one[form] != two.get(form)]
            compared += len(one)
    print(f"{compared} compared", *differing, sep="\n")
    return 1 if differing or compared < 100 else 0


sys.exit(main(*sys.argv[1:]))
