"""Edits a network while netc --watch serves its report: watch.py NETC EXAMPLES FOLDER. Says what it saw."""
import http.client
import os
import re
import signal
import subprocess
import sys
import time

NETC, EXAMPLES, FOLDER = sys.argv[1:]
NET = """import "unit.net"

net n {
    input image[3, 8, 8]
    unit(%s)
}
"""
UNIT = "block unit(c) { conv(c, %d) -> relu }\n"


def write(name, text):
    """As editors save: a new file in the place of the old one."""
    path = os.path.join(FOLDER, name)
    with open(path + "~", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + "~", path)


def ask(port, path, method="GET", host=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, headers={"Host": host or f"127.0.0.1:{port}"})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, answer.headers.get_content_type(), body


def report_after(port, version):
    """The report that follows a version, and its own."""
    for _ in range(300):
        now = int(ask(port, "/version")[2])
        if now > version:
            return (now, *ask(port, "/report")[1:])
        time.sleep(0.1)
    sys.exit(f"no version after {version}")


def params_of(page):
    match = re.search(r'"totals": \{\s*"params": (\d+)', page)
    return match and int(match[1])


def start(*options, **more):
    return subprocess.Popen([NETC, "--watch", "--target=generic", *options], cwd=FOLDER, stderr=subprocess.PIPE, text=True, **more)


def look(process, port, temporary):
    status, kind, frame = ask(port, "/")
    print("frame:", status, kind, "/version" in frame)
    version, kind, page = report_after(port, 0)
    print("report:", kind, params_of(page))
    write("n.net", NET % 5)
    version, kind, page = report_after(port, version)
    print("edited:", kind, params_of(page))
    write("unit.net", UNIT % 1)
    version, kind, page = report_after(port, version)
    print("import edited:", kind, params_of(page))
    write("n.net", NET % "5 6")
    version, kind, page = report_after(port, version)
    print("broken:", kind, page.splitlines()[0])
    write("n.net", NET % 6)
    version, kind, page = report_after(port, version)
    print("mended:", kind, params_of(page))

    print("another host's name:", ask(port, "/report", host=f"pages.example:{port}")[0])
    print("another method:", ask(port, "/report", method="POST")[0])
    print("another path:", ask(port, "/n.net")[0])
    second = start(f"--watch={port}", "n.net")
    print("the same port:", second.communicate()[1].splitlines()[-1], second.returncode)
    process.send_signal(signal.SIGTERM)
    print("ends by signal", -process.wait(20), "and leaves", os.listdir(temporary))


def main():
    write("unit.net", UNIT % 3)
    write("n.net", NET % 4)
    environment = dict(os.environ, TMPDIR=os.path.join(FOLDER, "tmp"))
    os.mkdir(environment["TMPDIR"])
    process = start("n.net", env=environment)
    port = int(re.search(r"http://127\.0\.0\.1:(\d+)/ shows n\.net", process.stderr.readline())[1])
    try:
        look(process, port, environment["TMPDIR"])
    finally:
        process.kill()


main()
