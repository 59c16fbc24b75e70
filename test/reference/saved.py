"""Bytes that PyTorch keeps for the backward pass of the example nets in training, two images:
saved.py NET... > table, a line "net saved bytes" each. They are those of the storages that
saved_tensors_hooks see, each once, without those of parameters and buffers.
"""
import sys

import torch

import counters


def saved(net, x):
    own = {t.untyped_storage().data_ptr() for t in (*net.parameters(), *net.buffers())}
    storages = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            storages[storage.data_ptr()] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        result = net(x)
    del result
    return sum(s.nbytes() for s in storages.values())


if __name__ == "__main__":
    for name in sys.argv[1:]:
        _, *dims = counters.shape(name)
        print(name, "saved", saved(counters.BUILDERS[name]().train(), torch.randn(2, *dims)), flush=True)
