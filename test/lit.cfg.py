# lit's configuration: what a test may use in its RUN lines and REQUIRES.
import os
import platform
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(config.netc_srcdir, "test"))
from row_tests import RowTests

config.name = "netc"
config.test_format = RowTests(execute_external=False)
config.suffixes = [".net", ".graph", ".test"]
config.excludes = ["Inputs", "reference"]
config.test_source_root = os.path.join(config.netc_srcdir, "test")
config.test_exec_root = os.path.join(config.netc_builddir, "test")

examples = os.path.join(config.netc_srcdir, "examples")
data = os.environ.get("NETC_DATA") or os.path.join(config.netc_srcdir, "..", "shared", "data")


def first_python_with(*modules, before=()):
    """The first Python that has these modules: of `before`, $NETC_REFPYTHON, $NETC_COCOPYTHON, then the build's own."""
    code = f"import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, {modules})))"
    for python in (*before, os.environ.get("NETC_REFPYTHON"), os.environ.get("NETC_COCOPYTHON"), config.netc_python):
        if python and shutil.which(python) and subprocess.run([python, "-c", code]).returncode == 0:
            return python
    return None


def formats_as_here():
    """Whether clang-format is of the version whose style the sources have."""
    if not config.netc_clang_format:
        return False
    run = subprocess.run([config.netc_clang_format, "--version"], capture_output=True, text=True)
    return "version 14." in run.stdout


def cpu_flags():
    try:
        with open("/proc/cpuinfo") as cpuinfo:
            return set(next((line.split() for line in cpuinfo if line.startswith("flags")), ()))
    except OSError:
        return set()


def has_library(name):
    """Whether pkg-config knows a library that tests alone use."""
    return bool(shutil.which("pkg-config")) and subprocess.run(["pkg-config", "--exists", name]).returncode == 0


def has_script(name):
    """Whether configure found that library of the page of --report=html."""
    path = os.path.join(config.netc_builddir, "page", name)
    return os.path.exists(path) and os.path.getsize(path) > 0


def without_privileges():
    """What makes a command heed permissions: nothing, or for root a command before it; None: there is none."""
    if os.geteuid():
        return ""
    prefix = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    if not shutil.which(prefix[0]) or subprocess.run(prefix + ["true"], capture_output=True).returncode:
        return None
    return " ".join(prefix)


def can_trace():
    """Whether a process may be traced by its parent."""
    code = "import ctypes, sys; sys.exit(ctypes.CDLL(None).ptrace(0, 0, None, None) < 0)"
    return subprocess.run([sys.executable, "-c", code]).returncode == 0


unprivileged = without_privileges()
refpython = first_python_with("torch")
timmpython = first_python_with("torch", "torchvision", "timm", "onnx")
onnxpython = first_python_with("onnx")
# The package for Python is tested with the system's own, whose NumPy is older than those from PyPI.
system = ("/usr/bin/python3",)
numpypython = first_python_with("numpy", before=system)
# Wheels are made by the package wheel, and by setuptools itself since version 70.1.
wheelpython = (first_python_with("pip", "setuptools", "wheel", "numpy", before=system)
               or first_python_with("pip", "setuptools", "setuptools.command.bdist_wheel", "numpy", before=system))
pillowpython = first_python_with("numpy", "PIL", before=system)
onnxruntimepython = first_python_with("onnxruntime")
cocopython = first_python_with("pycocotools")
has = {
    "avx2": {"avx2", "fma"} <= cpu_flags(),
    "avx512": {"avx512f", "avx512vl", "avx512bw", "avx512dq"} <= cpu_flags(),
    "x86-64": platform.machine() == "x86_64",
    "aarch64": bool(config.netc_aarch64_cc and config.netc_qemu_aarch64),
    "qemu-x86_64": platform.machine() == "x86_64" and bool(shutil.which("qemu-x86_64")),
    "clang": bool(config.netc_clang),
    "g++": bool(shutil.which("g++")),
    "clang++": bool(shutil.which("clang++")),
    "clang-format": formats_as_here(),
    "strace": bool(shutil.which("strace")),
    "shellcheck": bool(shutil.which("shellcheck")),
    "pyflakes": bool(shutil.which("pyflakes3")),
    "sample": os.environ.get("NETC_TESTS") in ("sample", "long", "all"),
    "long": os.environ.get("NETC_TESTS") in ("long", "all"),
    "once": os.environ.get("NETC_TESTS") != "again",
    # Programs made by default: of the same C by the same compiler in a second build, but for sanitizers.
    "programs": os.environ.get("NETC_TESTS") != "again" or bool(config.netc_sanitize),
    "first": bool(os.environ.get("NETC_FIRST")) and not config.netc_sanitize,
    "data": os.path.isdir(data),
    "chromium": bool(shutil.which("chromium")),
    "chart.js": has_script("chart.js"),
    "dagre": has_script("dagre.js"),
    "debhelper": bool(shutil.which("dh")) and bool(shutil.which("lintian")),
    "git": bool(shutil.which("git")),
    "cmake": bool(shutil.which("cmake")) and bool(shutil.which("ninja")),
    "meson": bool(shutil.which("meson")) and bool(shutil.which("ninja")),
    "sphinx": bool(config.netc_sphinx_build),
    "playground": bool(shutil.which("emcc")) and os.path.exists(os.path.join(config.netc_builddir, "playground")),
    "dot": bool(shutil.which("dot")),
    "valgrind": bool(config.netc_valgrind) and not config.netc_sanitize,
    "torch": bool(refpython),
    "timm": bool(timmpython),
    "numpy": bool(numpypython),
    "pillow": bool(pillowpython),
    "wheel": bool(wheelpython),
    "onnx": bool(onnxpython),
    "onnxruntime": bool(onnxruntimepython),
    "pycocotools": bool(cocopython),
    "asan": "address" in config.netc_sanitize,
    "tcc": bool(shutil.which("tcc")),
    "tree-sitter": has_library("tree-sitter"),
    "pkg-config": bool(shutil.which("pkg-config")),
    "permissions": unprivileged is not None,
    "plain": not config.netc_sanitize,
    "ptrace": can_trace(),
    "jpeg": "-ljpeg" in config.netc_host_libs,
    "png": "-lpng" in config.netc_host_libs,
    "expat": bool(config.netc_xml_libs),
    "mpi": bool(config.netc_mpi_libs) and bool(shutil.which("mpirun")),
    "curl": bool(shutil.which("curl")),
    "serve": os.path.exists(os.path.join(config.netc_builddir, "netc-serve")),
    "zlib": "-lz" in config.netc_host_libs,
}
config.available_features.update(name for name, there in has.items() if there)

# Longer names first: a substitution is plain text.
config.substitutions += [
    ("%netc", os.path.join(config.netc_builddir, "netc")),
    ("%serve", os.path.join(config.netc_builddir, "netc-serve")),
    ("%first", os.environ.get("NETC_FIRST") or "netc"),
    ("%unit", os.path.join(config.netc_builddir, "test", "unit")),
    ("%fuzz", os.path.join(config.netc_builddir, "test", "fuzz", "fuzz")),
    ("%evaluate", os.path.join(config.netc_builddir, "test", "reference", "evaluate")),
    ("%builddir", config.netc_builddir),
    ("%srcdir", config.netc_srcdir),
    ("%examples", examples),
    ("%reference", os.path.join(config.test_source_root, "reference")),
    ("%data", data),
    ("%numpypython", numpypython or "python-with-numpy"),
    ("%pillowpython", pillowpython or "python-with-pillow"),
    ("%wheelpython", wheelpython or "python-with-wheel"),
    ("%onnxruntimepython", onnxruntimepython or "python-with-onnxruntime"),
    ("%cocopython", cocopython or "python-with-pycocotools"),
    ("%timmpython", timmpython or "python-with-timm"),
    ("%onnxpython", onnxpython or "python-with-onnx"),
    ("%refpython", refpython or "python-with-torch"),
    ("%python", config.netc_python),
    ("%include", os.path.join(config.netc_srcdir, "runtime")),
    ("%libnetrt", os.path.join(config.netc_builddir, "libnetrt.a") + " " + config.netc_host_libs
     + " -lm -lpthread " + config.netc_sanitize),
    ("%cc", config.netc_cc),
    ("%chromium", shutil.which("chromium") or "chromium"),
    ("%clang_format", config.netc_clang_format or "clang-format"),
    ("%clang", config.netc_clang or "clang"),
    ("%sphinx_build", config.netc_sphinx_build or "sphinx-build"),
    ("%unprivileged", unprivileged or ""),
    ("%valgrind", config.netc_valgrind or "valgrind"),
    ("%qemu_x86_64", shutil.which("qemu-x86_64") or "qemu-x86_64"),
    ("%aarch64_cc", config.netc_aarch64_cc or "aarch64-linux-gnu-gcc"),
    ("%qemu_aarch64", (config.netc_qemu_aarch64 or "qemu-aarch64") + " -L /usr/aarch64-linux-gnu"),
]

tools = [os.path.dirname(tool) for tool in (config.netc_filecheck, config.netc_not) if tool]
config.environment["PATH"] = os.pathsep.join(tools + [config.environment.get("PATH", "")])
if has["data"]:
    config.environment["NETC_DATA"] = data
if os.environ.get("NETC_TESTS") != "all":
    config.environment["NETC_SAMPLE"] = "4" if has["long"] else "12"
config.environment["PYTHONDONTWRITEBYTECODE"] = "1"

# lit begins with what took long before; in a new build these would come last, and leave processors idle.
slow = ["unit/kernels_sanitized.test", "unit/kernels_aarch64.test", "unit/kernels_native.test", "nets/random_long.test"]
times = os.path.join(config.test_exec_root, ".lit_test_times.txt")
if not os.path.exists(times):
    os.makedirs(config.test_exec_root, exist_ok=True)
    with open(times, "w") as file:
        file.writelines(f"{1000 - i} {name}\n" for i, name in enumerate(slow))
config.environment["UBSAN_OPTIONS"] = "print_stacktrace=1:abort_on_error=1"
config.environment["ASAN_OPTIONS"] = "detect_leaks=1"
