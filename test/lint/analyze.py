"""Analyzers of C over compiler/ and runtime/: analyze.py BUILD [TOOL...], tools being cppcheck, clang-tidy and gcc.

BUILD is the folder of a build, whose generated headers are read. What a tool says is printed; silent with status 0 when all
have nothing to say. What they may say is in .clang-tidy and test/lint/cppcheck.txt, each with its reason, and GCC below."""
import concurrent.futures
import functools
import glob
import os
import re
import shutil
import subprocess
import sys

BUILD, *TOOLS = sys.argv[1:]
BUILD = os.path.abspath(BUILD)
TOP = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
FLAGS = ["-DNETRT_HAVE_JPEG=1", "-DNETRT_HAVE_PNG=1", "-DNETRT_HAVE_ZLIB=1", "-DNETRT_HAVE_EXPAT=1",
         *(f'-DNETC_{name}="{name}"' for name in ("VERSION", "LIBDIR", "SANITIZE", "SINGLE_FILE", "HOST_LIBS", "XML_LIBS", "MPI_LIBS")),
         "-Icompiler", "-Iruntime", f"-I{BUILD}/compiler"]
# The analyzer of gcc 12 knows no arena: it takes each pointer that is stored in memory it did not see for lost, and guesses which
# element of a list a loop with a count reaches. What is left: double frees, closed files, NULL by paths that there are.
GCC = ["-fanalyzer", "-Wno-analyzer-malloc-leak", "-Wno-analyzer-file-leak", "-Wno-analyzer-use-of-uninitialized-value",
       "-Wno-analyzer-possible-null-dereference", "-Wno-analyzer-possible-null-argument", "-Wno-analyzer-null-dereference",
       "-Wno-analyzer-null-argument", "-Wno-analyzer-too-complex"]


@functools.cache
def libraries():
    """Where the headers of libraries are that are not in the compiler's own folders."""
    run = subprocess.run(["pkg-config", "--cflags", "mpi-c"], capture_output=True, text=True)
    return run.stdout.split()


def sources():
    """Files of C; those of the runtime's kernels are headers, which generated programs instantiate."""
    return sorted(os.path.relpath(path, TOP) for folder in ("compiler", "runtime")
                  for path in glob.glob(os.path.join(TOP, folder, "**", "*.c"), recursive=True))


def flags_of(path):
    return [f"-D{'_POSIX_C_SOURCE=200809L' if path.startswith('compiler') else '_GNU_SOURCE'}", *FLAGS, *libraries()]


def said(command):
    run = subprocess.run(command, cwd=TOP, capture_output=True, text=True)
    return [line for line in (run.stdout + run.stderr).splitlines() if re.search(r": (warning|error|portability|fatal error): ", line)]


def cppcheck():
    yield ["cppcheck", "--quiet", "-j2", "--std=c11", "--enable=warning,portability", "--inline-suppr", "--template=gcc",
           "--suppressions-list=test/lint/cppcheck.txt", *(flag for flag in FLAGS if BUILD not in flag), "compiler", "runtime"]


def clang_tidy():
    for path in sources():
        yield ["clang-tidy", "--quiet", path, "--", "-std=c11", *flags_of(path)]


def gcc():
    for path in sources():
        yield ["gcc", "-std=c11", "-O1", *GCC, *flags_of(path), "-c", path, "-o", os.devnull]


def main():
    tools = {"cppcheck": cppcheck, "clang-tidy": clang_tidy, "gcc": gcc}
    faults = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name in TOOLS or tools:
            if not shutil.which(name):
                print(f"{name} is not installed", flush=True)
                faults += 1
                continue
            lines = [line for found in pool.map(said, tools[name]()) for line in found]
            lines = sorted({re.sub(re.escape(TOP) + "/", "", line) for line in lines})
            print(*lines, sep="\n", end="\n" if lines else "", flush=True)
            faults += len(lines)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
