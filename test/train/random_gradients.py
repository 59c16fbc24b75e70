"""Gradients of random networks beside PyTorch's in float64: random_gradients.py NETC FOLDER FIRST COUNT.

The networks of random_net.py, with a linear layer of five classes behind each, learn from a batch of 3, and gradients.py compares their
tensors. Where $NETC_AGREE_TCC is set, that C compiler compiles them (plans.py). Prints what differs with its
network, and at last how many were compared.
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))
import gradients  # noqa: E402
import plans  # noqa: E402
import random_net  # noqa: E402
import torch  # noqa: E402

NETC, FOLDER, FIRST, COUNT = sys.argv[1:]
torch.set_num_threads(1)  # sums in one order, so that its rounding is the same in each run


def trained(seed):
    """The network's text."""
    text = random_net.Net(seed).text(several=False).rstrip()
    return text.removesuffix("}") + "    flatten\n    linear(5)\n    output classes\n}\n"


def worst(one, other):
    return max((abs(a - b) for a, b in zip(one, other)), default=0)


def off_by_more(got, text, inputs):
    """What differs, and ten times more than what PyTorch computes in floats of 32 bits: some networks magnify rounding."""
    wanted = gradients.Run(text, inputs).gradients()
    if not list(gradients.compare_with_torch(got, wanted)):
        return []
    rounded = gradients.Run(text, inputs, 32).gradients()
    for name in sorted(set(got) & set(wanted)):
        if len(got[name]) == len(wanted[name]) and worst(got[name], wanted[name]) <= 10 * worst(rounded[name], wanted[name]):
            del got[name], wanted[name]
    return list(gradients.compare_with_torch(got, wanted))


def differences(seed):
    os.makedirs(FOLDER, exist_ok=True)
    path = os.path.join(FOLDER, "random.net")
    with open(path, "w", encoding="ascii") as file:
        file.write(trained(seed))
    plan = plans.plan_of(seed) if plans.TCC else []
    try:
        text, inputs, got = gradients.run_program(NETC, FOLDER, [path, "--batch", "3", *plan])
    except subprocess.CalledProcessError as error:
        return [f"{error}", error.stderr or ""]
    return off_by_more(got, text, inputs)


def main():
    faults = 0
    if plans.TCC:
        os.environ["NETC_GRADIENTS_CC"] = plans.TCC
    for seed in range(int(FIRST), int(FIRST) + int(COUNT)):
        found = differences(seed)
        if found:
            faults += 1
            print(f"network {seed}:", *found, trained(seed), sep="\n", flush=True)
    print(f"{COUNT} networks compared, {faults} disagree")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
