"""Random networks, compiled, against the definitions of their operators:
agree.py NETC EVALUATE FIRST COUNT [OPTION OF NETC...]. Batches of 1 and, of every fifth network, 3. The definitions round weights too
where the options say --weights-as TYPE; that needs --no-winograd beside it.

With an option on Winograd's algorithm, networks are drawn from number FIRST on until COUNT were found whose plan it changes: the others
would compare nothing. Where $NETC_AGREE_RUN is set, it runs the executables: for other machines. Where $NETC_AGREE_QUICK is set, nine
in ten are compiled by that C compiler, with those options: -O3, which netc asks for, takes half as long again as -O1. Where $NETC_AGREE_TCC
is set, all but one in a hundred are compiled by that one (plans.py); networks whose definitions take longer than PATIENCE are left out,
and all elements of an output may share check.SHARED of rounding. Where $NETC_SAMPLE is n, one in n of ten networks or more is compared."""
import concurrent.futures
import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile

import check
import plans
import random_net

NETC, EVALUATE, FIRST, COUNT, *OPTIONS = sys.argv[1:]
CHOOSES = any("winograd" in option for option in OPTIONS)
ROUNDED = OPTIONS[OPTIONS.index("--weights-as"):][:2] if "--weights-as" in OPTIONS else []
MOST_DRAWN = 20  # for each that is compared
SAMPLE = int(os.environ.get("NETC_SAMPLE", "1")) if int(COUNT) >= 10 else 1
PATIENCE, LEFT_OUT = 2, "left out"  # seconds of a processor; what is said
QUICK, RUN = (os.environ.get(name, "") for name in ("NETC_AGREE_QUICK", "NETC_AGREE_RUN"))


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@contextlib.contextmanager
def network(seed):
    """(the words that call netc on a file with that network, its folder, its text)"""
    text = random_net.Net(seed).text()
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "random.net")
        with open(source, "w", encoding="ascii") as file:
            file.write(text)
        yield [NETC, "--batch", batch_of(seed), source], folder, text


def batch_of(seed):
    return "3" if seed % 5 == 0 else "1"


def is_changed(seed):
    """Whether the options change the plan; true as well where netc has none, which is told later."""
    with network(seed) as (netc, _, _):
        try:
            return output(*netc, "--emit=plan") != output(*netc, *OPTIONS, "--emit=plan")
        except subprocess.CalledProcessError:
            return True


def compiled_by(seed):
    """The options for it."""
    if plans.TCC and seed % 100:
        return ["--cc", plans.TCC, *([] if "--target" in OPTIONS else plans.plan_of(seed))]
    return ["--cc", QUICK] if QUICK and seed % 10 else []


def defined(*words):
    """What the definitions give; None where they take longer than PATIENCE."""
    with subprocess.Popen([EVALUATE, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        if plans.TCC:
            resource.prlimit(process.pid, resource.RLIMIT_CPU, (PATIENCE, PATIENCE + 1))
        wanted, said = process.communicate()
    if process.returncode == -signal.SIGXCPU:
        return None
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args, wanted, said)
    return wanted


def disagreement_of(seed, netc, folder):
    """None, LEFT_OUT, or what went wrong."""
    executable = os.path.join(folder, "random")
    wanted = defined(*ROUNDED, "1", *netc[2:])
    if wanted is None:
        return LEFT_OUT
    output(*netc, *OPTIONS, *compiled_by(seed), "-o", executable)
    agrees, words = check.compare(f"{RUN} {executable}", wanted.splitlines(), shared=check.SHARED if plans.TCC else 0)
    return None if agrees else words


def disagreement(seed):
    """None, LEFT_OUT, or what went wrong and the network."""
    with network(seed) as (netc, folder, text):
        try:
            words = disagreement_of(seed, netc, folder)
        except subprocess.CalledProcessError as error:
            words = f"{error}\n{error.stderr}"
        return words if words in (None, LEFT_OUT) else f"network {seed}, batch {batch_of(seed)}: {words}\n{text}"


def draw(pool, first, count):
    """The numbers of `count` networks to compare, or of fewer if too few are found, and how many were drawn for them."""
    if not CHOOSES:
        return list(range(first, first + count * SAMPLE, SAMPLE)), count
    seeds = []
    for at in range(first, first + MOST_DRAWN * count, count):
        drawn = range(at, at + count)
        seeds += [seed for seed, changed in zip(drawn, pool.map(is_changed, drawn)) if changed]
        if len(seeds) >= count:
            return seeds[:count], seeds[count - 1] - first + 1
    return seeds, MOST_DRAWN * count


def main():
    count, compared, faults = -(-int(COUNT) // SAMPLE), 0, 0
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        seeds, drawn = draw(pool, int(FIRST), count)
        for words in pool.map(disagreement, seeds):
            compared += words != LEFT_OUT
            if words and words != LEFT_OUT:
                faults += 1
                print(words, flush=True)
    print(f"{compared} networks compared, {drawn} drawn, {faults} disagree")
    return 1 if faults or len(seeds) < count else 0


if __name__ == "__main__":
    sys.exit(main())
