"""The C of a fork of so many branches, by netc: calls.py NETC BRANCHES. Prints its kernel instances, and the
most statements that one of its functions has."""
import os
import re
import subprocess
import sys
import tempfile

NETC, BRANCHES = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    source, base = os.path.join(folder, "fork.net"), os.path.join(folder, "fork")
    with open(source, "w", encoding="ascii") as file:
        file.write("net fork { input x[4, 8, 8]\n    concat for i in 0..%s { conv(1, 1) }\n}\n" % BRANCHES)
    subprocess.run([NETC, source, "--emit=c", "-o", base], check=True)
    with open(base + ".c", encoding="utf-8") as file:
        bodies = re.split(r"^}$", file.read(), flags=re.M)
kernels = sum("static const struct netrt_" in body for body in bodies)
calls = max(len(re.findall(r"^    \w+\(", body, flags=re.M)) for body in bodies)
print(f"{kernels} kernels, at most {calls} calls")
