"""What the grammar for editors makes of texts, of the program tree_sitter.c beside this file. Silent when all is as it should be.

  tree_sitter.py corpus PROGRAM FILE.txt...   the trees are those that tree-sitter's own tests state
  tree_sitter.py manual NETC PROGRAM FILE.md...
                                              what netc parses of the documents, the grammar understands
  tree_sitter.py passed FILE...               which files `PROGRAM check` on standard input has no word of
  tree_sitter.py words KEYWORDS.def PARSER.y GRAMMAR.json
                                              its words and signs are those of the language
  tree_sitter.py generated FOLDER             grammar.js, grammar.json and parser.c have the same rules and strings
"""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "scripts"))
from fences import BODY, fences  # noqa: E402


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def cases(text):
    """(name, text, tree) of each test in tree-sitter's format."""
    rule = r"^={3,}\n"
    pattern = re.compile(rf"{rule}([^\n]+)\n{rule}\n(.*?)\n\n---\n(.*?)(?={rule}|\Z)", re.M | re.S)
    return [(name, net + "\n", " ".join(tree.split())) for name, net, tree in pattern.findall(text)]


def check_corpus(program, *paths):
    with tempfile.TemporaryDirectory() as folder:
        net = os.path.join(folder, "case.net")
        for path in paths:
            tests = cases(read(path))
            if len(tests) != len(re.findall(r"^---$", read(path), re.M)) or not tests:
                yield f"{path}: not in the format of tree-sitter's tests"
            for name, text, wanted in tests:
                with open(net, "w", encoding="utf-8") as file:
                    file.write(text)
                tree = subprocess.run([program, "tree", net], capture_output=True, text=True, check=True).stdout.strip()
                if tree != wanted:
                    yield f"{path}: '{name}' is\n{tree}\nnot\n{wanted}"


def parsed_by_netc(netc, folder, name, text):
    """Whether netc's parser takes a text, which is then in a file of the folder."""
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)
    return subprocess.run([netc, "--emit=ast", name], cwd=folder, capture_output=True).returncode == 0


def check_manual(netc, program, *paths):
    nets = []
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            for line, info, content in fences(read(path)):
                name = f"{os.path.basename(path)}.{line}.net"
                text = BODY.format(content) if info == "net body" else content
                if info.split()[0] == "net" and parsed_by_netc(netc, folder, name, text):
                    nets.append(name)
        if not nets:
            yield "no examples in " + " ".join(paths)
        yield from subprocess.run([program, "check", *nets], cwd=folder, capture_output=True, text=True).stdout.splitlines()


def check_passed(*paths):
    named = {line.split(":")[0] for line in sys.stdin}
    return (os.path.basename(path) for path in sorted(paths) if path not in named)


def strings(rule):
    """The strings of a grammar of tree-sitter, but for those inside tokens."""
    if isinstance(rule, list):
        return set().union(*map(strings, rule))
    if not isinstance(rule, dict) or rule.get("type", "").endswith("TOKEN"):
        return set()
    if rule.get("type") == "STRING":
        return {rule["value"]}
    return set().union(*map(strings, rule.values()))


def check_words(keywords, parser, grammar):
    words = set(re.findall(r'^KEYWORD\(\w+,\s*"(\w+)"', read(keywords), re.M))
    declared = "".join(re.findall(r"^%token ([A-Z].*)", read(parser), re.M))
    signs = set(re.findall(r'"([^"\w\s]+)"', declared))
    wanted, there = words | signs, strings(json.loads(read(grammar))["rules"]) - {'"'}
    if not words or not signs:
        yield f"no words in {keywords}, or no signs in {parser}"
    for what, where in (wanted - there, grammar), (there - wanted, keywords + " and " + parser):
        if what:
            yield f"{where} lacks: {' '.join(sorted(what))}"


def check_generated(folder):
    grammar = json.loads(read(os.path.join(folder, "src/grammar.json")))
    written = set(re.findall(r"^    (\w+): \$ =>", read(os.path.join(folder, "grammar.js")), re.M))
    parser = read(os.path.join(folder, "src/parser.c"))
    names = re.search(r"ts_symbol_names\[\] = \{\n(.*?)^\};", parser, re.M | re.S)[1]
    symbols = set(re.findall(r'^  \[\w+\] = "(.*)",$', names, re.M))
    if rules := written ^ set(grammar["rules"]):
        yield f"not in both grammar.js and grammar.json: {' '.join(sorted(rules))}"
    nodes = {name for name in grammar["rules"] if not name.startswith("_")} | (strings(grammar["rules"]) - {'"'})
    if symbols := nodes - symbols:
        yield f"in grammar.json, but not in parser.c: {' '.join(sorted(symbols))}"


faults = list(globals()["check_" + sys.argv[1]](*sys.argv[2:]))
print("\n".join(faults), end="\n" if faults else "")
sys.exit(1 if faults and sys.argv[1] != "passed" else 0)
