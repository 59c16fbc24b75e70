"""Which steps of the networks keep from their roofline: layers.py NETC PEAK FOLDER [options]

The least time of a step is the larger of its multiply-adds or comparisons at the peak (Winograd's: those that are left), and of
its bytes at the rates of reading: weights as fast as a memory of the size of the network's weights is read, its input,
its result and a residual as fast as one of their size. Peaks are measured beside each network. Prints tables in Markdown.
"""
import argparse
import json
import math
import os
import re
import subprocess

import zoo

BUFFER = re.compile(r"buffer \d+ (\S+): (\d+) bytes", re.M)
STEP = re.compile(r"step \d+ (\S+): \S+ kernel=(\w+) (.*) \(.*\)$")
PROFILE = re.compile(r"^\s*[\d.]+\s+([\d.]+)\s+[\d.]+%\s+[\d.]+\s+(\S+) \((\w+)\)", re.M)
ROUNDS, ENOUGH = 2, 0.8


def output_of(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


class Rates:
    """What the machine can do just now, with one thread."""

    def __init__(self, peak):
        self.peak, self.known = peak, {}
        self.gflops = self.measure(4096)[0]

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


def why(step):
    """What keeps such a step from its roofline."""
    row = step["row"]
    if step["ms"] < 2e-3:
        return "as short as a start of a step"
    if step["kernel"] == "winograd":
        return "transforms, and tiles past the edge"
    if step["kernel"] in ("copy", "pooling", "adaptive_avgpool", "pointwise"):
        return "loads and stores, not arithmetic"
    if step["kernel"] in ("depthwise", "grouped"):
        return "few products for each element"
    if row and len(row["output"]) == 4 and row["inputs"][0][1] < 16:
        return f"{row['inputs'][0][1]} channels in"
    if row and row["output"][1] % 16:
        return f"{row['output'][1] % 16} of 16 lanes in the last block"
    return ""


def wanted(step, row):
    """The share of its roofline that a step should reach."""
    plain = step["kernel"] == "conv" and row and row["op"] == "conv" and row["groups"] == 1 and row["stride"] == [1, 1]
    if plain and row["inputs"][0][1] >= 64 and row["output"][1] >= 64:
        side = min(row["output"][2:])
        return 0.9 if side >= 14 else 0.8
    return ENOUGH


def profile(executable):
    """Step -> its least milliseconds."""
    best = {}
    for _ in range(ROUNDS):
        text = output_of(executable, "bench", "--profile", "--runs", "20", "--threads", "1", "--random-weights", "1")
        for ms, name, kernel in PROFILE.findall(text):
            best[name, kernel] = min(float(ms), best.get((name, kernel), math.inf))
    return best


def rows_of(net, how):
    source = zoo.sources()[net]
    executable = os.path.join(how.folder, net + ".layers")
    options = ["--net", net, "--threads", "1", *(["--no-winograd"] if how.no_winograd else []), source]
    subprocess.run([how.netc, *options, "-o", executable], check=True)
    report = shapes_of(json.loads(output_of(how.netc, "--report=json", *options)))
    steps = list(steps_of(output_of(how.netc, "--emit=plan", *options)))
    rates = Rates(how.peak)
    times = profile(executable)
    all_weights = sum(step["weights"] for step in steps)
    for step in steps:
        row = report.get(step["name"])
        least, bound = least_ms(step, row, rates, all_weights)
        ms = times.get((step["name"], step["kernel"]), 0)
        yield {**step, "row": row, "ms": ms, "least": least, "bound": bound, "share": least / ms if ms else 1,
               "wanted": wanted(step, row), "gflops": rates.gflops}


def shape_text(row):
    if not row:
        return ""
    form = "x".join(map(str, row["inputs"][0][1:])) + " to " + "x".join(map(str, row["output"][1:]))
    window = f", {'x'.join(map(str, row['kernel']))}" if "kernel" in row else ""
    return form + window + (f" / {row['stride'][0]}" if "kernel" in row and row["stride"] != [1, 1] else "")


def print_net(net, rows, everything):
    total = sum(row["ms"] for row in rows)
    missed = [row for row in rows if row["share"] < row["wanted"] and (everything or row["ms"] > 0.005 * total)]
    print(f"\n{net}: peak {rows[0]['gflops']:.0f} GFLOP/s, {total:.4g} ms in {len(rows)} steps, "
          f"{sum(row['least'] for row in rows):.4g} ms by the roofline; below what is wanted: {len(missed)}, "
          f"{sum(row['ms'] for row in missed):.4g} ms\n")
    print("| step | kernel | shapes | ms | roofline ms | bound by | of it | wanted | |\n|" + " --- |" * 9)
    for row in rows if everything else sorted(missed, key=lambda row: row["least"] - row["ms"]):
        print(f"| {row['name']} | {row['kernel']} | {shape_text(row['row'])} | {row['ms']:.4f} | {row['least']:.4f} | "
              f"{row['bound']} | {100 * row['share']:.0f} % | {100 * row['wanted']:.0f} % | {why(row)} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("netc", "peak", "folder"):
        parser.add_argument(name)
    parser.add_argument("--nets", nargs="*", default=zoo.NETS)
    parser.add_argument("--no-winograd", action="store_true")
    parser.add_argument("--all", action="store_true", help="every step, not those that fall short and take half a percent")
    how = parser.parse_args()
    for net in how.nets or zoo.NETS:
        print_net(net, list(rows_of(net, how)), how.all)


main()
