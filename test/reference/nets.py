"""Makes the golden outputs of the example nets with PyTorch: nets.py FOLDER [NET...].

FOLDER/NET.golden: the seed and the input's shape, the number of outputs, the largest magnitude and the
sum, then `index value` of the first and last 8 outputs and of 48 between. Computed in float64, from float32
weights and inputs (netc_random.py), so that it is the truth to the last digit of a float32 run.
"""
import os
import sys

import torch
import torchvision

import models
import netc_random

SEED = 1
SIZES = {"lenet5": (1, 1, 32, 32), "lenet5_modern": (1, 1, 28, 28), "alexnet_towers": (1, 3, 227, 227),
         "inception_v3": (1, 3, 299, 299)}
VISION = ("alexnet", "vgg11", "vgg13", "vgg16", "vgg19", "vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn",
          "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "resnext101_32x8d",
          "wide_resnet50_2", "squeezenet1_0", "squeezenet1_1", "densenet121", "densenet169", "densenet201",
          "mobilenet_v2")
BUILDERS = {name: getattr(torchvision.models, name) for name in VISION}
BUILDERS |= {
    "lenet5": models.LeNet5, "lenet5_modern": models.LeNet5Modern, "alexnet_towers": models.AlexNetTowers,
    "zfnet": models.ZFNet, "nin": models.nin,
    "googlenet": lambda: torchvision.models.googlenet(aux_logits=False, init_weights=False),
    "inception_v3": lambda: torchvision.models.inception_v3(aux_logits=False, init_weights=False),
} | {f"resnet{6 * n + 2}": lambda n=n: models.CifarResNet(n) for n in (3, 5, 7, 9)}
BUILDERS["resnet110"] = lambda: models.CifarResNet(18)
SIZES |= {name: (1, 3, 32, 32) for name in ("resnet20", "resnet32", "resnet44", "resnet56", "resnet110")}


def build(name, seed=SEED):
    """The net with random weights, for inference, in float32."""
    net = BUILDERS[name]()
    with torch.no_grad():
        for key, tensor in net.state_dict().items():
            if not key.endswith("num_batches_tracked"):
                tensor.copy_(torch.from_numpy(netc_random.tensor_numpy(seed, key, tuple(tensor.shape))))
    return net.eval()


def input_shape(name):
    return SIZES.get(name, (1, 3, 224, 224))


def chosen(count):
    """Indices of the outputs to keep."""
    if count <= 64:
        return list(range(count))
    between = {8 + int(u * (count - 16)) for u in netc_random.uniform(0, "chosen", 48)}
    return sorted({*range(8), *between, *range(count - 8, count)})


def golden(name):
    shape = input_shape(name)
    net = build(name).double()
    with torch.no_grad():
        out = net(torch.from_numpy(netc_random.input_numpy(SEED, shape)).double()).flatten()
    lines = [f"seed {SEED}", "input " + "x".join(map(str, shape)), f"count {len(out)}",
             f"largest {out.abs().max().item():.9g}", f"sum {out.sum().item():.9g}"]
    return "\n".join(lines + [f"{i} {out[i].item():.9g}" for i in chosen(len(out))]) + "\n"


def main():
    folder, *names = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    for name in names or sorted(BUILDERS):
        with open(os.path.join(folder, name + ".golden"), "w", encoding="ascii") as file:
            file.write(golden(name))
        print(name, flush=True)


if __name__ == "__main__":
    main()
