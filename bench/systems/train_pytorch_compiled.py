"""The same as torch.compile() makes it, with channels last in memory."""
from systems import train_pytorch_last

version = train_pytorch_last.version


class Program(train_pytorch_last.Program):
    compiled = True
