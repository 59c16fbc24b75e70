"""Formats files, random networks, and both with their layout spoilt: tidy.py NETC COUNT FILE... Silent when all that
changes is white space, comments keep their places among the words, what is formatted stays, and the tree is the same."""
import os
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))
import random_net

NETC, COUNT, *FILES = sys.argv[1:]
PIECE = re.compile(r'#[^\n]*|"(?:[^"\\\n]|\\.)*"|->|[\w]+|\n|[^\S\n]+|.')


def run(*arguments):
    return subprocess.run([NETC, *arguments], capture_output=True, text=True)


def pieces(text):
    """Words, strings, comments and signs, without white space."""
    found = [piece.rstrip() for piece in PIECE.findall(text)]
    return "".join(piece for piece in found if piece and not piece.startswith("#")), [p for p in found if p.startswith("#")]


def places(text):
    """Comments with the words that stand before each."""
    words, result = 0, []
    for piece in PIECE.findall(text):
        if piece.startswith("#"):
            result.append((words, piece.rstrip()))
        else:
            words += len(piece.strip())
    return result


def spoil(text, chance):
    """The same in another layout: blanks put in and taken out, lines indented anew, comments and empty lines added."""
    result, depth = [], 0
    for piece in PIECE.findall(text):
        depth += (piece in "([") - (piece in ")]")
        kind = chance.random()
        if piece == "\n":
            comment = chance.choice(("", "", "", "# x", "  #y ", "\n# own line", "\n\n\n"))
            result.append(comment + "\n" + " " * chance.choice((0, 0, 3, 8, 30)))
        elif not piece.strip():
            result.append(" " * chance.choice((1, 1, 2, 7)) if kind > 0.1 else "\t")
        elif piece in ("->", ",", "==", "{") and kind < 0.2:
            result.append(chance.choice((" ", "", "  ")) + piece + " ")
        elif piece == "," and depth and kind < 0.4:
            result.append(",\n")
        elif piece == "|" and kind < 0.3:
            result.append("|  ")
        else:
            result.append(piece)
    return "".join(result)


def check(paths):
    before = [open(path, encoding="utf-8").read() for path in paths]
    once = run("--format", "-i", *paths)
    if once.returncode or once.stderr:
        sys.exit(once.stderr)
    again = run("--format", "--check", "--diff", *paths)
    if again.returncode or again.stdout:
        sys.exit(f"formatted again:\n{again.stdout}{again.stderr}")
    for path, old in zip(paths, before):
        new = open(path, encoding="utf-8").read()
        if pieces(old) != pieces(new) or places(old) != places(new):
            sys.exit(f"{path}: more than white space changed:\n{old}\n----\n{new}")
        if re.search(r"[ \t]$|^\n|\n\n$", new) or re.search(r"[ \t]\n|\n\n\n", new) or (new and new[-1] != "\n"):
            sys.exit(f"{path}: blanks or empty lines are left:\n{new}")


def trees(paths):
    return [run("--emit=ast", path).stdout for path in paths]


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def main():
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        texts = [open(path, encoding="utf-8").read() for path in FILES]
        paths = [write(folder, f"f{i}.net", text) for i, text in enumerate(texts)]
        keep = [i for i, path in enumerate(paths) if not run("--format", path).returncode]
        paths, texts = [paths[i] for i in keep], [texts[i] for i in keep]
        expected = trees(paths)
        check(paths)
        if trees(paths) != expected:
            sys.exit("a tree changed")
        paths = [write(folder, f"s{i}.net", spoil(text, chance)) for i, text in enumerate(texts)]
        if trees(paths) != expected:
            sys.exit("the test spoils more than the layout")
        check(paths)
        if trees(paths) != expected:
            sys.exit("a tree changed with the layout")
        nets = [random_net.Net(seed).text() for seed in range(int(COUNT))]
        check([write(folder, f"n{i}.net", spoil(net, chance)) for i, net in enumerate(nets)])


main()
