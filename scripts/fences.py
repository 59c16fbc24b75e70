"""The fenced blocks of a document: what tests run, and the playground opens."""
import os
import re

# What a block of steps alone, ```net body, stands for.
BODY = "net example {{\n    input image[3, 224, 224]\n{}\n}}\n"


def fences(text):
    """(line, info string, content) of every fenced block that has an info string."""
    fence = re.compile(r"^```(\S[^\n]*)\n(.*?)^```$", re.M | re.S)
    for match in fence.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match[1].strip(), match[2]


def heading_above(text, line):
    return re.findall(r"^#+ (.*)$", "\n".join(text.split("\n")[:line]), re.M)[-1].replace("`", "")


def networks(page, text):
    """The networks of a page of the manual as the playground has them, named by their sections."""
    seen, group = {}, re.match("# (.*)", text)[1]
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
