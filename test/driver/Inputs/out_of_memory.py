"""Each allocation of a program fails in turn: out_of_memory.py LIBRARY STEP COMMAND..., or
out_of_memory.py LIBRARY STEP --writes=FILE COMMAND... of one that says how fast it was: of that FILE alone counts.

The program then ends with status 1 and says that there is no memory, or it could do without that memory and gives what it gives
otherwise. It never crashes, loses a part of its result, or leaves files in TMPDIR or beside it. Of the allocations, every STEP-th is
tried."""
import errno
import os
import subprocess
import sys

LIBRARY, STEP, *COMMAND = sys.argv[1:]
WRITES = COMMAND.pop(0).partition("=")[2] if COMMAND[0].startswith("--writes=") else None
MANY = 20000


def run(nth):
    environment = {**os.environ, "LD_PRELOAD": LIBRARY, "FAIL_NTH": str(nth), "FAIL_REACHED": "reached", "TMPDIR": "temporary"}
    return subprocess.run(COMMAND, capture_output=True, env=environment)


def result_of(run):
    """What was written; b"" where nothing was."""
    if not WRITES:
        return run.stdout
    if not os.path.exists(WRITES):
        return b""
    with open(WRITES, "rb") as file:
        return file.read()


def fault_of(result, written, whole):
    left = os.listdir("temporary") + [name for name in os.listdir(".") if name.endswith(".tmp")]
    if left:
        subprocess.run(["rm", "-rf", "temporary"], check=True)
        os.mkdir("temporary")
        return f"left {left}"
    if result.returncode == 0:
        return None if written == whole else "status 0 with another result"
    words = result.stderr.decode(errors="replace")
    if result.returncode != 1 or not ("memory" in words or os.strerror(errno.ENOMEM) in words):
        return f"status {result.returncode}: {words}"
    is_whole = WRITES and written == whole  # what failed came behind it
    return "a part of the result was written" if written and not is_whole else None


def main():
    os.makedirs("temporary", exist_ok=True)
    whole = run(0)
    assert whole.returncode == 0, whole.stderr
    whole = result_of(whole)
    faults = failed = 0
    for nth in range(1, MANY, int(STEP)):
        if WRITES:
            subprocess.run(["rm", "-f", WRITES], check=True)
        result = run(nth)
        if not os.path.exists("reached"):
            break
        os.remove("reached")
        fault = fault_of(result, result_of(result), whole)
        failed += result.returncode == 1
        faults += fault is not None
        if fault:
            print(f"allocation {nth}: {fault}")
    else:
        faults += 1
        print(f"more than {MANY} allocations: the rest was not tried")
    print(f"{failed} failures, {faults} faults")
    return 1 if faults or not failed else 0


if __name__ == "__main__":
    sys.exit(main())
