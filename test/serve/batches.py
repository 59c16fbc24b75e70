"""Images of several clients share a run, and each gets its own answer: batches.py WORD..., the words of netc-serve, of libraries
of `mean` with a batch of 8 and of `rows` with one of 4, and that wait a second for them."""
import json
import sys
import threading
import time

from server import Server, tensor


def ask(server, first, n, answers):
    """Sends images of which all elements are first, first + 1 and so on, which are then the means."""
    data = [value for i in range(n) for value in [first + i] * 4]
    request = {"inputs": [tensor("x", [n, 1, 2, 2], data)], "outputs": [{"name": "output"}]}
    text = server.ask("POST", "/v2/models/mean/infer", json.dumps(request))[2]
    answers[first] = json.loads(text)["outputs"][0]["data"] == [first + i for i in range(n)]


def look_up(server, first, _, answers):
    """A row of the table of ten, if there is one of that number: its first element is the number."""
    request = {"inputs": [tensor("tokens", [1, 3], [first] * 3, "INT64")]}
    status, _, text = server.ask("POST", "/v2/models/rows/infer", json.dumps(request))
    found = json.loads(text)["outputs"][0]["data"][0] == first if status == 200 else False
    answers[first] = found == (first < 10)


def together(server, *requests, ask=ask):
    answers = {}
    threads = [threading.Thread(target=ask, args=(server, *request, answers)) for request in requests]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(answers) == len(requests) and all(answers.values()), time.monotonic() - start


with Server(sys.argv[1:]) as server:
    right, seconds = together(server, *((100 * i, 1) for i in range(8)))
    print("eight clients", right, "runs", server.metric("netc_runs_total"), "at once", seconds < 0.9)
    right, seconds = together(server, (1000, 22))
    print("many images", right, "runs", server.metric("netc_runs_total"), "waited", seconds >= 1)
    print("room", server.metric("netc_run_room_images_total"), "images", server.metric("netc_images_total"))
    right, seconds = together(server, (2, 1), (10, 1), (7, 1), (9, 1), ask=look_up)
    print("a fault", right, "at once", seconds < 0.9)
