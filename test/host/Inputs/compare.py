"""Compares two NumPy files of float32: compare.py A B TOLERANCE, relative to the largest element, if
that is not 0; what is not finite is equal to nothing."""
import math
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "reference"))
import npy

(shape, a), (other, b) = (npy.read(path) for path in sys.argv[1:3])
error = max((abs(x - y) for x, y in zip(a, b)), default=0) / (max(map(abs, a), default=0) or 1)
good = tuple(shape) == tuple(other) and all(map(math.isfinite, a + b)) and error <= float(sys.argv[3])
print("x".join(map(str, shape)), "equal" if good else f"not equal: error {error}, shape {other}")
sys.exit(not good)
