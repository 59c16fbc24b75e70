"""OpenVINO: in float32 by force (it would choose bfloat16 where the processor has it), tuned for latency."""
import os

import openvino

from systems import read_inputs


def version():
    return openvino.__version__.split("-")[0]


class Program:
    def __init__(self, folder, threads):
        how = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1,
               "INFERENCE_NUM_THREADS": threads, "ENABLE_CPU_PINNING": False}
        model = openvino.Core().compile_model(os.path.join(folder, "model.onnx"), "CPU", how)
        self.request = model.create_infer_request()
        for name, x in read_inputs(folder).items():
            self.request.set_tensor(name, openvino.Tensor(x))

    def run(self):
        self.request.infer()

    def output(self):
        self.run()
        return self.request.get_output_tensor().data.copy()
