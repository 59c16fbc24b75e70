"""Random networks, compiled, against the definitions of their operators:
agree.py NETC EVALUATE FIRST COUNT [OPTION OF NETC...]. Batches of 1 and, of every fifth network, 3.

Where $NETC_AGREE_CC is a C compiler, it compiles the single files that netc writes, and $NETC_AGREE_RUN runs what it
makes: for other machines."""
import concurrent.futures
import os
import shlex
import subprocess
import sys
import tempfile

import random_net

NETC, EVALUATE, FIRST, COUNT, *OPTIONS = sys.argv[1:]
CC, RUN = (shlex.split(os.environ.get(name, "")) for name in ("NETC_AGREE_CC", "NETC_AGREE_RUN"))
HERE = os.path.dirname(os.path.abspath(__file__))


def disagreement(seed):
    """None, or what went wrong and the network."""
    batch = "3" if seed % 5 == 0 else "1"
    text = random_net.Net(seed).text()
    with tempfile.TemporaryDirectory() as folder:
        source, golden, executable = (os.path.join(folder, name) for name in ("random.net", "golden", "random"))
        with open(source, "w", encoding="ascii") as file:
            file.write(text)
        with open(golden, "w", encoding="ascii") as file:
            runs = [subprocess.run([EVALUATE, "1", batch, source], stdout=file, stderr=subprocess.PIPE, text=True)]
        single = ["--single-file"] if CC else []
        commands = [[NETC, "--batch", batch, source, "-o", executable, *single, *OPTIONS],
                    [sys.executable, os.path.join(HERE, "check.py"), shlex.join([*RUN, executable]), golden]]
        if CC:
            commands.insert(1, [*CC, executable + ".c", "-o", executable, "-lm", "-lpthread"])
        runs += [subprocess.run(command, capture_output=True, text=True) for command in commands]
    messages = [(run.stdout or "") + run.stderr for run in runs if run.returncode]
    return f"network {seed}, batch {batch}: {''.join(messages)}{text}" if messages else None


def main():
    seeds = range(int(FIRST), int(FIRST) + int(COUNT))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        faults = [fault for fault in pool.map(disagreement, seeds) if fault]
    print("\n".join(faults) + f"{len(seeds)} networks, {len(faults)} disagree")
    return 1 if faults else 0


sys.exit(main())
