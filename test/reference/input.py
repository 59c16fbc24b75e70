"""Writes the input of the references as a NumPy file: input.py SHAPE FILE.npy."""
import sys

import netc_random
import npy

shape = tuple(map(int, sys.argv[1].split("x")))
npy.write(sys.argv[2], shape, netc_random.input_values(1, shape))
