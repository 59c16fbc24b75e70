"""What the hot loops of kernels take, on paper: cycles.py --target T --processors "CPU..." [options] NETC FOLDER NAME NETWORK [OPTION...]

Of each kernel of a network the loop of whole tiles is given to llvm-mca, which knows how many instructions of each kind a
processor begins in a cycle, how long they take, and what waits for what; operands are in the first cache, and branches are
foreseen. A loop's share of the peak is the time that its multiply-adds alone would take, of the time that llvm-mca counts. `--tiles` sets other tiles in the
C of convolutions than the plan has. Prints a table in Markdown, which FOLDER/NAME.md keeps. NETWORK and the options after it are netc's.
"""
import argparse
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "scripts"))
import loops  # noqa: E402

RUNTIME = os.path.join(os.path.dirname(__file__), "..", "runtime")
ITERATIONS = 200


class Counter:
    """llvm-mca for a target."""

    def __init__(self, program, target):
        self.command = [program, f"-mtriple={loops.TRIPLES.get(target, 'x86_64-linux-gnu')}", f"-iterations={ITERATIONS}",
                        "-instruction-info=0", "-resource-pressure=0"]

    def counted(self, processor, instructions):
        """Cycles of an iteration; those for which instructions are begun at best."""
        text = "\n".join(i.text for i in instructions) + "\n"
        report = loops.output_of(*self.command, f"-mcpu={processor}", text=text)
        cycles, best = re.search(r"Total Cycles: +(\d+)", report), re.search(r"Block RThroughput: +([\d.]+)", report)
        return int(cycles[1]) / ITERATIONS, float(best[1])

    def share(self, processor, loop, isa):
        """Of a loop's time that of its multiply-adds alone, if all were begun as soon as they can."""
        alone = [i for i in loop.instructions if isa.multiplies(i) or isa.adds(i)]
        return self.counted(processor, alone)[1] / self.counted(processor, loop.instructions)[0]


def hot_loop(found, vectors):
    """That of whole tiles, of so many vectors if that is known; of several the one that is on the stack more."""
    products = [loop for loop in found if loop.sums]
    whole = [loop for loop in products if loop.multiply_adds == vectors] or products
    return max(whole, key=lambda loop: (loop.multiply_adds, len(loop.on_stack)), default=None)


def rows_of(arguments, kernels, step, tile):
    """Cells of the rows of a step, one for each compiler."""
    isa, counter = loops.machine(arguments.target), Counter(arguments.mca, arguments.target)
    blocks, cols = (kernels.field(step.function, name) for name in ("blocks", "cols"))
    vectors = blocks * loops.BLOCK // loops.LANES[arguments.target] * cols
    for compiler in arguments.compilers:
        assembly = kernels.assembly(compiler, RUNTIME, [step.function])
        loop = hot_loop(loops.innermost_loops(assembly, arguments.target), vectors)
        if not loop:
            continue
        shares = [f"{100 * counter.share(processor, loop, isa):.0f} %" for processor in arguments.processors]
        yield [step.function, tile, compiler.split()[0], loop.sums, len(loop.instructions), loop.multiply_adds, len(loop.on_stack), *shares]


def table(arguments):
    head = ["kernel", "tile", "compiler", "sums in registers", "instructions", "multiply-adds", "on the stack", *arguments.processors]
    yield head
    yield ["---"] * len(head)
    kernels = loops.Kernels(arguments.netc, arguments.folder, "--target", arguments.target, *arguments.network)
    for step in loops.plan_of(arguments.netc, "--target", arguments.target, *arguments.network):
        if step.kernel not in arguments.kernels or not re.search(arguments.only, step.function):
            continue
        for tile in arguments.tiles or [None]:
            if tile:
                blocks, cols = tile.split("x")
                kernels.set(step.function, blocks=blocks, cols=cols)
            yield from rows_of(arguments, kernels, step, tile or step.words.get("tile", "–"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", required=True)
    parser.add_argument("--processors", required=True, type=str.split)
    parser.add_argument("--compilers", default=["cc"], type=lambda text: text.split(","))
    parser.add_argument("--kernels", default=["conv"], type=lambda text: text.split(","))
    parser.add_argument("--only", default="", help="kernels whose functions' names hold this")
    parser.add_argument("--tiles", type=str.split)
    parser.add_argument("--mca", default="llvm-mca")
    for word in ("netc", "folder", "name"):
        parser.add_argument(word)
    parser.add_argument("network", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    text = "".join(f"| {' | '.join(map(str, cells))} |\n" for cells in table(arguments))
    print(text, end="")
    with open(os.path.join(arguments.folder, arguments.name + ".md"), "w", encoding="utf-8") as file:
        file.write(text)


main()
