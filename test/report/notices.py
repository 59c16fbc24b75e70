"""Checks that a page names the holder of every copyright in the libraries it carries: notices.py MAKEFILE PAGE.html

MAKEFILE is configure's, which knows the libraries' files; a minified one has lost notices, so the readable one beside it is read too.
"""
import os
import re
import sys

NOTICE = re.compile(r"^ *(?:\*|//)? *(?:Copyright)? *(?:\([cC]\))? *(\d{4}(?:-\d{4})?),? (.+?)\.?$")


def holders_in(path):
    """Names after a year, of lines with a copyright sign or word."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            if len(line) < 200 and re.search(r"Copyright|\([cC]\) *\d", line) and (match := NOTICE.match(line.rstrip())):
                yield re.sub(r" <.*>$", "", match[2])


def words(text):
    return " ".join(text.split())


def main():
    makefile, page = sys.argv[1:]
    with open(makefile, encoding="utf-8") as file:
        scripts = re.findall(r"^(?:CHART|DAGRE)_JS = (\S+)$", file.read(), re.M)
    with open(page, encoding="utf-8") as file:
        comments = [words(comment) for comment in re.findall(r"<!--.*?-->", file.read(), re.S)]
    there = set()
    for script in scripts:
        for path in {script, script.replace(".min.js", ".js")}:
            there.update(holders_in(path) if os.path.exists(path) else ())
    for holder in sorted(there):
        print(holder, "is named" if any(holder in comment for comment in comments) else "IS MISSING")


main()
