"""Asks a server of `mean` for all that the protocol has: protocol.py WORD..., the words of netc-serve. The sums are those of
whole numbers: mean is (a + b + c + d) / 4, half each of them / 2."""
import struct
import sys

from server import Server, binary, tensor

X = [1, 2, 3, 6, 10, 20, 30, 60]    # two images: means 3 and 30

with Server(sys.argv[1:]) as server:
    for path in ("/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/mean", "/v2/models/mean/ready"):
        server.say("GET", path)
    # Flat data, then nested; one output of two, by name.
    server.infer("mean", {"id": "first", "inputs": [tensor("x", [2, 1, 2, 2], X)], "outputs": [{"name": "output"}]})
    server.infer("mean", {"inputs": [tensor("x", [1, 1, 2, 2], [[[[1, 2], [3.5, 6]]]])]})
    # Both outputs, one of them in binary form, from binary data.
    data = struct.pack("<8f", *X)
    given = {"name": "x", "shape": [2, 1, 2, 2], "datatype": "FP32", "parameters": {"binary_data_size": len(data)}}
    wanted = [{"name": "output", "parameters": {"binary_data": True}}, {"name": "half"}]
    body, headers = binary({"inputs": [given], "outputs": wanted}, data)
    status, answered, text = server.ask("POST", "/v2/models/mean/infer", body, headers)
    length = int(answered["Inference-Header-Content-Length"])
    print(status, answered["Content-Type"], text[:length].decode(), struct.unpack("<2f", text[length:]))
    # All of them in binary form: as the whole request asks.
    body, headers = binary({"inputs": [given], "parameters": {"binary_data_output": True}}, data)
    status, answered, text = server.ask("POST", "/v2/models/mean/infer", body, headers)
    length = int(answered["Inference-Header-Content-Length"])
    print(status, struct.unpack("<10f", text[length:]))
    # What JSON has no number for is no answer; binary data have it.
    infinite = struct.pack("<4f", 1, 2, 3, float("inf"))
    given = {**given, "shape": [1, 1, 2, 2], "parameters": {"binary_data_size": len(infinite)}}
    server.infer("mean", *binary({"inputs": [given], "outputs": [{"name": "output"}]}, infinite))
    body, headers = binary({"inputs": [given], "outputs": wanted[:1]}, infinite)
    status, answered, text = server.ask("POST", "/v2/models/mean/infer", body, headers)
    print(status, struct.unpack("<f", text[-4:]))
    # Several requests over one connection.
    connection = server.connection()
    print([server.ask("GET", "/v2/health/live", None, None, connection)[0] for _ in range(3)])
    print(server.ask("GET", "/metrics")[2].decode())
