"""Writes what the playground carries as one script: files.py SRCDIR RESOURCES PROGRAM.wasm LIBDIR > files.js.

RESOURCES is netc-resources of a build, LIBDIR where the netc of the page looks for it. Without a program, as in tests,
PROGRAM.wasm is /dev/null.
"""
import base64
import glob
import json
import os
import re
import sys

SRCDIR, RESOURCES, PROGRAM, LIBDIR = sys.argv[1:]
sys.path.insert(0, os.path.join(SRCDIR, "scripts"))
from fences import BODY, fences  # noqa: E402


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def resources():
    """The library of blocks and the page of --report=html, by the paths that netc knows them by."""
    paths = glob.glob(os.path.join(RESOURCES, "blocks/*")) + glob.glob(os.path.join(RESOURCES, "page/*"))
    return {f"{LIBDIR}/{os.path.relpath(path, RESOURCES)}": read(path) for path in sorted(paths)}


def examples():
    return {os.path.basename(path): read(path) for path in sorted(glob.glob(os.path.join(SRCDIR, "examples/*.net")))}


def heading_above(text, line):
    return re.findall(r"^#+ (.*)$", "\n".join(text.split("\n")[:line]), re.M)[-1].replace("`", "")


def networks_of(page):
    """The networks of a page of the manual, named by their sections."""
    text, seen = read(os.path.join(SRCDIR, page)), {}
    group = re.match("# (.*)", text)[1]
    for line, info, content in fences(text):
        if not re.match("net( |$)", info):
            continue
        title = heading_above(text, line)
        seen[title] = seen.get(title, 0) + 1
        named, judged = re.search("file=(.*)", info), re.search(" (wrong|right)$", info)
        slug = re.sub(r"\W+", "-", title.lower()).strip("-")
        yield {"group": group, "id": f"{os.path.basename(page)[:-3]}/{slug}/{seen[title]}",
               "title": f"{title}, {judged[1]}" if judged else title if seen[title] == 1 else f"{title} ({seen[title]})",
               "file": named[1] if named else "example.net", "text": BODY.format(content) if info == "net body" else content}


def networks(texts):
    yield from ({"group": "Examples", "id": name, "title": name, "file": name, "text": text}
                for name, text in texts.items())
    for path in ["README.md"] + sorted(glob.glob(os.path.join(SRCDIR, "docs/*.md"))):
        yield from networks_of(os.path.relpath(os.path.join(SRCDIR, path), SRCDIR))


def main():
    texts = examples()
    listed = sorted(networks(texts), key=lambda network: network["id"] != "lenet.net")
    with open(PROGRAM, "rb") as file:
        program = base64.b64encode(file.read()).decode()
    imported = {network["file"]: network["text"] for network in listed if network["file"] != "example.net"}
    carried = {"resources": resources(), "examples": {**imported, **texts}, "networks": listed, "program": program}
    print(f"/* Made by playground/files.py. */\nconst files = {json.dumps(carried)};")


main()
