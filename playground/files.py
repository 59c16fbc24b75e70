"""Writes what the playground carries as one script: files.py SRCDIR RESOURCES PROGRAM.wasm LIBDIR > files.js.

RESOURCES is netc-resources of a build, LIBDIR where the netc of the page looks for it. Without a program, as in tests,
PROGRAM.wasm is /dev/null.
"""
import base64
import glob
import json
import os
import sys

SRCDIR, RESOURCES, PROGRAM, LIBDIR = sys.argv[1:]
sys.path.insert(0, os.path.join(SRCDIR, "scripts"))
from fences import networks  # noqa: E402


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def resources():
    """The library of blocks and the page of --report=html, by the paths that netc knows them by."""
    paths = glob.glob(os.path.join(RESOURCES, "blocks/*")) + glob.glob(os.path.join(RESOURCES, "page/*"))
    return {f"{LIBDIR}/{os.path.relpath(path, RESOURCES)}": read(path) for path in sorted(paths)}


def examples():
    return {os.path.basename(path): read(path) for path in sorted(glob.glob(os.path.join(SRCDIR, "examples/*.net")))}


def all_networks(texts):
    yield from ({"group": "Examples", "id": name, "title": name, "file": name, "text": text}
                for name, text in texts.items())
    for path in ["README.md"] + sorted(glob.glob(os.path.join(SRCDIR, "docs/*.md"))):
        yield from networks(path, read(os.path.join(SRCDIR, path)))


def main():
    texts = examples()
    listed = sorted(all_networks(texts), key=lambda network: network["id"] != "lenet.net")
    with open(PROGRAM, "rb") as file:
        program = base64.b64encode(file.read()).decode()
    imported = {network["file"]: network["text"] for network in listed if network["file"] != "example.net"}
    carried = {"resources": resources(), "examples": {**imported, **texts}, "networks": listed, "program": program}
    print(f"/* Made by playground/files.py. */\nconst files = {json.dumps(carried)};")


main()
