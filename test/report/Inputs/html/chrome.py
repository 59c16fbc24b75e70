"""A headless Chromium, driven over a pipe: opens a file, asks it questions, takes pictures."""
import base64
import fcntl
import json
import os
import select
import subprocess
import tempfile
import time


class Chrome:
    def __init__(self, program):
        self.profile = tempfile.TemporaryDirectory()
        to_read, self.write_end = os.pipe()
        self.read_end, to_write = os.pipe()
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 "--no-first-run", "--disable-background-networking", "--disable-component-update",
                 "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--remote-debugging-pipe",
                 f"--user-data-dir={self.profile.name}"]
        # Chromium reads commands from descriptor 3 and answers on 4: out of the way of the pipes' own.
        high = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (to_read, to_write)]
        shell = f'exec "$0" "$@" 3<&{high[0]} 4>&{high[1]}'
        self.process = subprocess.Popen(["bash", "-c", shell, program, *flags], pass_fds=high,
                                        stderr=subprocess.DEVNULL)
        for end in high:
            os.close(end)
        os.close(to_read)
        os.close(to_write)
        self.buffer, self.count, self.events, self.session = b"", 0, [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.session = None
        self.call("Browser.close")
        self.process.wait(20)
        self.profile.cleanup()

    def receive(self, timeout):
        """The next message; None after `timeout` seconds."""
        while b"\0" not in self.buffer:
            if not select.select([self.read_end], [], [], timeout)[0]:
                return None
            more = os.read(self.read_end, 1 << 20)
            if not more:
                raise SystemExit("chromium ended early")
            self.buffer += more
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write_end, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive(60)
            if answer is None:
                raise SystemExit(f"chromium did not answer {method}")
            if answer.get("id") == self.count:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, path, width=1280, height=900, dark=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.events.clear()
        self.call("Page.navigate", url=path if path.startswith("http:") else "file://" + os.path.abspath(path))
        self.loaded()

    def follow(self, link):
        """Clicks on a link, which a selector names, and waits for the page it leads to."""
        self.events.clear()
        # The click comes after the answer: an answer is lost where the page that owes it is left.
        self.ask(f"setTimeout(() => document.querySelector({json.dumps(link)}).click())")
        self.loaded()

    def loaded(self):
        """Waits until a page has been loaded since events were last cleared; nothing in it can be asked for before."""
        end = time.monotonic() + 60
        while not any(e["method"] == "Page.loadEventFired" for e in self.events):
            event = self.receive(max(0.0, end - time.monotonic()))
            if event is None:
                raise SystemExit("the page did not load")
            self.events.append(event)

    def ask(self, expression):
        """The value of an expression of JavaScript, when its promise, if any, is kept."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise SystemExit(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def press(self, key):
        code = {"Enter": 13, "ArrowDown": 40, "ArrowLeft": 37, "ArrowRight": 39, "Home": 36}[key]
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def screenshot(self, path, whole=False):
        self.ask("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
        picture = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))

    def complaints(self):
        """What went to the console, exceptions, and requests to anything but the page itself."""
        found = []
        for event in self.events:
            method, p = event["method"], event.get("params", {})
            if method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
                found.append(f"{method}: {json.dumps(p)[:600]}")
            elif method == "Network.requestWillBeSent" and p.get("type") != "Document":
                found.append(f"request: {p['request']['url'][:200]}")
        return found
