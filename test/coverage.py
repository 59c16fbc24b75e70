"""Which share of the compiler's and the runtime's lines and branches ran: coverage.py BUILD, a build with SANITIZE=--coverage whose tests ran.

A line or branch that several objects hold ran if it ran in one of them. Branches are those of gcov that no exception throws;
generated sources, the scanner's and the parser's tables, and kernels, which compiled networks hold, are left out."""
import collections
import glob
import json
import os
import subprocess
import sys

BUILD = os.path.abspath(sys.argv[1])
TOP = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
FOLDERS = ("compiler", "runtime")
SOME = 40  # objects that one call of gcov reads


def documents():
    notes = sorted(path for folder in FOLDERS for path in glob.glob(os.path.join(BUILD, folder, "**", "*.gcno"), recursive=True))
    for i in range(0, len(notes), SOME):
        run = subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--stdout", *notes[i:i + SOME]], cwd=BUILD,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        yield from map(json.loads, run.stdout.splitlines())


def is_written(name):
    return name.split(os.sep)[0] in FOLDERS and name.endswith((".c", ".h")) and not name.startswith("runtime/kernels/")


def read():
    """(file, line) -> whether it ran; (file, line, number) of a branch -> whether it was taken."""
    lines, branches = collections.defaultdict(bool), collections.defaultdict(bool)
    for document in documents():
        for file in document["files"]:
            name = os.path.relpath(os.path.join(BUILD, file["file"]), TOP)
            for line in file["lines"] if is_written(name) else ():
                lines[name, line["line_number"]] |= line["count"] > 0
                for i, branch in enumerate(line["branches"]):
                    branches[name, line["line_number"], i] |= branch["count"] > 0 or branch["throw"]
    return lines, branches


def print_row(name, lines, branches):
    shares = (f"{100 * sum(of) / len(of):.1f}" if of else "-" for of in (lines, branches))
    print(f"{name:24} {len(lines):7} {next(shares):>6} {len(branches):8} {next(shares):>6}")


def main():
    lines, branches = read()
    print(f"{'folder':24} {'lines':>7} {'%':>6} {'branches':>8} {'%':>6}")
    for folder in sorted({os.path.dirname(key[0]) for key in lines}):
        print_row(folder, *([ran for key, ran in of.items() if os.path.dirname(key[0]) == folder] for of in (lines, branches)))
    print_row("all", list(lines.values()), list(branches.values()))
    with open(os.path.join(BUILD, "not_covered.txt"), "w", encoding="utf-8") as file:
        file.writelines(f"{name}:{line}\n" for (name, line), ran in sorted(lines.items()) if not ran)
    return 0 if lines else 1


if __name__ == "__main__":
    sys.exit(main())
