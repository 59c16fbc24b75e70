"""Ends netc while it compiles and while it writes: interrupt.py NETC FILE.net. What stands under the name of the
output is the old file or the whole new one, and after all but SIGKILL nothing else is left."""
import os
import signal
import subprocess
import sys
import time

NETC, NET = sys.argv[1:]
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGKILL)

# A C compiler that writes half of its result and never ends.
SLOW = """#!/bin/sh
while test "$1" != -o; do shift; done
echo half > "$2"
echo $$ > started
exec sleep 600
"""


def start(command, **options):
    """A child to which no signal is ignored, as to those of a shell's background jobs."""
    def reset():
        for number in SIGNALS[:-1]:
            signal.signal(number, signal.SIG_DFL)
    return subprocess.Popen(command, preexec_fn=reset, **options)


def wait_for(condition):
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    sys.exit("waited for half a minute")


def runs(pid):
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def left():
    """Temporary files, here and where TMPDIR is."""
    return [name for name in os.listdir(".") if name.endswith(".tmp")] + os.listdir("temporary")


def clear():
    for name in os.listdir("."):
        if name.endswith(".tmp") or name == "started":
            os.remove(name)
    subprocess.run(["rm", "-rf", "temporary"], check=True)
    os.mkdir("temporary")


def end_compiler(number, emit):
    """A signal to netc while the C compiler runs."""
    clear()
    output = "libx.a" if emit else "x"
    with open(output, "w", encoding="ascii") as file:
        file.write("old")
    child = start([NETC, *emit, "--cc", "./slow", NET, "-o", "x"], stderr=subprocess.PIPE,
                  env={**os.environ, "TMPDIR": "temporary"})
    wait_for(lambda: child.poll() is not None or os.path.exists("started") and os.path.getsize("started"))
    with open("started", encoding="ascii") as file:
        compiler = int(file.read())
    child.send_signal(number)
    assert child.wait() == -number, (child.returncode, number)
    with open(output, encoding="ascii") as file:
        assert file.read() == "old", output
    assert number == signal.SIGKILL or not left(), left()
    if number == signal.SIGKILL:
        os.kill(compiler, number)
    wait_for(lambda: not runs(compiler))


def end_writer(number, delay, whole):
    """A signal to netc at some time while it makes C. Whether it came before the end."""
    clear()
    if os.path.exists("y.c"):
        os.remove("y.c")
    child = start([NETC, "--emit=c", NET, "-o", "y"])
    time.sleep(delay)
    child.send_signal(number)
    ended = child.wait() == -number
    if os.path.exists("y.c"):
        with open("y.c", "rb") as file:
            assert file.read() == whole
    assert ended or os.path.exists("y.c")
    assert number == signal.SIGKILL or not left(), left()
    return ended


def main():
    with open("slow", "w", encoding="ascii") as file:
        file.write(SLOW)
    os.chmod("slow", 0o755)
    for number in SIGNALS:
        end_compiler(number, [])
    end_compiler(signal.SIGTERM, ["--emit=lib"])
    subprocess.run([NETC, "--emit=c", NET, "-o", "y"], check=True)
    with open("y.c", "rb") as file:
        whole = file.read()
    ended = sum(end_writer(number, step / 2000, whole) for step in range(40) for number in SIGNALS[:4:3])
    print("ended while writing:", "some" if ended else "none")


main()
