"""PyTorch's modules as descriptions: a `.net` file, and the weights beside it as safetensors.

    netc.torch.describe(torchvision.models.resnet18(), (torch.zeros(1, 3, 224, 224),), "resnet18.net")

It needs PyTorch and the package `onnx`: a module is exported to ONNX, and `netc --import` reads that.
"""
import os
import tempfile
import warnings

from . import _find, _run

__all__ = ["describe"]


def _export(module, inputs, path):
    """An ONNX file in which each layer is there by itself, with the names that the module's own checkpoints have."""
    import torch

    names = [f"x{i + 1}" if i else "x" for i in range(len(inputs))]
    fast = torch.backends.mha.get_fastpath_enabled()    # one operator for all of attention, which has no form in ONNX
    torch.backends.mha.set_fastpath_enabled(False)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        try:
            torch.onnx.export(module, inputs, path, dynamo=False, training=torch.onnx.TrainingMode.PRESERVE,
                              do_constant_folding=False, input_names=names)
        finally:
            torch.backends.mha.set_fastpath_enabled(fast)


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
    with tempfile.TemporaryDirectory(prefix="netc-") as folder:
        name = os.path.splitext(os.path.basename(path))[0]
        model = os.path.join(folder, name + ".onnx")
        try:
            _export(module.eval(), inputs, model)
        finally:
            module.train(trained)
        _run([program, "--import", model, "-o", path])
