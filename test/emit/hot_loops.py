"""Register tiles stay in registers: hot_loops.py NETC INCLUDE COMPILER FOLDER KERNELS [OPTION...] [--wider]

Compiles the functions of some kernels, KERNELS being their names, or beginnings of their functions', joined by commas, of the network that the options for NETC name, and reads
the innermost loops that hold multiply-adds. Of each function one loop at least keeps as many sums in registers as the tile of the plan
has vectors, and none more; each loop has a multiply-add for every sum, or several, and none touches the stack. Those of a convolution load
no operand twice, but for SSE, whose products destroy one: at most as many as they multiply, and an input for each time that they pass over the sums. `--wider`
compiles with tiles one column wider than the plan has them, which are one too large.
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "scripts"))
import loops  # noqa: E402
from loops import BLOCK, LANES  # noqa: E402


def columns_of(kernels, function, shape, cols):
    """Columns of a tile of so many, of the convolution that is a part of a kernel's shape, as the kernel cuts it."""
    width = kernels.field(function, shape + "ow")
    return cols // width * width if cols >= 2 * width else min(cols, width)


def of_tile(shapes):
    """Vectors of a tile of blocks x columns."""
    def vectors(kernels, step, lanes):
        return max(kernels.field(step.function, shape + "blocks") * BLOCK // lanes *
                   columns_of(kernels, step.function, shape, kernels.field(step.function, shape + "cols")) for shape in shapes)
    return vectors


def of_winograd(kernels, step, lanes):
    return kernels.field(step.function, "blocks") * BLOCK // lanes * kernels.field(step.function, "cols")


def of_transposed(kernels, step, lanes):
    return {"x86-64-v2": 2, "x86-64-v4": 8}.get(kernels.target, 4) * BLOCK // lanes


def of_channels(kernels, step, lanes):
    """A vector at each column."""
    return columns_of(kernels, step.function, "", kernels.field(step.function, "cols"))


def even_part(whole, most):
    """The larger of as few and as equal parts as can be, of `most` at most."""
    return -(-whole // -(-whole // most))


def of_gradient(kernels, step, lanes):
    """Taps of a channel by itself, or of outputs, in one vector each; of others vectors of taps, where the kernel is wider than a column, of a block
    of channels, where that has several, or of blocks, for some outputs."""
    shape = {name: kernels.field(step.function, name) for name in ("depthwise", "by_output", "kh", "kw", "group_ic", "task_kh", "task_blocks")}
    outputs = 8 if lanes == 16 else 4
    if shape["depthwise"]:
        return even_part(shape["kh"] * shape["kw"], 3 * outputs)
    if shape["by_output"]:
        return even_part(shape["task_kh"] * shape["kw"] * shape["group_ic"], 3 * outputs)
    return outputs * even_part(shape["kw"] if shape["kw"] > 1 else BLOCK // lanes if lanes < BLOCK else shape["task_blocks"], 3)


def of_winograd_gradient(kernels, step, lanes):
    """Two vectors for some outputs."""
    return 2 * (8 if lanes == 16 else 4)


SUMS = {"conv": of_tile(("",)), "matmul": of_tile(("product.",)), "attention": of_tile(("scores.", "product.")),
        "winograd": of_winograd, "conv_transpose": of_transposed, "depthwise": of_channels, "grouped": of_channels,
        "weight_gradient": of_gradient, "winograd_gradient": of_winograd_gradient}


def wrong_in_loop(loads_once, loop, most):
    if loop.on_stack:
        yield f"{len(loop.on_stack)} on the stack: " + "; ".join(re.sub(r"\s+", " ", i.text) for i in loop.on_stack[:4])
    if loop.sums > most:
        yield f"{loop.sums} sums, of a tile of {most}"
    if loop.multiply_adds % loop.sums:
        yield f"{loop.multiply_adds} multiply-adds for {loop.sums} sums"
    if loads_once and loop.loads > loop.multiply_adds + loop.multiply_adds // loop.sums:
        yield f"{loop.loads} loads for {loop.multiply_adds} multiply-adds"


def wrong_in(loads_once, found, most):
    """What is wrong with the loops of a function. Those with no sums, or one, are no products, but Winograd's transforms, or exponentials."""
    products = [loop for loop in found if loop.sums > 1]
    if most not in [loop.sums for loop in products]:
        yield f"no loop keeps all sums of the tile, but {sorted(loop.sums for loop in products)}"
    for loop in products:
        for what in wrong_in_loop(loads_once, loop, most):
            yield f"{what}, of {len(loop.instructions)} instructions"


def loops_of(kernels, compiler, include, steps):
    """The loops of the function that has each step's code. Others are of what it calls."""
    found = {kernels.code_of(step.function): [] for step in steps}
    functions = list(dict.fromkeys(step.function for step in steps))
    for loop in loops.innermost_loops(kernels.assembly(compiler, include, functions), kernels.target):
        found.get(loop.function, []).append(loop)
    return found


def judge(kernels, step, found):
    """Prints what is wrong with a step; whether anything is."""
    most = SUMS[step.kernel](kernels, step, LANES[kernels.target])
    print(f"{step.function}: {step.kernel} {step.words.get('tile', '')}, {most} sums")
    loads_once = step.kernel == "conv" and kernels.target != "x86-64-v2"
    wrong = list(wrong_in(loads_once, found, most))
    print("".join(f"  wrong: {what}\n" for what in wrong), end="")
    return bool(wrong)


def main():
    netc, include, compiler, folder, names, *options = sys.argv[1:]
    wider = "--wider" in options
    options = [option for option in options if option != "--wider"]
    chosen = tuple(names.split(","))
    beginnings = tuple(set(chosen) - set(SUMS))
    os.makedirs(folder, exist_ok=True)
    steps = [step for step in loops.plan_of(netc, *options) if step.kernel in chosen or step.function.startswith(beginnings)]
    kernels = loops.Kernels(netc, folder, *options)
    for step in steps if wider else ():
        kernels.set(step.function, cols=kernels.field(step.function, "cols") + 1)
    found = loops_of(kernels, compiler, include, steps)
    wrong = [judge(kernels, step, found[kernels.code_of(step.function)]) for step in steps]
    return any(wrong) or not steps


sys.exit(main())
