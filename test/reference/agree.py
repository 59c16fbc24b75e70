"""Random networks, compiled, against the definitions of their operators:
agree.py NETC EVALUATE FIRST COUNT [OPTION OF NETC...]. Batches of 1 and, of every fifth network, 3.

With an option on Winograd's algorithm, networks whose plan has no need of it are left out. Where $NETC_AGREE_RUN is set, it runs the
executables: for other machines. Where $NETC_AGREE_QUICK is set, nine in ten are compiled by that C compiler, with those
options: -O3, which netc asks for, takes twice the time of -Og."""
import concurrent.futures
import os
import subprocess
import sys
import tempfile

import check
import random_net

NETC, EVALUATE, FIRST, COUNT, *OPTIONS = sys.argv[1:]
QUICK, RUN = (os.environ.get(name, "") for name in ("NETC_AGREE_QUICK", "NETC_AGREE_RUN"))


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def disagreement_of(seed, batch, source, executable):
    """None, or what went wrong."""
    netc = [NETC, "--batch", batch, source, *OPTIONS]
    if any("winograd" in option for option in OPTIONS) and output(*netc, "--emit=plan") == output(*netc[:4], "--emit=plan"):
        return None
    if QUICK and seed % 10:
        netc += ["--cc", QUICK]
    output(*netc, "-o", executable)
    agrees, words = check.compare(f"{RUN} {executable}", output(EVALUATE, "1", batch, source).splitlines())
    return None if agrees else words


def disagreement(seed):
    """None, or what went wrong and the network."""
    batch = "3" if seed % 5 == 0 else "1"
    text = random_net.Net(seed).text()
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "random.net")
        with open(source, "w", encoding="ascii") as file:
            file.write(text)
        try:
            words = disagreement_of(seed, batch, source, os.path.join(folder, "random"))
        except subprocess.CalledProcessError as error:
            words = f"{error}\n{error.stderr}"
    return words and f"network {seed}, batch {batch}: {words}\n{text}"


def main():
    seeds = range(int(FIRST), int(FIRST) + int(COUNT))
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        faults = [fault for fault in pool.map(disagreement, seeds) if fault]
    print("\n".join(faults) + f"{len(seeds)} networks, {len(faults)} disagree")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
