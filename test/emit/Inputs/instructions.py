"""How much a command works: instructions are the same on a busy machine, as seconds are not."""
import re
import subprocess


def instructions(valgrind, *command):
    """What cachegrind counts, which takes half as long as callgrind does."""
    counting = [valgrind, "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    said = subprocess.run([*counting, *command], capture_output=True, text=True, check=True).stderr
    return int(re.search(r"I +refs: +([\d,]+)", said)[1].replace(",", ""))
