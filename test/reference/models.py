"""PyTorch modules of the examples that torchvision lacks, with the names of parameters of the .net files."""
import torch
import torchvision
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
    def __init__(self, classes=10, act=torch.relu, pool=F.max_pool2d):
        super().__init__()
        self.act, self.pool = act, pool
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, classes)

    def forward(self, x):
        x = self.pool(self.act(self.conv1(x)), 2)
        x = self.pool(self.act(self.conv2(x)), 2).flatten(1)
        return self.fc3(self.act(self.fc2(self.act(self.fc1(x)))))


class CifarUnit(nn.Module):
    """Two 3x3 convolutions; where the size changes the shortcut takes every second pixel and adds
    zero channels before and after."""

    def __init__(self, before, channels, stride, plain, factor):
        super().__init__()
        self.plain, self.factor = plain, factor
        self.conv1 = nn.Conv2d(before, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.stride, self.more = stride, (channels - before) // 2

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        if self.plain:
            return y.relu()
        if self.more:
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.more, self.more))
        return self.factor * (x + y).relu()


class CifarResNet(nn.Module):
    """He et al., 2015, section 4.2, option A: 6n + 2 layers. factor: of a block's
    sum, against growth with random weights."""

    def __init__(self, n, plain=False, factor=1, classes=10):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        self.layer1, self.layer2, self.layer3 = (
            nn.Sequential(*[CifarUnit(before if i == 0 else c, c, stride if i == 0 else 1, plain, factor) for i in range(n)])
            for before, c, stride in ((16, 16, 1), (16, 32, 2), (32, 64, 2)))
        self.linear = nn.Linear(64, classes)

    def forward(self, x):
        x = self.bn1(self.conv1(x)).relu()
        return self.linear(self.layer3(self.layer2(self.layer1(x))).mean((2, 3)))


class AlexNet(nn.Module):
    """Krizhevsky et al., 2012: two towers, which conv3 alone reads together; Dive into Deep Learning's
    has one, a channel, and no normalization."""

    def __init__(self, classes=1000, channels=3, towers=2, features=9216, padding=0):
        super().__init__()
        self.towers = towers
        self.conv1 = nn.Conv2d(channels, 96, 11, 4, padding)
        self.conv2 = nn.Conv2d(96, 256, 5, padding=2, groups=towers)
        add_top(self, classes, towers, features)

    def forward(self, x):
        for conv in (self.conv1, self.conv2):
            x = conv(x).relu()
            x = F.max_pool2d(paper_lrn(x) if self.towers == 2 else x, 3, 2)
        return top(self, x)


def paper_lrn(x):
    """x / (2 + 1e-4 sum of squares of 5 channels) ^ 0.75, section 3.3 of AlexNet's paper; PyTorch takes the mean."""
    return F.local_response_norm(x, 5, alpha=5e-4, k=2)


def add_top(net, classes, towers=1, features=9216):
    """The third to the eighth layer."""
    net.conv3 = nn.Conv2d(256, 384, 3, padding=1)
    net.conv4 = nn.Conv2d(384, 384, 3, padding=1, groups=towers)
    net.conv5 = nn.Conv2d(384, 256, 3, padding=1, groups=towers)
    net.fc6, net.fc7, net.fc8 = nn.Linear(features, 4096), nn.Linear(4096, 4096), nn.Linear(4096, classes)


def top(net, x):
    x = net.conv5(net.conv4(net.conv3(x).relu()).relu()).relu()
    x = F.max_pool2d(x, 3, 2).flatten(1)
    return net.fc8(net.fc7(net.fc6(x).relu()).relu())


class ZFNet(nn.Module):
    """Zeiler and Fergus, 2013."""

    def __init__(self, classes=1000):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 96, 7, 2, 1), nn.Conv2d(96, 256, 5, 2)
        add_top(self, classes)

    def forward(self, x):
        for conv in (self.conv1, self.conv2):
            x = F.local_response_norm(F.max_pool2d(conv(x).relu(), 3, 2, ceil_mode=True), 5)
        return top(self, x)


def mlpconv(before, c, k, stride=1, padding=0, out=None):
    return nn.Sequential(nn.Conv2d(before, c, k, stride, padding), nn.ReLU(),
                         nn.Conv2d(c, c, 1), nn.ReLU(), nn.Conv2d(c, out or c, 1), nn.ReLU())


def nin(classes=1000, channels=3, last=1024, ceil=True):
    """Lin et al., 2013: the authors' model for ImageNet, and Dive into Deep Learning's."""
    def pool():
        return nn.MaxPool2d(3, 2, ceil_mode=ceil)
    return nn.Sequential(
        mlpconv(channels, 96, 11, stride=4), pool(), mlpconv(96, 256, 5, padding=2), pool(),
        mlpconv(256, 384, 3, padding=1), pool(), nn.Dropout(),
        mlpconv(384, last, 3, padding=1, out=classes), nn.AdaptiveAvgPool2d(1), nn.Flatten())


def nin_cifar(classes=10):
    return nn.Sequential(
        mlpconv(3, 96, 3, padding=1), nn.MaxPool2d(3, 2), mlpconv(96, 256, 3, padding=1), nn.MaxPool2d(3, 2),
        mlpconv(256, 384, 3, padding=1), nn.MaxPool2d(3, 2), nn.Dropout(),
        mlpconv(384, classes, 3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten())


class SmallVGG(nn.Module):
    """VGG-11 without the pool before its head."""

    def __init__(self, channels, features, width, classes=10):
        super().__init__()
        layers = []
        for c in (64, None, 128, None, 256, 256, None, 512, 512, None, 512, 512, None):
            layers += [nn.MaxPool2d(2)] if c is None else [nn.Conv2d(channels, c, 3, padding=1), nn.ReLU()]
            channels = c or channels
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Linear(features, width), nn.ReLU(), nn.Dropout(), nn.Linear(width, width),
                                        nn.ReLU(), nn.Dropout(), nn.Linear(width, classes))

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


class ConvRelu(nn.Module):
    def __init__(self, before, c, k, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(before, c, k, stride, k // 2)

    def forward(self, x):
        return self.conv(x).relu()


class Inception(nn.Module):
    """A module of GoogLeNet's paper."""

    def __init__(self, before, c1, c3r, c3, c5r, c5, cp):
        super().__init__()
        self.branch1 = ConvRelu(before, c1, 1)
        self.branch2 = nn.Sequential(ConvRelu(before, c3r, 1), ConvRelu(c3r, c3, 3))
        self.branch3 = nn.Sequential(ConvRelu(before, c5r, 1), ConvRelu(c5r, c5, 5))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1), ConvRelu(before, cp, 1))

    def forward(self, x):
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class InceptionAlone(nn.Module):
    """inception_reduced: a module without a name."""

    def __init__(self):
        super().__init__()
        self.add_module("0", Inception(256, 128, 128, 192, 32, 96, 64))

    def forward(self, x):
        return getattr(self, "0")(x)


class InceptionNaive(nn.Module):
    """The naive module of figure 2a, 256 channels in."""

    def __init__(self):
        super().__init__()
        for i, (c, k) in enumerate(((128, 1), (192, 3), (96, 5))):
            self.add_module(str(i), ConvRelu(256, c, k))

    def forward(self, x):
        return torch.cat([getattr(self, i)(x) for i in "012"] + [F.max_pool2d(x, 3, 1, 1)], 1)


class Aux(nn.Module):
    """A head for training: the paper's, or (small) one for pictures of 32 x 32 without pool and relu."""

    def __init__(self, before, classes, small):
        super().__init__()
        self.small = small
        self.conv = nn.Conv2d(before, 128, 1) if small else ConvRelu(before, 128, 1)
        self.fc1, self.fc2 = nn.Linear(512 if small else 2048, 1024), nn.Linear(1024, classes)

    def forward(self, x):
        x = self.conv(x if self.small else F.avg_pool2d(x, 5, 3)).flatten(1)
        return self.fc2(self.fc1(x).relu())


class GoogLeNet(nn.Module):
    """Szegedy et al., 2014. style: the paper's, Dive into Deep Learning's (d2l), or a course's (cifar)."""

    MODULES = {"3a": (192, 64, 96, 128, 16, 32, 32), "3b": (256, 128, 128, 192, 32, 96, 64),
               "4a": (480, 192, 96, 208, 16, 48, 64), "4b": (512, 160, 112, 224, 24, 64, 64),
               "4c": (512, 128, 128, 256, 24, 64, 64), "4d": (512, 112, 144, 288, 32, 64, 64),
               "4e": (528, 256, 160, 320, 32, 128, 128), "5a": (832, 256, 160, 320, 32, 128, 128),
               "5b": (832, 384, 192, 384, 48, 128, 128)}

    def __init__(self, style, aux=False):
        super().__init__()
        self.paper, classes = style == "paper", 1000 if style == "paper" else 10
        self.conv1 = ConvRelu(1 if style == "d2l" else 3, 64, 7, 2)
        self.conv2, self.conv3 = ConvRelu(64, 64, 1), ConvRelu(64, 192, 3)
        for name, channels in self.MODULES.items():
            self.add_module("inception" + name, Inception(*channels))
        if aux and style != "d2l":
            self.aux1, self.aux2 = (Aux(c, classes, style == "cifar") for c in (512, 528))
        if style != "cifar":
            self.fc = nn.Linear(1024, classes)

    def pool(self, x):
        return F.max_pool2d(x, 3, 2, ceil_mode=True) if self.paper else F.max_pool2d(x, 3, 2, 1)

    def norm(self, x):
        return paper_lrn(x) if self.paper else x

    def forward(self, x):
        x = self.norm(self.pool(self.conv1(x)))
        x = self.pool(self.norm(self.conv3(self.conv2(x))))
        for name in self.MODULES:
            x = getattr(self, "inception" + name)(x)
            if name in ("3b", "4e"):
                x = self.pool(x)
        x = x.mean((2, 3))
        return self.fc(x) if hasattr(self, "fc") else x


class PlainBlock(nn.Module):
    """Two convolutions of a plain net; stands where torchvision's ResNet wants a residual block."""

    expansion = 1

    def __init__(self, before, channels, stride=1, *unused, **also_unused):
        super().__init__()
        self.conv1 = nn.Conv2d(before, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        return self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())).relu()


def plain(depths):
    return torchvision.models.ResNet(PlainBlock, depths)


def resnet50_tricks(averaged):
    """ResNet-C (He et al., 2018): three 3x3 in the stem; averaged, D: 2x2 means in the shortcuts."""
    net = torchvision.models.resnet50()
    net.conv1 = nn.Sequential(
        nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
        nn.Conv2d(32, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
        nn.Conv2d(32, 64, 3, 1, 1, bias=False))
    for stage in (net.layer1, net.layer2, net.layer3, net.layer4) if averaged else ():
        conv, bn = stage[0].downsample
        stride, conv.stride = conv.stride[0], (1, 1)
        stage[0].downsample = nn.Sequential(nn.AvgPool2d(stride), conv, bn)
    return net


def resnet50_first():
    """He et al., 2015: the stride of a stage is in its first 1x1."""
    net = torchvision.models.resnet50()
    for stage in (net.layer2, net.layer3, net.layer4):
        stage[0].conv1.stride, stage[0].conv2.stride = (2, 2), (1, 1)
    return net


def resnet18_d2l(channels=1):
    """Dive into Deep Learning's: biases, no batch norm in the shortcut, a channel, ten classes."""
    net = torchvision.models.resnet18(num_classes=10)
    for name, module in list(net.named_modules()):
        parent = net.get_submodule(name.rpartition(".")[0]) if "." in name else net
        if isinstance(module, nn.Conv2d):
            into = channels if name == "conv1" else module.in_channels
            setattr(parent, name.rpartition(".")[2],
                    nn.Conv2d(into, module.out_channels, module.kernel_size, module.stride, module.padding))
        if name.endswith("downsample.1"):
            del parent[1]
    return net


class ConvBn(nn.Sequential):
    def __init__(self, before, c, k, stride=1, groups=1):
        super().__init__(nn.Conv2d(before, c, k, stride, k // 2, groups=groups, bias=False), nn.BatchNorm2d(c),
                         nn.ReLU6())


class MobileNetV1(nn.Module):
    """Howard et al., 2017, table 1 (the last stride of 2 there is 1, as the sizes say)."""

    def __init__(self, classes=1000):
        super().__init__()
        layers, before = [ConvBn(3, 32, 3, 2)], 32
        for c, stride in ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5,
                          (1024, 2), (1024, 1)):
            layers += [nn.Sequential(ConvBn(before, before, 3, stride, before), ConvBn(before, c, 1))]
            before = c
        self.features, self.classifier = nn.Sequential(*layers), nn.Linear(1024, classes)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


class ConvPool(nn.Module):
    """A convolution and a pool, of an exercise."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(30, 12, 4, 2, 1, bias=False)

    def forward(self, x):
        return F.max_pool2d(self.conv(x), 3, 2)


class ThreeWeights(nn.Module):
    """x -> sigmoid(w x) = h -> sigmoid(u h), sigmoid(v h)."""

    def __init__(self):
        super().__init__()
        self.hidden, self.outputs = nn.Linear(1, 1, bias=False), nn.Linear(1, 2, bias=False)

    def forward(self, x):
        return self.outputs(self.hidden(x).sigmoid()).sigmoid()
