"""Loops of compiled kernels: the functions of a network's C, their instructions, and the innermost loops among these.

A multiply-add is one instruction on a vector, or, with SSE, a product. A sum is a vector register that nothing in the loop writes but
multiply-adds, or the additions of products: what a register tile holds from one iteration to the next.
"""
import dataclasses
import re
import subprocess

FUNCTION = re.compile(r"^static (void (\w+)\(const struct netrt_args \*a, long task\)\n\{.*?^\})", re.M | re.S)
SHARED = re.compile(r"^(NETRT_SHARED void (\w+)\(const struct netrt_\w+ \*sizes,\n.*?^\})", re.M | re.S)
SHAPE_WITHIN = re.compile(r"\.(\w+) = \{(\.(?:[^{}]|\{[^{}]*\})*)\}")
STEP = re.compile(r"^step \d+ (\S*): (\w+) kernel=(\w+) (.*)$", re.M)
FLAGS = re.compile(r"Compile with: cc (.*?)\$\(pkg-config", re.S)
LABEL = re.compile(r"^([\w.$]+):")
INSTRUCTION = re.compile(r"^\s+([a-z][\w.]*)(?:\s+(.*))?$")
COMMENT = re.compile(r"\s*(#(?!-?\d|:).*|//.*)$")


# ---- from a network to assembly ----

LANES = {"generic": 1, "x86-64-v2": 4, "x86-64-v3": 8, "x86-64-v4": 16, "aarch64": 4}  # floats of a vector
BLOCK = 16  # channels
TRIPLES = {"aarch64": "aarch64-linux-gnu"}  # of machines, where they are not x86-64


def compiler_for(target, compiler):
    """The command with what clang, which compiles for all machines, has to be told."""
    return f"{compiler} --target={TRIPLES[target]}" if "clang" in compiler and target in TRIPLES else compiler


@dataclasses.dataclass
class Step:
    """A step of a plan."""
    name: str
    function: str
    kernel: str
    words: dict  # such as tile: "1x6"


def output_of(*command, text=None):
    run = subprocess.run(command, input=text, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"{' '.join(command)}: {run.stderr}")
    return run.stdout


def plan_of(netc, *options):
    """The steps of a network's plan, each function once."""
    steps = {}
    for name, function, kernel, rest in STEP.findall(output_of(netc, "--emit=plan", *options)):
        steps.setdefault(function, Step(name, function, kernel, dict(re.findall(r"(\w+)=(\S+)", rest))))
    return list(steps.values())


class Kernels:
    """The functions of a network's C, and how the C wants to be compiled."""

    def __init__(self, netc, folder, *options):
        output_of(netc, "--emit=c", *options, "-o", f"{folder}/network")
        with open(f"{folder}/network.c", encoding="utf-8") as file:
            text = file.read()
        self.target = re.search(r"compiled by netc \S+ for (\S+)\.", text)[1]
        self.flags = FLAGS.search(text)[1].replace(" * ", " ").split()
        self.includes = "".join(re.findall(r'^#include "kernels/.*\n', text, re.M))
        self.functions = {name: body for body, name in FUNCTION.findall(text)}
        self.shared = {name: body for body, name in SHARED.findall(text)}

    def field(self, function, name):
        """A number of a kernel's shape, or, as "product.cols", of a shape within it; those that are zero are left out."""
        *within, field = name.split(".")
        text = self.functions[function]
        text = dict(SHAPE_WITHIN.findall(text))[within[0]] if within else SHAPE_WITHIN.sub("", text)
        found = re.search(rf"\.{field} = (\d+)", text)
        return int(found[1]) if found else 0

    def set(self, function, **fields):
        """Other numbers in a kernel's shape."""
        for name, value in fields.items():
            for functions, key in ((self.functions, function), (self.shared, self.code_of(function))):
                if key in functions:
                    functions[key] = re.sub(rf"\b{name} = \d+", f"{name} = {value}", functions[key])

    def code_of(self, function):
        """The function that has a kernel's code: itself, or the one that it shares with others."""
        called = re.search(r"^    (\w+)\(&shape, a, task\);", self.functions[function], re.M)[1]
        return called if called in self.shared else function

    def assembly(self, compiler, include, functions):
        """What a compiler makes of some of them."""
        shared = {self.code_of(name) for name in functions} & self.shared.keys()
        parts = [self.shared[name] for name in sorted(shared)] + [self.functions[name] for name in functions]
        source = '#include "core/model.h"\n' + self.includes + "\n".join(parts)
        command = [*compiler_for(self.target, compiler).split(), *self.flags, f"-I{include}", "-fno-asynchronous-unwind-tables", "-S", "-x", "c", "-", "-o", "-"]
        return output_of(*command, text=source)


# ---- instructions ----

@dataclasses.dataclass
class Instruction:
    name: str
    operands: list
    text: str

    def is_jump(self):
        return bool(re.fullmatch(r"j\w+|b|b\.?(eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|al|any|none)|cbn?z|tbn?z|br", self.name))

    def falls_through(self):
        return self.name not in ("jmp", "b", "br", "ret", "retq")


def split_operands(text):
    """The operands between commas outside of brackets."""
    return [part.strip() for part in re.findall(r"(?:[^,(\[{]|\([^)]*\)|\[[^\]]*\]!?|\{[^}]*\})+", text or "")]


class Arm:
    """What is read off an instruction of AArch64."""
    stack = re.compile(r"\[(sp|x29)\b")
    frame = re.compile(r"^\s+mov\s+x29, sp", re.M)

    @staticmethod
    def register(operand):
        found = re.match(r"\{?\s*[vqdsh](\d+)\b", operand)
        return int(found[1]) if found else None

    def written(self, i):
        if re.match(r"st|fcmp|fccmp", i.name):
            return []
        return [self.register(operand) for operand in i.operands[:2 if i.name == "ldp" else 1]]

    def multiplies(self, i):
        return i.name == "fmla" and not i.operands[0].startswith(("s", "d"))

    adds = multiplies

    def accumulator(self, i):
        return self.register(i.operands[0])

    def loads(self, i):
        return i.name.startswith("ld") and self.register(i.operands[0]) is not None


class X86:
    """What is read off an instruction of x86-64, in AT&T's order."""
    stack = re.compile(r"\(%(rsp|rbp)\b")
    frame = re.compile(r"^\s+movq?\s+%rsp, %rbp", re.M)

    def __init__(self, fused):
        self.product, self.sum = (r"vfn?madd\d+ps", r"vfn?madd\d+ps") if fused else (r"mulps", r"addps")

    @staticmethod
    def register(operand):
        found = re.match(r"%[xyz]mm(\d+)\b", operand)
        return int(found[1]) if found else None

    def written(self, i):
        return [] if re.match(r"v?u?comis|cmp|test|prefetch", i.name) or not i.operands else [self.register(i.operands[-1])]

    def multiplies(self, i):
        return bool(re.fullmatch(self.product, i.name))

    def adds(self, i):
        return bool(re.fullmatch(self.sum, i.name))

    def accumulator(self, i):
        """vfmadd132 and 213 overwrite a factor."""
        return None if re.search("132|213", i.name) else self.register(i.operands[-1])

    def loads(self, i):
        return self.written(i) not in ([], [None]) and any("(" in operand for operand in i.operands[:-1])


def machine(target):
    return Arm() if target == "aarch64" else X86(fused=target != "x86-64-v2")


def functions_of(assembly):
    """The lines of each function."""
    names = set(re.findall(r"\.type\s+([\w.$]+),\s*[@%]function", assembly))
    functions, lines = {}, None
    for line in assembly.splitlines():
        label = LABEL.match(line)
        if label and label[1] in names:
            lines = functions.setdefault(label[1], [])
        elif lines is not None:
            lines.append(line)
    return functions


# ---- loops ----

class Block:
    """Instructions that follow each other, and the blocks that may follow them."""

    def __init__(self):
        self.instructions, self.next = [], []


def blocks_of(lines):
    """The blocks of a function, in the order of its lines."""
    blocks, at, targets = [Block()], {}, []
    for line in lines:
        label, found = LABEL.match(line), INSTRUCTION.match(COMMENT.sub("", line))
        if label:
            if blocks[-1].instructions:
                blocks.append(Block())
            at[label[1]] = len(blocks) - 1
        elif found:
            instruction = Instruction(found[1], split_operands(found[2]), line.strip())
            blocks[-1].instructions.append(instruction)
            if instruction.is_jump():
                targets.append((len(blocks) - 1, instruction.operands[-1]))
                blocks.append(Block())
            elif not instruction.falls_through():
                blocks.append(Block())
    for number, block in enumerate(blocks[:-1]):
        if not block.instructions or block.instructions[-1].falls_through():
            block.next.append(number + 1)
    for number, label in targets:
        if label in at:
            blocks[number].next.append(at[label])
    return blocks


def back_edges(blocks):
    """Edges to a block through which the way to where they begin goes."""
    state, found, stack = {0: 1}, [], [(0, iter(blocks[0].next))]
    while stack:
        number, rest = stack[-1]
        after = next(rest, None)
        if after is None:
            state[number] = 2
            stack.pop()
        elif state.get(after) == 1:
            found.append((number, after))
        elif after not in state:
            state[after] = 1
            stack.append((after, iter(blocks[after].next)))
    return found


def loop_bodies(blocks):
    """The numbers of the blocks of each loop, by the block that it begins with."""
    before = {}
    for number, block in enumerate(blocks):
        for after in block.next:
            before.setdefault(after, []).append(number)
    bodies = {}
    for end, head in back_edges(blocks):
        body, waiting = bodies.setdefault(head, {head}), [end]
        while waiting:
            number = waiting.pop()
            if number not in body:
                body.add(number)
                waiting += before.get(number, [])
    return bodies


@dataclasses.dataclass
class Loop:
    """An innermost loop."""
    function: str
    instructions: list
    multiply_adds: int
    sums: int      # registers that are only added to
    loads: int     # of vectors, and of what fills them
    on_stack: list  # instructions that read or write the stack, but for comparisons with the end of a loop

    def text(self):
        return "\n".join(i.text for i in self.instructions)


def loop_of(function, instructions, isa, framed):
    sums = {isa.accumulator(i) for i in instructions if isa.adds(i)} - {None}
    sums -= {register for i in instructions if not isa.adds(i) for register in isa.written(i)}
    on_stack = [i for i in instructions if not i.name.startswith(("lea", "cmp")) and any(
        found[1] in ("rsp", "sp") or framed for found in isa.stack.finditer(i.text))]
    return Loop(function, instructions, sum(map(isa.multiplies, instructions)), len(sums), sum(map(isa.loads, instructions)), on_stack)


def innermost_loops(assembly, target):
    """The innermost loops that hold multiply-adds, of all functions."""
    isa = machine(target)
    for function, lines in functions_of(assembly).items():
        blocks, framed = blocks_of(lines), bool(isa.frame.search("\n".join(lines)))
        bodies = loop_bodies(blocks)
        for head, body in sorted(bodies.items()):
            if any(other in body for other in bodies if other != head):
                continue
            loop = loop_of(function, [i for number in sorted(body) for i in blocks[number].instructions], isa, framed)
            if loop.multiply_adds:
                yield loop
