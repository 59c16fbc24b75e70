"""python -m netc FILE.py:NAME -o MODEL.net: what a Python file makes, a PyTorch module, as a description and its weights."""
import argparse
import importlib.util
import os
import sys

from . import CompileError


def _load(source):
    """What NAME of FILE.py is, called without arguments where it is a function."""
    path, _, name = source.rpartition(":")
    if not path or not os.path.isfile(path):
        sys.exit(f"netc: error: '{source}' is not of the form FILE.py:NAME, of a file that is there")
    spec = importlib.util.spec_from_file_location("netc_model", path)
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    spec.loader.exec_module(module)
    if not hasattr(module, name):
        sys.exit(f"netc: error: '{path}' has no '{name}'")
    return getattr(module, name)


def _shape(text):
    try:
        return tuple(int(n) for n in text.split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form 3x224x224") from None


def main():
    parser = argparse.ArgumentParser(prog="python -m netc", description=__doc__)
    parser.add_argument("source", metavar="FILE.py:NAME", help="a module, or a function that makes one, or one and its inputs")
    parser.add_argument("-o", "--output", metavar="MODEL.net", required=True, help="the description; weights are MODEL.safetensors")
    parser.add_argument("--input", metavar="3x224x224", type=_shape, action="append", help="the shape of an input, without the batch")
    words = parser.parse_args()
    try:
        import torch
    except ImportError:
        sys.exit("netc: error: PyTorch is not installed, which runs the module")
    from .torch import describe, usual_input
    made = _load(words.source)
    if callable(made) and not isinstance(made, torch.nn.Module):
        made = made()
    module, inputs = made if isinstance(made, tuple) else (made, None)
    if words.input:
        inputs = tuple(torch.zeros(1, *shape) for shape in words.input)
    if inputs is None:
        shape, why = usual_input(module) or parser.error("the shape of the input is not known: --input 3x224x224 gives it")
        print(f"netc: note: the input is taken to be {'x'.join(map(str, shape))}, as {why}: --input gives another", file=sys.stderr)
        inputs = torch.zeros(1, *shape)
    try:
        describe(module, inputs, words.output)
    except CompileError as error:
        sys.exit(str(error))


main()
