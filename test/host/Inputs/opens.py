"""What a program opens and starts: opens.py NAMES COMMAND..., NAMES being files that it is given, separated by commas.

Its system calls that name files, make connections or start programs are traced. It may open what it is given, libraries that the
loader finds for it, and where the system has random numbers; make and rename files beside what it is given; ask the system of itself
and of processors. Prints all else, and how many calls there were."""
import os
import re
import subprocess
import sys

NAMES, *COMMAND = sys.argv[1:]
NAMES = {os.path.abspath(name) for name in NAMES.split(",")}
SYSTEM = re.compile(r"/etc/ld\.so\.(cache|preload|nohwcap)$|(/usr)?/lib(64)?/(.*/)?[^/]*\.so(\.\d+)*$|/dev/(u?random|null)$"
                    r"|/proc/(self|cpuinfo|meminfo)\b|/sys/devices/system/(cpu|node)\b")
CALL = re.compile(r"^\d+ +(\w+)\((.*)")
HARMLESS = {"access", "newfstatat", "fstatat64", "stat", "lstat", "fstat", "statx", "readlink", "readlinkat", "faccessat", "faccessat2", "getcwd"}


def is_given(path):
    """A file beside a given one whose name begins with its name is one that is made and renamed."""
    return any(path == name or re.fullmatch(re.escape(name) + r"\.\d+\.tmp|" + re.escape(name) + r"[.\w-]*tmp", path) for name in NAMES)


def fault_of(line, first):
    match = CALL.match(line)
    if not match or match[1] in HARMLESS:
        return None
    call, rest = match.groups()
    if call == "execve" and first:
        return None
    paths = [os.path.abspath(path) for path in re.findall(r'"((?:[^"\\]|\\.)*)"', rest) if path]
    if call in ("execve", "execveat", "fork", "vfork", "socket", "connect", "ptrace", "kill") or not paths:
        return line
    return None if all(is_given(path) or SYSTEM.match(path) for path in paths) else line


def main():
    run = subprocess.run(["strace", "-f", "-s", "4096", "-o", "trace", "-e", "trace=%file,%network,execve,execveat,fork,vfork,ptrace,kill", *COMMAND],
                         stdout=subprocess.DEVNULL)
    with open("trace", encoding="utf-8", errors="replace") as file:
        lines = file.read().splitlines()
    faults = [line for i, line in enumerate(lines) if fault_of(line, i == 0)]
    opened = sum(any(f'"{os.path.basename(name)}"' in line or f'"{name}"' in line for line in lines) for name in NAMES)
    print(*faults, f"status {run.returncode}, {opened} of {len(NAMES)} given files named", sep="\n")
    return 1 if faults or run.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
