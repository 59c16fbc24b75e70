"""Whether networks are written as descriptions of the same graph: check.py NETC FOLDER [OPTION]... FILE[:NET]...

The same: the same operators with the same attributes over the same operands, and the same outputs, apart from names, but for
those of outputs beside the flow and, of a description, of parameters, from identities and from the order of nodes and of the operands of sums and products. A description is in the style of
--format, and written again it is the same text. FILE may be random:SEED, a network of random_net.py.
"""
import os
import re
import subprocess
import sys

NODE = re.compile(r'  %(\d+) = (\w+)((?: %\d+,?)*)(?: \{(.*?)\})?(?: "| in !| :|$)')
COMMUTE = {"add", "mul", "minimum", "maximum"}


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode or done.stderr:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def canonical(text, table):
    """Of each output a number that is the same where the computation is, with what it is for."""
    ids, outputs, inputs = {}, [], 0
    for line in text.split("\n"):
        node, output = NODE.match(line), re.match(r'  output "(.*?)" = %(\d+)(.*)', line)
        if output:
            name = re.sub(r"\\x..", "_", output.group(1))  # what no string of the language has
            outputs.append((name if outputs else "", ids[output.group(2)], output.group(3)))
        if not node:
            continue
        name, op, operands, attrs = node.groups()
        operands = [ids[o] for o in re.findall(r"%(\d+)", operands)]
        if op == "identity":
            ids[name] = operands[0]
            continue
        if op == "input":
            attrs, inputs = f"number {inputs}", inputs + 1
        if op in COMMUTE and len(operands) == 2:
            operands.sort()
        key = (op, attrs, tuple(operands), line.rsplit(" : ", 1)[1])
        ids[name] = table.setdefault(key, len(table))
    return outputs


def params(netc, *files):
    return sorted(run(netc, "--params", "-Wno-dead", *files).split("\n"))


def check(netc, folder, file, options):
    path, _, net = file.partition(":")
    if path == "random":
        path = os.path.join(folder, f"random{net}.net")
        with open(path, "w", encoding="ascii") as out:
            out.write(run(sys.executable, os.path.join(os.environ["NETC_REFERENCE"], "random_net.py"), net))
        net = ""
    options = options + (["--net", net] if net else [])
    written = os.path.join(folder, "written.net")
    run(netc, "--emit=net", "-Wno-dead", *options, path, "-o", written)
    with open(written, encoding="utf-8") as text:
        text = text.read()
    table = {}
    before = canonical(run(netc, "--emit=graph", "-Wno-dead", *options, path), table)
    size = len(table)
    after = canonical(run(netc, "--emit=graph", "-Wno-dead", written), table)
    if before != after or not before:
        sys.exit(f"{file}: {written} is another network: outputs {before} and {after} of {size} and {len(table)} operators")
    if path.endswith(".net") and params(netc, *options, path) != params(netc, written):
        sys.exit(f"{file}: {written} has other names of parameters")
    if run(netc, "--format", written) != text:
        sys.exit(f"{file}: {written} is not in the style of --format")
    if run(netc, "--emit=net", "-Wno-dead", *options, path) != text:
        sys.exit(f"{file}: written again it is another text")
    return size, text.count("\n")


def main():
    netc, folder, *rest = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    options = [a for a in rest if a.startswith("--")]
    files = [a for a in rest if not a.startswith("--")]
    for file in files:
        operators, lines = check(netc, folder, file, options)
        print(f"{os.path.basename(file)}: {operators} operators in {lines} lines")


main()
