"""The rows of torchinfo's tables, as netc prints them."""
import re
import subprocess


def table(netc, file, net):
    """The rows that netc prints, as (depth, class, cells)."""
    text = subprocess.run([netc, "--style=torchinfo-course", "--net", net, file],
                          check=True, capture_output=True, text=True).stdout
    for line in text.split("=\n")[2].splitlines()[:-1]:
        layer = re.match(r"[│├└─ ]*([A-Za-z0-9]+)(?:: (\d+)-\d+)?", line)
        cells = re.findall(r"\[[^]]*\]|[^\s]+", line[layer.end():])
        yield int(layer[2] or 0), layer[1], ["" if cell == "--" else cell.replace(",", "") for cell in cells]


def without_functions(rows):
    """What the course's GoogLeNet calls as functions is no module: relu of modules with branches, flatten of heads."""
    inside = None
    for depth, name, cells in rows:
        if depth < 3:
            inside = name if depth else None
        if depth == 3 and inside == "Inception" and name == "ReLU":
            continue
        if name == "InceptionAux":
            head = True
        elif depth == 1:
            head = False
        if depth == 2 and name == "Flatten" and head:
            continue
        yield depth, name, cells


def numbered(rows):
    """As torchinfo names them: the class, its depth and its number there."""
    numbers = {}
    for depth, name, cells in rows:
        numbers[depth] = numbers.get(depth, 0) + 1
        yield (f"{name}: {depth}-{numbers[depth]}" if depth else name), cells
