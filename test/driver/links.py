"""Follows the links of a page and of the pages they lead to: links.py PAGE.md. Names those that lead nowhere, then how many there were."""
import os
import re
import sys


def anchors_of(text):
    """As GitHub makes them of headings."""
    for heading in re.findall(r"^#+ (.*)$", text, re.M):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def leads_nowhere(path, anchor):
    if not os.path.exists(path):
        return True
    if not anchor:
        return False
    with open(path, encoding="utf-8") as file:
        return anchor not in anchors_of(file.read())


def main():
    waiting, seen, links = [os.path.abspath(sys.argv[1])], set(), 0
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        with open(page, encoding="utf-8") as file:
            text = re.sub(r"^```.*?^```$", "", file.read(), flags=re.S | re.M)
        for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
            target, _, anchor = link.partition("#")
            path = os.path.normpath(os.path.join(os.path.dirname(page), target)) if target else page
            links += 1
            if leads_nowhere(path, anchor):
                print(f"{os.path.basename(page)}: '{link}' leads nowhere")
            elif path.endswith(".md"):
                waiting.append(path)
    print(f"{len(seen)} pages, {links} links")


main()
