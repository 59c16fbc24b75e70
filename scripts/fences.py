"""The fenced blocks of a document: what tests run, and the playground opens."""
import re

# What a block of steps alone, ```net body, stands for.
BODY = "net example {{\n    input image[3, 224, 224]\n{}\n}}\n"


def fences(text):
    """(line, info string, content) of every fenced block that has an info string."""
    fence = re.compile(r"^```(\S[^\n]*)\n(.*?)^```$", re.M | re.S)
    for match in fence.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match[1].strip(), match[2]
