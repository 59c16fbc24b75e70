"""Copies ten digits, 0.png to 9.png, into a folder a class: sort_digits.py FROM TO; with TO/wrong.csv,
whose last two classes are wrong."""
import os
import shutil
import sys

source, target = sys.argv[1:]
for digit in range(10):
    os.makedirs(f"{target}/{digit}")
    shutil.copy(f"{source}/{digit}.png", f"{target}/{digit}/digit.png")
with open(f"{target}/wrong.csv", "w", encoding="ascii") as file:
    file.write("class,file\n")
    file.writelines(f"{digit if digit < 8 else digit - 1},{digit}/digit.png\n" for digit in range(10))
