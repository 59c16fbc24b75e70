"""Runs the examples of a document: examples.py NETC SRCDIR FILE.md. Silent when all behave as written.

  ```net                a file: parses; the last net in it, if any, compiles to a graph without a word
  ```net body           steps, put into a net with a 3x224x224 input
  ```net file=a.net     as ```net, and later examples may import it
  ```net error: TEXT    is refused, with TEXT in the message
  ```net warning: TEXT  compiles, with TEXT in the message
  ```sh                 lines with `$ ` are run in order, in one folder with the tree's examples/; what
                        follows each is its output, where `...` stands for any text, or for any lines
  ```sh data            the same, where the real data is: skipped elsewhere
"""
import os
import re
import subprocess
import sys
import tempfile

NETC, SRCDIR, DOCUMENT = sys.argv[1:]
sys.path.insert(0, os.path.join(SRCDIR, "scripts"))
from fences import BODY, fences  # noqa: E402


def compile_net(folder, name, text):
    """The exit status and messages of netc on an example."""
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)
    nets = re.findall(r"^net\s+(\w+)", text, re.M)
    options = ["--emit=graph", "--net", nets[-1]] if nets else ["--emit=ast"]
    run = subprocess.run([NETC, *options, name], cwd=folder, capture_output=True, text=True)
    return run.returncode, run.stderr


def check_net(folder, number, tag, text):
    """What is wrong with a ```net example, or None."""
    name = f"example{number}.net"
    if match := re.match(r"file=(\S+)$", tag):
        name, tag = match[1], ""
    if tag == "body":
        text, tag = BODY.format(text), ""
    status, messages = compile_net(folder, name, text)
    kind, _, wanted = tag.partition(":")
    wanted = wanted.strip()
    if kind not in ("", "error", "warning"):
        return f"no such tag: '{tag}'"
    if status != (1 if kind == "error" else 0):
        return f"exit status {status}\n{messages}"
    if wanted not in messages or bool(messages) != bool(kind):
        return f"says\n{messages}"
    return None


def pattern_of(lines):
    """A regular expression of expected output."""
    pattern = ""
    for line in lines:
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += r"[^\n]*".join(re.escape(part) for part in line.rstrip().split("...")) + r"[ \t]*\n"
    return re.compile(pattern)


def check_sh(folder, content):
    """Runs the commands of a ```sh example; what is wrong, or None."""
    commands = re.split(r"^\$ ", content, flags=re.M)[1:]
    environment = dict(os.environ, PATH=os.path.dirname(NETC) + os.pathsep + os.environ["PATH"])
    for command in commands:
        line, _, expected = command.partition("\n")
        while line.endswith("\\"):
            more, _, expected = expected.partition("\n")
            line = line[:-1] + more
        run = subprocess.run(line, shell=True, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        output = run.stdout if run.stdout.endswith("\n") or not run.stdout else run.stdout + "\n"
        if not pattern_of(expected.rstrip("\n").splitlines() if expected.strip() else []).fullmatch(output):
            return f"'{line}' prints\n{output}"
    return None


def check(folder, number, info, content):
    language, _, tag = info.partition(" ")
    if language == "net":
        return check_net(folder, number, tag.strip(), content)
    if language == "sh" and (tag != "data" or os.environ.get("NETC_DATA")):
        return check_sh(folder, content)
    return None


def main():
    with open(DOCUMENT, encoding="utf-8") as file:
        text = file.read()
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.join(SRCDIR, "examples"), os.path.join(folder, "examples"))
        for number, (line, info, content) in enumerate(fences(text)):
            if fault := check(folder, number, info, content):
                print(f"{DOCUMENT}:{line}: ```{info}: {fault}")
                faults += 1
    return 1 if faults else 0


sys.exit(main())
