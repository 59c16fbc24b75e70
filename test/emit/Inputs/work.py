"""Instructions that netc takes for forks of 400 and of 1600 branches: work.py VALGRIND NETC STEPS..., the
steps of a branch, in which 'i' is its number."""
import os
import sys
import tempfile

from instructions import instructions

VALGRIND, NETC, *STEPS = sys.argv[1:]


def work(branches, folder):
    source = os.path.join(folder, "fork.net")
    with open(source, "w", encoding="ascii") as file:
        file.write("net fork { input x[4, 8, 8]\n    concat for i in 0..%d { %s }\n}\n" % (branches, " -> ".join(STEPS)))
    return instructions(VALGRIND, NETC, source, "--emit=c", "-o", os.path.join(folder, "fork"))


with tempfile.TemporaryDirectory() as folder:
    few, many = work(400, folder), work(1600, folder)
print(f"{few} and {many} instructions, {many / few:.2f} times")
sys.exit(many > 5 * few)
