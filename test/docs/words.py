"""The grammar of a document has every word of the language: words.py KEYWORDS.def FILE.md. Silent when so."""
import re
import sys

KEYWORDS, DOCUMENT = sys.argv[1:]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


words = set(re.findall(r'^KEYWORD\(\w+,\s*"(\w+)"', read(KEYWORDS), re.M))
grammar = re.search(r"^## Grammar\n(.*?)^## ", read(DOCUMENT), re.M | re.S)[1]
written = set(re.findall(r'"(\w+)"', grammar))
if not words or words != written:
    sys.exit(f"only in {KEYWORDS}: {sorted(words - written)}\nonly in {DOCUMENT}: {sorted(written - words)}")
