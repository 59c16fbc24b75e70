"""The memory of a report is that of the program: memory.py NETC FOLDER FILE.net NET... Silent when equal."""
import json
import os
import re
import subprocess
import sys

NETC, FOLDER, FILE, *NETS = sys.argv[1:]
problems = []
os.makedirs(FOLDER, exist_ok=True)
for net in NETS:
    program = os.path.join(FOLDER, net)
    call = [NETC, "--target=generic", "--net", net, FILE]
    subprocess.run([*call, "-o", program], check=True)
    info = subprocess.run([program, "info"], check=True, capture_output=True, text=True).stdout
    memory = json.loads(subprocess.run([*call, "--report=json"], check=True, capture_output=True).stdout)["memory"]
    for name, figure in (("weights", "packed_weights_bytes"), ("arena", "arena_bytes")):
        size = int(re.search(rf"^{name} +(\d+) bytes", info, re.M)[1])
        if size != memory[figure]:
            problems.append(f"{net}: {figure} is {memory[figure]}, but the program has {size}")
    if max(step["bytes"] for step in memory["timeline"]) != memory["lower_bound_bytes"]:
        problems.append(f"{net}: the fullest step is not the lower bound")
    if max(b["offset"] + b["bytes"] for b in memory["buffers"]) != memory["arena_bytes"]:
        problems.append(f"{net}: the buffers do not end with the arena")
print("\n".join(problems), end="\n" if problems else "")
sys.exit(bool(problems))
