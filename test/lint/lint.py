"""Rules of the tree that a program can check: lint.py CHECK SRCDIR [ARGUMENT...]. Silent when they hold."""
import os
import re
import subprocess
import sys

SOURCES = (".c", ".h", ".l", ".y", ".def")


def files_under(top, folders, endings):
    for folder in folders:
        for where, _, names in sorted(os.walk(os.path.join(top, folder))):
            for name in sorted(names):
                if name.endswith(endings):
                    yield os.path.relpath(os.path.join(where, name), top)


def read(top, path):
    with open(os.path.join(top, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def read_floors(top):
    """Folder -> floor, and the files and folders that all of the compiler may use."""
    floors, shared = {}, set()
    for line in read(top, "test/lint/floors.txt").splitlines():
        if line and not line.startswith("#"):
            floor, name = line.split()
            if floor == "0":
                shared.add(name)
            else:
                floors[name] = int(floor)
    return floors, shared


def resolve(top, path, name):
    """The file that `#include "name"` means in `path`, or None: made by the build."""
    for folder in (os.path.dirname(path), "compiler", "runtime", ""):
        candidate = os.path.normpath(os.path.join(folder, name))
        if os.path.isfile(os.path.join(top, candidate)):
            return candidate
    return None


def allowed(user, used, floors, shared):
    here, there = os.path.dirname(user), os.path.dirname(used)
    if here == there:
        return True
    if here.startswith("compiler") and there.startswith("runtime"):
        return used in shared or there in shared
    if here.split("/")[0] != there.split("/")[0]:
        return False
    return floors.get(there, 99) < floors.get(here, 0)


def check_includes(top):
    floors, shared = read_floors(top)
    for path in files_under(top, ("compiler", "runtime"), SOURCES):
        if os.path.dirname(path) not in floors:
            yield f"{path}: its folder has no floor in test/lint/floors.txt"
        for name in re.findall(r'^\s*#\s*include\s*"([^"]+)"', read(top, path), re.M):
            used = resolve(top, path, name)
            if used and not allowed(path, used, floors, shared):
                yield f"{path}: includes {used}, which is not on a floor below"


def check_size(top):
    for path in files_under(top, ("compiler", "runtime", "test", "bench"), SOURCES + (".py",)):
        lines = read(top, path).count("\n")
        if lines > 800:
            yield f"{path}: {lines} lines, more than 800"


def check_functions(top):
    """A function starts with a brace in the first column and ends with one."""
    for path in files_under(top, ("compiler", "runtime"), (".c", ".h")):
        start = None
        for number, line in enumerate(read(top, path).splitlines(), 1):
            if line == "{":
                start = number
            elif line == "}" and start:
                if number - start - 1 > 60:
                    yield f"{path}:{start}: a function of {number - start - 1} lines, more than 60"
                start = None


def check_state(top, *libraries):
    """No writable data in the libraries, whatever its spelling in C."""
    writable = re.compile(r"\.(t?data|t?bss)\b(?!\.rel\.ro)|\*COM\*")
    for library in libraries:
        symbols = subprocess.run(["objdump", "-t", library], capture_output=True, text=True, check=True)
        member = library
        for line in symbols.stdout.splitlines():
            if match := re.match(r"(\S+):\s+file format", line):
                member = match[1]
            fields = line.split()
            if len(fields) >= 5 and " O " in line and writable.match(fields[-3]):
                yield f"{os.path.basename(library)}({member}): '{fields[-1]}' is mutable state at file scope"


def check_format(top, clang_format):
    paths = list(files_under(top, ("compiler", "runtime", "test/unit", "test/fuzz", "bench"), (".c", ".h")))
    run = subprocess.run([clang_format, "--dry-run", "--Werror", "--style=file", *paths], cwd=top, capture_output=True, text=True)
    yield from (line for line in run.stderr.splitlines() if ": error: " in line)


def check_words(top):
    """Nothing speaks of the machine or the day on which it was written."""
    words = re.compile(r"(?<![\w.])/(?:work|opt|root|home)/|\bTODO\b|\bFIXME\b|\bXXX\b")
    folders = ("compiler", "runtime", "test", "bench", "docs", "examples", "scripts")
    paths = list(files_under(top, folders, SOURCES + (".py", ".md", ".net", ".sh", ".test", ".graph", ".txt")))
    for path in paths + ["README.md", "configure.ac", "Makefile.am", "check", "demo"]:
        if path == "test/lint/lint.py":
            continue
        for number, line in enumerate(read(top, path).splitlines(), 1):
            if match := words.search(line):
                yield f"{path}:{number}: says '{match[0]}'"


def check_listed(top):
    """The map of the house names every room, under the heading of its folder."""
    sections = dict(re.findall(r"^### (\S+)/$(.*?)(?=^##|\Z)", read(top, "docs/internals.md"), re.M | re.S))
    named = {}
    for folder, text in sections.items():
        named[folder] = set(re.findall(r"^\| `(\w+)(?:\.\w+)?` \|", text, re.M))
    for path in files_under(top, ("compiler", "runtime"), SOURCES + (".html", ".css", ".js")):
        folder, name = os.path.split(path)
        if os.path.splitext(name)[0] not in named.get(folder, ()):
            yield f"{path}: docs/internals.md does not name it"
        named.setdefault(folder, set())
    for folder, names in named.items():
        there = {os.path.splitext(name)[0] for name in os.listdir(os.path.join(top, folder))}
        for name in sorted(names - there):
            yield f"docs/internals.md: '{name}' is not in {folder}"


def check_operators(top):
    """What must know every operator that users write, knows it."""
    ops = re.findall(r"^OP\((\w+), \"\w+\", LAYER, \d+, \w+, (?!COMPOSITE)", read(top, "compiler/ir/ops.def"), re.M)
    places = {"compiler/report/styles.def": r"^STYLE\({},", "test/reference/oracle.c": r"\[OP_{}\] =",
              "test/unit/cost_count.c": r"\"{}[ \"]"}
    wanted = [(path, pattern, op) for path, pattern in places.items() for op in ops]
    activations = re.findall(r"^ACT\((?!none)(\w+),", read(top, "runtime/kernels/acts.def"), re.M)
    wanted += [("compiler/cost/saved.def", r"^SAVED\({},", op) for op in activations]
    for path, pattern, op in wanted:
        if not re.search(pattern.format(op), read(top, path), re.M):
            yield f"{path}: no row for '{op}'"


def check_kernels(top):
    """docs/runtime.md names every kernel."""
    text = read(top, "docs/runtime.md")
    for name in re.findall(r"^(?:KERNEL|PAIR)\((\w+),", read(top, "runtime/kernels/shapes.def"), re.M):
        if f"`{name}`" not in text:
            yield f"docs/runtime.md: no word of kernel '{name}'"


def check_built(top):
    """Makefile.am lists every source, document and example."""
    text = read(top, "Makefile.am")
    paths = list(files_under(top, ("compiler", "runtime"), SOURCES + (".txt",)))
    for path in paths + list(files_under(top, ("docs", "examples"), ("",))):
        if not re.search(rf"(?<!\S){re.escape(path)}(?!\S)", text):
            yield f"{path}: not in Makefile.am"


def check_licences(top):
    """docs/licences.md has a row for each library that is linked or whose copy netc's pages carry."""
    configure, make = read(top, "configure.ac"), read(top, "Makefile.am")
    known = re.findall(r"^(?:PKG_CHECK_MODULES|NETC_HOST_LIBRARY|NETC_SCRIPT)\(\[\w+\], \[([^\] ]+)[^\]]*\]", configure, re.M)
    known += ["lib" + name for name in sorted(set(re.findall(r"(?<!\S)-l(\w+)", make)))]
    rows = re.findall(r"^\| ([^|]+) \|", read(top, "docs/licences.md"), re.M)
    for name in known:
        if not any(re.search(rf"(?<!\S){re.escape(name)}(?!\w)", row) for row in rows):
            yield f"docs/licences.md: no row for '{name}'"


def shell_scripts(top):
    """What is of the shell by its first line or its name; generated scripts are none of the tree."""
    made = {"configure", "build-aux", "autom4te.cache"}
    for where, folders, names in os.walk(top):
        if where == top:
            folders[:] = [f for f in folders if f not in made and f != ".git" and not f.startswith("build")]
            names = [name for name in names if name not in made and not name.startswith("configure")]
        for name in sorted(names):
            path = os.path.relpath(os.path.join(where, name), top)
            with open(os.path.join(top, path), "rb") as file:
                if name.endswith(".sh") or re.match(rb"#!.*\b(ba|da)?sh$", file.readline().rstrip()):
                    yield path


def check_shell(top, shellcheck):
    """shellcheck has nothing to say of any script; what is as it must be says so in a comment with its reason."""
    paths = list(shell_scripts(top))
    run = subprocess.run([shellcheck, "--external-sources", "--format=gcc", *paths], cwd=top, capture_output=True, text=True)
    yield from run.stdout.splitlines() + run.stderr.splitlines()
    if len(paths) < 5:
        yield f"only {len(paths)} scripts found"


def check_python(top, pyflakes):
    """pyflakes has nothing to say of any file of Python. lit gives `config` to the file that configures it."""
    paths = list(files_under(top, ("bench", "docs", "editors", "packaging", "playground", "python", "scripts", "test"), (".py",)))
    paths = [path for path in paths if not path.startswith("python/build/")]
    run = subprocess.run([pyflakes, *paths], cwd=top, capture_output=True, text=True)
    given = re.compile(r"test/lit\.cfg\.py:.*undefined name 'config'$")
    yield from (line for line in run.stdout.splitlines() + run.stderr.splitlines() if not given.match(line))


def main():
    check, top, *arguments = sys.argv[1:]
    faults = list(globals()["check_" + check](top, *arguments))
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


sys.exit(main())
