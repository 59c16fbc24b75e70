"""The systems that are measured, each a module with version() and

program = Program(folder, threads)   loads what models.py made in the folder, converting it as needed
program.run()                        one inference of the inputs in inputs.npz
program.output()                     its result, as an array
program.measure(seconds)             optional: its own way to find the times of runs, in milliseconds

`tolerance` is the largest difference from ONNX Runtime's outputs, relative to the largest of them, that is no error:
1e-4 where products are summed as they stand; more where Winograd's algorithm works on large tiles.
"""
import collections
import os

import numpy as np

System = collections.namedtuple("System", "name module tolerance")
SYSTEMS = (System("netc", "netc", 1e-4),
           System("ONNX Runtime", "onnx_runtime", 1e-4),
           System("OpenVINO", "open_vino", 1e-4),
           System("MNN", "mnn", 1e-3),
           System("ncnn", "tencent_ncnn", 1e-3),
           System("PyTorch", "pytorch", 1e-4))


def read_inputs(folder):
    """Name -> array, in the network's order."""
    with np.load(os.path.join(folder, "inputs.npz")) as saved:
        return {name: saved[name] for name in saved.files}
