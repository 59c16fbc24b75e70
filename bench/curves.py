"""Several trainings in one picture: curves.py FILE.svg NAME=LOG.csv...

LOG.csv is what `train --log` wrote, with --val: of each epoch the share of right answers, of the data that were learned from (dashed) and
of the others, and the loss of the others.
"""
import csv
import sys

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402


def epochs(path):
    """Of each epoch: right answers in training, the mean over its steps; right answers and loss of the others."""
    learned, right, loss = [], [], []
    with open(path, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for number in sorted({int(row["epoch"]) for row in rows}):
        steps = [row for row in rows if int(row["epoch"]) == number]
        if not steps[-1]["val_loss"]:
            continue
        learned.append(100 * sum(float(row["accuracy"]) for row in steps) / len(steps))
        right.append(100 * float(steps[-1]["val_accuracy"]))
        loss.append(float(steps[-1]["val_loss"]))
    return learned, right, loss


def main():
    path, *named = sys.argv[1:]
    matplotlib.rcParams["svg.hashsalt"] = "netc"
    figure, (answers, losses) = pyplot.subplots(1, 2, figsize=(10, 4))
    for name, log in (word.split("=", 1) for word in named):
        learned, right, loss = epochs(log)
        x = range(1, len(right) + 1)
        line, = answers.plot(x, right, label=name)
        answers.plot(x, learned, "--", color=line.get_color(), linewidth=0.8)
        losses.plot(x, loss, label=name)
        print(f"| {name} | {learned[-1]:.1f} | {right[-1]:.1f} | {loss[-1]:.3f} |")
    answers.set(xlabel="epoch", ylabel="% right; dashed: in training", ylim=(65, 101))
    losses.set(xlabel="epoch", ylabel="loss of the other pictures")
    losses.legend()
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


main()
