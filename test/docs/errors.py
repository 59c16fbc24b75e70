"""Runs docs/errors.md: errors.py NETC DIAGS ERRORS.md [--write]. Silent when it is right.

A section `### ID` has the text of its row in diags.def, then two programs: the first is told ID and nothing else, the
second compiles without a word. The table at the end has all rows of diags.def; --write writes it anew.
"""
import os
import re
import subprocess
import sys
import tempfile

NETC, DIAGS, DOCUMENT = sys.argv[1:4]
ROW = re.compile(r'^DIAG\((\w+), (\w+), "[^"]*", "(.*)"\)$', re.M)
SECTION = re.compile(r"^### (\w+)\n\n`([^\n]*)`\n\n(?:[^\n]+\n)+\n```net wrong\n(.*?)^```\n\n```net right\n(.*?)^```$", re.M | re.S)
HEAD = "| id | severity | text |\n| --- | --- | --- |\n"


def shown(text):
    """A format, with … for what printf() puts in."""
    text = re.sub(r"%(?:\.\*|[-0-9.]*)(?:ll|z|l)?[a-zA-Z]", "…", text.replace('\\"', '"'))
    return text.replace("%%", "%")


def told(folder, program):
    path = os.path.join(folder, "example.net")
    with open(path, "w", encoding="utf-8") as file:
        file.write(program)
    run = subprocess.run([NETC, "--diagnostics=short", "--emit=graph", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return re.findall(r" \[(\w+)\]$", run.stderr, re.M), run


def check(folder, texts, section):
    name, text, wrong, right = section
    ids, run = told(folder, wrong)
    if shown(texts.get(name, "")) != text:
        yield f"{name}: its text in diags.def is '{shown(texts.get(name, ''))}'"
    if ids != [name]:
        yield f"{name}: the wrong program is told {ids}"
    ids, run = told(folder, right)
    if ids or run.returncode:
        yield f"{name}: the right program is told {ids or run.stderr}"


def main():
    document = open(DOCUMENT, encoding="utf-8").read()
    rows = ROW.findall(open(DIAGS, encoding="utf-8").read())
    texts = {name: text for name, _, text in rows}
    table = "".join(f"| {name} | {severity} | {shown(text).replace('|', chr(92) + '|')} |\n" for name, severity, text in sorted(rows))
    before, head, after = document.partition(HEAD)
    if sys.argv[4:] == ["--write"]:
        open(DOCUMENT, "w", encoding="utf-8").write(before + head + table)
    elif after != table:
        print(f"{DOCUMENT}: the table is not that of diags.def: 'errors.py NETC DIAGS ERRORS.md --write' writes it")
    sections = SECTION.findall(before)
    if len(sections) != before.count("\n### ") or len(sections) < 30:
        print(f"{DOCUMENT}: {before.count(chr(10) + '### ')} sections, of which {len(sections)} have the form")
    with tempfile.TemporaryDirectory() as folder:
        for section in sections:
            print(*check(folder, texts, section), sep="\n", end="")


main()
