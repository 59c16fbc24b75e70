"""Runs an executable, and does something to the file of weights that it has mapped: spoil_packed.py FILE HOW COMMAND...
HOW is `cut` (all but the first bytes go) or `write` (a byte is replaced by itself). Prints its exit status, its
messages and how much it wrote to standard output, which is read only afterwards."""
import os
import subprocess
import sys
import time

FILE, HOW, *COMMAND = sys.argv[1:]


def is_mapped(pid):
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
        return os.path.realpath(FILE) in maps.read()


def spoil():
    if HOW == "cut":
        os.truncate(FILE, 100)
        return
    with open(FILE, "r+b") as file:
        first = file.read(1)
        file.seek(0)
        file.write(first)


child = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
while child.poll() is None and not is_mapped(child.pid):
    time.sleep(0.001)
spoil()
print("in time" if child.poll() is None else "too late", flush=True)
output, messages = child.communicate()
print(f"status {child.returncode}\n{messages.decode()}{len(output)} bytes")
