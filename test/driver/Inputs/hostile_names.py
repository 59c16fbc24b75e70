"""A net whose names are hostile in every form that netc gives: hostile_names.py NETC CC."""
import html.parser
import json
import os
import subprocess
import sys

NETC, CC = sys.argv[1], sys.argv[2].split()
NAME = "q\"uo'te*/ ??/ %s%n $(touch ran) `touch ran` ; </script><b> \\ // /* # | {x} &amp; \x1b[31m\x07\u202e\u2066\u2028 b?"
FILE = "ev\"il */ ??/ %s%n $(touch ran)`touch ran`;</script> \\ \x1b[31m\u202e'n.net"
FORMS = ["--emit=ast", "--emit=graph", "--emit=plan", "--emit=dot", "--emit=net", "--emit=c", "--report", "--report=md", "--report=csv",
         "--report=json", "--report=html", "--explain", "--format", "--report --style=torch", "--report --style=torchinfo",
         "--report --style=course"]
FOR_PEOPLE = ["--emit=plan", "--emit=dot", "--emit=c", "--report", "--report=md", "--explain", "--report --style=torch",
              "--report --style=torchinfo", "--report --style=course"]


def run(*words, status=0):
    result = subprocess.run(words, capture_output=True, check=False)
    assert result.returncode == status, (words, result.returncode, result.stderr)
    return result.stdout.decode(), result.stderr.decode()


def harmless(text):
    return not any((c < " " and c not in "\n\t") or c in "\x7f\u202e\u2066" for c in text)


class Page(html.parser.HTMLParser):
    """Counts elements: a name that ends one would show."""
    def __init__(self):
        super().__init__()
        self.count = {}

    def handle_starttag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1


def elements(text):
    page = Page()
    page.feed(text)
    return page.count


def write():
    os.makedirs(os.path.dirname(FILE), exist_ok=True)
    label = NAME.replace("\\", "\\\\").replace('"', '\\"')
    net = ("net n {\n    input x[3, 8, 8]\n    \"%s\": conv(4, 3) -> relu\n    \"b%s\": { conv(2, 1) }\n    flatten\n    fc: linear(2)\n"
           "    labels \"l.txt\"\n}\n")
    with open(FILE, "w", encoding="utf-8") as file:
        file.write(net % (label, label))
    with open(os.path.join(os.path.dirname(FILE), "l.txt"), "w", encoding="utf-8") as file:
        file.write("cat \"Tom\" */ ??/ %s\x1b[31m\n\u202edog\\</script>\n")
    with open("plain.net", "w", encoding="utf-8") as file:
        file.write(net % ("a*", "a*"))
    with open("l.txt", "w", encoding="utf-8") as file:
        file.write("cat\ndog\n")


def forms():
    for form in FORMS:
        out, _ = run(NETC, *form.split(), "-o", "-", FILE)
        assert out and (form not in FOR_PEOPLE or harmless(out)), form
        if form == "--report=json":
            assert json.loads(out)["layers"][0]["name"] == NAME
        if form == "--report=html":
            assert elements(out) == elements(run(NETC, form, "-o", "-", "plain.net")[0])
    rows = run(NETC, "--report=md", FILE)[0].count("\n") - run(NETC, "--report=md", "plain.net")[0].count("\n")
    assert rows == 0, rows
    print(len(FORMS), "forms")


def c():
    run(NETC, "--emit=c", "--single-file", "-o", "n", FILE)
    _, said = run(*CC, "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-fsyntax-only", "n.c")
    assert not said, said
    print("C without a warning")


def program():
    _, said = run(NETC, FILE, "-o", "p")
    assert not said, said
    out, _ = run("./p", "info")
    assert FILE.split("/")[-1] in out
    print("a program that names what it was made of")


def messages():
    _, said = run("./p", "no\x1b[31msuch.png", status=1)
    assert "such.png" in said and harmless(said), said
    with open("wrong.net", "w", encoding="utf-8") as file:
        file.write('net n { input x[1, 1, 1]\n from "a\u202eb" }\n')
    _, said = run(NETC, "wrong.net", status=1)
    assert harmless(said), said
    print("messages of both")


write()
forms()
c()
program()
messages()
assert not os.path.exists("ran")
