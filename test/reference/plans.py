"""Networks that tcc.sh compiles, whose path is in $NETC_AGREE_TCC: with kernels of plain floats it can take the plan of any target."""
import os
import subprocess

TCC = os.environ.get("NETC_AGREE_TCC", "")
TARGETS = ("generic", "x86-64-v2", "x86-64-v3", "x86-64-v4")
if TCC:  # asked for once
    os.environ["NETC_AGREE_LIBGCC"] = subprocess.run(["cc", "-print-libgcc-file-name"], capture_output=True, text=True, check=True).stdout.strip()


def plan_of(number):
    """The options of netc for the plan of network `number`."""
    return ["--target", TARGETS[number // 2 % len(TARGETS)]]
