"""PyTorch's modules as descriptions: a `.net` file, and the weights beside it as safetensors.

    netc.torch.describe(torchvision.models.resnet18(), (torch.zeros(1, 3, 224, 224),), "resnet18.net")

It needs PyTorch and the packages `onnx` and `onnxscript`: a module is exported to ONNX, and `netc --import` reads that.
"""
import ast
import collections
import contextlib
import io
import logging
import os
import tempfile
import warnings

from . import _find, _run

__all__ = ["describe", "usual_input"]

_OPSET = 21    # the first with a group normalization that has its module's parameters


@contextlib.contextmanager
def _quiet():
    """Keeps what exporters say of themselves, and what they log and print on the way to an error, from the terminal."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


@contextlib.contextmanager
def _attention_in_parts():
    """PyTorch has one operator for all of attention, which has no form in ONNX."""
    import torch

    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)


def _name_by_modules(graph):
    """Names nodes by the modules that they come from, as the exporter says of each; its own names are by operators alone."""
    used = collections.Counter()
    for node in graph:
        scopes = ast.literal_eval(node.metadata_props.get("pkg.torch.onnx.name_scopes", "[]"))
        name = f"/{scopes[-2]}/{node.op_type}" if len(scopes) > 1 else f"/{node.op_type}"
        node.name = f"{name}_{used[name]}" if used[name] else name
        used[name] += 1


def _drop_zero_biases(graph):
    """Convolutions without a bias have one of zeros, which nodes make; one of the module is a parameter."""
    for node in graph:
        if node.op_type == "Conv" and len(node.inputs) > 2 and node.inputs[2] is not None and node.inputs[2].producer():
            node.replace_input_with(2, None)


def _split_plainly(model):
    """Makes of sequences, which a chunk is written as, the tensors in them; sizes alone are computed, no parameters."""
    if any(node.op_type == "SplitToSequence" for node in model.graph):
        from onnxscript import optimizer

        optimizer.fold_constants(model, input_size_limit=16, output_size_limit=16)
        optimizer.remove_unused_nodes(model)


def _export(module, inputs, names, path):
    """An ONNX file by torch.export, in which each layer is there by itself, with the names of the module's own checkpoints.

    The exporter's optimization would fold bn into convolutions.
    """
    import torch

    program = torch.onnx.export(module, inputs, dynamo=True, optimize=False, opset_version=_OPSET, verbose=False,
                                input_names=names)
    _split_plainly(program.model)
    _drop_zero_biases(program.model.graph)
    _name_by_modules(program.model.graph)
    program.save(path)


def _trace(module, inputs, names, path):
    """The same file by the exporter that runs the module once and notes what it computes."""
    import torch

    torch.onnx.export(module, inputs, path, dynamo=False, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False,
                      input_names=names)


def _import(write, module, inputs, path, program):
    """A description by what `write` writes of the module."""
    import torch

    names = [f"x{i + 1}" if i else "x" for i in range(len(inputs))]
    with tempfile.TemporaryDirectory(prefix="netc-") as folder:
        model = os.path.join(folder, os.path.splitext(os.path.basename(path))[0] + ".onnx")
        with _quiet(), _attention_in_parts(), torch.no_grad():
            write(module, inputs, names, model)
        _run([program, "--import", model, "-o", path])


def usual_input(module):
    """The shape of a picture as the library of the module has it, and who says so; None: nobody does."""
    import torch

    config = getattr(module, "default_cfg", None)
    if isinstance(config, dict) and config.get("input_size"):
        return tuple(config["input_size"]), "its default_cfg says"
    of = type(module).__module__
    first = next((m for m in module.modules() if isinstance(m, torch.nn.Conv2d)), None)
    pictures = of.startswith("torchvision.models.") and not of.startswith("torchvision.models.detection.")
    return ((3, 224, 224), "most of torchvision's networks have it") if pictures and first and first.in_channels == 3 else None


def describe(module, inputs, path, *, program=None):
    """Writes `path`, a description of the module at inference, and its weights beside it.

    module    a torch.nn.Module; it is left in the mode that it was in
    inputs    a tensor, or a tuple of tensors, as the module is called with; their first dimension is the batch
    path      NAME.net; the weights are NAME.safetensors
    program   the path of netc; None: $NETC, or what is on PATH

    Raises CompileError where netc lacks an operator, and what PyTorch raises where it cannot export the module.
    """
    import torch

    path = os.fspath(path)
    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"a torch.nn.Module is described, not {type(module).__name__}")
    inputs = (inputs,) if isinstance(inputs, torch.Tensor) else tuple(inputs)
    inputs = tuple(x[:1] for x in inputs)    # a description is of any batch, and one of 1 can be moved about
    program, trained = _find(program), module.training
    module.eval()
    try:
        _import(_export, module, inputs, path, program)
    except Exception:    # whatever it is that torch.export cannot follow, running the module may pass over
        _import(_trace, module, inputs, path, program)
    finally:
        module.train(trained)
