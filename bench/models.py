"""The files that all systems load: models.py FOLDER NET BATCH.

FOLDER/NET.safetensors: the weights. FOLDER/NET-BATCH: `inputs.npz`, the inputs; `expected.npy`, PyTorch's output in float64;
`model.onnx`; `model.pt`, traced. Weights and input are those of test/reference.
"""
import os
import sys

import numpy as np
import torch
from safetensors.torch import save_file

import zoo

sys.path.insert(0, os.path.join(zoo.TOP, "test", "reference"))
import netc_random  # noqa: E402
import nets  # noqa: E402


def ill_conditioned(name):
    """As PyTorch initializes it, normalized over one batch of noise: each layer magnifies what differs before it."""
    torch.manual_seed(nets.SEED)
    module = nets.BUILDERS[name]()
    for part in module.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.momentum = 1
    noise = netc_random.input_numpy(nets.SEED + 1, (4, *nets.input_shape(name)[1:]))
    with torch.no_grad():
        module.train()(torch.from_numpy(noise))
    return module.eval()


def make(folder, net, batch):
    here = os.path.join(folder, f"{net}-{batch}")
    os.makedirs(here, exist_ok=True)
    name = zoo.described(net)
    module = nets.build(name) if name == net else ill_conditioned(name)
    save_file({key: value.contiguous() for key, value in module.state_dict().items()},
              os.path.join(folder, net + ".safetensors"))
    shapes = {name or "x": (batch, *shape[1:]) for name, shape in nets.input_shapes(name).items()}
    inputs = {name: netc_random.input_numpy(nets.SEED, shape) for name, shape in shapes.items()}
    np.savez(os.path.join(here, "inputs.npz"), **inputs)
    tensors = [torch.from_numpy(x) for x in inputs.values()]
    torch.backends.mha.set_fastpath_enabled(False)  # what ONNX cannot say
    with torch.no_grad():
        torch.jit.trace(module, tuple(tensors)).save(os.path.join(here, "model.pt"))
        torch.onnx.export(module, tuple(tensors), os.path.join(here, "model.onnx"), dynamo=False,
                          input_names=list(inputs))
        np.save(os.path.join(here, "expected.npy"), module.double()(*(x.double() for x in tensors)).numpy())


if __name__ == "__main__":
    make(sys.argv[1], sys.argv[2], int(sys.argv[3]))
