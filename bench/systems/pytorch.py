"""PyTorch with oneDNN: traced, frozen and optimized for inference."""
import os

import torch

from systems import read_inputs


def version():
    return torch.__version__


class Program:
    def __init__(self, folder, threads):
        torch.set_num_threads(threads)
        self.inputs = [torch.from_numpy(x) for x in read_inputs(folder).values()]
        module = torch.jit.load(os.path.join(folder, "model.pt")).eval()
        with torch.no_grad():
            self.module = torch.jit.optimize_for_inference(torch.jit.freeze(module))

    def run(self):
        with torch.no_grad():
            self.result = self.module(*self.inputs)

    def output(self):
        self.run()
        return self.result.numpy()
