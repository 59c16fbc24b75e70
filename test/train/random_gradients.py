"""Gradients of random networks beside PyTorch's in float64: random_gradients.py NETC FOLDER FIRST COUNT.

The networks of random_net.py, with a linear layer of five classes behind each, learn from a batch of 3, and gradients.py compares their
tensors. Where $NETC_AGREE_TCC is set, that C compiler (tcc.sh) compiles them, by the plan of one of TARGETS. Prints what differs with its
network, and at last how many were compared.
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))
import gradients  # noqa: E402
import random_net  # noqa: E402

NETC, FOLDER, FIRST, COUNT = sys.argv[1:]
TCC = os.environ.get("NETC_AGREE_TCC", "")
TARGETS = ("generic", "x86-64-v2", "x86-64-v3", "x86-64-v4")
# Of the largest gradient of the network; and of what is 0 but for rounding, such as a bias before bn: a sum of numbers like those of other tensors.
ROUNDING, OF_NOTHING, NOTHING = 3e-6, 3e-5, 1e-9


def trained(seed):
    """The network's text."""
    text = random_net.Net(seed).text().rstrip()
    return text.removesuffix("}") + "    flatten\n    linear(5)\n    output classes\n}\n"


def off_by_more(got, wanted):
    """What differs, and by more than rounding."""
    largest = max(max(map(abs, values)) for values in wanted.values())
    for name in sorted(set(got) & set(wanted)):
        rounding = largest * (OF_NOTHING if max(map(abs, wanted[name])) < NOTHING else ROUNDING)
        if len(got[name]) == len(wanted[name]) and max(abs(a - b) for a, b in zip(got[name], wanted[name])) <= rounding:
            del got[name], wanted[name]
    return list(gradients.compare_with_torch(got, wanted))


def differences(seed):
    os.makedirs(FOLDER, exist_ok=True)
    path = os.path.join(FOLDER, "random.net")
    with open(path, "w", encoding="ascii") as file:
        file.write(trained(seed))
    plan = ["--target", TARGETS[seed % len(TARGETS)]] if TCC else []
    try:
        text, inputs, got = gradients.run_program(NETC, FOLDER, [path, "--batch", "3", *plan])
    except subprocess.CalledProcessError as error:
        return [f"{error}", error.stderr or ""]
    return off_by_more(got, gradients.Run(text, inputs).gradients())


def main():
    faults = 0
    if TCC:
        os.environ["NETC_GRADIENTS_CC"] = TCC
    for seed in range(int(FIRST), int(FIRST) + int(COUNT)):
        found = differences(seed)
        if found:
            faults += 1
            print(f"network {seed}:", *found, trained(seed), sep="\n", flush=True)
    print(f"{COUNT} networks compared, {faults} disagree")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
