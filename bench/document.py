"""Puts what the measurements printed into a page, and keeps its figures together:

    document.py FOLDER PAGE       fills the page's blocks from FOLDER
    document.py --seal PAGE       seals blocks that were written by hand
    document.py --check PAGE...   names what is wrong with figures on the pages; status 1 where there is anything

A block is what stands between `<!-- NAME COMMIT SEAL -->` and `<!-- end -->`. Its figures were measured in one run of the program
as it was at COMMIT. `~COMMIT` says that the commit was found later, from the history: at that commit or shortly before. `runs=N`
after the commit says that the rows are of N runs, because some were measured again or later. SEAL is made of the name, the commit, the
runs and the text, so that a figure which is put in later is noticed. Between the marks comes FOLDER/NAME.md, where there is
one, and the picture FOLDER/NAME.svg, which is copied beside the page; FOLDER/NAME.json knows the runs.

A table with figures outside of all blocks must stand under `<!-- held by TEST -->`, which names the test that compares them
with what the program prints. Where the tree has its history, each commit must be in it.
"""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BLOCK = re.compile(r"<!-- (\w+) (~?[0-9a-f]{7}(?: runs=\d+)?) (\w{12}) -->\n(.*?)<!-- end -->\n", re.S)
COMMIT = re.compile(r"\b(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{7}\b")
FENCED = re.compile(r"^```.*?^```$", re.M | re.S)
TABLE = re.compile(r"(?:^<!-- held by (\S+) -->\n)?((?:^ *\|.*\|\n)+)", re.M)
UNIT = r"(?:ms|µs|us|ns|s|%|[kKMG]?i?B|GB/s|GFLOP/s|GFLOP)"
FIGURE = re.compile(rf"^[~≈]?-?\d[\d,.]*(?:e-?\d+)?(?: ?{UNIT})?(?: \(.*\))?$|\d ?{UNIT}(?![\w/])")


def seal_of(name, measured, text):
    return hashlib.sha256(f"{name} {measured}\n{text}".encode()).hexdigest()[:12]


def block(name, measured, text):
    return f"<!-- {name} {measured} {seal_of(name, measured, text)} -->\n{text}<!-- end -->\n"


def git(*words, check=True):
    return subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True, check=check)


def commit_of_tree():
    """That of the tree which was measured; refused where the tree has changes."""
    if git("status", "--porcelain", "--untracked-files=no").stdout:
        sys.exit("the tree has changes: measure a commit")
    return git("rev-parse", "--short=7", "HEAD").stdout.strip()


def runs_in(folder, name):
    """` runs=N` where it took several."""
    path = os.path.join(folder, name + ".json")
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        runs = json.load(file)["runs"]
    return f" runs={runs}" if runs > 1 else ""


def fill(page, folder, commit):
    def filled(place):
        table, picture = (os.path.join(folder, place[1] + kind) for kind in (".md", ".svg"))
        if not os.path.exists(table):
            print(f"{table}: not there, so its place is left as it is", file=sys.stderr)
            return place[0]
        with open(table, encoding="utf-8") as file:
            text = file.read().strip() + "\n"
        if os.path.exists(picture):
            shutil.copy(picture, os.path.dirname(page))
            text += f"\n![{place[1]}]({os.path.basename(picture)})\n"
        return block(place[1], commit + runs_in(folder, place[1]), text)
    return filled


def has_history():
    """Whether the tree is a whole repository: neither a release nor a shallow clone."""
    if not os.path.exists(os.path.join(ROOT, ".git")) or not shutil.which("git"):
        return False
    return git("rev-parse", "--is-shallow-repository", check=False).stdout.strip() == "false"


def faults_of_block(name, measured, seal, text):
    commit = measured.lstrip("~")[:7]
    if seal_of(name, measured, text) != seal:
        yield f"block '{name}': not the figures that were sealed, all of commit {commit}"
    if others := sorted(set(COMMIT.findall(text)) - {commit}):
        yield f"block '{name}' is of commit {commit}, and names {', '.join(others)} as well"
    if has_history() and git("merge-base", "--is-ancestor", commit, "HEAD", check=False).returncode:
        yield f"block '{name}': the history has no commit {commit}"


def first_figure(table):
    """The first cell that holds a figure; a row begins with its name."""
    for row in table.splitlines()[2:]:
        for cell in row.strip().strip("|").split("|")[1:]:
            if FIGURE.search(cell.strip()):
                return cell.strip()
    return None


def faults_outside(text):
    for held_by, table in TABLE.findall(FENCED.sub("", BLOCK.sub("", text))):
        figure = first_figure(table)
        if figure and not held_by:
            yield f"a table of figures stands outside of all blocks, with '{figure}'"
        if held_by and not os.path.isfile(os.path.join(ROOT, held_by)):
            yield f"no test '{held_by}' holds figures"


def faults_of(page):
    text = read(page)
    for place in BLOCK.finditer(text):
        yield from faults_of_block(*place.groups())
    yield from faults_outside(text)


def read(page):
    with open(page, encoding="utf-8") as file:
        return file.read()


def check(pages):
    faults = [f"{os.path.basename(page)}: {fault}" for page in pages for fault in faults_of(page)]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


def main():
    how, *pages = sys.argv[1:]
    if how == "--check":
        return check(pages)
    page, = pages
    text = read(page)
    if how == "--seal":
        text = BLOCK.sub(lambda place: block(place[1], place[2], place[4]), text)
    else:
        text = BLOCK.sub(fill(page, how, commit_of_tree()), text)
    with open(page, "w", encoding="utf-8") as file:
        file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
