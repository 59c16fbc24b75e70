"""What the tools that count operations say of the example nets: counters.py NET... > table, a line
"net tool figure" each; on standard error the seconds that each took, building the model included.

The tools come with pip: torchinfo thop fvcore ptflops deepspeed. THOP2021 names a folder that holds
the package thop of 2020 (pip install --no-deps --target FOLDER thop==0.0.31.post2005241907).
"""
import collections
import collections.abc
import contextlib
import io
import logging
import os
import sys
import time
import types
import warnings

import torch
from torch import nn

import nets


class Parts(nn.Module):
    """The operators that the example nets lack: test/cost/Inputs/parts.net."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(4, 8, 3, padding=1, groups=2), nn.LeakyReLU(inplace=True), nn.BatchNorm2d(8, affine=False),
            nn.AvgPool2d(2), nn.Upsample(scale_factor=2), nn.GELU(),
            nn.Upsample(scale_factor=2, mode="bilinear"), nn.SiLU(), nn.Conv2d(8, 8, 3, 2, 1), nn.ReLU6(inplace=True),
            nn.BatchNorm2d(8), nn.AdaptiveAvgPool2d((5, 3)), nn.LayerNorm((8, 5, 3)), nn.Sigmoid(),
            nn.Flatten(), nn.Linear(120, 10, bias=False), nn.Softmax(1))

    def forward(self, x):
        return self.body(x)


class Transposed(nn.Module):
    """test/cost/Inputs/transposed.net"""

    def __init__(self):
        super().__init__()
        self.up = nn.ConvTranspose2d(6, 4, 3, 2, 1, groups=2)

    def forward(self, x):
        return self.up(x)


class Normalized(nn.Module):
    """test/cost/Inputs/normalized.net"""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.LocalResponseNorm(3), nn.MaxPool2d(3, 2, 1), nn.LocalResponseNorm(4))

    def forward(self, x):
        return self.body(x)


class Function(nn.Module):
    """A function as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *x):
        return self.function(*x)


class Elementwise(nn.Module):
    """test/cost/Inputs/elementwise.net"""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3), nn.ELU(), nn.Conv2d(8, 8, 3), nn.Mish(), nn.Conv2d(8, 8, 1), nn.Softplus(),
            nn.Conv2d(8, 8, 1), nn.Hardtanh(), nn.Conv2d(8, 8, 1), nn.PReLU(), nn.Conv2d(8, 8, 1), nn.PReLU(8),
            nn.Conv2d(8, 8, 1), Function(torch.abs), Function(torch.sqrt), nn.Conv2d(8, 8, 1), Function(torch.exp),
            Function(torch.log), Function(torch.neg), nn.Conv2d(8, 8, 1), Function(lambda x: torch.pow(x, 3)))

    def forward(self, x):
        return self.body(x)


class Along(nn.Module):
    """test/cost/Inputs/along.net"""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(4, 8, 3), nn.LayerNorm((10, 8)), nn.GroupNorm(2, 8), nn.Conv2d(8, 8, 1), nn.GroupNorm(4, 8, affine=False),
            nn.Conv2d(8, 8, 1), nn.InstanceNorm2d(8), nn.Conv2d(8, 8, 1), nn.InstanceNorm2d(8, affine=True), nn.Conv2d(8, 8, 1),
            nn.Flatten(2), nn.LayerNorm(80), nn.Linear(80, 6), nn.RMSNorm(6, elementwise_affine=False), nn.Linear(6, 6),
            nn.RMSNorm((8, 6)), nn.Linear(6, 5), nn.Softmax(-1), nn.Linear(5, 3), nn.LogSoftmax(1))

    def forward(self, x):
        return self.body(x)


class Attention(nn.Module):
    """test/cost/Inputs/attention.net"""

    def __init__(self):
        super().__init__()
        self.patches, self.norm, self.softmax = nn.Conv2d(3, 12, 4, 4), nn.LayerNorm(12), nn.Softmax(-1)
        self.query, self.key, self.value, self.out = (nn.Linear(12, 12) for _ in range(4))

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        y = self.norm(x)
        query, key, value = (layer(y).reshape(-1, 6, 2, 6).transpose(1, 2) for layer in (self.query, self.key, self.value))
        weights = self.softmax(torch.matmul(query, key.transpose(2, 3)) * 0.5)
        return x + self.out(torch.matmul(weights, value).transpose(1, 2).reshape(-1, 6, 12))


class Reduced(nn.Module):
    """test/cost/Inputs/reduced.net"""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3), Function(lambda x: torch.amax(x, 3, True)), nn.Conv2d(8, 4, 1), nn.ReLU(True),
            Function(lambda x: torch.sum(x, 2, True)), nn.Conv2d(4, 6, 1), Function(lambda x: torch.amin(x, (2, 3))), nn.Linear(6, 6),
            nn.Linear(6, 5))

    def forward(self, x):
        return self.body(x)


class Recurrent(nn.Module):
    """test/cost/Inputs/recurrent.net"""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(12, 10, 2, batch_first=True, bidirectional=True)
        self.gru, self.fc = nn.GRU(20, 9, bias=False, batch_first=True), nn.Linear(9, 5)

    def forward(self, x):
        return self.fc(self.gru(self.rnn(x)[0])[0])


class Indexed(nn.Module):
    """test/cost/Inputs/indexed.net, of integers"""

    def __init__(self):
        super().__init__()
        self.emb, self.fc = nn.Embedding(100, 16), nn.Linear(16, 5)

    def forward(self, tokens):
        x = self.emb(tokens)
        values, indices = self.fc(x).topk(3, 1)
        return values + x[:, :, :5].gather(1, indices)


class Largest(nn.Module):
    """test/cost/Inputs/largest.net"""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveMaxPool2d((4, 3)), nn.Conv2d(8, 8, 1), nn.AdaptiveMaxPool2d(1))

    def forward(self, x):
        return self.body(x)


class Attended(nn.Module):
    """test/cost/Inputs/attended.net"""

    def __init__(self):
        super().__init__()
        self.patches, self.norm = nn.Conv2d(3, 12, 4, 4), nn.LayerNorm(12)
        self.query, self.key, self.value, self.out = (nn.Linear(12, 12) for _ in range(4))

    def forward(self, x):
        x = self.norm(self.patches(x).flatten(2).transpose(1, 2))
        heads = (layer(x).reshape(-1, 6, 2, 6).transpose(1, 2) for layer in (self.query, self.key, self.value))
        return self.out(nn.functional.scaled_dot_product_attention(*heads).transpose(1, 2).reshape(-1, 6, 12))


BUILDERS = nets.BUILDERS | {"parts": Parts, "transposed": Transposed, "elementwise": Elementwise, "largest": Largest,
                             "normalized": Normalized, "along": Along,
                             "attention": Attention, "attended": Attended, "reduced": Reduced, "recurrent": Recurrent,
                             "indexed": Indexed}
SIZES = {"parts": (1, 4, 12, 10), "transposed": (1, 6, 7, 5), "elementwise": (1, 3, 12, 10), "largest": (1, 3, 12, 10),
         "normalized": (1, 8, 10, 10), "along": (1, 4, 12, 10),
         "attention": (1, 3, 8, 12), "attended": (1, 3, 8, 12), "reduced": (1, 3, 12, 10), "recurrent": (1, 7, 12),
         "indexed": (1, 12)}


def shape(name):
    return SIZES.get(name) or nets.input_shape(name)


def operand(name, *dims):
    return torch.randint(100, dims) if BUILDERS[name] is Indexed else torch.randn(*dims)


def by_torchinfo(net, x):
    import torchinfo
    return torchinfo.summary(net, input_data=x, verbose=0).total_mult_adds


def by_thop(net, x):
    import thop
    return int(thop.profile(net, (x,), verbose=False)[0])


def by_thop2021(net, x):
    """It wants two names that Python has no more."""
    version = types.ModuleType("distutils.version")
    version.LooseVersion = lambda text: [int(n) for n in text.split("+")[0].split(".")[:2]]
    sys.modules["distutils.version"] = version
    collections.Iterable = collections.abc.Iterable
    current = {key: sys.modules.pop(key) for key in list(sys.modules) if key.split(".")[0] == "thop"}
    sys.path.insert(0, os.environ["THOP2021"])
    try:
        return by_thop(net, x)
    finally:
        sys.path.pop(0)
        for key in [key for key in sys.modules if key.split(".")[0] == "thop"]:
            del sys.modules[key]
        sys.modules.update(current)


def by_fvcore(net, x):
    from fvcore.nn import FlopCountAnalysis
    return int(FlopCountAnalysis(net, x).unsupported_ops_warnings(False).total())


def by_ptflops(net, x):
    from ptflops import get_model_complexity_info
    return get_model_complexity_info(net, tuple(x.shape[1:]), as_strings=False, backend="pytorch", print_per_layer_stat=False,
                                     input_constructor=lambda _: x)[0]


def by_torch(net, x):
    """Without oneDNN, whose LSTM is one operator, of which the mode counts nothing."""
    from torch.utils.flop_counter import FlopCounterMode
    with torch.backends.mkldnn.flags(enabled=False), FlopCounterMode(display=False) as counter, torch.no_grad():
        net(x)
    return counter.get_total_flops()


def by_deepspeed(net, x):
    from deepspeed.profiling.flops_profiler import get_model_profile
    return get_model_profile(net, args=[x], print_profile=False, detailed=False, warm_up=0, as_string=False)[0]


TOOLS = {name[3:]: run for name, run in list(globals().items()) if name.startswith("by_")}


def ask(tool, name):
    """The figure, and the seconds to build the model and to count."""
    noise = io.StringIO()
    with contextlib.redirect_stdout(noise), contextlib.redirect_stderr(noise):
        start = time.perf_counter()
        figure = TOOLS[tool](BUILDERS[name]().eval(), operand(name, *shape(name)))
        return figure, time.perf_counter() - start


def main():
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    for tool in TOOLS:
        ask(tool, "transposed")  # imports
    for name in sys.argv[1:]:
        for tool in TOOLS:
            figure, seconds = ask(tool, name)
            print(name, tool, figure, flush=True)
            print(f"{name} {tool} {seconds:.2f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
