"""One system in a process of its own: worker.py MODULE THREADS. Reads commands, answers each with a line of JSON.

The first line is what system.version() says, or the object {"absent": why}. Commands:

load FOLDER       loads the program there; its output goes to FOLDER/MODULE.npy
run SECONDS       runs it for a moment: the times of the runs in milliseconds

A failure is an object {"error": why}. The process keeps to as many processors as it has threads.
"""
import importlib
import json
import os
import sys
import time

import numpy as np


def measure(run, seconds):
    times, end = [], time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        times.append(1e3 * (time.perf_counter() - start))
    return times


class Worker:
    def __init__(self, module, threads):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
        self.module, self.threads, self.program = module, threads, None
        self.system = importlib.import_module("systems." + module)

    def load(self, folder):
        self.program = None
        self.program = self.system.Program(folder, self.threads)
        np.save(os.path.join(folder, self.module + ".npy"), self.program.output())
        return "loaded"

    def run(self, seconds):
        own = getattr(self.program, "measure", None)
        return own(float(seconds)) if own else measure(self.program.run, float(seconds))

    def answer(self, line):
        command, argument = line.split(maxsplit=1)
        try:
            return {"load": self.load, "run": self.run}[command](argument.strip())
        except NotImplementedError as error:
            return {"error": str(error)}
        except Exception as error:  # whatever a system raises is its answer
            return {"error": f"{type(error).__name__}: {error}"}


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what systems print is no answer

    def say(what):
        print(json.dumps(what), file=answers, flush=True)

    try:
        worker = Worker(sys.argv[1], int(sys.argv[2]))
    except ImportError as error:
        say({"absent": str(error)})
        return
    say(worker.system.version())
    for line in sys.stdin:
        say(worker.answer(line))


main()
