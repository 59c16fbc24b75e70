"""ncnn in float32 (its own choice is half precision), all its algorithms allowed; it takes one picture at a time."""
import os
import subprocess

import ncnn
import numpy as np
import pnnx

from systems import read_inputs


def version():
    return ncnn.__version__


def convert(folder, shapes):
    if not os.path.exists(os.path.join(folder, "model.ncnn.bin")):
        shapes = ",".join(f"[{','.join(map(str, shape))}]" for shape in shapes)
        subprocess.run([pnnx.EXEC_PATH, "model.pt", "inputshape=" + shapes, "fp16=0"], cwd=folder, check=True)


class Program:
    def __init__(self, folder, threads):
        inputs = list(read_inputs(folder).values())
        if len(inputs[0]) != 1:
            raise NotImplementedError("no batches")
        convert(folder, [x.shape for x in inputs])
        self.net = ncnn.Net()
        self.allocators = ncnn.UnlockedPoolAllocator(), ncnn.PoolAllocator()
        option = self.net.opt
        option.num_threads = threads
        option.blob_allocator, option.workspace_allocator = self.allocators
        for kind in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_storage", "bf16_packed"):
            setattr(option, "use_" + kind, False)
        for form, load in (("param", self.net.load_param), ("bin", self.net.load_model)):
            if load(os.path.join(folder, "model.ncnn." + form)):
                raise RuntimeError("cannot load")
        self.inputs = [ncnn.Mat(x[0]).clone() for x in inputs]

    def run(self):
        extractor = self.net.create_extractor()
        for i, x in enumerate(self.inputs):
            extractor.input(f"in{i}", x)
        return extractor.extract("out0")[1]

    def output(self):
        return np.array(self.run()).copy()
