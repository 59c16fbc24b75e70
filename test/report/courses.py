"""Writes docs/courses.md, facts of courses beside what netc says of them: courses.py NETC EXAMPLES INPUTS > docs/courses.md.
Status 1 where a figure is not the one that was recomputed."""
import re
import sys

import facts

COURSES = {
    "A": "notes and exercises on AlexNet, VGG-19, Inception modules and Faster R-CNN",
    "B": "homework: a convolution and a pool by hand, derivatives of three weights, evaluation on ImageNet",
    "C": "a tutorial in PyTorch on VGG, NiN, GoogLeNet and ResNet, with the tables of torchinfo",
    "D": "homework of Dive into Deep Learning in Gluon, with the tables of its `summary()`",
    "E": "lectures on the architectures from AlexNet to ResNeXt",
}
TABLE = 40  # facts of a network that make it a table with a row for each layer
HELD = "<!-- held by test/report/facts.test -->"
SAYS = {"correct": "yes", "wrong": "no", "ambiguous": "in part", "garbled": "damaged", "derived": "left open"}


def text(value):
    """A figure as a cell."""
    if isinstance(value, (tuple, list)):
        return "; ".join(map(text, value))
    value = re.sub(r"^\d+(?=$| B$)", lambda number: f"{int(number[0]):,}", str(value))
    return re.sub(r"([|*_<])", r"\\\1", value)


def print_table(heads, rows):
    print(f"\n{HELD}\n| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")


class Sheet:
    """All facts, with what netc says of those that are not apart."""

    def __init__(self):
        self.apart = {row["id"]: row["reason"] for row in facts.read("facts_apart.csv")}
        self.facts = facts.read("facts.csv")
        self.values = {fact["id"]: facts.computed(fact) for fact in self.facts if fact["id"] not in self.apart}

    def computed(self, *verdicts):
        return [fact for fact in self.facts if fact["id"] in self.values and (not verdicts or fact["verdict"] in verdicts)]

    def problems(self):
        for fact in self.computed():
            value = self.values[fact["id"]]
            if value is None or not facts.agree(value, fact["recomputed_value"]):
                yield (f"{fact['id']} {fact['network']}, {fact['layer']}, {fact['quantity']}: "
                       f"{fact['recomputed_value']}, but the report has {value}")

    def value(self, fact):
        return text(self.values[fact["id"]])


def place(fact):
    return text(f"{fact['network']}: {fact['layer']}, {fact['quantity']}")


def print_head(sheet):
    made = len(facts.COMPUTED_HERE)
    print(f"""# What courses say

Five course documents state parameters, shapes, operations, memory and receptive fields of the classic networks. Here each of
their facts stands beside netc's figure. All were recomputed apart from netc, in exact integers, and by torchvision, torchinfo
and Gluon where they apply: `test/report/Inputs/facts.csv` has what a course says, what is right, and why where they differ.
`test/report/facts.py` says which figure of which report each is, `test/report/courses.py` writes this page, and a test does so
anew.

Of {len(sheet.facts):,} facts {len(sheet.values) - made:,} are what a report says; {made} are sums, quotients and units of a report's figures, which
only the test computes; {len(sheet.apart)} are [apart](#apart).

""" + "\n".join(f"* **{course}**: {title}." for course, title in COURSES.items()))
    rows = []
    for course in COURSES:
        of = [fact for fact in sheet.facts if fact["id"][0] == course]
        counts = [sum(fact["id"] in sheet.values and fact["verdict"] == verdict for fact in of) for verdict in SAYS]
        rows.append([course, *(f"{n:,}" for n in (len(of), *counts, sum(fact["id"] in sheet.apart for fact in of)))])
    print_table(["course", "facts", "right", "wrong", "right in part", "damaged", "left open", "apart"], rows)


def print_differences(sheet):
    names = [fact for fact in sheet.computed("garbled") if fact["quantity"] == "layer name"]
    print(f"""
## Where a course differs

What is wrong, what is right in one reading only, and what was damaged on the way from a printout to a text; {len(names)} names of
layers that were damaged so are left out: torchinfo's tables below have them.""")
    rows = [[fact["id"], place(fact), text(fact["stated_value"]), sheet.value(fact), SAYS[fact["verdict"]], text(fact["note"])]
            for fact in sheet.computed("wrong", "ambiguous", "garbled") if fact not in names]
    print_table(["", "figure", "course", "netc", "right?", "why"], rows)
    print("\n## What a course leaves open\n\nQuestions without an answer there, and totals of its tables that are not printed.")
    rows = [[fact["id"], place(fact), text(fact["convention"]), sheet.value(fact)] for fact in sheet.computed("derived")]
    print_table(["", "figure", "counted as", "netc"], rows)


def unique(cells):
    return ", ".join(dict.fromkeys(cells))


def print_layers(sheet, of):
    """A row for each layer, a column for each quantity that several layers have; the other facts."""
    layers = list(dict.fromkeys(fact["layer"] for fact in of))
    counted = [fact["quantity"] for fact in of if fact["layer"] != "total"]
    columns = [name for name in dict.fromkeys(counted) if counted.count(name) > 3 and name != "layer name"]
    cells = {}
    for fact in of:
        mark = "" if fact["verdict"] in ("correct", "derived") else " ✗"
        cells.setdefault((fact["layer"], fact["quantity"]), []).append(sheet.value(fact) + mark)
    rows = [[text(layer), *(unique(cells.get((layer, column), [])) for column in columns)] for layer in layers
            if any((layer, column) in cells for column in columns)]
    print_table(["layer", *columns], rows)
    return [fact for fact in of if fact["quantity"] not in (*columns, "layer name")]


def print_list(sheet, of):
    rows = [[text(fact["layer"]), text(fact["quantity"]), text(fact["convention"]), text(fact["stated_value"]),
             sheet.value(fact), SAYS[fact["verdict"]]] for fact in of]
    print_table(["layer", "figure", "counted as", "course", "netc", "right?"], rows)


def print_network(sheet, course, network):
    of = [fact for fact in sheet.computed() if fact["id"][0] == course and fact["network"] == network]
    if not of:
        return
    print(f"\n### {course}: {network}")
    if network in facts.TABLES:
        print(f"\n`{facts.TABLES[network][1]}`")
    rest = print_layers(sheet, of) if len(of) >= TABLE else of
    if rest:
        print_list(sheet, rest)


def print_all(sheet):
    print("""
## All figures

Of a network with many layers each cell is netc's figure, and the course's too, unless it is marked ✗; where a course states a
figure in two tables, the cell holds both. The line above a table is the command that prints most of it.""")
    for course, network in dict.fromkeys((fact["id"][0], fact["network"]) for fact in sheet.facts):
        print_network(sheet, course, network)


def print_apart(sheet):
    print("\n## Apart\n\nWhat no report can say.")
    rows = [[fact["id"], place(fact), text(fact["stated_value"]), text(sheet.apart[fact["id"]])]
            for fact in sheet.facts if fact["id"] in sheet.apart]
    print_table(["", "figure", "course", "why"], rows)


def main():
    sheet = Sheet()
    problems = list(sheet.problems())
    if problems:
        sys.exit("\n".join(problems))
    print_head(sheet)
    print_differences(sheet)
    print_all(sheet)
    print_apart(sheet)


main()
