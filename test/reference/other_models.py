"""PyTorch modules of the examples whose answer is no class of a picture, and of sound."""
import torch
from torch import nn
from torch.nn import functional as F


class Double(nn.Module):
    def __init__(self, before, c):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(before, c, 3, padding=1, bias=False), nn.BatchNorm2d(c)
        self.conv2, self.bn2 = nn.Conv2d(c, c, 3, padding=1, bias=False), nn.BatchNorm2d(c)

    def forward(self, x):
        return self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())).relu()


class UNet(nn.Module):
    """Ronneberger et al., 2015, with padding and batch norm: down0, middle, up0, merge0, head."""

    def __init__(self, width=64, levels=4, classes=2):
        super().__init__()
        self.levels = levels
        for i in range(levels):
            c = width << i
            self.add_module(f"down{i}", Double(c // 2 if i else 3, c))
        self.middle = Double(c, 2 * c)
        for i in range(levels):
            c = width << (levels - i)
            self.add_module(f"up{i}", nn.ConvTranspose2d(c, c // 2, 2, 2))
            self.add_module(f"merge{i}", Double(c, c // 2))
        self.head = nn.Conv2d(width, classes, 1)

    def forward(self, x):
        left = []
        for i in range(self.levels):
            left.append(getattr(self, f"down{i}")(x))
            x = F.max_pool2d(left[-1], 2)
        x = self.middle(x)
        for i in range(self.levels):
            x = torch.cat([left[-1 - i], getattr(self, f"up{i}")(x)], 1)
            x = getattr(self, f"merge{i}")(x)
        return self.head(x)


class ESPCN(nn.Module):
    """Shi et al., 2016."""

    def __init__(self, factor=3):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 64, 5, padding=2), nn.Conv2d(64, 32, 3, padding=1)
        self.conv3, self.factor = nn.Conv2d(32, factor * factor, 3, padding=1), factor

    def forward(self, x):
        return F.pixel_shuffle(self.conv3(self.conv2(self.conv1(x).tanh()).tanh()), self.factor)


class Generator(nn.Module):
    """Radford et al., 2015, of 64 x 64 pixels."""

    def __init__(self, latent=100, width=64, channels=3):
        super().__init__()
        layers, before = [], latent
        for i, c in enumerate((8 * width, 4 * width, 2 * width, width)):
            layers += [nn.ConvTranspose2d(before, c, 4, 2 if i else 1, 1 if i else 0, bias=False),
                       nn.BatchNorm2d(c), nn.ReLU()]
            before = c
        self.main = nn.Sequential(*layers, nn.ConvTranspose2d(before, channels, 4, 2, 1, bias=False), nn.Tanh())

    def forward(self, x):
        return self.main(x)


class Discriminator(nn.Module):
    """Its counterpart."""

    def __init__(self, width=64, channels=3):
        super().__init__()
        layers, before = [], channels
        for i, c in enumerate((width, 2 * width, 4 * width, 8 * width)):
            layers += [nn.Conv2d(before, c, 4, 2, 1, bias=False), *([nn.BatchNorm2d(c)] if i else []), nn.LeakyReLU(0.2)]
            before = c
        self.main = nn.Sequential(*layers, nn.Conv2d(before, 1, 4, bias=False), nn.Sigmoid())

    def forward(self, x):
        return self.main(x)


class M5(nn.Module):
    """Dai et al., 2016, on a second of sound, at 8 kHz."""

    def __init__(self, classes=35, width=32):
        super().__init__()
        for i, (before, c, k, stride) in enumerate(((1, width, 80, 16), (width, width, 3, 1),
                                                    (width, 2 * width, 3, 1), (2 * width, 2 * width, 3, 1)), 1):
            self.add_module(f"conv{i}", nn.Conv1d(before, c, k, stride))
            self.add_module(f"bn{i}", nn.BatchNorm1d(c))
        self.fc1 = nn.Linear(2 * width, classes)

    def forward(self, x):
        for i in range(1, 5):
            x = F.max_pool1d(getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(x)).relu(), 4)
        return F.log_softmax(self.fc1(x.mean(2)), 1)


class Keyword(nn.Module):
    """Zhang et al., 2017: a recurrent layer over frames of MFCCs, and a classifier of its last output."""

    def __init__(self, kind, hidden, coefficients=10, classes=12):
        super().__init__()
        self.rnn, self.fc = kind(coefficients, hidden, batch_first=True), nn.Linear(hidden, classes)

    def forward(self, x):
        return self.fc(self.rnn(x)[0][:, -1])


class VAE(nn.Module):
    """Kingma and Welling, 2013: PyTorch's example, with the noise as an input."""

    def __init__(self, hidden=400, latent=20, pixels=784):
        super().__init__()
        self.fc1, self.fc21, self.fc22 = nn.Linear(pixels, hidden), nn.Linear(hidden, latent), nn.Linear(hidden, latent)
        self.fc3, self.fc4 = nn.Linear(latent, hidden), nn.Linear(hidden, pixels)

    def forward(self, image, eps):
        features = self.fc1(image.flatten(1)).relu()
        code = self.fc21(features) + eps * (0.5 * self.fc22(features)).exp()
        return self.fc4(self.fc3(code).relu()).sigmoid().reshape(image.shape)


def map_of(net):
    """torchvision's networks for segmentation give a dictionary: the map of its entry `out`."""
    forward = net.forward
    net.forward = lambda x: forward(x)["out"]
    return net


def of_timm(name):
    import timm
    return timm.create_model(name)
