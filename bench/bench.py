"""Speed of compiled networks beside PyTorch and ONNX Runtime: bench.py NETC SRCDIR PEAK FOLDER [NET...].

The same weights and input for all, the outputs compared first. Then rounds: each program in turn runs for
a moment, one thread and two; medians and minima over the rounds, as tables in Markdown. PEAK is the program
of runtime/host/peak.c; shares are of the peak that it measures between the rounds.
"""
import os
import re
import statistics
import subprocess
import sys
import time

import numpy as np
import onnxruntime
import torch
from safetensors.torch import save_file

NETC, SRCDIR, PEAK, FOLDER = sys.argv[1:5]
sys.path.insert(0, os.path.join(SRCDIR, "test", "reference"))
import netc_random  # noqa: E402
import nets  # noqa: E402

SOURCES = {"lenet5_modern": "lenet", "alexnet": "alexnet", "vgg16": "vgg", "googlenet": "googlenet",
           "inception_v3": "inception_v3", "resnet18": "resnet", "resnet50": "resnet", "resnet20": "resnet_cifar",
           "resnext50_32x4d": "resnet", "squeezenet1_1": "squeezenet", "densenet121": "densenet",
           "mobilenet_v2": "mobilenet"}
DEFAULT = ("lenet5_modern", "alexnet", "vgg16", "googlenet", "inception_v3", "resnet18", "resnet50",
           "resnext50_32x4d", "squeezenet1_1", "densenet121", "mobilenet_v2")
ROUNDS, MOMENT, TOLERANCE = 5, 0.5, 1e-4


def times_of(function):
    """Milliseconds of one call after another, for a moment."""
    times, end = [], time.perf_counter() + MOMENT
    while len(times) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        function()
        times.append(1e3 * (time.perf_counter() - start))
    return times


class Ours:
    name = "netc"

    def __init__(self, net, module, shape):
        self.executable = os.path.join(FOLDER, net)
        self.weights = os.path.join(FOLDER, net + ".safetensors")
        self.runs = None
        save_file({k: v.contiguous() for k, v in module.state_dict().items()}, self.weights)
        source = os.path.join(SRCDIR, "examples", SOURCES[net] + ".net")
        subprocess.run([NETC, "--net", net, source, "-o", self.executable], check=True)

    def call(self, threads, *arguments):
        run = subprocess.run([self.executable, *arguments, "--weights", self.weights, "--threads", str(threads)],
                             check=True, stdout=subprocess.PIPE, text=True)
        return run.stdout

    def output(self, x):
        before, after = os.path.join(FOLDER, "x.npy"), os.path.join(FOLDER, "y.npy")
        np.save(before, x)
        self.call(1, "run", "--input", before, "--output", after)
        return np.load(after)

    def measure(self, threads):
        """A process of its own each time; it measures, after a warm-up, as many runs as fill a moment."""
        text = self.call(threads, "bench", *(["--runs", str(self.runs)] if self.runs else []))
        median, least = (float(re.search(rf"{word}\s+([\d.]+) ms", text)[1]) for word in ("median", "minimum"))
        self.runs = max(3, int(1e3 * MOMENT / median))
        return [median, least]

    def profile(self):
        """Step -> (ms, GFLOP/s), one thread."""
        row = re.compile(r"^\s*([\d.]+)\s+[\d.]+\s+[\d.]+%\s+([\d.]+)\s+(\S+) \((\w+)\)", re.M)
        rows = row.findall(self.call(1, "bench", "--profile"))
        return {name: (float(ms), float(rate)) for ms, rate, name, _ in rows}


class Torch:
    name = "PyTorch"

    def __init__(self, net, module, shape):
        with torch.no_grad():
            traced = torch.jit.freeze(torch.jit.trace(module, torch.zeros(shape)))
            self.module = torch.jit.optimize_for_inference(traced)

    def output(self, x):
        with torch.no_grad():
            return self.module(torch.from_numpy(x)).numpy()

    def measure(self, threads):
        torch.set_num_threads(threads)
        x = torch.rand(self.shape)
        with torch.no_grad():
            return times_of(lambda: self.module(x))


class OnnxRuntime:
    name = "ONNX Runtime"

    def __init__(self, net, module, shape):
        self.path = os.path.join(FOLDER, net + ".onnx")
        torch.onnx.export(module, (torch.zeros(shape),), self.path, dynamo=False, input_names=["x"])
        self.sessions = {}

    def session(self, threads):
        if threads not in self.sessions:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            options.inter_op_num_threads = 1
            self.sessions[threads] = onnxruntime.InferenceSession(self.path, options)
        return self.sessions[threads]

    def output(self, x):
        return self.session(1).run(None, {"x": x})[0]

    def measure(self, threads):
        session, x = self.session(threads), np.random.rand(*self.shape).astype(np.float32)
        return times_of(lambda: session.run(None, {"x": x}))


def peak(threads):
    """GFLOP/s of so many cores at once."""
    running = [subprocess.Popen([PEAK], stdout=subprocess.PIPE, text=True) for _ in range(threads)]
    return sum(float(process.communicate()[0]) for process in running)


def open_all(net):
    """The programs for one net, their outputs equal; exits where they are not."""
    module, shape = nets.build(net), nets.input_shape(net)
    x = netc_random.input_numpy(nets.SEED, shape)
    programs = [kind(net, module, shape) for kind in (Ours, OnnxRuntime, Torch)]
    outputs = []
    for program in programs:
        program.shape = shape
        outputs.append(program.output(x).flatten())
    for program, out in zip(programs, outputs):
        error = np.abs(out - outputs[-1]).max() / np.abs(outputs[-1]).max()
        if not error < TOLERANCE:
            sys.exit(f"{net}: {program.name} differs from PyTorch by {error:.1e} of the largest output")
    return programs


def measure(programs, threads):
    """Program -> (median, minimum) in ms; and the peak, best of the rounds."""
    times, best = {program.name: [] for program in programs}, 0
    for program in programs:
        program.measure(threads)
    for _ in range(ROUNDS):
        for program in programs:
            found = program.measure(threads)
            times[program.name].append((statistics.median(found), min(found)))
        best = max(best, peak(threads))
    return {name: (statistics.median(m for m, _ in rows), min(m for _, m in rows))
            for name, rows in times.items()}, best


def gflop(program):
    text = program.call(1, "bench", "--runs", "3")
    median, rate = re.search(r"median\s+([\d.]+) ms\s+([\d.]+) GFLOP/s", text).groups()
    return float(median) * float(rate) / 1e3


def print_nets(all_programs, threads):
    print(f"\n| {threads} thread{'s' * (threads > 1)} | GFLOP | " +
          " | ".join(f"{kind.name} median (min) ms" for kind in (Ours, OnnxRuntime, Torch)) +
          " | netc GFLOP/s | of peak | netc ÷ best peer |\n|" + " --- |" * 8)
    for net, programs in all_programs.items():
        times, best = measure(programs, threads)
        work = gflop(programs[0])
        ours = times["netc"][0]
        peers = min(median for name, (median, _) in times.items() if name != "netc")
        print(f"| {net} | {work:.3g} | " +
              " | ".join(f"{median:.3g} ({least:.3g})" for median, least in times.values()) +
              f" | {1e3 * work / ours:.0f} | {100e3 * work / ours / best:.0f} % | {ours / peers:.2f} |", flush=True)


def print_layers(resnet50):
    """The 3x3 and 1x1 convolutions of ResNet-50 whose outputs are at least 14 x 14."""
    best = 0
    rates = {}
    for _ in range(ROUNDS):
        best = max(best, peak(1))
        for name, (ms, rate) in resnet50.profile().items():
            if re.match(r"layer[123]\.|layer4\.0\.conv1", name) and rate:
                rates.setdefault(name, []).append((rate, ms))
    print(f"\n| layer of resnet50, one thread (peak {best:.0f} GFLOP/s) | ms | GFLOP/s | of peak |\n" + "| --- " * 4 + "|")
    for name, rows in rates.items():
        rate, ms = statistics.median(rate for rate, _ in rows), statistics.median(ms for _, ms in rows)
        print(f"| {name} | {ms:.3f} | {rate:.0f} | {100 * rate / best:.0f} % |")


def main():
    os.makedirs(FOLDER, exist_ok=True)
    onnxruntime.set_default_logger_severity(3)
    print(f"PyTorch {torch.__version__}, ONNX Runtime {onnxruntime.__version__}; {ROUNDS} rounds, interleaved, batch 1, f32")
    all_programs = {net: open_all(net) for net in sys.argv[5:] or DEFAULT}
    for threads in (1, 2):
        print_nets(all_programs, threads)
    if "resnet50" in all_programs:
        print_layers(all_programs["resnet50"][0])


main()
