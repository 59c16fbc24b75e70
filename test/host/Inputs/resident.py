"""resident.py EXECUTABLE EMPTY OPTION...: fails if runs with these options take more resident memory than their
weights and their arena, as `info` says, what the program EMPTY takes, and 2 MB. EMPTY waits for the end of its
input."""
import re
import subprocess
import sys


def peak_of(process):
    """The largest resident size so far, in bytes; None once it has ended."""
    try:
        with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
            peak = re.search(r"VmHWM:\s+(\d+) kB", status.read())
            return int(peak[1]) * 1024 if peak else None
    except OSError:
        return None


def watch(*command):
    """The last peak seen of a program that runs for two seconds."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    last = 0
    while process.poll() is None:
        last = peak_of(process) or last
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            pass
    if process.returncode:
        sys.exit(f"{command} failed")
    return last


def empty_program(path):
    process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()
    peak = peak_of(process)
    process.communicate()
    return peak


info = subprocess.run([sys.argv[1], "info"], check=True, stdout=subprocess.PIPE, text=True).stdout
weights, arena = (int(re.search(rf"{word}\s+(\d+) bytes", info)[1]) for word in ("weights", "arena"))
above = watch(sys.argv[1], "bench", "--threads", "1", *sys.argv[3:]) - empty_program(sys.argv[2])
print(f"{above} bytes above an empty program; weights and arena {weights + arena}")
sys.exit(not weights < above < weights + arena + (2 << 20))
