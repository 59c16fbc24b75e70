"""The same with channels last in memory."""
import torch

from systems import train_pytorch
from systems.train_pytorch import version  # noqa: F401


class Program(train_pytorch.Program):
    memory_format = torch.channels_last
