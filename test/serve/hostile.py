"""Sends what no client should: hostile.py WORD..., the words of netc-serve, of `mean` and `rows`, with --timeout 1, --max-request 1
and --max-connections 4. Prints what is answered."""
import json
import random
import struct
import sys
import time

from server import Server, binary, tensor

PATH = "/v2/models/mean/infer"
GOOD = {"inputs": [tensor("x", [1, 1, 2, 2], [1, 2, 3, 6])], "outputs": [{"name": "output"}]}


def wrong(server):
    """Requests of which one thing is not as it should be."""
    x, data = GOOD["inputs"][0], struct.pack("<4f", 1, 2, 3, 4)
    sized = {"name": "x", "shape": [1, 1, 2, 2], "datatype": "FP32"}
    for request in (
            "", "{", "[]", '{"inputs": 1}', '{"inputs": [], "inputs": []}', b"\xff\xfe", "[" * 100000, {"id": 1, "inputs": [x]},
            {"inputs": []}, {"inputs": [3]}, {"inputs": [x, x]}, {"inputs": [{**x, "name": "y\u00e9" * 80}]},
            {"inputs": [{**x, "datatype": "FP64"}]}, {"inputs": [{**x, "shape": [1, 4]}]}, {"inputs": [{**x, "shape": [0, 1, 2, 2]}]},
            {"inputs": [{**x, "shape": [-1, 1, 2, 2]}]}, {"inputs": [{**x, "shape": [1 << 31, 1, 2, 2]}]},
            {"inputs": [{**x, "shape": [1 << 30, 1, 2, 2]}]}, {"inputs": [{**x, "shape": [1.0, 1, 2, 2]}]},
            {"inputs": [{**x, "data": 5}]}, {"inputs": [{**x, "data": [1, 2, 3]}]}, {"inputs": [{**x, "data": [1, 2, 3, 4, 5]}]},
            {"inputs": [{**x, "data": [1, 2, 3, "4"]}]}, {"inputs": [{**x, "data": [1, 2, 3, 1e39]}]},
            {"inputs": [{**x, "data": [[[[[[1, 2, 3, 4]]]]]]}]}, {"inputs": [sized]},
            {**GOOD, "outputs": 1}, {**GOOD, "outputs": [{"name": "no"}]}):
        server.infer("mean", request)
    for size in (8, 16, -1, 1 << 62):
        server.infer("mean", *binary({"inputs": [{**sized, "parameters": {"binary_data_size": size}}]}, data[:8]))
    server.infer("mean", *binary(GOOD, data))
    server.infer("mean", json.dumps(GOOD), {"Inference-Header-Content-Length": "1000000"})
    server.infer("mean", json.dumps(GOOD), {"Inference-Header-Content-Length": "all"})
    server.infer("mean", json.dumps(GOOD), {"Content-Encoding": "gzip"})
    server.infer("none%C3%A9%FF", GOOD)
    server.say("GET", PATH)
    server.say("DELETE", "/v2/models/mean")
    server.say("GET", "/" + "a" * 300)


def positions(server):
    """Integers that are no positions: the request that has them is refused."""
    server.infer("rows", {"inputs": [tensor("tokens", [1, 3], [0, 1, 2], "INT64")]})
    server.infer("rows", {"inputs": [tensor("tokens", [2, 3], [0, 1, 2, 3, 4, 10], "INT64")]})
    server.infer("rows", {"inputs": [tensor("tokens", [1, 3], [0, 1, 1 << 40], "INT64")]})
    server.infer("rows", {"inputs": [tensor("tokens", [1, 3], [0, 1, 0.5], "INT64")]})


def first_line(sock):
    """What is answered to bytes that were sent, up to the end of the first line; b"": the connection was closed."""
    text = b""
    try:
        while b"\n" not in text:
            piece = sock.recv(4096)
            if not piece:
                break
            text += piece
    except ConnectionResetError:
        pass
    return text.split(b"\r\n")[0].decode()


def raw(server, what, data):
    with server.socket() as sock:
        sock.sendall(data)
        print(what, "->", first_line(sock), flush=True)


def large(server):
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\n"
    raw(server, "huge length", f"{head}Content-Length: 99999999999\r\n\r\n".encode())
    raw(server, "beyond 64 bits", f"{head}Content-Length: {1 << 70}\r\n\r\n".encode())
    raw(server, "no number", f"{head}Content-Length: x\r\n\r\n".encode())
    raw(server, "no HTTP", b"\x16\x03\x01\x00" * 20 + b"\r\n\r\n")
    raw(server, "huge header", f"{head}X: {'y' * 100000}\r\n\r\n".encode())
    pieces = b"".join(b"10000\r\n" + b" " * 0x10000 + b"\r\n" for _ in range(20))
    raw(server, "chunks", f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + pieces + b"0\r\n\r\n")


def slow(server):
    """Clients that go on for ever: a byte of a header, or of a body, at a time."""
    for what, begin in (("headers", b"GET /v2 HTTP/1.1\r\nX: "),
                        ("body", f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n".encode())):
        start, ended = time.monotonic(), False
        with server.socket() as sock:
            sock.sendall(begin)
            while not ended and time.monotonic() - start < 30:
                time.sleep(0.1)
                try:
                    sock.sendall(b" ")
                except OSError:
                    ended = True
        print("slow", what, "cut off", ended, flush=True)


def many(server):
    """More connections than there may be: the next one hears so, and one that is closed makes room."""
    open_ones = [server.connection() for _ in range(4)]
    print("open", [server.ask("GET", "/v2/health/live", None, None, c)[0] for c in open_ones], flush=True)
    server.say("GET", "/v2/health/live")
    for connection in open_ones:
        connection.close()
    time.sleep(0.5)
    server.say("GET", "/v2/health/live")


def mutated(server, count):
    """Requests with some bytes changed: each is answered, or its connection closed."""
    draw, answered = random.Random(1), 0
    body = json.dumps(GOOD).encode()
    good = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    for _ in range(count):
        bad = bytearray(good)
        for _ in range(draw.randrange(1, 6)):
            bad[draw.randrange(len(bad))] = draw.randrange(256)
        with server.socket() as sock:
            try:
                sock.sendall(bad)
                sock.shutdown(1)
            except OSError:
                pass
            answered += first_line(sock).startswith("HTTP/1.1 ")
    print("mutated", count, "most are answered", answered > count / 2, flush=True)


with Server(sys.argv[1:]) as server:
    wrong(server)
    positions(server)
    large(server)
    slow(server)
    many(server)
    mutated(server, 300)
    server.infer("mean", GOOD)
