"""Formats files with netc: fixed_point.py NETC FILE... Silent when each parses, when its formatted text
formats to itself, and when that text has the words and operators of the file, in their order."""
import re
import subprocess
import sys
import tempfile

NETC, *FILES = sys.argv[1:]
TOKEN = re.compile(r'#[^\n]*|"(?:[^"\\]|\\.)*"|[\w.]+|->|[^\s\w]')


def tokens(text):
    """All but comments, and the parentheses and commas that formatting may add or leave out."""
    return [t for t in TOKEN.findall(text) if not t.startswith("#") and t not in "(),"]


def formatted(path):
    run = subprocess.run([NETC, "--emit=ast", path], capture_output=True, text=True)
    if run.returncode or run.stderr:
        sys.exit(f"{path}: exit status {run.returncode}\n{run.stderr}")
    return run.stdout


def main():
    for path in FILES:
        once = formatted(path)
        with tempfile.NamedTemporaryFile("w", suffix=".net") as file:
            file.write(once)
            file.flush()
            again = formatted(file.name)
        with open(path, encoding="utf-8", newline="") as file:
            written = tokens(file.read())
        if again != once:
            sys.exit(f"{path}: formats again to\n{again}")
        if tokens(once) != written:
            sys.exit(f"{path}: says something else when formatted:\n{once}")


main()
