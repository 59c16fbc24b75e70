"""A client of the language server: speaks LSP over pipes, and checks the form of what it is told."""
import json
import os
import subprocess

try:
    from lsprotocol import converters, types
    CONVERTER = converters.get_converter()
except ImportError:  # then the forms below are all that is checked
    types = CONVERTER = None

RESULTS = {"textDocument/hover": "HoverResponse", "textDocument/completion": "CompletionResponse",
           "textDocument/definition": "DefinitionResponse", "textDocument/references": "ReferencesResponse",
           "textDocument/rename": "RenameResponse", "textDocument/prepareRename": "PrepareRenameResponse",
           "textDocument/documentSymbol": "DocumentSymbolResponse", "textDocument/foldingRange": "FoldingRangeResponse",
           "textDocument/formatting": "DocumentFormattingResponse", "textDocument/inlayHint": "InlayHintResponse",
           "textDocument/codeAction": "CodeActionResponse", "textDocument/documentHighlight": "DocumentHighlightResponse",
           "textDocument/semanticTokens/full": "SemanticTokensResponse", "initialize": "InitializeResponse"}


class Client:
    def __init__(self, command, folder=None, **capabilities):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        self.number = 0
        self.versions = {}
        self.diagnostics = {}  # uri -> the last version and list
        self.capabilities = self.request("initialize", {"processId": os.getpid(), "rootUri": None,
                                                        "capabilities": capabilities})["capabilities"]
        self.notify("initialized", {})

    # ---- messages ----

    def send_bytes(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        body = json.dumps(message).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def receive(self):
        """The next message; None at the end."""
        length = None
        while (line := self.process.stdout.readline()).strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not line:
            return None
        message = json.loads(self.process.stdout.read(length))
        assert message["jsonrpc"] == "2.0"
        if message.get("method") == "textDocument/publishDiagnostics":
            self.check("PublishDiagnosticsNotification", message)
            params = message["params"]
            self.diagnostics[params["uri"]] = params["version"], params["diagnostics"]
        return message

    def check(self, form, message):
        if CONVERTER:
            CONVERTER.structure(message, getattr(types, form))

    def answer(self, method, params):
        """The whole answer to a request: with `result`, or with `error`."""
        self.number += 1
        self.send({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params})
        while (message := self.receive()).get("id") != self.number or "method" in message:
            pass
        assert ("result" in message) != ("error" in message), message
        return message

    def request(self, method, params):
        message = self.answer(method, params)
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']}")
        if method in RESULTS:
            self.check(RESULTS[method], message)
        return message["result"]

    def notify(self, method, params):
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    # ---- documents ----

    def open(self, uri, text):
        self.versions[uri] = 1
        self.notify("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "net", "version": 1, "text": text}})
        return self.published(uri)

    def change(self, uri, *changes):
        """Changes are whole texts, or (line, character, line, character, text)."""
        self.versions[uri] += 1
        events = [{"text": c} if isinstance(c, str) else
                  {"range": {"start": {"line": c[0], "character": c[1]}, "end": {"line": c[2], "character": c[3]}},
                   "text": c[4]} for c in changes]
        self.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": self.versions[uri]},
                                               "contentChanges": events})
        return self.published(uri)

    def published(self, uri):
        """Waits for the diagnostics of the last version."""
        while self.diagnostics.get(uri, (None,))[0] != self.versions[uri]:
            assert self.receive(), "the server ended"
        return self.diagnostics[uri][1]

    def at(self, method, uri, line, character, **more):
        return self.request(f"textDocument/{method}", {"textDocument": {"uri": uri}, "position":
                                                       {"line": line, "character": character}, **more})

    def of(self, method, uri, **more):
        return self.request(f"textDocument/{method}", {"textDocument": {"uri": uri}, **more})

    def close(self):
        """shutdown, exit: the exit status."""
        self.request("shutdown", None)
        self.notify("exit", None)
        self.process.stdin.close()
        status = self.process.wait(timeout=20)
        self.process.stdout.close()
        return status


def place(text, marker, occurrence=0):
    """Line and character of a marker in a text, in UTF-16 units."""
    at = -1
    for _ in range(occurrence + 1):
        at = text.index(marker, at + 1)
    before = text[:at]
    line = before.count("\n")
    return line, len(before[before.rfind("\n") + 1:].encode("utf-16-le")) // 2


def apply(text, edits):
    """The text after edits that do not overlap."""
    lines = text.split("\n")

    def offset(position):
        line = lines[position["line"]] if position["line"] < len(lines) else ""
        units = line.encode("utf-16-le")[:2 * position["character"]].decode("utf-16-le")
        return sum(len(l) + 1 for l in lines[:position["line"]]) + len(units)

    for edit in sorted(edits, key=lambda e: offset(e["range"]["start"]), reverse=True):
        text = text[:offset(edit["range"]["start"])] + edit["newText"] + text[offset(edit["range"]["end"]):]
    return text
