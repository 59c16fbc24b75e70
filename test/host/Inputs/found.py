"""found.py REFERENCE write: boxes and scores of three images, and of the first and second alone; read: what was found."""
import sys

sys.path.insert(0, sys.argv[1])
import npy  # noqa: E402

BOXES = [[0, 0, 10, 10, 2, 0, 12, 10, 5, 0, 15, 10, 0, 0, 0, 0], [0, 0, 1, 1] * 4, [1, 1, 2, 2] * 4]
SCORES = [[0.875, 0.5, 0.8125, 0, 0.75, 0, 0, 0.0625], [0] * 8, [0, 0, 0, 0.25, 0, 0.125, 0, 0]]

if sys.argv[2] == "write":
    for name, rows in (("b", BOXES), ("s", SCORES)):
        shape = [4, 4 if name == "b" else 2]
        npy.write(f"{name}.npy", [3, *shape], sum(rows, []))
        for i in range(2):
            npy.write(f"{name}{i}.npy", [1, *shape], rows[i])
else:
    for name in "ochn":
        shape, values = npy.read(f"{name}.npy")
        print(f"{name} {shape}:", *(f"{x:g}" for x in values))
