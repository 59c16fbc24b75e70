"""Writes nets as ONNX files and runs them elsewhere: exported.py NETC EXAMPLES REFERENCE FOLDER [--opset N] NET...

Each net gets the weights and the input of its golden file, which has PyTorch's outputs. Its file satisfies onnx.checker, gives
these outputs with onnxruntime, and, read by netc, written and read once more, is the same graph. NET is a row of
test/nets/golden.list, or a net of a file of test/nets, FILE:NET; `sample`, `long`: those of the rows that any machine runs soon, and
the others; `random:FIRST:COUNT`: random networks, of which the definitions of their operators, by $NETC_EVALUATE, give the outputs.
Where $NETC_AGREE_TCC is set, that C compiler (tcc.sh) compiles what was written, and the program has to give them as well.
"""
import os
import re
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime

NETC, EXAMPLES, REFERENCE, FOLDER = sys.argv[1:5]
sys.path.insert(0, REFERENCE)
import check
import netc_random
import plans
import random_net


def rows():
    """Net -> the words of its row."""
    with open(os.path.join(REFERENCE, "..", "nets", "golden.list"), encoding="utf-8") as file:
        for line in file:
            name, *words = line.partition("#")[0].split() or [None]
            if name:
                yield name, dict(word.split("=", 1) for word in words)


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, errors="replace")


def write_weights(path, source, net, seed):
    """Random weights of the formula, by the names that --params lists; the options that take them."""
    return ["--weights", path] if netc_random.write_numpy(path, NETC, source, net, seed) else []


def feeds_of(head, names):
    feeds = {}
    for number, text in enumerate(head["input"].split(",")):
        name, _, dims = text.rpartition("=")
        dims, _, positions = dims.partition(":")
        shape = tuple(map(int, dims.split("x")))
        if positions:
            value = np.array(netc_random.positions(int(head["seed"]), shape, int(positions)), np.int64).reshape(shape)
        else:
            value = netc_random.input_numpy(int(head["seed"]), shape)
        feeds[name or names[number]] = value
    return feeds


def disagreement(path, outputs):
    """What onnxruntime's outputs have that is not in the golden file; "": nothing."""
    session = onnxruntime.InferenceSession(path)
    names = [head.get("output", session.get_outputs()[0].name) for head, _ in outputs]
    made = session.run(names, feeds_of(outputs[0][0], [i.name for i in session.get_inputs()]))
    for name, of, out in zip(names, outputs, made):
        error, place = check.worst_error(*of, out.ravel().tolist(), check.SHARED)
        if not error < check.TOLERANCE:
            return f"'{name}': error {error:.2e}, at {place}"
    return ""


def same_graph(path):
    """Read, written and read again."""
    again = path.replace(".onnx", ".again.onnx")
    first = run(NETC, "--emit=graph", path)
    written = run(NETC, "--emit=onnx", path, "-o", again)
    second = run(NETC, "--emit=graph", again)
    if first.returncode or written.returncode or second.returncode:
        return (first.stderr + written.stderr + second.stderr)[:1500]
    graphs = [re.sub(r"\.again", "", text) for text in (first.stdout, second.stdout)]
    for a, b in zip(*(text.splitlines() for text in graphs)):
        if a != b:
            return f"not the same graph:\n  {a}\n  {b}"
    return "" if graphs[0] == graphs[1] else "not the same graph"


def golden_of(net, source):
    """The lines of its golden file."""
    if net.startswith("random"):
        return run(os.environ["NETC_EVALUATE"], "1", "1", source).stdout.splitlines()
    with open(os.path.join(REFERENCE, "golden", net + ".golden"), encoding="ascii") as file:
        return file.readlines()


def imported(path, golden):
    """What the file is as a description, compiled by tcc.sh, gives."""
    description, program = path.replace(".onnx", ".again.net"), path.replace(".onnx", "")
    weights = description.replace(".net", ".safetensors")
    written = run(NETC, "--import", path, "-o", description)
    compiled = run(NETC, "--cc", plans.TCC, description, "-o", program)
    if written.returncode or compiled.returncode:
        return written.stderr + compiled.stderr
    good, words = check.compare(program, golden, ["--weights", weights] if os.path.exists(weights) else [], embedded=True)
    return "" if good else f"imported: {words}"


def judge(net, source, more):
    """What is wrong; "": nothing."""
    base, golden = os.path.join(FOLDER, net), golden_of(net, source)
    outputs = check.read_outputs(golden)
    weights = write_weights(base + ".npz", source, net, int(outputs[0][0]["seed"]))
    result = run(NETC, "--emit=onnx", "--net", net, *weights, *more, source, "-o", base + ".onnx")
    if result.returncode:
        return result.stderr
    onnx.checker.check_model(base + ".onnx", full_check=True)
    wrong = disagreement(base + ".onnx", outputs)
    again = imported(base + ".onnx", golden) if plans.TCC else ""
    same = "" if net.startswith("random") else same_graph(base + ".onnx")  # what one step becomes may be called otherwise again
    return wrong or same or again


def random_nets(word):
    """(name, file) of each."""
    _, first, count = word.split(":")
    for seed in range(int(first), int(first) + int(count)):
        source = os.path.join(FOLDER, f"random{seed}.net")
        with open(source, "w", encoding="ascii") as file:
            file.write(random_net.Net(seed).text().replace("net random", f"net random{seed}"))
        yield f"random{seed}", source


def main():
    os.makedirs(FOLDER, exist_ok=True)
    known, words, more = dict(rows()), sys.argv[5:], []
    if "--opset" in words:
        at = words.index("--opset")
        more, words = words[at:at + 2], words[:at] + words[at + 2:]
    wanted = [(n, os.path.join(EXAMPLES, row["file"] + ".net")) for n, row in known.items()
              if n in words or ("long" if row.get("requires") == "long" else "sample") in words]
    drawn = [word for word in words if word.startswith("random:")]
    wanted += [net for word in drawn for net in random_nets(word)]
    tests = [word.split(":") for word in words if ":" in word and word not in drawn]
    wanted += [(net, os.path.join(REFERENCE, "..", "nets", file + ".net")) for file, net in tests]
    faults = 0
    for net, source in wanted:
        try:
            wrong = judge(net, source, more)
        except Exception as error:  # onnx and onnxruntime have their own
            wrong = f"{type(error).__name__}: {str(error)[:600]}"
        print(f"{net}: {wrong or 'good'}", flush=True)
        faults += bool(wrong) and not (net.startswith("random") and "has no form in ONNX" in wrong)
        for ending in ("", ".onnx", ".npz", ".again.onnx", ".again.net", ".again.safetensors"):
            if os.path.exists(os.path.join(FOLDER, net + ending)) and "--keep" not in words:
                os.remove(os.path.join(FOLDER, net + ending))
    print(f"{len(wanted)} nets, {faults} faults")
    return 1 if faults or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
