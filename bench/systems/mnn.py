"""MNN's session, in float32 by force ('high')."""
import os
import subprocess
import sys

import MNN
import numpy as np

from systems import read_inputs


def version():
    return MNN.version()


# The converter without the command around it, which would install a logger and report each use to its makers.
CONVERT = "import MNN, _tools, sys; _tools.mnnconvert(sys.argv[1:])"


def converted(folder):
    path = os.path.join(folder, "model.mnn")
    if not os.path.exists(path):
        subprocess.run([sys.executable, "-c", CONVERT, "mnnconvert", "-f", "ONNX", "--modelFile",
                        os.path.join(folder, "model.onnx"), "--MNNModel", path, "--bizCode", "bench"], check=True)
    return path


class Program:
    def __init__(self, folder, threads):
        self.net = MNN.Interpreter(converted(folder))
        self.session = self.net.createSession({"backend": "CPU", "precision": "high", "numThread": threads})
        targets = self.net.getSessionInputAll(self.session)
        inputs = read_inputs(folder)
        for name, x in inputs.items():
            self.net.resizeTensor(targets[name], x.shape)
        self.net.resizeSession(self.session)
        for name, x in inputs.items():
            targets[name].copyFrom(MNN.Tensor(x.shape, MNN.Halide_Type_Float, x, MNN.Tensor_DimensionType_Caffe))

    def run(self):
        self.net.runSession(self.session)

    def output(self):
        self.run()
        out = self.net.getSessionOutput(self.session)
        shape = out.getShape()
        host = MNN.Tensor(shape, MNN.Halide_Type_Float, np.zeros(shape, np.float32), MNN.Tensor_DimensionType_Caffe)
        out.copyToHostTensor(host)
        return np.array(host.getNumpyData()).copy()
