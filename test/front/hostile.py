"""Files that go on and on: hostile.py NETC FOLDER. Silent when netc takes or refuses each in time, with
little to say, and neither crashes."""
import os
import subprocess
import sys

NETC, FOLDER = sys.argv[1:]
N = 100_000
ACCEPTED = {
    "steps": "block b { " + "relu -> " * N + "relu }",
    "branches": "block b { concat { " + "| relu " * N + "} }",
    "clauses": "block b { " + "if a { relu } else " * N + "{ bn } }",
    "list": "let x = [" + "[1, 2], " * N + "]",
    "pattern": "block b { for " + "a, " * N + "a in x { relu } }",
    "path": "block b { from a" + ".a" * N + " }",
    "comment": "#" * 10 * N,
    "lines": "\n" * 10 * N,
    "string": 'let x = "' + "a" * 10 * N + '"',
    "nested": "block b " + "{ " * 150 + "relu" + " }" * 150,
    "nested forks": "block b { " + "add { | " * 150 + "relu" + " }" * 151,
    "nested lists": "let x = " + "[1, " * 150 + "]" * 150,
}
REFUSED = {
    "(": "let x = " + "(" * N,
    "[": "let x = " + "[" * N,
    "{": "block b " + "{" * N,
    "( )": "let x = " + "(" * N + "1" + ")" * N,
    "-": "let x = " + "-" * N + "1",
    "not": "let x = " + "not " * N + "1",
    "+": "let x = 1" + " + 1" * N,
    "if else": "let x = " + "1 if 1 else " * N + "1",
    ".": "let x = a" + ".a" * N,
    "[0]": "let x = a" + "[0]" * N,
    "()": "let x = a" + "()" * N,
    "<": "let x = 1" + " < 1" * N,
    ")": ")" * N,
    "}": "}" * N,
    "{}": "block b {}" + "{}" * N,
    ";": "block b { " + "a; " * N + "}",
    "->": "block b { " + "-> " * N + "a }",
    "@": "@ " * N,
    "escapes": '"\\q"' * N,
    "outside": "x\n" * N,
    "two steps": "block b {\n" + "x y\n" * N + "}",
    "missing braces": "block b {\n" * N,
    "missing braces of forks": "block b { concat {\n" * N,
    "missing parentheses": "block b {\n f(\n" * N,
    "colons": "block b { " + "f(a: 1) -> " * N + "g }",
    "mismatched": "let x = " + "(]" * N,
    "bars": "block b { concat { " + "| " * N + "} }",
}


def run(name, text, status):
    path = os.path.join(FOLDER, "hostile.net")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    run = subprocess.run([NETC, "--emit=ast", path], capture_output=True, text=True, timeout=60)
    if run.returncode != status or len(run.stderr) > 100_000 or bool(run.stderr) != bool(status):
        sys.exit(f"{name}: exit status {run.returncode}, says {len(run.stderr)} bytes:\n{run.stderr[:2000]}")


for name, text in ACCEPTED.items():
    run(name, text, 0)
for name, text in REFUSED.items():
    run(name, text, 1)
