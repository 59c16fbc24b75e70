"""A batch for the net of steps.py, and labels that are none of its classes."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "reference"))
import npy

npy.write("image.npy", (6, 1, 9, 8), [i % 7 / 7 for i in range(6 * 72)])
npy.write("labels.npy", (6,), [0, 1, 2, 3, 0, 1])
npy.write("five.npy", (6,), [0, 1, 5, 3, 0, 1])
npy.write("half.npy", (6,), [0, 0.5, 2, 3, 0, 1])
npy.write("shares.npy", (6, 4), [0.25, 0.75, 0, 0] * 6)
npy.write("more.npy", (6, 4), [0.25, 0.75, 0, 0, 0, 0, 1.5, 0] * 3)
