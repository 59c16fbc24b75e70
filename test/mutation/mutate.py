"""Whether a test notices small faults in netc: mutate.py TREE WORK MUTANTS SEED TESTS [FOLDER...].

MUTANTS of each folder are drawn by SEED from those of mutants.py. Each is built, in copies of TREE in the folder WORK, and the
tests that reach its line are run, the quickest first, until one fails: it is killed. One of the same object code as the original
is none. Those that live are printed, but those that survivors.txt explains. The last line of a folder: its share of the killed.

Which tests reach a line says gcov, in a build of its own, the first time; that takes as long as the tests do, and lies in
WORK/reach.json from then on. Tests whose names the regular expression TESTS does not find, or that take longer than SLOW seconds
there, are left out. WORK is of the sources as they were when it was made: others need another."""
import collections
import glob
import json
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys

from mutants import BYTES, mutants
from suite import Suite

FOLDERS = ["compiler/sema", "compiler/ir", "compiler/pass", "compiler/plan", "compiler/cost", "runtime/core"]
# A test that takes longer is none of those that are tried; and those of one mutant take so many seconds of a processor together.
SLOW, MOST = 60, 60
EXPLAINED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "survivors.txt")


def run(*command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


def demand(*command, **options):
    done = run(*command, **options)
    if done.returncode:
        sys.exit(f"{shlex.join(command)}: {done.stdout.decode(errors='replace')}")


class Build:
    """A copy of the tree's sources, and a build of them beside it."""

    def __init__(self, tree, work, name, flags, make=()):
        self.tree, self.folder, self.make_words = os.path.join(work, name, "tree"), os.path.join(work, name, "build"), make
        if not os.path.exists(os.path.join(self.folder, "configured")):
            shutil.rmtree(os.path.join(work, name), ignore_errors=True)
            listed = subprocess.run(["git", "ls-files", "-z"], cwd=tree, stdout=subprocess.PIPE, check=True).stdout
            for path in filter(None, listed.decode().split("\0")):
                os.makedirs(os.path.join(self.tree, os.path.dirname(path)), exist_ok=True)
                shutil.copy2(os.path.join(tree, path), os.path.join(self.tree, path))
            os.makedirs(self.folder)
            demand("autoreconf", "-fi", cwd=self.tree)
            demand("../tree/configure", "-q", "CFLAGS=" + flags, cwd=self.folder)
            write(os.path.join(self.folder, "configured"), b"")
        demand(*self.make("programs"), cwd=self.folder)

    def make(self, *targets):
        return ["make", "-s", *self.make_words, *targets]

    def variable(self, name):
        with open(os.path.join(self.folder, "Makefile"), encoding="utf-8") as file:
            return next(line.partition("=")[2].strip() for line in file if line.startswith(name + " ="))

    def objects(self, source):
        base = os.path.join(self.folder, os.path.splitext(source)[0])
        return sorted(glob.glob(os.path.join(os.path.dirname(base), "*-" + os.path.basename(base) + ".o")))


# ---- which tests reach a line ----

def take_counts(build):
    """The lines that ran since the last time, by the files of FOLDERS that they are in."""
    counted = [path for folder in FOLDERS for path in glob.glob(os.path.join(build.folder, folder, "*.gcda"))]
    lines = collections.defaultdict(set)
    if counted:
        text = subprocess.run(["gcov", "--json-format", "--stdout", *counted], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              cwd=build.folder, check=True).stdout
        for document in text.splitlines():
            for file in json.loads(document)["files"]:
                name = os.path.relpath(os.path.join(build.folder, file["file"]), build.tree)
                lines[name].update(line["line_number"] for line in file["lines"] if line["count"])
    for path in glob.glob(os.path.join(build.folder, "**", "*.gcda"), recursive=True):
        os.remove(path)
    return {name: sorted(ran) for name, ran in lines.items() if ran and os.path.dirname(name) in FOLDERS}


def find_reach(tree, work, wanted):
    """Of each test how long it takes, and the lines that it reaches. What an earlier run found is kept."""
    path, found = os.path.join(work, "reach.json"), {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    build = Build(tree, work, "reach", "-O0", ("SANITIZE=--coverage",))
    suite = Suite(build.variable("LIT"), build.folder)
    chosen = list(filter(re.compile(wanted).search, sorted(suite.tests)))
    for name in chosen:
        if name not in found:
            take_counts(build)
            ended, seconds = suite.run(name, SLOW)
            found[name] = {"seconds": seconds, "lines": take_counts(build) if ended in ("PASS", "FAIL") else {}}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(found, file)
    return {name: found[name] for name in chosen}


class Reach:
    """The tests that reach a line, the quickest first."""

    def __init__(self, found):
        self.seconds = {name: test["seconds"] for name, test in found.items()}
        self.tests = collections.defaultdict(list)
        for name in sorted(found, key=self.seconds.get):
            for file, lines in found[name]["lines"].items():
                for line in lines:
                    self.tests[file, line].append(name)

    def of(self, source, line):
        return self.tests.get((source, line), [])


# ---- mutants ----

def draw(build, clang, folder, seed):
    """All mutants of a folder, shuffled: (source, file, mutant)."""
    options = ["-std=gnu11", "-D_POSIX_C_SOURCE=200809L", *shlex.split(build.variable("HOST_CPPFLAGS"))]
    options += [f"-I{top}/{sub}" for top in (build.tree, build.folder) for sub in ("compiler", "runtime")]
    found = []
    for path in sorted(glob.glob(os.path.join(build.tree, folder, "*.c"))):
        file, all_of_it = mutants(clang, path, options)
        found += [(os.path.relpath(path, build.tree), file, mutant) for mutant in all_of_it]
    random.Random(f"{seed} {folder}").shuffle(found)
    return found


class Mutation:
    def __init__(self, build, suite, reach):
        self.build, self.suite, self.reach = build, suite, reach
        self.sound = {}

    def try_one(self, source, file, mutant):
        """"same" or "invalid", which are no mutants; else "killed", "lives" or "unreached", and the test that killed it."""
        tests = list(self.affordable(self.reach.of(source, file.line(mutant.begin))))
        result, killer = self.apply(source, file, mutant, tests)
        while killer and not self.is_sound(killer):
            result, killer = self.apply(source, file, mutant, tests)
        return result, killer

    def affordable(self, tests):
        """The quickest that take MOST seconds together, at most."""
        spent = 0.0
        for test in tests:
            spent += self.reach.seconds[test]
            if spent > MOST:
                return
            yield test

    def is_sound(self, test):
        """Whether a test passes on the original: asked once."""
        if test not in self.sound:
            demand(*self.build.make("programs"), cwd=self.build.folder)
            self.sound[test] = self.passes(test)
        return self.sound[test]

    def passes(self, test):
        ended, _ = self.suite.run(test, 20 + 20 * self.reach.seconds[test])
        return ended == "PASS"

    def apply(self, source, file, mutant, tests):
        """Puts a mutant in, runs the tests, and takes it out again."""
        kept = {}
        for path in self.build.objects(source):
            with open(path, "rb") as file_of_it:
                kept[path] = file_of_it.read()
        try:
            write(file.path, file.changed(mutant).encode(BYTES))
            if run(*self.build.make("WARNINGS=-w", *(os.path.relpath(path, self.build.folder) for path in kept)),
                   cwd=self.build.folder).returncode:
                return "invalid", None
            if all(is_content(path, content) for path, content in kept.items()):
                return "same", None
            if not tests:
                return "unreached", None
            killer = self.killer(test for test in tests if self.sound.get(test, True))
            return ("killed", killer) if killer else ("lives", None)
        finally:
            write(file.path, file.text.encode(BYTES))
            for path, content in kept.items():
                write(path, content)

    def killer(self, tests):
        """The first that fails on what the sources now say. The programs of tests are linked for those that run one."""
        made = set()
        for test in tests:
            goal = "programs" if self.suite.runs_programs(test) else "all"
            if not made & {goal, "programs"}:
                demand(*self.build.make("WARNINGS=-w", goal), cwd=self.build.folder)
                made.add(goal)
            if not self.passes(test):
                return test
        return None


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)


def is_content(path, content):
    with open(path, "rb") as file:
        return file.read() == content


def explained():
    """Lines "- before", "+ after" under the name of a file, and why no test can tell them apart."""
    known, source, before = set(), None, None
    with open(EXPLAINED, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line.startswith("- "):
                before = line[2:]
            elif line.startswith("+ "):
                known.add((source, before, line[2:]))
            elif line.endswith(".c"):
                source = line
    return known


def try_folder(mutation, folder, clang, count, seed):
    known, results = explained(), collections.Counter()
    for source, file, mutant in draw(mutation.build, clang, folder, seed):
        if results["killed"] + results["lives"] + results["unreached"] == count:
            break
        result, killer = mutation.try_one(source, file, mutant)
        before, after = file.change(mutant)
        if result in ("lives", "unreached") and (source, before, after) in known:
            result = "explained"
        results[result] += 1
        if result in ("lives", "unreached"):
            print(f"{source}:{file.line(mutant.begin)}: {mutant.kind} {result}\n- {before}\n+ {after}", flush=True)
        elif killer:
            print(f"{source}:{file.line(mutant.begin)}: {mutant.kind} killed by {killer}", flush=True)
    left = results["lives"] + results["unreached"]
    share = 100 * results["killed"] / max(1, results["killed"] + left)
    print(f"{folder}: {results['killed']} killed, {results['lives']} live, {results['unreached']} in lines that no test reaches, "
          f"{results['explained']} explained, {results['same']} of the same code: {share:.0f} % killed", flush=True)


def main():
    tree, work, count, seed, tests, *folders = sys.argv[1:]
    tree, work = os.path.abspath(tree), os.path.abspath(work)
    os.makedirs(work, exist_ok=True)
    os.nice(15)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    reach = Reach(find_reach(tree, work, tests))
    build = Build(tree, work, "mutants", "-O2")
    mutation = Mutation(build, Suite(build.variable("LIT"), build.folder), reach)
    for folder in folders or FOLDERS:
        try_folder(mutation, folder, build.variable("CLANG"), int(count), seed)


if __name__ == "__main__":
    main()
