"""The manual's table of warnings has every one, in order, and netc takes each of them: warnings.py NETC DIAGS.def FILE.md."""
import re
import subprocess
import sys

NETC, DIAGS, DOCUMENT = sys.argv[1:]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def status(flag):
    """Of a call that stops at the tree of a file that is empty but for a comment."""
    return subprocess.run([NETC, flag, "--emit=ast", "/dev/null"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode


names = sorted(set(re.findall(r'^DIAG\(\w+, \w+, "([\w-]+)",', read(DIAGS), re.M)))
section = re.search(r"^## Warnings\n(.*?)^## ", read(DOCUMENT), re.M | re.S)[1]
written = re.findall(r"^\| `([\w-]+)` \|", section, re.M)
if not names or names != written:
    sys.exit(f"of {DIAGS}: {names}\nof {DOCUMENT}: {written}")
refused = [flag for name in names + ["error"] for flag in ("-W" + name, "-Wno-" + name) if status(flag) == 2]
if refused or status("-Wno-such-thing") != 2:
    sys.exit(f"netc refuses {refused}")
