"""Looks at the page of netc --watch while the network is edited: watch.py CHROMIUM NETC FOLDER. Says what it saw."""
import os
import re
import signal
import subprocess
import sys
import time

from chrome import Chrome

CHROMIUM, NETC, FOLDER = sys.argv[1:]
NET = "net n {\n    input image[3, 8, 8]\n    conv(4, 3)%s\n}\n"
REPORT = "document.getElementById('report').contentDocument"


def write(steps):
    with open(os.path.join(FOLDER, "n.net"), "w", encoding="utf-8") as file:
        file.write(NET % steps)


def wait_for(chrome, expression):
    """What the page says, as soon as it is something else than before."""
    for _ in range(300):
        if found := chrome.ask(expression):
            return found
        time.sleep(0.1)
    return "nothing"


def look(process, url):
    with Chrome(CHROMIUM) as chrome:
        chrome.open(url)
        print("report:", wait_for(chrome, "document.title !== 'netc --watch' && document.title"))
        write(" -> relu -> tanh")
        rows = f"{REPORT}.querySelectorAll('#table tbody tr').length"
        print("edited:", wait_for(chrome, f"{rows} > 1 && {rows}"), "layers")
        write(" -> rleu")
        print("broken:", wait_for(chrome, f"(/no block[^\\n]*/.exec({REPORT}.body.textContent) || [''])[0]"))
        print("asks for:", *sorted({text.replace(url, "/") for text in chrome.complaints()}))
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        print("over:", wait_for(chrome, "document.getElementById('state').textContent"))


def main():
    write("")
    process = subprocess.Popen([NETC, "--watch", "--target=generic", "n.net"], cwd=FOLDER, stderr=subprocess.PIPE, text=True)
    url = re.search(r"http://\S+", process.stderr.readline())[0]
    try:
        look(process, url)
    finally:
        process.kill()


main()
