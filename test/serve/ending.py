"""Ends a server while a client waits for its answer: ending.py WORD..., the words of netc-serve, of `mean` with a batch of 2 and
that waits a second for it."""
import json
import signal
import sys
import threading
import time

from server import Server, tensor

answers = []


def ask(server):
    request = {"inputs": [tensor("x", [1, 1, 2, 2], [1, 2, 3, 6])], "outputs": [{"name": "output"}]}
    answers.append(server.ask("POST", "/v2/models/mean/infer", json.dumps(request))[2].decode())


server = Server(sys.argv[1:])
other = server.connection()
server.ask("GET", "/v2/health/ready", None, None, other)
client = threading.Thread(target=ask, args=(server,))
client.start()
while not server.metric("netc_waiting_images"):
    time.sleep(0.01)
server.program.send_signal(signal.SIGTERM)
time.sleep(0.3)
print("ready", server.ask("GET", "/v2/health/ready", None, None, other)[::2])
try:
    server.socket()
    print("it still listens")
except OSError:
    print("no more clients")
client.join()
print(answers[0])
print("status", server.program.wait(60))
