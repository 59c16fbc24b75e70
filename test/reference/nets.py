"""Makes the golden outputs of the example nets with PyTorch: nets.py FOLDER [NET...].

FOLDER/NET.golden: the seed and the input's shape (or name=shape,... of several; SHAPE:N of integers from 0 to N - 1), the number of outputs, the largest magnitude and the
sum, then `index value` of the first and last 8 outputs and of 48 between. Computed in float64, from float32
weights and inputs (netc_random.py), so that it is the truth to the last digit of a float32 run.
"""
import os
import sys

import torch
import torchvision

import detectors
import inceptions
import models
import netc_random
import other_models

SEED = 1
SIZES = {"lenet5": (1, 1, 32, 32), "lenet5_modern": (1, 1, 28, 28), "lenet5_d2l": (1, 1, 28, 28),
         "alexnet_paper": (1, 3, 227, 227), "alexnet_d2l": (1, 1, 224, 224), "vgg11_d2l": (1, 1, 224, 224),
         "nin_d2l": (1, 1, 224, 224), "googlenet_d2l": (1, 1, 96, 96), "resnet18_d2l": (1, 1, 96, 96),
         "inception_naive": (1, 256, 32, 32), "inception_reduced": (1, 256, 32, 32),
         "inception_v3": (1, 3, 299, 299), "yolo_fastestv2": (1, 3, 352, 352), "inception_v4": (1, 3, 299, 299),
         "inception_resnet_v2": (1, 3, 299, 299), "efficientnet_v2_s": (1, 3, 384, 384), "unet": (1, 3, 256, 256),
         "espcn": (1, 1, 64, 64), "dcgan": (1, 100, 1, 1), "dcgan_discriminator": (1, 3, 64, 64), "m5": (1, 1, 8000),
         "r3d_18": (1, 3, 16, 112, 112), "kws_lstm": (1, 49, 10), "kws_gru": (1, 49, 10),
         "conv_pool": (1, 30, 14, 14), "three_weights": (1, 1)}
INPUTS = {"vae": {"image": (1, 1, 28, 28), "eps": (1, 20)}}  # of nets that have several
VISION = ("alexnet", "vgg11", "vgg13", "vgg16", "vgg19", "vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn",
          "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "resnext101_32x8d",
          "wide_resnet50_2", "squeezenet1_0", "squeezenet1_1", "densenet121", "densenet161", "densenet169",
          "densenet201", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small", "mnasnet0_5", "mnasnet1_0",
          "shufflenet_v2_x0_5", "shufflenet_v2_x1_0", "shufflenet_v2_x1_5", "shufflenet_v2_x2_0", "efficientnet_b0",
          "efficientnet_v2_s", "regnet_y_400mf", "swin_t", "vit_b_16", "convnext_tiny")
SEGMENTATION = ("fcn_resnet50", "deeplabv3_resnet50")
BUILDERS = {name: getattr(torchvision.models, name) for name in VISION}
BUILDERS |= {
    "lenet5": models.LeNet5, "lenet5_modern": models.LeNet5Modern,
    "lenet5_d2l": lambda: models.LeNet5Modern(act=torch.sigmoid, pool=torch.nn.functional.avg_pool2d),
    "alexnet_paper": models.AlexNet, "alexnet_224": lambda: models.AlexNet(padding=2), "alexnet_d2l": lambda: models.AlexNet(10, 1, 1, 6400), "zfnet": models.ZFNet,
    "vgg11_d2l": lambda: models.SmallVGG(1, 25088, 4096), "vgg_cifar": lambda: models.SmallVGG(3, 512, 512),
    "nin": models.nin, "nin_d2l": lambda: models.nin(10, 1, 10, False), "nin_cifar": models.nin_cifar,
    "googlenet": lambda: torchvision.models.googlenet(aux_logits=False, init_weights=False),
    "googlenet_paper": lambda: models.GoogLeNet("paper"), "googlenet_d2l": lambda: models.GoogLeNet("d2l"),
    "googlenet_cifar": lambda: models.GoogLeNet("cifar"),
    "inception_naive": models.InceptionNaive, "inception_reduced": models.InceptionAlone,
    "inception_v3": lambda: torchvision.models.inception_v3(aux_logits=False, init_weights=False),
    "inception_v4": inceptions.InceptionV4, "inception_resnet_v2": inceptions.InceptionResNetV2,
    "resnet50a": models.resnet50_first, "resnet50b": torchvision.models.resnet50, "resnet50c": lambda: models.resnet50_tricks(False),
    "resnet50d": lambda: models.resnet50_tricks(True), "resnet18_d2l": models.resnet18_d2l,
    "resnet18_cifar": lambda: models.resnet18_d2l(3),
    "plain18": lambda: models.plain([2, 2, 2, 2]), "plain34": lambda: models.plain([3, 4, 6, 3]),
    "mobilenet_v1": models.MobileNetV1, "conv_pool": models.ConvPool, "three_weights": models.ThreeWeights,
    "unet": other_models.UNet, "espcn": other_models.ESPCN, "dcgan": other_models.Generator,
    "dcgan_discriminator": other_models.Discriminator, "m5": other_models.M5, "r3d_18": torchvision.models.video.r3d_18, "vae": other_models.VAE, "yolo_fastestv2": detectors.YoloFastestV2,
    "kws_lstm": lambda: other_models.Keyword(torch.nn.LSTM, 118), "kws_gru": lambda: other_models.Keyword(torch.nn.GRU, 154),
} | {
    name: lambda name=name: other_models.map_of(getattr(torchvision.models.segmentation, name)(
        weights=None, weights_backbone=None, aux_loss=False))
    for name in SEGMENTATION
} | {
    name: lambda name=name: other_models.of_timm(name) for name in ("repvgg_a0", "seresnet50")
} | {
    "lraspp_mobilenet_v3_large": lambda: other_models.map_of(
        torchvision.models.segmentation.lraspp_mobilenet_v3_large(weights=None, weights_backbone=None)),
}
# What training adds: auxiliary heads.
TRAINING = {
    "googlenet": lambda: torchvision.models.googlenet(aux_logits=True, init_weights=False),
    "googlenet_paper": lambda: models.GoogLeNet("paper", aux=True),
    "googlenet_cifar": lambda: models.GoogLeNet("cifar", aux=True),
    "inception_v3": lambda: torchvision.models.inception_v3(aux_logits=True, init_weights=False),
}
TRAINING |= {
    name: lambda name=name: other_models.map_of(getattr(torchvision.models.segmentation, name)(
        weights=None, weights_backbone=None, aux_loss=True))
    for name in SEGMENTATION
}
CIFAR = {f"resnet{6 * n + 2}": (n, False) for n in (3, 5, 7, 9, 18)} | {
    "resnet1202": (200, False, 0.8), "plain20": (3, True), "plain56": (9, True)}
BUILDERS |= {name: lambda how=how: models.CifarResNet(*how) for name, how in CIFAR.items()}
SIZES |= {name: (1, 3, 32, 32) for name in (*CIFAR, "vgg_cifar", "nin_cifar", "googlenet_cifar", "resnet18_cifar")}


# Buffers that are no weights.
INTEGERS = ("num_batches_tracked", "relative_position_index")


def build(name, seed=SEED):
    """The net with random weights, for inference, in float32."""
    net = BUILDERS[name]()
    with torch.no_grad():
        for key, tensor in net.state_dict().items():
            if not key.endswith(INTEGERS):
                tensor.copy_(torch.from_numpy(netc_random.tensor_numpy(seed, key, tuple(tensor.shape))))
    return net.eval()


def input_shape(name):
    return SIZES.get(name, (1, 3, 224, 224))


def input_shapes(name):
    """The same of each input, by its name; that of a net with one input does not matter."""
    return INPUTS.get(name, {"": input_shape(name)})


def input_tensor(shape):
    """An input of that shape, or with the number of positions behind it integers."""
    if isinstance(shape[0], int):
        return torch.from_numpy(netc_random.input_numpy(SEED, shape)).double()
    return torch.tensor(netc_random.positions(SEED, *shape)).reshape(shape[0])


def input_text(shape):
    return "x".join(map(str, shape)) if isinstance(shape[0], int) else f"{input_text(shape[0])}:{shape[1]}"


def chosen(count):
    """Indices of the outputs to keep."""
    if count <= 64:
        return list(range(count))
    between = {8 + int(u * (count - 16)) for u in netc_random.uniform(0, "chosen", 48)}
    return sorted({*range(8), *between, *range(count - 8, count)})


def golden(name):
    shapes = input_shapes(name)
    net = build(name).double()
    with torch.no_grad():
        out = net(*map(input_tensor, shapes.values())).flatten()
    inputs = ",".join(which + "=" * bool(which) + input_text(shape) for which, shape in shapes.items())
    lines = [f"seed {SEED}", f"input {inputs}", f"count {len(out)}",
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
