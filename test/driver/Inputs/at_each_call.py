"""Disturbs a program at its system calls, one after the other:
at_each_call.py STEP HOW OUTPUTS COMMAND... [-- AGAIN...]

HOW is `signals`: it is sent SIGTERM, SIGINT or SIGHUP, in turn; or `cut:FILE`, `gone:FILE`: a file that it reads loses its second half, or
is removed. OUTPUTS, separated by commas, are files that it writes: "old" stands in them before. After each run they are that still, or
whole: what an undisturbed run writes, or, of one that goes on behind --, as many bytes. Nothing else is left there or in TMPDIR. It ends by
the signal, with status 1 and a message, or with status 0 and all of its outputs. AGAIN, or the same command, then makes what an
undisturbed run does. Of the calls, each STEP-th is tried. What was said of FILE is printed."""
import ctypes
import os
import signal
import subprocess
import sys

STEP, HOW, OUTPUTS, *COMMAND = sys.argv[1:]
OUTPUTS = OUTPUTS.split(",")
AGAIN = COMMAND[COMMAND.index("--") + 1:] if "--" in COMMAND else None
COMMAND = COMMAND[:COMMAND.index("--")] if AGAIN else COMMAND
HOW, _, FILE = HOW.partition(":")
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
TRACEME, SYSCALL, DETACH, SETOPTIONS, OPTIONS = 0, 24, 17, 0x4200, 1 | 1 << 4 | 1 << 20  # SYSGOOD, EXEC, EXITKILL
MANY = 20000
ENVIRONMENT = {**os.environ, "TMPDIR": "temporary"}
libc = ctypes.CDLL(None, use_errno=True)


def trace(request, pid=0, data=0):
    if libc.ptrace(ctypes.c_long(request), ctypes.c_long(pid), None, ctypes.c_long(data)) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def start():
    """The program, stopped before it begins; no signal is ignored or held back in it."""
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        trace(SETOPTIONS, pid, OPTIONS)
        return pid
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for stream, name in ((1, "said"), (2, "messages")):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), stream)
    trace(TRACEME)
    os.kill(os.getpid(), signal.SIGSTOP)
    os.execve(COMMAND[0], COMMAND, ENVIRONMENT)


def run(nth, disturb):
    """Whether there was such a call, of which the beginning and the end count, and how it ended."""
    pid, calls, passed = start(), 0, 0
    while calls < nth:
        trace(SYSCALL, pid, passed)
        _, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            return False, os.waitstatus_to_exitcode(status)
        at_call = os.WSTOPSIG(status) == signal.SIGTRAP | 0x80
        passed = 0 if at_call or os.WSTOPSIG(status) == signal.SIGTRAP else os.WSTOPSIG(status)
        calls += at_call
    disturb(pid)
    trace(DETACH, pid)
    return True, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def read(name):
    try:
        with open(name, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def write(name, content):
    with open(name, "wb") as file:
        file.write(content)


def shrink(content):
    def disturb(_):
        if HOW == "gone":
            os.unlink(FILE)
        else:
            os.truncate(FILE, len(content) // 2)
    return disturb


def is_whole(name, content, whole):
    return content in (b"old", whole[name]) or AGAIN and content and len(content) == len(whole[name])


def fault_of(status, number, whole):
    """What is wrong behind a run that was disturbed; None: nothing."""
    left = [name for name in os.listdir(".") if name.endswith(".tmp")] + os.listdir("temporary")
    if left:
        return f"left {left}"
    broken = [name for name in OUTPUTS if not is_whole(name, read(name), whole)]
    if broken:
        return f"not whole: {broken}"
    if status == 0:
        return None if all(read(name) == whole[name] for name in OUTPUTS) else "status 0 without its outputs"
    if number and status != -number:
        return f"status {status}, not {-number}"
    if not number and (status != 1 or not read("messages")):
        return f"status {status}: {read('messages')}"
    return None


def fault_again(whole):
    if FILE:
        write(FILE, BEFORE)
    goes_on = AGAIN and all(read(name) != b"old" for name in OUTPUTS)
    subprocess.run(AGAIN if goes_on else COMMAND, check=True, env=ENVIRONMENT, capture_output=True)
    return None if all(read(name) == whole[name] for name in OUTPUTS) else "not the same afterwards"


def try_call(nth, whole):
    """Whether there is such a call, how the program ended, and what is wrong."""
    for name in OUTPUTS:
        write(name, b"old")
    if FILE:
        write(FILE, BEFORE)
    number = None if FILE else SIGNALS[nth // int(STEP) % len(SIGNALS)]
    reached, status = run(nth, shrink(BEFORE) if FILE else lambda pid: os.kill(pid, number))
    return reached, status, fault_of(status, number, whole) or (fault_again(whole) if status else None)


def main():
    os.makedirs("temporary", exist_ok=True)
    subprocess.run(COMMAND, check=True, env=ENVIRONMENT, capture_output=True)
    whole = {name: read(name) for name in OUTPUTS}
    ended = faults = 0
    said = set()
    for nth in range(1, MANY, int(STEP)):
        reached, status, fault = try_call(nth, whole)
        if not reached:
            break
        ended += status != 0
        faults += fault is not None
        said.add(read("messages") if FILE and status else b"")
        if fault:
            print(f"call {nth}: {fault}")
            subprocess.run("rm -rf temporary/* *.tmp", shell=True, check=True)
    print(b"".join(sorted(said)).decode(), end="")
    print(f"ended early: {'some' if ended else 'never'}, faults: {faults}")


BEFORE = read(FILE) if FILE else None
main()
