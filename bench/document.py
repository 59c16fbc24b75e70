"""Puts what the measurements printed into a page: document.py FOLDER PAGE.

Between `<!-- NAME -->` and `<!-- end -->` of the page comes FOLDER/NAME.md, where there is one; FOLDER/results.svg
becomes the picture beside the page that has its name.
"""
import os
import re
import shutil
import sys

PLACE = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- end -->\n)", re.S)


def main():
    folder, page = sys.argv[1:]

    def filled(place):
        path = os.path.join(folder, place[2] + ".md")
        if not os.path.exists(path):
            print(f"{path}: not there, so its place is left as it is", file=sys.stderr)
            return place[0]
        with open(path, encoding="utf-8") as file:
            return f"{place[1]}{file.read().strip()}\n{place[3]}"

    with open(page, encoding="utf-8") as file:
        text = PLACE.sub(filled, file.read())
    with open(page, "w", encoding="utf-8") as file:
        file.write(text)
    if os.path.exists(os.path.join(folder, "results.svg")):
        shutil.copy(os.path.join(folder, "results.svg"), os.path.splitext(page)[0] + ".svg")


main()
