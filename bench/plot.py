"""How many times longer the others take than netc, as an SVG picture."""
import matplotlib

import tables
from systems import SYSTEMS

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402


def bars(axes, rows, names):
    nets, height = [row["net"] for row in rows], 0.8 / len(names)
    for place, name in enumerate(names):
        ratios = [row["times"][name][0] / row["times"]["netc"][0] if name in row["times"] else 0 for row in rows]
        axes.barh([y + (place - (len(names) - 1) / 2) * height for y in range(len(nets))], ratios, height, label=name)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_yticks(range(len(nets)), nets)
    axes.invert_yaxis()
    axes.set_xlabel("time ÷ netc's")


def draw(results, path):
    groups = {key: [row for row in rows if "netc" in row["times"]] for key, rows in results.groups().items()}
    groups = {key: rows for key, rows in groups.items() if rows}
    names = [system.name for system in SYSTEMS[1:] if system.name in results.versions]
    if not groups or not names:
        return
    matplotlib.rcParams["svg.hashsalt"] = "netc"
    tallest = max(map(len, groups.values()))
    figure, all_axes = pyplot.subplots(1, len(groups), figsize=(5 * len(groups), 1.5 + 0.5 * tallest), squeeze=False)
    for axes, ((batch, threads), rows) in zip(all_axes[0], groups.items()):
        bars(axes, rows, names)
        axes.set_title(f"batch {batch}, {threads} thread{'s' * (threads > 1)}: "
                       f"{tables.geometric_mean([tables.ratio(row) for row in rows if tables.ratio(row)]):.2f}")
    all_axes[0][0].legend()
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
