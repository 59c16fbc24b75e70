"""The row that --solve chose is the last of a sweep that trains with Adam in so many bytes: solve.py ALL ONE BYTES."""
import csv
import sys


def rows(path):
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file))


fitting = [row for row in rows(sys.argv[1]) if int(row["train_bytes_adam"]) <= int(sys.argv[3])]
assert 1 < len(fitting) < 64
assert rows(sys.argv[2]) == fitting[-1:]
