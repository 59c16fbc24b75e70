"""The same as torch.compile() makes it, with channels last in memory."""
from systems import train_pytorch_last
from systems.train_pytorch import version  # noqa: F401


class Program(train_pytorch_last.Program):
    compiled = True
