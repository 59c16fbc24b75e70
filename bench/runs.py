"""Systems at work: each in a process of its own, asked in turns."""
import json
import os
import statistics
import subprocess
import sys
import tempfile

import numpy as np

import zoo
from systems import SYSTEMS


class Absent(Exception):
    """A system that is not installed."""


class Failed(Exception):
    """What a system says that it cannot do."""


class Running:
    """A system's process; it keeps to so many processors."""

    def __init__(self, system, threads):
        self.system, self.log = system, tempfile.TemporaryFile("w+")
        command = [sys.executable, "-W", "ignore", os.path.join(zoo.HERE, "worker.py"), system.module, str(threads)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
                                        text=True, bufsize=1)
        self.version = self.read()
        if isinstance(self.version, dict):
            raise Absent(self.version.get("absent") or self.version["error"])

    def read(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"error": f"'{self.system.name}' ended: {self.last_words()}"}

    def last_words(self):
        self.log.seek(0)
        return self.log.read().strip()[-200:]

    def ask(self, command):
        try:
            print(command, file=self.process.stdin, flush=True)
        except OSError as error:
            raise Failed(f"'{self.system.name}' ended: {self.last_words()}") from error
        answer = self.read()
        if isinstance(answer, dict):
            raise Failed(answer["error"])
        return answer

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def make_models(folder, net, batch):
    """In a process of its own, for PyTorch takes memory and long to start."""
    command = [sys.executable, "-W", "ignore", os.path.join(zoo.HERE, "models.py"), folder, net, str(batch)]
    made = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if made.returncode:
        sys.exit(f"{net}: PyTorch cannot make the models: {made.stdout.strip()[-500:]}")


def prepare(netc, folder, net, batch, *options):
    """The folder of the models of a network, made at the first call; netc's is compiled anew."""
    here = os.path.join(os.path.abspath(folder), f"{net}-{batch}")
    if not os.path.exists(os.path.join(here, "expected.npy")):
        make_models(folder, net, batch)
    name = zoo.described(net)
    subprocess.run([netc, "--net", name, "--batch", str(batch), *options, zoo.sources()[name], "-o",
                    os.path.join(here, "netc")], check=True)
    return here


def start_all(names, threads):
    """(name -> process, name -> why it is absent)."""
    running, absent = {}, {}
    for system in SYSTEMS:
        if system.name in names:
            try:
                running[system.name] = Running(system, threads)
            except Absent as error:
                absent[system.name] = str(error)
    return running, absent


def differences(folder, names):
    """Name -> largest difference from ONNX Runtime's output (PyTorch's in float64, where that is absent), to its largest."""
    saved = {system.name: os.path.join(folder, system.module + ".npy") for system in SYSTEMS}
    truth = np.load(saved["ONNX Runtime"] if "ONNX Runtime" in names else os.path.join(folder, "expected.npy")).ravel()
    found = {}
    for name in names:
        out = np.load(saved[name]).ravel()
        off = np.abs(out - truth).max() / np.abs(truth).max() if out.shape == truth.shape else np.inf
        found[name] = float(off) if np.isfinite(off) else np.inf
    return found


def load_all(running, folder):
    """(name -> difference, name -> why it failed): the programs for one network, ready to run, their outputs compared."""
    failed, loaded = {}, []
    for name, system in running.items():
        try:
            system.ask("load " + folder)
            loaded.append(name)
        except Failed as error:
            failed[name] = str(error)
    off = differences(folder, loaded)
    tolerance = {system.name: system.tolerance for system in SYSTEMS}
    for name in loaded:
        if off[name] > tolerance[name]:
            failed[name] = f"differs by {off[name]:.1e} of the largest output"
    return off, failed


def in_turns(running, rounds, moment, beside=None):
    """Name -> (median, minimum) in milliseconds; beside() is called after each round, its results the list that follows."""
    times, others = {name: [] for name in running}, []
    for system in running.values():
        system.ask("run 0.02")
    for _ in range(rounds):
        for name, system in running.items():
            found = system.ask(f"run {moment}")
            times[name].append((statistics.median(found), min(found)))
        if beside:
            others.append(beside())
    return {name: (statistics.median(median for median, _ in rows), min(least for _, least in rows))
            for name, rows in times.items()}, others
