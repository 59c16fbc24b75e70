"""Builds netc twice, the second time under other circumstances, and compares what was built: reproducible.py TOP FOLDER.

Other are the folder and the length of its name, the order in which the files were laid there and their times, HOME, USER and
the host's shell level, time zone, locale, umask, and how many files are compiled at once. Without debugging information, which
holds the folder unless -ffile-prefix-map= is among CFLAGS. Prints what differs."""
import filecmp
import os
import shutil
import subprocess
import sys
import time

TOP, FOLDER = sys.argv[1:]
BUILT = ("netc", "netc-serve", "libnetrt.a", "libnetrt_mpi.a", "netc-resources", "man", "completions", "page", "netrt.pc")
NOT_BUILT_FROM = {".git", "autom4te.cache"}
ONE = {"LC_ALL": "C", "TZ": "UTC", "HOME": "/nowhere", "USER": "one", "LOGNAME": "one"}
OTHER = {"LC_ALL": "C.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati", "HOME": "/", "USER": "other", "LOGNAME": "other",
         "SHLVL": "7", "COLUMNS": "40", "CDPATH": "/"}


def lay(folder, backwards, when):
    """A copy of the tree, whose files are made in the order of their names or the other way, all of one time."""
    for where, folders, names in os.walk(TOP):
        folders[:] = sorted((f for f in folders if f not in NOT_BUILT_FROM and not (where == TOP and f.startswith("build") and f != "build-aux")),
                            reverse=backwards)
        to = os.path.join(folder, os.path.relpath(where, TOP))
        os.makedirs(to, exist_ok=True)
        for name in sorted(names, reverse=backwards):
            shutil.copy(os.path.join(where, name), os.path.join(to, name))
            os.utime(os.path.join(to, name), (when, when))


def build(folder, variables, umask, jobs):
    made = os.path.join(folder, "made")
    os.makedirs(made)
    environment = {**os.environ, **variables, "CCACHE_DISABLE": "1"}
    for command in ([os.path.join("..", "configure"), "-q", "--prefix=/usr", "CFLAGS=-O0"], ["make", "-s", f"-j{jobs}"]):
        run = subprocess.run(command, cwd=made, env=environment, umask=umask, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if run.returncode:
            sys.exit(run.stdout.decode(errors="replace")[-3000:])
    return made


def files_of(made):
    for name in BUILT:
        path = os.path.join(made, name)
        if os.path.isdir(path):
            yield from (os.path.relpath(os.path.join(where, file), made) for where, _, files in os.walk(path) for file in files)
        elif os.path.exists(path):
            yield name


def main():
    now = int(time.time())
    shutil.rmtree(FOLDER, ignore_errors=True)
    first, second = os.path.join(FOLDER, "a"), os.path.join(FOLDER, "another_folder", "deeper")
    lay(first, False, now - 400 * 86400)
    lay(second, True, now - 86400)
    one, other = build(first, ONE, 0o022, 2), build(second, OTHER, 0o077, 3)
    names = sorted({*files_of(one), *files_of(other)})
    differing = [name for name in names if not all(os.path.exists(os.path.join(made, name)) for made in (one, other))
                 or not filecmp.cmp(os.path.join(one, name), os.path.join(other, name), shallow=False)]
    print(f"{len(names)} files compared", *(f"differs: {name}" for name in differing), sep="\n")
    return 1 if differing or "netc" not in names else 0


if __name__ == "__main__":
    sys.exit(main())
