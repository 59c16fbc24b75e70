"""Whether nets of a description and their ONNX files give the same: resized.py NETC FOLDER NET... FOLDER has resized.net, and NET.onnx of each."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))
import netc_random  # noqa: E402
import npy  # noqa: E402

NETC, FOLDER, *NETS = sys.argv[1:]


def output_of(program, shape, *source):
    """What the program of a source makes of an input of a formula."""
    path, x, y = (os.path.join(FOLDER, name) for name in (program, "x.npy", "y.npy"))
    subprocess.run([NETC, *source, "-o", path], check=True)
    npy.write(x, shape, netc_random.input_values(1, shape))
    subprocess.run([path, "run", "--input", x, "--output", y], check=True)
    return npy.read(y)


def judge(net):
    source = os.path.join(FOLDER, "resized.net")
    listed = subprocess.run([NETC, "--emit=graph", "--net", net, source], check=True, capture_output=True, text=True).stdout
    shape = tuple(map(int, listed.split("f32[")[1].split("]")[0].split(",")))
    (size, wanted), (got_size, got) = (output_of(net + end, shape, *of)
                                       for end, of in (("", ("--net", net, source)), (".read", (os.path.join(FOLDER, net + ".onnx"),))))
    off = max(abs(a - b) for a, b in zip(wanted, got))
    return "the same" if size == got_size and off < 1e-6 else f"{size}, {got_size}, off by {off}"


for name in NETS:
    print(f"{name}: {judge(name)}")
