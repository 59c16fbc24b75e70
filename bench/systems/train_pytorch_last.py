"""The same with channels last in memory."""
import torch

from systems import train_pytorch

version = train_pytorch.version


class Program(train_pytorch.Program):
    memory_format = torch.channels_last
