"""Training steps of the program FOLDER/netc on the data set in FOLDER: what the log says that each took, with the reading of pictures
and the packing of weights. Each measurement is a process of its own, of which the first steps warm up."""
import csv
import os
import subprocess

import numpy as np

import datasets

# Steps of a measurement; the data set has pictures for the most.
WARM_UP, MOST = 2, 500


def version():
    return ""


class Program:
    def __init__(self, folder, threads):
        self.folder, self.threads, self.steps = folder, threads, WARM_UP + 3

    def rows(self, steps):
        """Of the log: one for each step."""
        log, checkpoint = (os.path.join(self.folder, name) for name in ("log.csv", "trained.safetensors"))
        subprocess.run([os.path.join(self.folder, "netc"), "train", "--data", datasets.path_in(self.folder),
                        "--optimizer", "sgd", "--lr", "1e-4", "--momentum", "0.9", "--threads", str(self.threads),
                        "--epochs", "1", "--steps", str(steps), "--log", log, "--output", checkpoint], check=True, stdout=subprocess.DEVNULL)
        with open(log, encoding="ascii", newline="") as file:
            return list(csv.DictReader(file))

    def output(self):
        """The loss before any step."""
        return np.array([float(self.rows(1)[0]["loss"])], np.float32)

    def measure(self, seconds):
        ends = [float(row["seconds"]) for row in self.rows(self.steps)]
        times = [1e3 * (b - a) for a, b in zip(ends[WARM_UP - 1:], ends[WARM_UP:])]
        self.steps = min(MOST, WARM_UP + max(3, int(1e3 * seconds / min(times))))
        return times
