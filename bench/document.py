"""Puts what the measurements printed into a page, and keeps its figures together:

    document.py FOLDER PAGE    fills the page's blocks from FOLDER
    document.py --seal PAGE    seals blocks that were written by hand
    document.py --check PAGE   names blocks whose figures are not those that were sealed; status 1 where there are any

A block is what stands between `<!-- NAME COMMIT SEAL -->` and `<!-- end -->`. All figures in it were measured in one run of the
program as it was at COMMIT, or, where that is `rows`, each row ends with the commit that it was measured at. SEAL is made of the
name, the commit and the text, so that a figure which is put in from another run is noticed. Between the marks comes FOLDER/NAME.md,
where there is one, and the picture FOLDER/NAME.svg, which is copied beside the page.
"""
import hashlib
import os
import re
import shutil
import subprocess
import sys

BLOCK = re.compile(r"<!-- (\w+) (\w+) (\w+) -->\n(.*?)<!-- end -->\n", re.S)
ROW_COMMIT = re.compile(r"\| [0-9a-f]{7} \|$")


def seal_of(name, commit, text):
    return hashlib.sha256(f"{name} {commit}\n{text}".encode()).hexdigest()[:12]


def block(name, commit, text):
    return f"<!-- {name} {commit} {seal_of(name, commit, text)} -->\n{text}<!-- end -->\n"


def commit_of(folder):
    """That of the tree which was measured; refused where the tree has changes."""
    def git(*words):
        return subprocess.run(["git", "-C", folder, *words], capture_output=True, text=True, check=True).stdout.strip()
    if git("status", "--porcelain", "--untracked-files=no"):
        sys.exit("the tree has changes: measure a commit")
    return git("rev-parse", "--short=7", "HEAD")


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
        return block(place[1], commit, text)
    return filled


def faults_of(text):
    """What is wrong with the blocks of a page, and tables outside of blocks."""
    for name, commit, seal, inside in (place.groups() for place in BLOCK.finditer(text)):
        if seal_of(name, commit, inside) != seal:
            yield f"block '{name}': not the figures that were sealed, all of commit {commit}"
        rows = [line for line in inside.splitlines() if line.startswith("|")]
        if commit == "rows" and not all(map(ROW_COMMIT.search, rows[2:])):
            yield f"block '{name}': a row without the commit that it was measured at"
    if re.search(r"^\|.*\d ?(ms|µs|MB|GB/s|GFLOP/s)\b.*\|$", BLOCK.sub("", text), re.M):
        yield "a table of figures stands outside of all blocks"


def main():
    how, page = sys.argv[1:]
    with open(page, encoding="utf-8") as file:
        text = file.read()
    if how == "--check":
        faults = list(faults_of(text))
        print("\n".join(faults), end="\n" if faults else "")
        return 1 if faults else 0
    if how == "--seal":
        text = BLOCK.sub(lambda place: block(place[1], place[2], place[4]), text)
    else:
        text = BLOCK.sub(fill(page, how, commit_of(os.path.dirname(page))), text)
    with open(page, "w", encoding="utf-8") as file:
        file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
