"""PyTorch with oneDNN: traced, frozen and optimized for inference."""
import os

import numpy as np
import torch


def version():
    return torch.__version__


class Program:
    def __init__(self, folder, threads):
        torch.set_num_threads(threads)
        self.x = torch.from_numpy(np.load(os.path.join(folder, "x.npy")))
        module = torch.jit.load(os.path.join(folder, "model.pt")).eval()
        with torch.no_grad():
            self.module = torch.jit.optimize_for_inference(torch.jit.freeze(module))

    def run(self):
        with torch.no_grad():
            self.result = self.module(self.x)

    def output(self):
        self.run()
        return self.result.numpy()
