"""Ends an executable while it writes its output: interrupt.py EXECUTABLE SHAPE. What stands under the name of
the output is the old file or the whole new one, and after SIGTERM nothing else is left."""
import math
import os
import signal
import subprocess
import sys
import time

EXECUTABLE, SHAPE = sys.argv[1:]


def reset():
    """No signal is ignored or held back: a shell's background jobs and some runners of tests ignore a few."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def temporaries():
    return [name for name in os.listdir(".") if name.startswith("y.npy.")]


def begun(name):
    """Whether something of the file is written; it may be renamed at any time."""
    try:
        return os.path.getsize(name) > 0
    except FileNotFoundError:
        return False


def end(number, whole):
    """Whether the signal came while the file was being written."""
    with open("y.npy", "w", encoding="ascii") as file:
        file.write("old")
    child = subprocess.Popen([EXECUTABLE, "run", "--threads", "2", "--input", "x.npy", "--output", "y.npy"],
                             preexec_fn=reset)
    started = time.monotonic()
    seen = []
    while child.poll() is None and not any(begun(name) for name in seen):
        seen = temporaries()
        assert time.monotonic() - started < 60
    child.send_signal(number)
    ended = child.wait() == -number
    with open("y.npy", "rb") as file:
        assert file.read() in (b"old", whole)
    if number == signal.SIGKILL:
        for name in temporaries():
            os.remove(name)
    assert not temporaries()
    return ended


def write_zeros():
    shape = tuple(int(n) for n in SHAPE.split("x"))
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".encode()
    with open("x.npy", "wb") as file:
        file.write(b"\x93NUMPY\x01\0" + len(header).to_bytes(2, "little") + header)
        file.write(bytes(4 * math.prod(shape)))


def main():
    write_zeros()
    subprocess.run([EXECUTABLE, "run", "--input", "x.npy", "--output", "y.npy"], check=True)
    with open("y.npy", "rb") as file:
        whole = file.read()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        print(number.name, "came in time:", any(end(number, whole) for _ in range(60)))


main()
