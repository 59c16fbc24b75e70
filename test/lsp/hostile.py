"""Messages that no editor sends: hostile.py NETC EXAMPLES COUNT. Silent when each is refused or passed over, and the server
lives on or ends with the status that the protocol names, and when COUNT spoilt texts are borne. COUNT growth: only whether
memory grows with key presses."""
import json
import os
import random
import subprocess
import sys

from client import Client

NETC, EXAMPLES, COUNT = sys.argv[1:]
INITIALIZE = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"capabilities": {}}}
DEEP = b"[" * 100000


def frame(body):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def run(data):
    """The exit status, the answers, and what is said besides."""
    done = subprocess.run([NETC, "--lsp"], input=data, capture_output=True, timeout=60)
    answers, rest = [], done.stdout
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        n = int(head.split(b":")[1])
        answers.append(json.loads(rest[:n]))
        rest = rest[n:]
    return done.returncode, answers, done.stderr.decode()


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: {found!r}\nexpected: {wanted!r}")


def call(method, number=1, params=None):
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def code(answer):
    return answer.get("error", {}).get("code")


def check_ends():
    """`shutdown` and `exit`: 0; `exit` alone, or the end of the stream: 1."""
    start, shut, leave = frame(INITIALIZE), frame(call("shutdown")), frame({"jsonrpc": "2.0", "method": "exit"})
    for what, data, status in (("in order", start + shut + leave, 0), ("exit alone", start + leave, 1), ("nothing", b"", 1),
                               ("exit first", leave, 1), ("end after shutdown", start + shut, 1), ("end", start, 1)):
        expect(what, run(data)[0], status)
    _, answers, _ = run(start + shut + frame(call("textDocument/hover", 2)) + leave)
    expect("after shutdown", code(answers[-1]), -32600)


def check_lengths():
    """What comes after a wrong length cannot be found."""
    for header in (b"Content-Length: -5\r\n\r\n{}", b"Content-Length: x\r\n\r\n{}", b"Content-Length: 99999999999999999999\r\n\r\n{}",
                   b"Content-Length: 1000\r\n\r\n{}", b"\r\n\r\n", b"Content-Type: x\r\n\r\n{}", b"x" * 100000, b"Content-Length: 2\n\n{}",
                   b"Content-Length:\r\n\r\n", b"Content-Length: 5", b"Content-Length: 2 3\r\n\r\n{}"):
        status, answers, said = run(frame(INITIALIZE) + header)
        expect(header[:40], (status, len(answers), "without its length" in said), (1, 1, True))
    body = json.dumps(call("x/y")).encode()
    odd = b"content-length:%d  \r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n" % len(body)
    expect("an odd header", code(run(frame(INITIALIZE) + odd + body)[1][-1]), -32601)


def check_messages():
    start = frame(INITIALIZE)
    for body, wanted in ((b"{", -32700), (b"", -32700), (b"\xff\xfe", -32700), (DEEP, -32700), (b'{"a":"\\u0000"}', -32700),
                         (b'"x"', -32600), (b"[]", -32600), (b"3", -32600), (b"{}", -32600), (b'{"id":1,"method":3}', -32600),
                         (b'{"id":{},"method":"x"}', -32600), (call("no/such"), -32601), (call("initialize"), -32600),
                         (call("textDocument/hover"), -32602), (call("textDocument/hover", 1, []), -32602),
                         (call("textDocument/hover", 1, {"textDocument": {"uri": 7}}), -32602)):
        expect(body, code(run(start + frame(body))[1][-1]), wanted)
    expect("before initialize", code(run(frame(call("textDocument/hover")))[1][-1]), -32002)
    quiet = ({"method": "x"}, {"method": "$/cancelRequest", "params": {"id": 1}}, {"id": 3, "result": None},
             {"method": "textDocument/didOpen"}, {"method": "textDocument/didOpen", "params": {"textDocument": {"uri": "a"}}},
             {"method": "textDocument/didChange", "params": {"textDocument": {"uri": "a"}, "contentChanges": [{}]}},
             {"method": "textDocument/didClose", "params": {"textDocument": {}}}, {"method": "textDocument/didSave"})
    expect("passed over", len(run(start + b"".join(frame(m) for m in quiet))[1]), 1)


METHODS = ("hover", "completion", "definition", "references", "rename", "prepareRename", "documentHighlight", "documentSymbol",
           "foldingRange", "formatting", "inlayHint", "codeAction", "semanticTokens/full")


def ask_all(c, uri, line, character):
    position = {"line": line, "character": character}
    for method in METHODS:
        answer = c.answer(f"textDocument/{method}", {"textDocument": {"uri": uri}, "position": position, "newName": "name",
                                                     "range": {"start": position, "end": {"line": 5, "character": 1}}, "options": {}})
        if "result" in answer:
            form = {"hover": "HoverResponse", "completion": "CompletionResponse"}.get(method)
            if form:
                c.check(form, answer)


def check_positions(c):
    uri = "file:///nowhere/a.net"
    for text in ("", "\n", "net n {\r\n  input x[3] -> relu\r\n}", "\ufeffnet n {}", "# \U0001f600", "let \U0001f600 = 1"):
        c.versions.get(uri) or c.open(uri, "")
        c.change(uri, text)
        for line, character in ((0, 0), (0, 3), (10 ** 6, 0), (0, 10 ** 9), (-1, -1), (2 ** 62, 2 ** 62), (1, 1)):
            ask_all(c, uri, line, character)
    c.change(uri, "ab\ncd")
    c.change(uri, (9, 9, 0, 0, "x"), (0, 1, 0, 1, "y"), (1, 0, 0, 0, "z"), (-3, 0, 0, -1, "net n {"))


def spoil(text, chance):
    """A text with parts cut out, copied, and signs put in."""
    for _ in range(chance.randint(1, 4)):
        a = chance.randrange(len(text) + 1)
        b = min(len(text), a + chance.choice((1, 1, 3, 20, 200)))
        kind = chance.randrange(4)
        text = (text[:a] + text[b:] if kind == 0 else text[:a] + text[a:b] * 2 + text[b:] if kind == 1 else
                text[:a] + chance.choice(list("(){}[]|:,.=#\"->") + ["from ", "if ", "\n", "for i in "]) + text[a:])
    return text


def check_texts(c):
    chance = random.Random(1)
    names = [n for n in sorted(os.listdir(EXAMPLES)) if n.endswith(".net") and n not in ("resnet.net", "resnet_cifar.net", "densenet.net")]
    uris = {}
    for i in range(int(COUNT)):
        path = os.path.join(EXAMPLES, chance.choice(names))
        text = spoil(open(path, encoding="utf-8").read(), chance)
        uri = f"file://{path}"
        if uri in uris:
            c.change(uri, text)
        else:
            c.open(uri, text)
        uris[uri] = True
        ask_all(c, uri, chance.randrange(40), chance.randrange(60))
        c.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        del uris[uri]


def resident(c):
    with open(f"/proc/{c.process.pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def check_growth(c):
    """Key presses, each followed by questions: what is held after 300 is what was held after 100."""
    uri, text = "file:///nowhere/b.net", "net n {\n    input x[3, 8, 8]\n    conv(8, 3)\n}\n"
    c.open(uri, text)
    sizes = []
    for i in range(300):
        c.change(uri, text + "#" * (i % 50))
        ask_all(c, uri, 2, 5)
        sizes.append(resident(c))
    expect("exit status", c.close(), 0)
    expect(f"kB after 100 and 300 key presses: {sizes[99]} and {sizes[-1]}", sizes[-1] - max(sizes[:100]) < 256, True)


def main():
    if COUNT == "growth":
        check_growth(Client([os.path.abspath(NETC), "--lsp"]))
        return
    check_ends()
    check_lengths()
    check_messages()
    c = Client([os.path.abspath(NETC), "--lsp"])
    check_positions(c)
    check_texts(c)
    expect("exit status", c.close(), 0)
    c = Client([os.path.abspath(NETC), "--lsp"], general={"positionEncodings": ["utf-32", "utf-8", "utf-16"]})
    expect("encoding", c.capabilities["positionEncoding"], "utf-8")
    c.open("file:///nowhere/c.net", 'block b { "\U0001f600": relu -> y: bn -> from y }\n')
    expect("bytes", c.at("definition", "file:///nowhere/c.net", 0, 40)["range"]["start"]["character"], 26)
    c.process.kill()


main()
