"""Whether files hold the examples of a document, line for line: documented.py FILE.md LANGUAGE FILE ..."""
import re
import sys

document = open(sys.argv[1], encoding="utf-8").read()
for language, path in zip(sys.argv[2::2], sys.argv[3::2]):
    example = re.search(rf"^```{language}\n(.*?)^```$", document, re.M | re.S)[1]
    if example not in open(path, encoding="utf-8").read():
        sys.exit(f"{path} does not hold what {sys.argv[1]} has of {language}")
