"""The compiled network, FOLDER/netc; each measurement is a process of its own, after a warm-up."""
import os
import re
import subprocess

import numpy as np


def version():
    return ""


class Program:
    def __init__(self, folder, threads):
        self.folder, self.threads, self.runs = folder, threads, None

    def call(self, *arguments):
        weights = self.folder.rsplit("-", 1)[0] + ".safetensors"
        command = [os.path.join(self.folder, "netc"), *arguments, "--weights", weights, "--threads", str(self.threads)]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    def output(self):
        x, y = (os.path.join(self.folder, name) for name in ("x.npy", "y.npy"))
        self.call("run", "--input", x, "--output", y)
        return np.load(y)

    def measure(self, seconds):
        text = self.call("bench", "--runs", str(self.runs or 3))
        median, least = (float(re.search(rf"{word}\s+([\d.]+) ms", text)[1]) for word in ("median", "minimum"))
        self.runs = max(3, int(1e3 * seconds / median))
        return [median, median, least]
