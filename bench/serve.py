"""netc-serve beside ONNX Runtime behind the same protocol: serve.py NETC FOLDER NET... [--rounds N] [--seconds S].

NETC is in a build with netc-serve beside it; NET is "examples/resnet.net:resnet18", a file and a net of it. Both servers have the
network with the same weights, random ones, and a thread for a run; of runs there are as many at once as processors. Clients ask for one image each, in binary form, one after the
other over a connection that stays open; their answers are compared first. The servers are asked in turns, round after round. Prints
a table of the time that a server keeps processors busy for a request, which other programs at work disturb less than how long a client
waits: its median over the rounds, with one client and with eight.
"""
import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENTS = (1, 8)


class Served:
    """A server that runs, and how it is asked."""

    def __init__(self, words, name, request):
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        url = urllib.parse.urlparse(self.process.stdout.readline().rpartition(" at ")[2].strip())
        self.place, self.path, self.request = (url.hostname, url.port), f"/v2/models/{name}/infer", request
        self.busy = {clients: [] for clients in CLIENTS}

    def connect(self):
        connection = http.client.HTTPConnection(*self.place)
        connection.connect()
        return connection

    def ask(self, connection):
        body, headers = self.request
        connection.request("POST", self.path, body, headers)
        response = connection.getresponse()
        text = response.read()
        if response.status != 200:
            raise SystemExit(f"{self.path}: {response.status} {text}")
        return numpy.frombuffer(text[int(response.headers["Inference-Header-Content-Length"]):], numpy.float32)

    def processor(self):
        """Seconds of processors that the server has had."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            words = file.read().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def serve(self, clients, seconds):
        """So many clients for some seconds: notes the processors' time of a request."""
        counts, end = [0] * clients, time.perf_counter() + seconds

        def client(i):
            connection = self.connect()
            while time.perf_counter() < end:
                self.ask(connection)
                counts[i] += 1
        threads = [threading.Thread(target=client, args=(i,)) for i in range(clients)]
        before = self.processor()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.busy[clients].append((self.processor() - before) / sum(counts))

    def close(self):
        self.process.terminate()
        self.process.wait()


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def write_weights(netc, source, net, path):
    """Random weights with the names and shapes that the net asks for; of about the size that keeps activations as they are."""
    rows = [line.split()[:2] for line in run(netc, "--params", "--net", net, source).splitlines()[1:-1]]
    draw, header, parts, at = numpy.random.default_rng(1), {}, [], 0
    for name, shape in rows:
        dims = [int(n) for n in shape.split("x")]
        fan = int(numpy.prod(dims[1:])) if len(dims) > 1 else 1
        data = draw.normal(0, (2 / fan) ** 0.5, dims) if len(dims) > 1 else draw.uniform(0.5, 1.0, dims)
        parts.append(data.astype("<f4").tobytes())
        header[name] = {"dtype": "F32", "shape": dims, "data_offsets": [at, at + len(parts[-1])]}
        at += len(parts[-1])
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(parts))


def make_request(netc, source, net):
    described = json.loads(run(netc, "--report=json", "--net", net, source))["inputs"][0]
    data = numpy.random.default_rng(2).normal(0, 1, described["shape"]).astype("<f4").tobytes()
    given = {"name": described["name"], "shape": described["shape"], "datatype": "FP32",
             "parameters": {"binary_data_size": len(data)}}
    head = json.dumps({"inputs": [given], "parameters": {"binary_data_output": True}}).encode()
    return head + data, {"Inference-Header-Content-Length": str(len(head))}


def open_servers(netc, folder, source, net, batches):
    weights, options = os.path.join(folder, net + ".safetensors"), ["--net", net]
    write_weights(netc, source, net, weights)
    libraries = []
    for batch in batches:
        name = os.path.join(folder, f"{net}_{batch}")
        run(netc, "--emit=shared", "--threads", "1", "--batch", str(batch), *options, "--weights", weights, source, "-o", name)
        libraries.append(os.path.join(folder, f"lib{net}_{batch}.so"))
    model = os.path.join(folder, net + ".onnx")
    run(netc, "--emit=onnx", *options, "--weights", weights, source, "-o", model)
    request = make_request(netc, source, net)
    serve = os.path.join(os.path.dirname(netc), "netc-serve")
    return [Served([serve, "--port", "0", "--threads", "1", "--instances", str(len(os.sched_getaffinity(0))), *libraries], net, request),
            Served([sys.executable, os.path.join(HERE, "serve_onnx.py"), model, "1"], net, request)]


def measure(servers, rounds, seconds):
    ours, theirs = (s.ask(s.connect()) for s in servers)
    error = abs(ours - theirs).max() / abs(theirs).max()
    if error > 1e-4:
        raise SystemExit(f"answers differ by {error}")
    for _ in range(rounds):
        for clients in CLIENTS:
            for server in servers:
                server.serve(clients, seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("netc", type=os.path.abspath)
    parser.add_argument("folder")
    parser.add_argument("nets", nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8])
    words = parser.parse_args()
    os.makedirs(words.folder, exist_ok=True)
    print("| | one client: netc-serve | ONNX Runtime | eight clients: netc-serve | ONNX Runtime |\n| --- | --- | --- | --- | --- |")
    for given in words.nets:
        source, net = given.rsplit(":", 1)
        servers = open_servers(words.netc, words.folder, source, net, words.batches)
        try:
            measure(servers, words.rounds, words.seconds)
        finally:
            for server in servers:
                server.close()
        cells = [f"{1e3 * statistics.median(s.busy[clients]):.3g} ms" for clients in CLIENTS for s in servers]
        print(f"| {net} | {' | '.join(cells)} |", flush=True)


main()
