"""Random networks, compiled, against the definitions of their operators:
agree.py NETC EVALUATE FIRST COUNT [OPTION OF NETC...]. Batches of 1 and, of every fifth network, 3.

With an option on Winograd's algorithm, networks whose plan it does not change are left out; how many is printed, and they may be two
thirds at most. Where $NETC_AGREE_RUN is set, it runs the
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
UNCHANGED = "unchanged"  # the option does nothing to the plan: nothing was compared
QUICK, RUN = (os.environ.get(name, "") for name in ("NETC_AGREE_QUICK", "NETC_AGREE_RUN"))


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def disagreement_of(seed, batch, source, executable):
    """None, or what went wrong."""
    netc = [NETC, "--batch", batch, source, *OPTIONS]
    if any("winograd" in option for option in OPTIONS) and output(*netc, "--emit=plan") == output(*netc[:4], "--emit=plan"):
        return UNCHANGED
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
    return words if words in (None, UNCHANGED) else f"network {seed}, batch {batch}: {words}\n{text}"


def main():
    seeds = range(int(FIRST), int(FIRST) + int(COUNT))
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        said = list(pool.map(disagreement, seeds))
    faults = [words for words in said if words not in (None, UNCHANGED)]
    unchanged = said.count(UNCHANGED)
    print("\n".join(faults) + f"{len(seeds)} networks, {len(faults)} disagree, {unchanged} left out")
    return 1 if faults or 3 * unchanged > 2 * len(seeds) else 0


if __name__ == "__main__":
    sys.exit(main())
