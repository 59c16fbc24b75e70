"""Random networks, compiled, against the definitions of their operators:
agree.py NETC EVALUATE FIRST COUNT [OPTION OF NETC...]. Batches of 1 and, of every fifth network, 3."""
import concurrent.futures
import os
import subprocess
import sys
import tempfile

import random_net

NETC, EVALUATE, FIRST, COUNT, *OPTIONS = sys.argv[1:]
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
        runs.append(subprocess.run([NETC, "--batch", batch, source, "-o", executable, *OPTIONS],
                                   capture_output=True, text=True))
        runs.append(subprocess.run([sys.executable, os.path.join(HERE, "check.py"), executable, golden],
                                   capture_output=True, text=True))
    messages = [(run.stdout or "") + run.stderr for run in runs if run.returncode]
    return f"network {seed}, batch {batch}: {''.join(messages)}{text}" if messages else None


def main():
    seeds = range(int(FIRST), int(FIRST) + int(COUNT))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        faults = [fault for fault in pool.map(disagreement, seeds) if fault]
    print("\n".join(faults) + f"{len(seeds)} networks, {len(faults)} disagree")
    return 1 if faults else 0


sys.exit(main())
