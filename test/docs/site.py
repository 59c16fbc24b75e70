"""Checks the site of the manual, and says what is wrong: site.py order SRCDIR, pages FOLDER, search FOLDER CHROMIUM,
playground FOLDER FILES.js, open PAGE CHROMIUM.

order: each document, and nothing else, stands once in docs/site/index.md
pages: in a made site each link leads to a file, and to a place in it; no page loads what lies outside of the folder
search: a browser that opens the folder finds pages by a word, and asks for nothing else
playground: of what a playground carries, each network of the manual is led to once, from behind its own text
open: what stands in the playground after a click on the first link to it in a page
"""
import glob
import json
import os
import re
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

# Attributes that make a page load something, by element; a link loads nothing.
LOADS = {("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("object", "data")}


def check_order(top):
    with open(os.path.join(top, "docs/site/index.md"), encoding="utf-8") as file:
        text = file.read()
    listed = [re.sub(r".*<(\S+)>$", r"\1", line) for block in re.findall(r"^```\{toctree\}\n(.*?)^```$", text, re.M | re.S)
              for line in block.splitlines() if line and not line.startswith(":")]
    pages = sorted(os.path.relpath(path, top)[:-len(".md")]
                   for path in glob.glob(os.path.join(top, "*.md")) + glob.glob(os.path.join(top, "docs/*.md")))
    for page in pages:
        if listed.count(page) != 1:
            yield f"docs/site/index.md: '{page}' stands there {listed.count(page)} times"
    for page in sorted(set(listed) - set(pages)):
        yield f"docs/site/index.md: no page '{page}'"


class Page(HTMLParser):
    """The places of a page, its links, and what it loads."""

    def __init__(self, path):
        super().__init__()
        self.places, self.links, self.loads = {""}, [], []
        with open(path, encoding="utf-8") as file:
            self.feed(file.read())

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                self.places.add(value)
            elif (tag, name) in LOADS:
                self.loads.append(value)
            elif (tag, name) == ("a", "href"):
                self.links.append(value)


def outside(address):
    return bool(urlsplit(address).scheme or urlsplit(address).netloc)


def check_page(path, pages):
    folder = os.path.dirname(path)
    for address in pages[path].loads:
        if outside(address) and not address.startswith("data:"):
            yield f"loads '{address}'"
    for address in pages[path].links + pages[path].loads:
        if outside(address):
            continue
        url = urlsplit(address)
        target = os.path.normpath(os.path.join(folder, unquote(url.path))) if url.path else path
        if not os.path.isfile(target):
            yield f"'{address}' leads nowhere"
        elif target in pages and unquote(url.fragment) not in pages[target].places:
            yield f"'{address}' leads to no place in its page"


def check_style(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for address in re.findall(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)", text):
        if outside("".join(address)) and not "".join(address).startswith("data:"):
            yield f"loads '{''.join(address)}'"


def check_pages(folder):
    pages = {path: Page(path) for path in glob.glob(os.path.join(folder, "**/*.html"), recursive=True)}
    for path in sorted(pages):
        yield from (f"{os.path.relpath(path, folder)}: {fault}" for fault in check_page(path, pages))
    for path in sorted(glob.glob(os.path.join(folder, "**/*.css"), recursive=True)):
        yield from (f"{os.path.relpath(path, folder)}: {fault}" for fault in check_style(path))
    print(f"{len(pages)} pages, {sum(len(page.links) for page in pages.values())} links")


def check_search(folder, program):
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../report/Inputs/html"))
    from chrome import Chrome
    with Chrome(program) as chrome:
        chrome.open(os.path.join(folder, "search.html"))
        chrome.ask("""new Promise((done) => {
            Search.performSearch("winograd");
            const look = () => /found [0-9]+ page/.test(document.body.innerText) ? done() : setTimeout(look, 50);
            look();
        })""")
        print("search finds:", chrome.ask("document.querySelector('#search-results ul').innerText"))
        for event in chrome.events:
            url = event.get("params", {}).get("request", {}).get("url", "file:")
            if not url.startswith(("file:", "data:")):
                yield f"the browser asks for {url}"


class Links(HTMLParser):
    """(id in the playground, text of the block before) of each link to a network."""

    def __init__(self, path):
        super().__init__()
        self.found, self.text, self.inside = [], "", False
        with open(path, encoding="utf-8") as file:
            self.feed(file.read())

    def handle_starttag(self, tag, attrs):
        address = dict(attrs).get("href", "")
        if tag == "pre":
            self.text, self.inside = "", True
        elif tag == "a" and "playground/index.html#" in address:
            self.found.append((unquote(urlsplit(address).fragment), self.text))

    def handle_endtag(self, tag):
        self.inside &= tag != "pre"

    def handle_data(self, data):
        self.text += data if self.inside else ""


def check_playground(folder, script):
    with open(script, encoding="utf-8") as file:
        carried = json.loads(re.search(r"const files = (.*);$", file.read(), re.M)[1])
    texts = {network["id"]: network["text"] for network in carried["networks"] if network["group"] != "Examples"}
    links = [link for path in sorted(glob.glob(os.path.join(folder, "**/*.html"), recursive=True)) for link in Links(path).found]
    for identity, text in links:
        if not text.strip() or text.strip("\n") not in texts.get(identity, ""):
            yield f"'{identity}' is not led to from behind its text"
    for identity in texts:
        if (count := sum(identity == link for link, _ in links)) != 1:
            yield f"{count} links to '{identity}'"
    print(f"{len(links)} links")


def check_open(path, program):
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../report/Inputs/html"))
    from chrome import Chrome
    with Chrome(program) as chrome:
        chrome.open(path)
        chrome.follow(".playground a")
        print(chrome.ask("document.title === 'netc playground' && document.getElementById('text').value"))
    yield from ()


def main():
    checks = {"order": check_order, "pages": check_pages, "search": check_search, "playground": check_playground,
              "open": check_open}
    faults = list(checks[sys.argv[1]](*sys.argv[2:]))
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


sys.exit(main())
