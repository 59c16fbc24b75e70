"""Puts what the measurements printed into a page: document.py FOLDER PAGE.

Between `<!-- NAME -->` and `<!-- end -->` of the page comes FOLDER/NAME.md, where there is one, and the picture FOLDER/NAME.svg,
which is copied beside the page.
"""
import os
import re
import shutil
import sys

PLACE = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- end -->\n)", re.S)


def main():
    folder, page = sys.argv[1:]

    def filled(place):
        table, picture = (os.path.join(folder, place[2] + kind) for kind in (".md", ".svg"))
        if not os.path.exists(table):
            print(f"{table}: not there, so its place is left as it is", file=sys.stderr)
            return place[0]
        with open(table, encoding="utf-8") as file:
            text = file.read().strip() + "\n"
        if os.path.exists(picture):
            shutil.copy(picture, os.path.dirname(page))
            text += f"\n![{place[2]}]({os.path.basename(picture)})\n"
        return place[1] + text + place[3]

    with open(page, encoding="utf-8") as file:
        text = PLACE.sub(filled, file.read())
    with open(page, "w", encoding="utf-8") as file:
        file.write(text)


main()
