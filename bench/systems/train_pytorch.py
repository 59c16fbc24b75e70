"""A training step of PyTorch: the module of test/reference, cross entropy, of auxiliary heads 0.3 of it, plain descent with
momentum; eager, contiguous."""
import os
import sys

import torch

import zoo

sys.path.insert(0, os.path.join(zoo.TOP, "test", "reference"))
import nets  # noqa: E402

AUXILIARY = 0.3  # of the loss, an auxiliary head


def version():
    return torch.__version__


class Program:
    memory_format, compiled = torch.contiguous_format, False

    def __init__(self, folder, threads):
        torch.set_num_threads(threads)
        net, batch = os.path.basename(folder).split("-")
        torch.manual_seed(nets.SEED)
        self.pictures = torch.randn(int(batch), *nets.input_shape(net)[1:]).to(memory_format=self.memory_format)
        self.labels = torch.randint(0, 10, (int(batch),))
        self.module = nets.TRAINING.get(net, nets.BUILDERS[net])().train().to(memory_format=self.memory_format)
        self.forward = torch.compile(self.module) if self.compiled else self.module
        self.optimizer = torch.optim.SGD(self.module.parameters(), lr=1e-4, momentum=0.9)

    def run(self):
        self.optimizer.zero_grad(set_to_none=True)
        outputs = self.forward(self.pictures)
        first, *heads = [torch.nn.functional.cross_entropy(scores, self.labels)
                         for scores in (outputs if isinstance(outputs, tuple) else (outputs,))]
        self.loss = first + AUXILIARY * sum(heads)
        self.loss.backward()
        self.optimizer.step()

    def output(self):
        """The loss before any step."""
        self.run()
        return self.loss.detach().numpy().reshape(1)
