"""PyTorch modules of the examples that torchvision lacks, with the names of parameters of the .net files."""
from torch import nn
from torch.nn import functional as F


class LeNet5(nn.Module):
    """LeCun et al., 1998, as examples/lenet.net has it."""

    def __init__(self, classes=10):
        super().__init__()
        self.c1, self.c3, self.c5 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5), nn.Conv2d(16, 120, 5)
        self.f6, self.output = nn.Linear(120, 84), nn.Linear(84, classes)

    def forward(self, x):
        x = F.avg_pool2d(self.c1(x).tanh(), 2)
        x = F.avg_pool2d(self.c3(x).tanh(), 2)
        x = self.c5(x).tanh().flatten(1)
        return self.output(self.f6(x).tanh())


class LeNet5Modern(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, classes)

    def forward(self, x):
        x = F.max_pool2d(self.conv1(x).relu(), 2)
        x = F.max_pool2d(self.conv2(x).relu(), 2).flatten(1)
        return self.fc3(self.fc2(self.fc1(x).relu()).relu())


class CifarUnit(nn.Module):
    """Two 3x3 convolutions; where the size changes the shortcut takes every second pixel and adds
    zero channels before and after."""

    def __init__(self, before, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(before, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.stride, self.more = stride, (channels - before) // 2

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        if self.more:
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.more, self.more))
        return (x + y).relu()


class CifarResNet(nn.Module):
    """He et al., 2015, section 4.2, option A: 6n + 2 layers."""

    def __init__(self, n, classes=10):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        self.layer1, self.layer2, self.layer3 = (
            nn.Sequential(*[CifarUnit(before if i == 0 else c, c, stride if i == 0 else 1) for i in range(n)])
            for before, c, stride in ((16, 16, 1), (16, 32, 2), (32, 64, 2)))
        self.linear = nn.Linear(64, classes)

    def forward(self, x):
        x = self.bn1(self.conv1(x)).relu()
        return self.linear(self.layer3(self.layer2(self.layer1(x))).mean((2, 3)))


class AlexNetTowers(nn.Module):
    """Krizhevsky et al., 2012: two towers, which conv3 alone reads together."""

    def __init__(self, classes=1000):
        super().__init__()
        for tower in ("1", "2"):
            self.add_module("conv1_" + tower, nn.Conv2d(3, 48, 11, 4))
            self.add_module("conv2_" + tower, nn.Conv2d(48, 128, 5, padding=2))
            self.add_module("conv3_" + tower, nn.Conv2d(256, 192, 3, padding=1))
            self.add_module("conv4_" + tower, nn.Conv2d(192, 192, 3, padding=1))
            self.add_module("conv5_" + tower, nn.Conv2d(192, 128, 3, padding=1))
        self.fc6, self.fc7, self.fc8 = nn.Linear(9216, 4096), nn.Linear(4096, 4096), nn.Linear(4096, classes)

    def layer(self, name, x):
        return getattr(self, name)(x).relu()

    def low(self, x, tower):
        for conv in ("conv1_", "conv2_"):
            x = F.max_pool2d(F.local_response_norm(self.layer(conv + tower, x), 5, k=2), 3, 2)
        return x

    def high(self, x, tower):
        for conv in ("conv3_", "conv4_", "conv5_"):
            x = self.layer(conv + tower, x)
        return F.max_pool2d(x, 3, 2)

    def forward(self, x):
        from torch import cat

        x = cat([self.low(x, "1"), self.low(x, "2")], 1)
        x = cat([self.high(x, "1"), self.high(x, "2")], 1).flatten(1)
        return self.fc8(self.fc7(self.fc6(x).relu()).relu())


class ZFNet(nn.Module):
    """Zeiler and Fergus, 2013."""

    def __init__(self, classes=1000):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 96, 7, 2, 1), nn.Conv2d(96, 256, 5, 2)
        self.conv3 = nn.Conv2d(256, 384, 3, padding=1)
        self.conv4 = nn.Conv2d(384, 384, 3, padding=1)
        self.conv5 = nn.Conv2d(384, 256, 3, padding=1)
        self.fc6, self.fc7, self.fc8 = nn.Linear(9216, 4096), nn.Linear(4096, 4096), nn.Linear(4096, classes)

    def forward(self, x):
        for conv in (self.conv1, self.conv2):
            x = F.local_response_norm(F.max_pool2d(conv(x).relu(), 3, 2, ceil_mode=True), 5)
        x = self.conv5(self.conv4(self.conv3(x).relu()).relu()).relu()
        x = F.max_pool2d(x, 3, 2).flatten(1)
        return self.fc8(self.fc7(self.fc6(x).relu()).relu())


def mlpconv(before, c, k, stride=1, padding=0):
    return nn.Sequential(nn.Conv2d(before, c, k, stride, padding), nn.ReLU(),
                         nn.Conv2d(c, c, 1), nn.ReLU(), nn.Conv2d(c, c, 1), nn.ReLU())


def nin(classes=1000):
    """Lin et al., 2013. The dropout is there for its number."""
    return nn.Sequential(
        mlpconv(3, 96, 11, stride=4), nn.MaxPool2d(3, 2), mlpconv(96, 256, 5, padding=2), nn.MaxPool2d(3, 2),
        mlpconv(256, 384, 3, padding=1), nn.MaxPool2d(3, 2), nn.Dropout(),
        mlpconv(384, classes, 3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
