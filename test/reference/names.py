"""Parameters of the example nets, names and shapes, compared with PyTorch's state dicts.

  names.py make FILE [timm]  writes FILE with PyTorch: a line for each net, "net file mode count
                             elements digest", where the mode is run (inference), train, or both, and
                             the digest is of the sorted "name shape" lines;
                             `timm`: the nets that the library of that name has, and torchvision lacks
  names.py list NET          prints those lines of one net, with PyTorch
  names.py check FILE NETC EXAMPLES    compares what netc --emit=graph says with FILE
  names.py show GRAPH        prints the lines of a graph text, sorted
"""
import hashlib
import math
import re
import subprocess
import sys

FILES = {"lenet": ("lenet5", "lenet5_modern", "lenet5_d2l"),
         "alexnet": ("alexnet", "alexnet_paper", "alexnet_224", "alexnet_d2l", "zfnet"),
         "vgg": ("vgg11", "vgg13", "vgg16", "vgg19", "vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn", "vgg11_d2l",
                 "vgg_cifar"),
         "nin": ("nin", "nin_d2l", "nin_cifar"),
         "googlenet": ("googlenet", "googlenet_paper", "googlenet_d2l", "googlenet_cifar", "inception_naive",
                       "inception_reduced"),
         "inception_v3": ("inception_v3",),
         "resnet": ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d",
                    "resnext101_32x8d", "wide_resnet50_2", "resnet50a", "resnet50b", "resnet50c", "resnet50d", "plain18", "plain34",
                    "resnet18_d2l", "resnet18_cifar"),
         "resnet_cifar": ("resnet20", "resnet32", "resnet44", "resnet56", "resnet110", "resnet1202", "plain20",
                          "plain56"),
         "densenet": ("densenet121", "densenet161", "densenet169", "densenet201"),
         "squeezenet": ("squeezenet1_0", "squeezenet1_1"), "mobilenet": ("mobilenet_v1", "mobilenet_v2"),
         "mobilenet_v3": ("mobilenet_v3_large", "mobilenet_v3_small", "lraspp_mobilenet_v3_large"),
         "mnasnet": ("mnasnet0_5", "mnasnet1_0"),
         "shufflenet_v2": ("shufflenet_v2_x0_5", "shufflenet_v2_x1_0", "shufflenet_v2_x1_5", "shufflenet_v2_x2_0"),
         "efficientnet": ("efficientnet_b0", "efficientnet_v2_s"),
         "segmentation": ("fcn_resnet50", "deeplabv3_resnet50"), "unet": ("unet",), "regnet": ("regnet_y_400mf",), "swin": ("swin_t",), "espcn": ("espcn",),
         "vit": ("vit_b_16",), "convnext": ("convnext_tiny",),
         "gan": ("dcgan", "dcgan_discriminator"), "audio": ("m5",), "video": ("r3d_18",), "keyword": ("kws_lstm", "kws_gru"), "vae": ("vae",), "yolo_fastest": ("yolo_fastestv2",), "homework": ("conv_pool", "three_weights")}
TIMM = {"inception_v4": ("inception_v4",), "inception_resnet_v2": ("inception_resnet_v2",),
        "resnet": ("resnet50c", "resnet50d", "seresnet50"), "repvgg": ("repvgg_a0",)}


def digest(lines):
    """The count, number of elements and digest of "name AxBxC" lines."""
    elements = sum(math.prod(map(int, line.split()[1].split("x"))) for line in lines)
    return f"{len(lines)} {elements} {hashlib.sha256(chr(10).join(lines).encode()).hexdigest()[:16]}"


def build(name, mode):
    """PyTorch's module."""
    if mode == "timm":
        import timm
        return timm.create_model(name)
    import nets
    return (nets.TRAINING if mode == "train" else nets.BUILDERS)[name]()


def state_lines(name, mode):
    """Of PyTorch's module; timm renamed the last layer that the original port calls last_linear."""
    return sorted(f"{key.replace('classif.', 'last_linear.')} {'x'.join(map(str, tensor.shape))}"
                  for key, tensor in build(name, mode).state_dict().items() if not key.endswith(("num_batches_tracked", "relative_position_index")))


def attributes(text):
    """{out=64, kernel=(1, 7), bias=false} as a dictionary of strings."""
    return dict(re.findall(r"(\w+)=(\([^)]*\)|\[[^\]]*\]|[^,}]+)", text or ""))


def window(text, axes):
    numbers = integers(text)
    return (numbers * axes if len(numbers) == 1 else numbers)[-axes:]


def recurrent(gates, attr, features):
    h, directions = int(attr["hidden_size"]), ("", "_reverse") if attr.get("bidirectional") == "true" else ("",)
    for layer in range(int(attr.get("num_layers", 1))):
        for direction in directions:
            shapes = {"weight_ih": (gates * h, features), "weight_hh": (gates * h, h)}
            if attr.get("bias") != "false":
                shapes |= {"bias_ih": (gates * h,), "bias_hh": (gates * h,)}
            yield from ((f"{role}_l{layer}{direction}", shape) for role, shape in shapes.items())
        features = len(directions) * h


def integers(text):
    return [int(n) for n in re.findall(r"-?\d+", text)]


def parameters(op, attr, into):
    """The parameters of an operator on a tensor of these dimensions, as its row in docs/language.md has them."""
    rank, channels = len(into), into[-1] if op == "linear" else into[1]
    if op == "param":
        yield "", integers(attr["shape"])
    if op == "layernorm" and attr.get("affine") != "false":
        shape = [into[axis] for axis in integers(attr.get("dim", "")) or range(1, rank)]
        yield from (("weight", shape), ("bias", shape))
    if op in ("conv", "conv_transpose", "linear"):
        out, groups = int(attr["out"]), int(attr.get("groups", 1))
        kernel = window(attr["kernel"], rank - 2) if op != "linear" else []
        first = (channels, out // groups) if op == "conv_transpose" else (out, channels // groups)
        yield "weight", (*first, *kernel)
        if attr.get("bias") != "false":
            yield "bias", (out,)
    if op in ("lstm", "gru"):
        yield from recurrent(4 if op == "lstm" else 3, attr, into[-1])
    if op == "bn":
        for role in ("weight", "bias", "running_mean", "running_var"):
            yield role, (channels,)


NODE = re.compile(r'  (%\d+) = (\w+)((?: %\d+,?)*) (?:\{(.*?)\} )?"([^"]*)".* : f32\[([\d,]+)\]')


def parameter(name, role):
    return name.replace("*", role) if "*" in name else f"{name}.{role}" if role else name


def graph_lines(text):
    """Of a graph text: shapes from attributes and the channels that flow in."""
    shapes, lines = {}, []
    for result, op, inputs, attr, name, dims in NODE.findall(text):
        shapes[result] = dims.split(",")
        into = shapes[inputs.replace(",", "").split()[0]] if inputs else ["0", "0"]
        lines += [f"{parameter(name, role)} {'x'.join(map(str, shape))}"
                  for role, shape in parameters(op, attributes(attr), [int(n) for n in into])]
    return sorted(lines)


def modes(name, library):
    """(mode of the line, of the module): one line for both, where training has the same parameters."""
    if library == "timm":
        return (("both", "timm"),)
    import nets
    return (("run", "run"), ("train", "train")) if name in nets.TRAINING else (("both", "run"),)


def make(path, library=None):
    with open(path, "w", encoding="ascii") as file:
        for name_of_file, names in (TIMM if library == "timm" else FILES).items():
            for name in names:
                for mode, module in modes(name, library):
                    print(name, name_of_file, mode, digest(state_lines(name, module)), file=file)


def check(path, netc, examples):
    wrong = 0
    for line in open(path, encoding="ascii"):
        name, file, modes_of_line, wanted = line.rstrip("\n").split(" ", 3)
        for mode in ("run", "train") if modes_of_line == "both" else (modes_of_line,):
            command = [netc, "--emit=graph", "--net", name, f"{examples}/{file}.net"] + ["--train"] * (mode == "train")
            found = digest(graph_lines(subprocess.run(command, capture_output=True, text=True).stdout))
            if found != wanted:
                print(f"{name} ({mode}): PyTorch has {wanted}, netc {found}")
                wrong += 1
    return wrong


def main():
    command, *arguments = sys.argv[1:]
    if command == "make":
        make(*arguments)
    elif command == "list":
        print("\n".join(state_lines(arguments[0], "run")))
    elif command == "show":
        with open(arguments[0], encoding="utf-8") as file:
            print("\n".join(graph_lines(file.read())))
    else:
        sys.exit(check(*arguments) != 0)


if __name__ == "__main__":
    main()
