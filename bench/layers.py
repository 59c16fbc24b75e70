"""Which steps of the networks keep from their roofline: layers.py NETC PEAK FOLDER [options]

The least time of a step is the larger of its multiply-adds or comparisons at the peak (Winograd's: those that are left), and of
its bytes at the rates of reading: weights as fast as a memory of the size of the network's weights is read, its input,
its result and a residual as fast as one of their size. Peaks are measured beside each network. One thread, batch 1.

Convolutions of stride 1 with 64 channels or more in and out are measured multiplied out, all other steps as they are planned.
Steps of a network with one kernel and one shape are one row. Prints tables in Markdown, which FOLDER/layers.md keeps.
"""
import argparse
import collections
import json
import math
import os
import re
import subprocess

import tables
import zoo

BUFFER = re.compile(r"buffer \d+ (\S+): (\d+) bytes", re.M)
STEP = re.compile(r"step \d+ (\S+): \S+ kernel=(\w+) (.*) \(.*\)$")
PROFILE = re.compile(r"^\s*[\d.]+\s+([\d.]+)\s+[\d.]+%\s+[\d.]+\s+(\S+) \((\w+)\)", re.M)
ROUNDS, SMALL = 5, 0.005
WANTED = {"large": 0.9, "small": 0.8, "other": 0.8}
REASONS = (("winograd", "transforms, and tiles past the edge"), ("depthwise", "few products for each element"),
           ("grouped", "few channels in a group, so inputs are spread over lanes"), ("conv_pooling", "the pool's comparisons"),
           ("pointwise_conv", "channels read from the third cache, to be normalized"), ("copy", "loads and stores, not arithmetic"), ("pool", "loads and stores, not arithmetic"),
           ("pointwise", "loads and stores, not arithmetic"))


def output_of(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


class Rates:
    """What the machine can do just now, with one thread."""

    def __init__(self, peak):
        self.peak, self.known, self.gflops = peak, {}, 0
        self.again()

    def again(self):
        """The peak is the best that was measured."""
        self.gflops = max(self.gflops, self.measure(4096)[0])

    def measure(self, size):
        gflops, gbytes = map(float, output_of(self.peak, "1", str(size)).split())
        return gflops, gbytes

    def reading(self, size):
        """GB/s of reading so many bytes again and again, to the next power of two."""
        size = 1 << max(14, math.ceil(math.log2(max(size, 1))))
        if size not in self.known:
            self.known[size] = self.measure(size)[1]
        return self.known[size]


def steps_of(plan):
    buffers = {name: int(size) for name, size in BUFFER.findall(plan)}
    for line in plan.splitlines():
        found = STEP.match(line)
        if found:
            name, kernel, rest = found.groups()
            number = lambda key: sum(int(n) for n in re.findall(rf"\b{key}=\d+\+(\d+)", rest))
            macs = re.search(r"macs=(\d+)", rest)
            saved = re.search(r"F\((\d)x(\d), (\d)x(\d)\)", line)
            yield {"name": name, "kernel": kernel, "macs": int(macs[1]) if macs else 0, "saved": winograd_factor(saved),
                   "weights": number("weight") + number("bias"), "other": " other=" in rest,
                   "buffer": buffers.get(name, 0)}


def winograd_factor(found):
    """Multiplications of the definition for each of Winograd's."""
    if not found:
        return 1
    tile_h, tile_w, kernel_h, kernel_w = map(int, found.groups())
    return tile_h * tile_w * kernel_h * kernel_w / ((tile_h + kernel_h - 1) * (tile_w + kernel_w - 1))


def shapes_of(report):
    return {row["name"]: row for row in report["layers"]}


def least_ms(step, row, rates, all_weights):
    """(milliseconds, what bounds). A copy reads what it writes."""
    done = 2 * max(step["macs"], row["cmp"] if row else 0)
    compute = 1e-6 * done / step["saved"] / rates.gflops
    sizes = [4 * math.prod(shape) for shape in (*row["inputs"], row["output"])] if row else [step["buffer"]] * 2
    moved = sum(sizes) + step["other"] * sizes[-1]
    memory = 1e-6 * (step["weights"] / rates.reading(all_weights) + moved / rates.reading(moved))
    return max((compute, "operations"), (memory, "memory"))


def lanes(row):
    """The share of their lanes that blocks of 16 channels use: in the result of a convolution."""
    return row["output"][1] / (16 * math.ceil(row["output"][1] / 16))


def why(row):
    """What keeps such a step from its roofline."""
    kernel, shape = row["kernel"], row["row"]
    if row["ms"] < 2e-3 * row["count"]:
        return "as short as a start of a step"
    for part, reason in REASONS:
        if part in kernel:
            return reason
    if shape["inputs"][0][1] < 16 and len(shape["output"]) == 4:
        return f"channels in: {shape['inputs'][0][1]}"
    if len(shape["output"]) == 2:
        return "weights, each used once"
    if lanes(shape) < 1:
        used, share = lanes(shape), row["share"]
        return f"{100 * used:.0f} % of its lanes hold channels: {100 * share / used:.0f} % of what they can do"
    if math.prod(shape["output"][2:]) <= 64:
        return f"weights from memory, for {math.prod(shape['output'][2:])} positions"
    if min(shape["inputs"][0][1], shape["output"][1]) <= 16 and math.prod(shape["kernel"]) == 1:
        return "one block of channels: few products for each element"
    return "rows and blocks that tiles do not divide"


def place_of(step):
    """Whether a step is a convolution that should come near the peak, on a large or a small map, or another one."""
    row = step["row"]
    if step["kernel"] not in ("conv", "winograd") or not row or row["op"] != "conv" or len(row["output"]) != 4 or \
            row["groups"] != 1 or row["stride"] != [1, 1] or min(row["inputs"][0][1], row["output"][1]) < 64:
        return "other"
    return "large" if min(row["output"][2:]) >= 14 else "small"


def profile(executable, rates):
    """Step -> its least milliseconds."""
    best = {}
    for _ in range(ROUNDS):
        text = output_of(executable, "bench", "--profile", "--runs", "20", "--threads", "1", "--random-weights", "1")
        rates.again()
        for ms, name, kernel in PROFILE.findall(text):
            best[name, kernel] = min(float(ms), best.get((name, kernel), math.inf))
    return best


def measured(net, how, *options):
    """(peak, steps) of a network that is compiled so."""
    executable = os.path.join(how.folder, net + ".layers")
    options = ["--net", net, "--threads", "1", *options, zoo.sources()[net]]
    subprocess.run([how.netc, *options, "-o", executable], check=True)
    report = shapes_of(json.loads(output_of(how.netc, "--report=json", *options)))
    steps = list(steps_of(output_of(how.netc, "--emit=plan", *options)))
    rates = Rates(how.peak)
    times = profile(executable, rates)
    all_weights = sum(step["weights"] for step in steps)
    for step in steps:
        step["row"] = report.get(step["name"])
        step["place"] = place_of(step)
        step["least"], step["bound"] = least_ms(step, step["row"], rates, all_weights)
        step["ms"] = times.get((step["name"], step["kernel"]), 0)
    return rates.gflops, [step for step in steps if step["ms"]]


def merged(net, steps):
    """Steps of one kernel and shape as one."""
    groups = collections.defaultdict(list)
    for step in steps:
        groups[step["kernel"], shape_text(step["row"]), step["place"]].append(step)
    for (_, text, place), some in groups.items():
        ms, least = (sum(step[key] for step in some) for key in ("ms", "least"))
        yield {**some[0], "net": net, "shape": text, "count": len(some), "wanted": WANTED[place],
               "ms": ms, "least": least, "share": least / ms}


def rows_of(net, how):
    """(peak, milliseconds of all steps, rows)"""
    peak, planned = measured(net, how)
    direct = [step for step in measured(net, how, "--no-winograd")[1] if step["place"] != "other"]
    others = [{**step, "place": "other"} for step in planned if step["kernel"] == "winograd" or step["place"] == "other"]
    return peak, sum(step["ms"] for step in planned), list(merged(net, direct + others))


def shape_text(row):
    if not row:
        return ""
    form = "x".join(map(str, row["inputs"][0][1:])) + " to " + "x".join(map(str, row["output"][1:]))
    window = f", {'x'.join(map(str, row['kernel']))}" if "kernel" in row else ""
    return form + window + (f" / {row['stride'][0]}" if "kernel" in row and row["stride"] != [1, 1] else "")


def reach(rows):
    """How many of the steps reach what they should, and the least share: as cells."""
    if not rows:
        return "–", "–"
    good = sum(row["count"] for row in rows if row["share"] >= row["wanted"])
    return f"{good} of {sum(row['count'] for row in rows)}", f"{100 * min(row['share'] for row in rows):.0f} %"


def summary(rows, peaks, totals):
    yield "| net | peak, GFLOP/s | ms | stride 1, from 64 channels to 64, at 14×14 or more: 90 % | least | on smaller maps: 80 % | least " \
        "| other steps: 80 % | least | time of those below |"
    yield "|" + " --- |" * 10
    for net, total in totals.items():
        of_net = [row for row in rows if row["net"] == net]
        parts = [[row for row in of_net if row["place"] == place] for place in WANTED]
        below = sum(row["ms"] for row in of_net if row["share"] < row["wanted"])
        cells = [cell for part in parts for cell in reach(part)]
        yield f"| {net} | {peaks[net]:.0f} | {total:.3g} | {' | '.join(cells)} | {100 * below / total:.1f} % |"


def listed(rows, totals):
    """Those that fall short, the dearest first; what takes half a percent of its network or less in one line."""
    missed = [row for row in rows if row["share"] < row["wanted"]]
    lost = lambda row: (row["wanted"] - row["share"]) * row["ms"] / totals[row["net"]]
    yield "| net | how many | kernel | shapes | ms | bound by | of its roofline | wanted | why |\n|" + " --- |" * 9
    short = collections.defaultdict(list)
    for row in sorted(missed, key=lost, reverse=True):
        reason = why(row)
        if row["ms"] <= SMALL * totals[row["net"]]:
            short[reason].append(row)
            continue
        yield f"| {row['net']} | {row['count']} | {row['kernel']} | {row['shape']} | {row['ms']:.3g} | {row['bound']} | " \
            f"{100 * row['share']:.0f} % | {100 * row['wanted']:.0f} % | {reason} |"
    yield ""
    for reason, some in short.items():
        most = max(100 * row["ms"] / totals[row["net"]] for row in some)
        least = min(100 * row["share"] for row in some)
        yield f"* {reason}: {sum(row['count'] for row in some)} more, {most:.2g} % of their network or less; from {least:.0f} %"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("netc", "peak", "folder"):
        parser.add_argument(name)
    parser.add_argument("--nets", nargs="*", default=zoo.NETS)
    how = parser.parse_args()
    os.makedirs(how.folder, exist_ok=True)
    rows, peaks, totals = [], {}, {}
    for net in how.nets or zoo.NETS:
        peaks[net], totals[net], some = rows_of(net, how)
        rows += some
    tables.keep(how.folder, "layers", [*summary(rows, peaks, totals), "", *listed(rows, totals)])


main()
