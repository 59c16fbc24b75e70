"""The compiled network, FOLDER/netc; each measurement is a process of its own, after a warm-up."""
import os
import re
import subprocess

import numpy as np

from systems import read_inputs


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
        options, y = [], os.path.join(self.folder, "y.npy")
        inputs = read_inputs(self.folder)
        for name, x in inputs.items():
            path = os.path.join(self.folder, name + ".npy")
            np.save(path, x)
            options += ["--input", f"{name}={path}" if len(inputs) > 1 else path]
        self.call("run", *options, "--output", y)
        return np.load(y)

    def measure(self, seconds):
        text = self.call("bench", "--runs", str(self.runs or 3))
        median, least = (float(re.search(rf"{word}\s+([\d.]+) ms", text)[1]) for word in ("median", "minimum"))
        self.runs = max(3, int(1e3 * seconds / median))
        return [median, median, least]
