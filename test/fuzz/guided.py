"""Fuzzers that are guided by coverage, one kind after the other: guided.py BUILD SECONDS [KIND...].

BUILD is a build that was configured with --enable-asan --enable-ubsan --enable-libfuzzer. $FUZZ_RUNS ends a kind after so many inputs,
if that is sooner. Each kind begins with what corpus.py writes, and with what an earlier run found, which lies in
BUILD/test/fuzz/found. Prints how many inputs a kind ran, what they covered, and whether one failed: that one lies beside it, and
the status is 1."""
import glob
import os
import re
import subprocess
import sys

BUILD, SECONDS, *KINDS = sys.argv[1:]
BUILD = os.path.abspath(BUILD)
TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
WORK = os.path.join(BUILD, "test", "fuzz")
# Whose seeds are files of the tree.
OF_THE_TREE = {"net": "examples/[!f]*.net", "train": "test/train/Inputs/*.net", "graph": "test/*/[!e]*.graph", "onnx": "test/onnx/Inputs/*.onnx"}
TEXTS = {"net", "train", "graph", "schedule"}
LONGEST = 30000
RUNS = os.environ.get("FUZZ_RUNS", "-1")
# What is freed is kept from use until there is so much of it: the usual 256 MiB fit in no cache, which costs a sixth of the inputs and more.
SANITIZER = "quarantine_size_mb=16"


def kinds():
    return KINDS or sorted({*OF_THE_TREE, *os.listdir(os.path.join(WORK, "corpus"))})


def run(kind):
    found = os.path.join(WORK, "found", kind)
    os.makedirs(found, exist_ok=True)
    seeds = glob.glob(os.path.join(WORK, "corpus", kind, "*")) + glob.glob(os.path.join(TOP, OF_THE_TREE.get(kind, "")))
    words = [f"-dict={TOP}/test/fuzz/words.dict"] if kind in TEXTS else []
    command = [os.path.join(WORK, "guided"), f"-max_total_time={SECONDS}", f"-runs={RUNS}", "-timeout=20", "-rss_limit_mb=3000", f"-max_len={LONGEST}",
               "-print_final_stats=1", f"-artifact_prefix={found}-", *words, found, "-seed_inputs=" + ",".join(filter(os.path.isfile, seeds))]
    log = os.path.join(WORK, f"{kind}.log")
    with open(log, "w", encoding="utf-8") as file:
        status = subprocess.run(command, cwd=TOP, stderr=file, stdout=file, env={"ASAN_OPTIONS": SANITIZER, **os.environ, "FUZZ_KIND": kind}).returncode
    with open(log, encoding="utf-8", errors="replace") as file:
        text = file.read()
    runs = re.search(r"number_of_executed_units: (\d+)", text)
    covered = re.findall(r"cov: (\d+)", text)
    print(f"{kind}: {runs[1] if runs else '?'} inputs, {covered[-1] if covered else '?'} places, "
          f"{'failed: ' + log if status else 'no fault'}", flush=True)
    return status != 0


def main():
    subprocess.run([sys.executable, os.path.join(TOP, "test", "fuzz", "corpus.py"), os.path.join(WORK, "corpus")], check=True)
    subprocess.run([os.path.join(WORK, "fuzz"), "made", os.path.join(WORK, "corpus")], check=True)
    return sum([run(kind) for kind in kinds()]) > 0


if __name__ == "__main__":
    sys.exit(main())
