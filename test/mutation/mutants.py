"""Small faults that a test should notice: mutants.py CLANG FILE [OPTION...] prints those of FILE, as clang's tree has them.

The kinds are those of the field: a comparison that is off by its edge or turned around (relational), + and - exchanged
(arithmetic), && and || exchanged (logical), a condition negated, a whole number one too large (constant), a statement left out
(deletion). A mutant changes one line of one function's body and nothing that a macro wrote."""
import bisect
import json
import re
import subprocess
import sys
from typing import NamedTuple

# Clang counts bytes: a file is read, and written, as one letter for each.
BYTES = "latin-1"
OPERATORS = {
    "<": ("relational", "<="), "<=": ("relational", "<"), ">": ("relational", ">="), ">=": ("relational", ">"),
    "==": ("relational", "!="), "!=": ("relational", "=="), "+": ("arithmetic", "-"), "-": ("arithmetic", "+"),
    "+=": ("arithmetic", "-="), "-=": ("arithmetic", "+="), "&&": ("logical", "||"), "||": ("logical", "&&"),
}
# Between an operator and its operands: blanks, comments, brackets.
AROUND = r"(?:[\s()]|/\*.*?\*/|//[^\n]*\n)*"
STATEMENTS = {"CallExpr", "CompoundAssignOperator", "BreakStmt", "ContinueStmt"}
STEPS = {"++", "--"}


class Mutant(NamedTuple):
    """`text` in place of the bytes from `begin` to `end` of the file."""
    kind: str
    begin: int
    end: int
    text: str


class File:
    """A source file, and where the places of clang's tree lie in it."""

    def __init__(self, path):
        self.path = path
        with open(path, encoding=BYTES) as file:
            self.text = file.read()
        self.lines = [0] + [match.end() for match in re.finditer("\n", self.text)]

    def line(self, offset):
        return bisect.bisect_right(self.lines, offset)

    def changed(self, mutant):
        return self.text[:mutant.begin] + mutant.text + self.text[mutant.end:]

    def change(self, mutant):
        """The lines that a mutant changes, before and after, without their indentation."""
        first, last = self.line(mutant.begin) - 1, self.line(max(mutant.begin, mutant.end - 1))
        begin = self.lines[first]
        end = self.lines[last] if last < len(self.lines) else len(self.text)
        after = self.text[begin:mutant.begin] + mutant.text + self.text[mutant.end:end]
        return " ".join(self.text[begin:end].split()), " ".join(after.split())


class Places:
    """Clang leaves out the file of a place where it is that of the place before it: all are read in order."""

    def __init__(self, path):
        self.path = path
        self.file = None

    def resolve(self, value):
        """Notes at each place below `value` whether it is in the file itself."""
        if isinstance(value, list):
            for one in value:
                self.resolve(one)
        elif isinstance(value, dict):
            if "file" in value and "offset" in value:
                self.file = value["file"]
            if "offset" in value:
                value["here"] = self.file == self.path
            for key, one in value.items():
                if key != "includedFrom" and isinstance(one, (dict, list)):
                    self.resolve(one)


def place(node, side):
    """Where a node begins or ends in the file, or None: (offset, length of the token there)."""
    at = node.get("range", {}).get(side, {})
    if "spellingLoc" in at:
        at = at["spellingLoc"] if at["expansionLoc"].get("isMacroArgExpansion") else at["expansionLoc"]
    return (at["offset"], at["tokLen"]) if at.get("here") else None


def span(node):
    begin, end = place(node, "begin"), place(node, "end")
    return (begin[0], sum(end)) if begin and end and begin[0] <= end[0] else None


def between(file, node):
    """The operator of a node with two operands: clang has no place of it."""
    left, right = place(node["inner"][0], "end"), place(node["inner"][1], "begin")
    if node["opcode"] not in OPERATORS or not left or not right:
        return
    pattern = re.compile(f"({AROUND}){re.escape(node['opcode'])}({AROUND})$", re.S)
    match = pattern.match(file.text, sum(left), right[0])
    if match:
        kind, text = OPERATORS[node["opcode"]]
        yield Mutant(kind, match.end(1), match.start(2), text)


def negated(file, node):
    where = span(node["inner"][0])
    if where and balanced(file.text[slice(*where)]):
        yield Mutant("condition", *where, f"!({file.text[slice(*where)]})")


def constant(file, node):
    where = span(node)
    if where and re.fullmatch(r"\d+", file.text[slice(*where)]):
        yield Mutant("constant", *where, str(int(file.text[slice(*where)]) + 1))


def balanced(text):
    return text.count("(") == text.count(")") and text.count("{") == text.count("}")


def is_statement(node):
    return (node.get("kind") in STATEMENTS or node.get("opcode") in STEPS | {"=", ","}
            or node.get("kind") == "ReturnStmt" and not node.get("inner")
            or node.get("kind") == "ParenExpr" and is_statement(node["inner"][0]))


def deletions(file, node):
    """Of the statements of a block, and of the one that is all of a loop or of a branch."""
    for child in node["inner"] if node["kind"] == "CompoundStmt" else node["inner"][1:]:
        begin = place(child, "begin") if is_statement(child) else None
        end = file.text.find(";", begin[0]) if begin else -1
        if end >= 0 and balanced(file.text[begin[0]:end]) and file.text[:begin[0]].rstrip()[-1:] in ("{", "}", ";", ")", "/", "e", ":"):
            yield Mutant("deletion", begin[0], end, "(void)0")


def of_node(file, node):
    kind = node.get("kind")
    if kind in ("BinaryOperator", "CompoundAssignOperator"):
        yield from between(file, node)
    if kind in ("IfStmt", "ConditionalOperator"):
        yield from negated(file, node)
    if kind == "IntegerLiteral":
        yield from constant(file, node)
    if kind in ("CompoundStmt", "IfStmt", "WhileStmt"):
        yield from deletions(file, node)
    if kind == "ForStmt":
        yield from deletions(file, {"kind": kind, "inner": [None, node["inner"][-1]]})


def is_status(node):
    """`return -1`: callers ask whether it is 0."""
    inner = node.get("inner", [{}])[0]
    return node.get("kind") == "ReturnStmt" and inner.get("kind") == "UnaryOperator" and inner["opcode"] == "-"


def below(node):
    """Statements and expressions; the number of a case, or of an array's elements, is none of them."""
    for child in node.get("inner", []):
        if child and child.get("kind") not in ("ConstantExpr", "FullComment") and not is_status(child):
            yield child
            yield from below(child)


def mutants(clang, path, options):
    """The file, and its mutants in their order."""
    file = File(path)
    run = subprocess.run([clang, *options, "-w", "-fsyntax-only", "-Xclang", "-ast-dump=json", path],
                         stdout=subprocess.PIPE, check=True)
    tree = json.loads(run.stdout)
    Places(path).resolve(tree)
    functions = (node for node in tree["inner"] if node["kind"] == "FunctionDecl")
    found = {mutant for function in functions for node in below(function) for mutant in of_node(file, node)}
    return file, sorted(found, key=lambda mutant: (mutant.begin, mutant.end, mutant.text))


def main():
    clang, path, *options = sys.argv[1:]
    file, found = mutants(clang, path, options)
    for mutant in found:
        before, after = file.change(mutant)
        print(f"{file.line(mutant.begin)}: {mutant.kind}\n- {before}\n+ {after}")


if __name__ == "__main__":
    main()
