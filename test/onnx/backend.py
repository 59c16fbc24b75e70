"""ONNX's own tests, through netc: backend.py NETC FOLDER [PATTERN]

They are those of each operator, the small models that lie in the package, most of them exports of an early PyTorch, and whole networks without
weights of their own. Every case whose tensors are floats, or integers of 32 or 64 bits, is taken as a network: what its nodes read flows in, and
what netc wants to know before (shapes, weights) is put into the file as an initializer. Cases that netc compiles are merged to a few networks,
so that the C compiler runs a few times, and each output is compared with the one that ONNX's test expects. Of a case with other tensors netc is
given the model as it is. Prints how many there are, and what netc says of those that it refuses; --table prints that as the table of docs/onnx.md.
Status 1: an output differs, or netc ended by a signal.
"""
import collections
import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import warnings

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases
from onnx.backend.test.loader import DATA_DIR
from onnx.backend.test.runner import Runner

warnings.filterwarnings("ignore")
NETC, FOLDER = sys.argv[1], sys.argv[2]
WORDS = [word for word in sys.argv[3:] if not word.startswith("--")]
FLOATS = (np.float32, np.float16, np.float64)
INTEGERS = (np.int32, np.int64)
MERGED, MOST_FILES = 100, 16  # inputs or outputs of cases in a network; those that a program can have
OTHER = "nothing: the test has tensors that are neither floats nor integers of 32 or 64 bits, are empty, or hold floats that 32 bits do not"

# `alone`: a network that is merged with no other.
Case = collections.namedtuple("Case", "name model inputs outputs alone")


def plain(value):
    """Whether it is an array that a network can read or give."""
    if not isinstance(value, np.ndarray) or value.dtype not in FLOATS + INTEGERS or not value.size:
        return False
    return value.dtype in INTEGERS or not (np.isfinite(value) & (abs(value) > np.finfo(np.float32).max)).any()


def add_prefix(graph, prefix):
    for node in graph.node:
        node.input[:] = [prefix + n if n else n for n in node.input]
        node.output[:] = [prefix + n if n else n for n in node.output]
        for branch in (a.g for a in node.attribute if a.HasField("g")):
            add_prefix(branch, prefix)
    for value in list(graph.input) + list(graph.output) + list(graph.initializer):
        value.name = prefix + value.name


class Variant:
    """A case with some inputs flowing and the others known; `shapes` are those of the graph's inputs."""
    shapes = ()

    def __init__(self, case, flowing):
        self.name, self.flowing, self.outputs, self.alone = case.name, flowing, case.outputs, case.alone
        self.model = onnx.ModelProto()
        self.model.CopyFrom(case.model)
        graph = self.model.graph
        self.inputs = {}
        kept = []
        for value, array in zip(list(graph.input), case.inputs):
            if value.name in flowing:
                self.inputs[value.name] = array
                kept.append(value)
            else:
                graph.initializer.append(numpy_helper.from_array(array, value.name))
        del graph.input[:]
        graph.input.extend(kept)

    def prefixed(self, prefix):
        """The graph with `prefix` before every name of a tensor."""
        graph = onnx.GraphProto()
        graph.CopyFrom(self.model.graph)
        add_prefix(graph, prefix)
        return graph


def variants(case):
    """The ways to take a case: everything flows, all floats do, the first operand alone; none: it has other tensors."""
    names = [value.name for value in case.model.graph.input]
    if not all(isinstance(a, np.ndarray) for a in case.inputs) or len(names) != len(case.inputs):
        return
    if not case.outputs or not all(plain(a) for a in case.outputs):
        return
    # netc counts positions from 0 on
    all_plain = [n for n, a in zip(names, case.inputs) if plain(a) and (a.dtype in FLOATS or a.min() >= 0)]
    floats = [n for n, a in zip(names, case.inputs) if plain(a) and a.dtype in FLOATS]
    tried = []
    for flowing in (all_plain, floats, floats[:1], all_plain[:1]):
        if flowing and flowing not in tried:
            tried.append(flowing)
            yield Variant(case, flowing)


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", **more)


def graph_of(name, model):
    """What --emit=graph says: a status, the graph or the messages."""
    path = os.path.join(FOLDER, re.sub(r"\W", "_", name) + ".onnx")
    with open(path, "wb") as file:
        file.write(model.SerializeToString())
    result = run([NETC, "--emit=graph", path])
    os.remove(path)
    return result.returncode, result.stdout if result.returncode == 0 else result.stderr


def reason_of(messages):
    """The first error, without what is particular to one case."""
    errors = re.findall(r"error: (.*)", messages) or [messages.strip()[-200:]]
    lacks = re.match(r"netc has no operator '(\w+)'", errors[0])
    if lacks:
        return "no such operator", lacks[1]
    node = re.match(r"'[^']*', (\w+) \(opset \d+\): (.*)", errors[0])
    if node:
        return re.sub(r"\d+", "N", node[2]), node[1]
    return re.sub(r"'[^']*'|\d+", "…", errors[0]), ""


def first_that_compiles(case):
    """(variant, its graph), or (None, (reason, operator)); a signal is an error."""
    reason = None
    for variant in list(variants(case)) or [case]:
        status, text = graph_of(case.name, variant.model)
        if status == 0 and variant is not case:
            return variant, text
        if status not in (0, 1, 2):
            print(f"{case.name}: netc ended with {status}\n{text}")
            return None, ("a fault", "")
        reason = reason_of(text) if status else None
    return None, reason or (OTHER, case.model.graph.node[0].op_type)


def model_of(group):
    model = onnx.ModelProto()
    model.CopyFrom(group[0].model)
    del model.functions[:]
    model.graph.CopyFrom(onnx.GraphProto(name="merged"))
    return model


def merge(group):
    """The cases side by side, each with its own inputs and outputs."""
    model = model_of(group)
    for i, variant in enumerate(group):
        part = variant.prefixed(f"c{i}_")
        for field in ("node", "initializer", "input", "output"):
            getattr(model.graph, field).extend(getattr(part, field))
        model.functions.extend(f for f in variant.model.functions if f not in model.functions)
    return model


def merge_flat(group):
    """The same with one input and one output, in which those of the cases lie one after the other."""
    model, at, ends = merge(group), 0, []
    names = [f"c{i}_{name}" for i, variant in enumerate(group) for name in variant.inputs]
    arrays = [array for variant in group for array in variant.inputs.values()]
    nodes = list(model.graph.node)
    outputs = [value.name for value in model.graph.output]
    for field in ("node", "input", "output"):
        del getattr(model.graph, field)[:]

    def ints(name, *values):
        model.graph.initializer.append(numpy_helper.from_array(np.array(values, np.int64), name))
        return name

    for name, array in zip(names, arrays):
        cut = helper.make_node("Slice", ["all", ints(name + "_s", at), ints(name + "_e", at + array.size), ints(name + "_a", 1)], [name + "_cut"])
        model.graph.node.extend([cut, helper.make_node("Reshape", [name + "_cut", ints(name + "_d", *array.shape)], [name])])
        at += array.size
    model.graph.node.extend(nodes)
    for name in outputs:
        model.graph.node.append(helper.make_node("Reshape", [name, ints(name + "_f", 1, -1)], [name + "_flat"]))
        ends.append(name + "_flat")
    model.graph.node.append(helper.make_node("Concat", ends, ["joined"], axis=1))
    model.graph.input.append(helper.make_tensor_value_info("all", onnx.TensorProto.FLOAT, (1, at)))
    model.graph.output.append(helper.make_tensor_value_info("joined", onnx.TensorProto.FLOAT, None))
    return model, np.concatenate([np.asarray(a, np.float32).ravel() for a in arrays]).reshape(1, -1)


def is_flat(variant):
    arrays = list(variant.inputs.values()) + variant.outputs
    return variant.shapes[0][0] == 1 and all(a.dtype in FLOATS for a in arrays)


def as_computed(array):
    return np.ascontiguousarray(array, dtype=np.float32 if array.dtype in FLOATS else array.dtype)


def compile_and_run(base, model, arguments):
    """What went wrong; "": nothing did."""
    with open(base + ".onnx", "wb") as file:
        file.write(model.SerializeToString())
    result = run([NETC, base + ".onnx", "-o", base, "--cc", "gcc -O1"])
    if not result.returncode:
        result = run([base, "run", *arguments])
    return result.stderr.strip()[-600:] if result.returncode else ""


def outputs_flat(base, group):
    """The numbers of each output of each case, from one program."""
    model, x = merge_flat(group)
    np.save(base + ".x.npy", x)
    wrong = compile_and_run(base, model, ["--input", base + ".x.npy", "--output", base + ".y.npy"])
    if wrong:
        raise RuntimeError(wrong)
    sizes = [array.size for variant in group for array in variant.outputs]
    parts = iter(np.split(np.load(base + ".y.npy").ravel(), np.cumsum(sizes)[:-1]))
    return [[next(parts) for _ in variant.outputs] for variant in group]


def outputs_beside(base, group):
    arguments, several = [], (sum(len(v.inputs) for v in group) > 1, sum(len(v.outputs) for v in group) > 1)
    for i, variant in enumerate(group):
        for k, ((name, array), shape) in enumerate(zip(variant.inputs.items(), variant.shapes)):
            path = f"{base}.{i}.in{k}.npy"
            np.save(path, as_computed(array).reshape(shape))
            arguments += ["--input", f"c{i}_{name}={path}" if several[0] else path]
        for k, value in enumerate(variant.model.graph.output):
            path = f"{base}.{i}.out{k}.npy"
            arguments += ["--output", f"c{i}_{value.name}={path}" if several[1] else path]
    wrong = compile_and_run(base, merge(group), arguments)
    if wrong:
        raise RuntimeError(wrong)
    return [[np.load(f"{base}.{i}.out{k}.npy") for k in range(len(v.outputs))] for i, v in enumerate(group)]


def differences(number, group):
    """Compiles a group to one program and runs it: the names of the cases that differ. Programs are removed: some hold many weights."""
    base = os.path.join(FOLDER, f"group{number}")
    try:
        got = (outputs_flat if is_flat(group[0]) and not group[0].alone else outputs_beside)(base, group)
    except RuntimeError as error:
        return [f"{', '.join(variant.name for variant in group)}: {error}"]
    finally:
        for path in glob.glob(glob.escape(base) + "*"):
            os.remove(path)
    return [text for variant, arrays in zip(group, got) if (text := compare(variant, arrays))]


def compare(variant, arrays):
    for got, expected in zip(arrays, variant.outputs):
        if got.size != expected.size:
            return f"{variant.name}: {got.shape} in place of {expected.shape}"
        got = got.reshape(expected.shape)
        if not np.allclose(got, expected, rtol=1e-3, atol=1e-5, equal_nan=True):
            return f"{variant.name}: off by {np.nanmax(np.abs(got - expected))}"
    return None


def groups_of(taken):
    """Cases of one opset and one batch; without one, many, else as many as a program has inputs and outputs."""
    groups = collections.defaultdict(list)
    for variant, graph in taken:
        variant.shapes = [tuple(map(int, dims.split(","))) for dims in re.findall(r'= input ".*: \w+\[([\d,]+)\]', graph)]
        opset = next(o.version for o in variant.model.opset_import if o.domain in ("", "ai.onnx"))
        groups[opset, variant.shapes[0][0], is_flat(variant), variant.alone and variant.name].append(variant)
    for of_one in groups.values():
        most, group = (MERGED, MERGED) if is_flat(of_one[0]) else (MOST_FILES, MOST_FILES), []
        for variant in of_one:
            group.append(variant)
            if sum(len(v.inputs) for v in group) > most[0] or sum(len(v.outputs) for v in group) > most[1]:
                yield group[:-1]
                group = [variant]
        yield group


def without_weights(model):
    """A model whose initializers are no inputs, as those of early versions are."""
    known = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in known]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    model.ir_version = max(model.ir_version, 4)
    return model


def array_of(path, value):
    """The tensor in a file; None: it is a list of some, or none at all."""
    if not value.type.HasField("tensor_type"):
        return None
    with open(path, "rb") as file:
        return numpy_helper.to_array(onnx.TensorProto.FromString(file.read()))


def small_models():
    for kind in ("simple", "pytorch-converted", "pytorch-operator"):
        for folder in sorted(glob.glob(os.path.join(DATA_DIR, kind, "*", ""))):
            model = without_weights(onnx.load(folder + "model.onnx"))
            arrays = ([array_of(f"{folder}test_data_set_0/{way}_{i}.pb", value) for i, value in enumerate(values)]
                      for way, values in (("input", model.graph.input), ("output", model.graph.output)))
            yield Case(os.path.basename(folder[:-1]), model, *arrays, False)


def networks():
    """Those whose weights are a number each; ONNX's runner feeds them numbers that grow from 0 to 1."""
    for path in sorted(glob.glob(os.path.join(DATA_DIR, "light", "*.onnx"))):
        model = without_weights(onnx.load(path))
        inputs = [Runner.generate_dummy_data(value) for value in model.graph.input]
        outputs = [array_of(path.replace(".onnx", f"_output_{i}.pb"), value) for i, value in enumerate(model.graph.output)]
        yield Case(os.path.basename(path)[:-5], model, inputs, outputs, True)


def operators():
    for case in collect_testcases(""):
        if case.model is not None and case.data_sets:
            yield Case(case.name, case.model, *case.data_sets[0], False)


def print_table(left):
    print("| what netc says | operators, and how many cases |\n| --- | --- |")
    for reason, operators in sorted(left.items(), key=lambda item: -sum(item[1].values())):
        names = ", ".join(f"{name or '—'} {n}" for name, n in sorted(operators.items()))
        print(f"| {reason} | {names} |")


def main():
    os.makedirs(FOLDER, exist_ok=True)
    cases = [case for case in (*operators(), *small_models(), *networks()) if not WORDS or any(word in case.name for word in WORDS)]
    taken, left, faults = [], collections.defaultdict(collections.Counter), 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for variant, what in pool.map(first_that_compiles, cases):
            if variant:
                taken.append((variant, what))
            else:
                left[what[0]][what[1]] += 1
                faults += what[0] == "a fault"
    wrong = [text for number, group in enumerate(groups_of(taken)) for text in differences(number, group)]
    if "--table" in sys.argv:
        print_table(left)
    print("\n".join(wrong), end="\n" if wrong else "")
    print(f"{len(cases)} cases, {len(taken)} compiled, {len(wrong)} wrong, {faults} faults")
    if "--names" in sys.argv:
        print("\n".join(variant.name for variant, _ in taken))
    return 1 if wrong or faults or not taken else 0


if __name__ == "__main__":
    sys.exit(main())
