"""Whether every element of one NumPy file is FACTOR times that of another, to a millionth: scaled.py A B FACTOR."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "reference"))
import npy

(shape, a), (other, b) = (npy.read(path) for path in sys.argv[1:3])
factor = float(sys.argv[3])
good = a and tuple(shape) == tuple(other) and all(abs(y - factor * x) <= 1e-6 * abs(factor * x) for x, y in zip(a, b))
print("scaled" if good else f"not scaled: {a[:4]}, {b[:4]}")
sys.exit(not good)
