"""Whether files are at most so many times as large as others: sizes.py (FILE OTHER TIMES)..."""
import os
import sys

status = 0
for name, other, times in zip(*[iter(sys.argv[1:])] * 3):
    ratio = os.path.getsize(name) / os.path.getsize(other)
    print(f"{os.path.basename(name)}: {ratio:.2f} times {os.path.basename(other)}")
    status |= ratio > float(times)
sys.exit(status)
