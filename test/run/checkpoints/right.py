"""Reads what `eval` prints and compares its right answers with PyTorch's: right.py EXPECTED TOTAL."""
import re
import sys

text = sys.stdin.read()
found = re.search(r"^top-1 (\d+) / (\d+)", text.splitlines()[-1] if text.strip() else "")
if not found:
    sys.exit("no last line 'top-1 N / M' in:\n" + text)
right, total = map(int, found.groups())
print(f"{right} of {total}")
sys.exit(0 if total == int(sys.argv[2]) and abs(right - int(sys.argv[1])) <= 2 else "PyTorch has " + sys.argv[1])
