"""ONNX Runtime, its processor backend; input and output stay where they are from run to run."""
import os

import onnxruntime

from systems import read_inputs


def version():
    return onnxruntime.__version__


class Program:
    def __init__(self, folder, threads):
        onnxruntime.set_default_logger_severity(3)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(os.path.join(folder, "model.onnx"), options,
                                                    providers=["CPUExecutionProvider"])
        self.binding = self.session.io_binding()
        self.inputs = read_inputs(folder)
        for name, x in self.inputs.items():
            self.binding.bind_cpu_input(name, x)
        self.binding.bind_output(self.session.get_outputs()[0].name)

    def run(self):
        self.session.run_with_iobinding(self.binding)

    def output(self):
        self.run()
        return self.binding.copy_outputs_to_cpu()[0]
