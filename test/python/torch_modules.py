"""PyTorch's modules as descriptions: torch_modules.py NETC FOLDER. The module's own checkpoint fits the description, whose outputs are the module's."""
import os
import subprocess
import sys

NETC, FOLDER = sys.argv[1:]
PACKAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "python")
sys.path.insert(0, PACKAGE)
import netc
import netc.torch
import torch

os.environ["NETC"] = NETC
os.environ["PYTHONPATH"] = PACKAGE

SOURCE = """
import torch
from torch import nn


class Unit(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(c, c, 3, padding=1, bias=False), nn.BatchNorm2d(c)

    def forward(self, x):
        return torch.relu(x + self.bn(self.conv(x)))


class Branch(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1, bias=False)
        self.default_cfg = {"input_size": (3, 4, 6)}

    def forward(self, x):
        a, b = self.conv(x).chunk(2, 1)
        return torch.cat([b, a], 1) if x.sum() < 1 else a


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 4, stride=4), nn.BatchNorm2d(8), nn.ReLU(), Unit(8), Unit(8))
        self.norm, self.attention = nn.LayerNorm(8), nn.MultiheadAttention(8, 2, batch_first=True)
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        x = self.stem(x).flatten(2).transpose(1, 2)
        y = self.norm(x)
        return self.fc((x + self.attention(y, y, y, need_weights=False)[0]).mean(1))


def make():
    torch.manual_seed(1)
    net = Net()
    for name, b in net.named_buffers():
        if b.is_floating_point():
            b.copy_(torch.rand(b.shape) + 0.5)
    return net
"""


def check_branch(source):
    """What torch.export cannot follow is traced, and nothing said of it; the size is the module's own."""
    path = os.path.join(FOLDER, "branch.net")
    done = subprocess.run([sys.executable, "-m", "netc", source + ":Branch", "-o", path], capture_output=True, text=True, check=True)
    assert done.stdout == "", done.stdout
    assert done.stderr == "netc: note: the input is taken to be 3x4x6, as its default_cfg says: --input gives another\n", done.stderr
    names = {}
    exec(SOURCE, names)
    x, module = -torch.rand(2, 3, 4, 6), names["Branch"]().eval()
    own = os.path.join(FOLDER, "branch.pth")
    torch.save(module.state_dict(), own)
    assert abs(netc.compile(path, weights=own)(x.numpy()) - module(x).detach().numpy()).max() < 1e-5


def main():
    os.makedirs(FOLDER, exist_ok=True)
    source, path = os.path.join(FOLDER, "model.py"), os.path.join(FOLDER, "made.net")
    with open(source, "w", encoding="ascii") as file:
        file.write(SOURCE)
    done = subprocess.run([sys.executable, "-m", "netc", source + ":make", "--input", "3x16x24", "-o", path], capture_output=True, text=True,
                          check=True)
    assert done.stdout + done.stderr == "", done
    check_branch(source)
    names = {}
    exec(SOURCE, names)
    module = names["make"]().eval()
    own = os.path.join(FOLDER, "own.pth")
    torch.save(module.state_dict(), own)
    x = torch.randn(3, 3, 16, 24)
    expected = module(x).detach().numpy()
    for weights in (own, path[:-4] + ".safetensors"):
        worst = abs(netc.compile(path, weights=weights)(x.numpy()) - expected).max()
        assert worst < 1e-5, (weights, worst)
    with open(path, encoding="ascii") as text:
        text = text.read()
    assert "scaled_dot_product_attention" in text and "repeat 2" in text, text
    trained = names["make"]().train()
    netc.torch.describe(trained, x, path)
    assert trained.training
    for arguments, wanted in (([source, "-o", path], "is not of the form FILE.py:NAME"), ([source + ":absent", "-o", path], "has no 'absent'"),
                              ([source + ":make", "-o", path], "--input 3x224x224 gives it")):
        done = subprocess.run([sys.executable, "-m", "netc", *arguments], capture_output=True, text=True)
        assert done.returncode and wanted in done.stderr and "Traceback" not in done.stderr, done.stderr


main()
