"""ONNX Runtime behind the Open Inference Protocol, for bench/serve.py: serve_onnx.py MODEL.onnx THREADS.

As small as it can be with Python's own http.server: a thread for each connection, tensors in binary form, no batches of several
clients. Prints the port.
"""
import http.server
import json
import sys

import numpy
import onnxruntime

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(sys.argv[2])
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        at = int(self.headers["Inference-Header-Content-Length"])
        inputs = {}
        for given in json.loads(body[:at])["inputs"]:
            size = given["parameters"]["binary_data_size"]
            inputs[given["name"]] = numpy.frombuffer(body, numpy.float32, size // 4, at).reshape(given["shape"])
            at += size
        outputs = session.run(None, inputs)
        described = [{"name": o.name, "datatype": "FP32", "shape": list(data.shape), "parameters": {"binary_data_size": data.nbytes}}
                     for o, data in zip(session.get_outputs(), outputs)]
        head = json.dumps({"model_name": "model", "outputs": described}).encode()
        answer = head + b"".join(data.tobytes() for data in outputs)
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Inference-Header-Content-Length", str(len(head)))
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *words):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"serving at http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
