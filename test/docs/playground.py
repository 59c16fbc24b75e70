"""The playground in a browser, beside the netc of this machine: playground.py CHROMIUM FOLDER NETC EXAMPLES RESULTS."""
import glob
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../report/Inputs/html"))
from chrome import Chrome  # noqa: E402

CHROMIUM, FOLDER, NETC, EXAMPLES, RESULTS = sys.argv[1:]
NET = "net n {\n    input x[3, 32, 32]\n    conv(8, 3) -> relu\n    maxpool(2)\n    flatten\n    linear(10)\n}\n"


def settle(page):
    """Waits until the page shows what is written."""
    end = time.monotonic() + 300
    while not page.ask("document.body.dataset.shown === String(state.serial)"):
        if time.monotonic() > end:
            sys.exit("the page is not done after five minutes")
        time.sleep(0.05)


def write(page, text):
    """Types a text in the place of the one that is there."""
    before = page.ask("state.serial")
    page.ask("$('text').focus(), $('text').select()")
    page.call("Input.insertText", text=text)
    while page.ask("state.serial") == before:
        time.sleep(0.05)
    settle(page)


def choose(page, view):
    page.ask(f"[...$('views').children].find((tab) => tab.textContent === '{view}').click()")
    settle(page)


def native(arguments):
    """What netc prints here of the examples, with its library of blocks where the page has it."""
    run = subprocess.run([NETC, *arguments], cwd=RESULTS, capture_output=True, text=True)
    place = os.path.join(os.path.dirname(NETC), "netc-resources")
    return run.returncode, *(text.replace(place, "/usr/local/lib/netc") for text in (run.stdout, run.stderr))


def look_at_views(page):
    """Each view of an example is what netc prints here."""
    page.ask("location.hash = 'lenet.net'")
    for view in page.ask("views.map((view) => view.name)"):
        choose(page, view)
        arguments = page.ask("$('command').textContent").split()[1:]
        shown = page.ask("$('report').srcdoc || $('output').textContent")
        _, output, errors = native(arguments)
        print(f"{view}: {' '.join(arguments)}: {'same' if shown == output + errors else 'differs'}")


def first_net(name):
    """The option for the first net of a file that needs no values from the command line; none where it has one net."""
    _, _, errors = native(["--report=json", name])
    several = re.search("choose with --net: (.+)", errors)
    for net in several[1].split(", ") if several else []:
        if not native(["--emit=graph", "--net", net, name])[0]:
            return ["--net", net]
    return []


def look_at_examples(page):
    """A net of each example has the report and the C that it has here, where sizes have 64 bits."""
    count = 0
    page.ask("location.hash = 'resnet.net'")
    settle(page)
    print("chosen of resnet.net:", page.ask("$('net').value"))
    for name in sorted(name for name in os.listdir(EXAMPLES) if name.endswith(".net")):
        for form in (["--report=json"], ["--emit=c", "-o", "-"]):
            arguments = [*form, "--target=x86-64-v3", *first_net(name), name]
            answer = page.ask(f"netc.run({arguments}, files.examples)")
            if (answer["status"], answer["output"], answer["errors"]) != native(arguments):
                print(f"{' '.join(arguments)} differs")
            count += 1
    print(f"examples: {count} texts compared")


def look_at_writing(page):
    write(page, NET)
    print("shapes:", page.ask("$('shapes').textContent.trimEnd().split('\\n').join('|')"))
    print("state:", page.ask("$('state').textContent"))
    write(page, NET.replace("relu", "rleu"))
    print("message:", page.ask("$('messages').innerText").replace("\n", " "))
    page.ask("document.querySelector('#messages button').click()")
    print("selected:", page.ask("getSelection().toString()"))
    print("state:", page.ask("$('state').textContent"))


def look_at_keys(page):
    page.ask("$('views').children[0].focus(), $('views').children[0].click()")
    page.press("ArrowRight")
    settle(page)
    print("right of the first:", page.ask("document.activeElement.textContent + ' ' + document.activeElement.ariaSelected"))


def look_at_limits(page):
    """What does not fit into 32 bits is refused."""
    write(page, "net n {\n    input x[1, 40000, 40000]\n    conv(16, 3)\n}\n")
    choose(page, "Plan")
    print("large:", page.ask("$('output').textContent").split("\n")[0])
    print("state:", page.ask("$('state').textContent"))


def main():
    for path in glob.glob(os.path.join(EXAMPLES, "*.net")):
        shutil.copy(path, RESULTS)
    with Chrome(CHROMIUM) as page:
        page.open(os.path.join(FOLDER, "index.html"), width=1400)
        settle(page)
        page.screenshot(os.path.join(RESULTS, "playground.png"))
        for look in (look_at_views, look_at_examples, look_at_writing, look_at_keys, look_at_limits):
            look(page)
        outside = [c for c in page.complaints() if not c.startswith(("request: file:", "request: blob:"))]
        print("\n".join(outside) or "no complaints")


main()
