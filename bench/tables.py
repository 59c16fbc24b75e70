"""Results of bench.py, kept as JSON and printed as tables in Markdown."""
import json
import math
import os

import zoo
from systems import SYSTEMS


class Results:
    """Rows by network, batch and threads; a new row takes the place of an old one."""

    def __init__(self, path):
        self.path, self.rows, self.versions, self.absent, self.runs = path, {}, {}, {}, 1
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                saved = json.load(file)
            self.versions, self.runs = saved["versions"], saved.get("runs", 1) + 1
            for row in saved["rows"]:
                self.add(row)

    def add(self, row):
        self.rows[row["net"], row["batch"], row["threads"]] = row

    def save(self):
        with open(self.path, "w", encoding="utf-8") as file:
            json.dump({"runs": self.runs, "versions": self.versions, "rows": list(self.rows.values())}, file, indent=1)

    def groups(self):
        """(batch, threads) -> rows, in the order of the zoo."""
        order = {net: place for place, net in enumerate(zoo.NETS)}
        found = {}
        for row in sorted(self.rows.values(), key=lambda row: order.get(row["net"], len(order))):
            found.setdefault((row["batch"], row["threads"]), []).append(row)
        return dict(sorted(found.items()))


def best_peer(row):
    """(name, median) of the fastest of the others; None: there is none."""
    peers = [(times[0], name) for name, times in row["times"].items() if name != "netc"]
    return (min(peers)[1], min(peers)[0]) if peers else None


def ratio(row):
    """The best peer's time to ours; None: one of them is not there."""
    return best_peer(row)[1] / row["times"]["netc"][0] if best_peer(row) and "netc" in row["times"] else None


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def milliseconds(x):
    return f"{x:.3g}" if x < 999.5 else f"{x:.0f}"


def times_text(row, name):
    if name in row["times"]:
        median, least = row["times"][name]
        return f"{milliseconds(median)} ({milliseconds(least)})"
    return "wrong" if "differs" in row["failed"].get(name, "") else "–"


def shares(row):
    """GFLOP/s, share of the peak, share of the rate of reading: ours."""
    seconds = 1e-3 * row["times"]["netc"][0]
    rate = row["gflop"] / seconds
    return (f"{rate:.0f}", f"{100 * rate / row['peak']:.0f} %",
            f"{100 * row['weights'] / seconds / row['reading']:.0f} %")


def prediction(row):
    """The report's time in milliseconds, and what it is of the measured one."""
    if "predicted" not in row or "netc" not in row["times"]:
        return "–", "–"
    return milliseconds(row["predicted"]), f"{row['predicted'] / row['times']['netc'][0]:.2f}"


def line(row):
    """A row as it is measured."""
    times = ", ".join(f"{name} {times_text(row, name)}" for name in row["times"])
    wins = f", {ratio(row):.2f} times {best_peer(row)[0]}" if ratio(row) else ""
    return f"{row['net']}, batch {row['batch']}, {row['threads']} threads: {times}{wins}"


def group_table(batch, threads, rows, names):
    title = f"batch {batch}, {threads} thread{'s' * (threads > 1)}"
    head = [title, "GFLOP", *names, "predicted", "predicted ÷ netc", "GFLOP/s", "of peak", "of reading", "best peer ÷ netc"]
    yield f"| {' | '.join(head)} |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        ours = shares(row) if "netc" in row["times"] else ("–",) * 3
        wins = f"{ratio(row):.2f} ({best_peer(row)[0]})" if ratio(row) else "–"
        cells = [row["net"], f"{row['gflop']:.3g}", *(times_text(row, name) for name in names), *prediction(row), *ours, wins]
        yield f"| {' | '.join(cells)} |"
    ratios = [ratio(row) for row in rows if ratio(row)]
    peaks = [row["peak"] for row in rows]
    reading = [row["reading"] for row in rows]
    yield ""
    if ratios:
        yield f"Best peer ÷ netc: geometric mean {geometric_mean(ratios):.2f}, least {min(ratios):.2f}. " + \
            f"Peak {min(peaks):.0f} to {max(peaks):.0f} GFLOP/s; reading {min(reading):.0f} to {max(reading):.0f} GB/s."
        yield ""


def failures(rows):
    """Who could not run what, once each."""
    said = {}
    for row in rows:
        for name, why in row["failed"].items():
            said.setdefault(f"{name}: {why}", []).append(f"{row['net']} (batch {row['batch']})")
    for why, nets in said.items():
        yield f"{why}: {', '.join(sorted(set(nets)))}."
        yield ""


def markdown(results):
    """Lines of all tables."""
    names = [system.name for system in SYSTEMS if any(system.name in row["times"] for row in results.rows.values())]
    versions = ", ".join(f"{name} {results.versions[name]}" for name in names if results.versions.get(name))
    lines = [f"Medians (minima) in milliseconds, float32, of netc and {versions}.", ""]
    lines += absences(results.absent)
    for (batch, threads), rows in results.groups().items():
        lines += group_table(batch, threads, rows, names)
    return lines + list(failures(results.rows.values()))


def keep(folder, name, lines):
    """Prints lines as they come, and keeps them in a file."""
    with open(os.path.join(folder, name + ".md"), "w", encoding="utf-8") as file:
        for text in lines:
            print(text, flush=True)
            print(text, file=file, flush=True)


def absences(absent):
    for name, why in absent.items():
        yield f"Absent: {name} ({why})."
        yield ""


def busy(nets, row_of):
    yield "| net | system | one thread, ms | two | two, one processor busy | to one thread |\n|" + " --- |" * 6
    for net in nets:
        for name, (one, two, busy) in row_of(net).items():
            yield f"| {net} | {name} | {one:.3g} | {two:.3g} | {busy:.3g} | {busy / one:.2f} |"
