"""OpenVINO: in float32 by force (it would choose bfloat16 where the processor has it), tuned for latency."""
import os

import numpy as np
import openvino


def version():
    return openvino.__version__.split("-")[0]


class Program:
    def __init__(self, folder, threads):
        how = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1,
               "INFERENCE_NUM_THREADS": threads, "ENABLE_CPU_PINNING": False}
        model = openvino.Core().compile_model(os.path.join(folder, "model.onnx"), "CPU", how)
        self.request = model.create_infer_request()
        self.request.set_input_tensor(openvino.Tensor(np.load(os.path.join(folder, "x.npy"))))

    def run(self):
        self.request.infer()

    def output(self):
        self.run()
        return self.request.get_output_tensor().data.copy()
