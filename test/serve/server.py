"""A netc-serve that runs while a test asks it: what the tests of this folder share."""
import http.client
import json
import socket
import subprocess
import urllib.parse

TIMEOUT = 60


class Server:
    """with Server([...words...]) as server: the first word is the program, or what runs it."""

    def __init__(self, words):
        self.program = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        said = self.program.stdout.readline()
        self.place = said.rpartition(" at ")[2].strip()
        assert self.place, "it does not serve"

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.program.terminate()
        status = self.program.wait(TIMEOUT)
        assert error[0] or status == 0, f"netc-serve ended with status {status}"

    def socket(self):
        if self.place.startswith("http:"):
            url = urllib.parse.urlparse(self.place)
            return socket.create_connection((url.hostname, url.port), TIMEOUT)
        made = socket.socket(socket.AF_UNIX)
        made.settimeout(TIMEOUT)
        made.connect(self.place)
        return made

    def connection(self):
        made = http.client.HTTPConnection("localhost", timeout=TIMEOUT)
        made.sock = self.socket()
        return made

    def ask(self, method, path, body=None, headers=None, connection=None):
        """The status, the headers and the body of the response."""
        connection = connection or self.connection()
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read()

    def say(self, method, path, body=None, headers=None):
        """Prints the status and the body of the response."""
        status, _, text = self.ask(method, path, body, headers)
        print(method, path, status, text.decode(), flush=True)

    def infer(self, name, request, headers=None):
        self.say("POST", f"/v2/models/{name}/infer", request if isinstance(request, (str, bytes)) else json.dumps(request),
                 headers)

    def metric(self, name):
        """The value of a metric of the only network."""
        for line in self.ask("GET", "/metrics")[2].decode().splitlines():
            if line.startswith(name):
                return float(line.split()[-1])
        raise KeyError(name)


def tensor(name, shape, data, datatype="FP32"):
    return {"name": name, "shape": shape, "datatype": datatype, "data": data}


def binary(header, data):
    """A body of JSON and tensors in binary form, and its header of HTTP."""
    text = json.dumps(header).encode()
    return text + data, {"Inference-Header-Content-Length": str(len(text))}
