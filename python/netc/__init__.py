"""Networks compiled by netc, called on NumPy arrays.

    net = netc.compile("resnet50.net", weights="resnet50.safetensors")
    scores = net(images)
    print(net.predict("photo.jpg"))

compile() runs the program `netc`, which makes a shared library of the network; the library is called by ctypes.
"""
import ctypes
import json
import os
import shutil
import subprocess
import tempfile
import threading
import weakref

import numpy

from . import pictures
from .errors import CompileError, RunError

__all__ = ["CompileError", "Net", "RunError", "compile"]

_DTYPES = {"f32": numpy.float32, "i64": numpy.int64, "i32": numpy.int32}

def _find(program):
    """The path of netc: as it is given, $NETC, or where the shell finds it."""
    found = program or os.environ.get("NETC") or shutil.which("netc")
    if not found:
        raise CompileError("netc: error: no program 'netc' is installed\n  hint: put it on PATH, or name it with $NETC")
    return found


def _run(words):
    result = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
    if result.returncode:
        raise CompileError(result.stderr or f"netc: error: it ended with status {result.returncode}")
    return result.stdout


def compile(path, *, net=None, weights=None, batch=1, threads=1, target=None, defines=None, shapes=None, options=(),
            program=None):
    """Compiles a description, an ONNX file or a configuration of Darknet to a Net.

    net       which net, where the file has several
    weights   a checkpoint: safetensors, PyTorch's, NumPy's or Darknet's; None: the network has none, an ONNX file's own, or Net.bind()
              names one later
    batch     images that one run of the library computes; calls take any number
    threads   how many a run uses; 0: one for each processor
    target    as --target
    defines   {"classes": 10}, as -D
    shapes    {"image": (3, 96, 96)}, as --input
    options   further words for netc
    program   the path of netc; None: $NETC, or what is on PATH

    Raises CompileError.
    """
    words = [_find(program), "--batch", str(batch), "--threads", str(threads), *options]
    words += ["--net", net] if net else []
    words += ["--target", target] if target else []
    for name, value in (defines or {}).items():
        words.append(f"-D{name}={value}")
    for name, dims in (shapes or {}).items():
        words += ["--input", f"{name}={'x'.join(map(str, dims))}"]
    words += ["--weights", os.fspath(weights)] if weights is not None else []    # of the report too: options may be of weights
    report = json.loads(_run([*words, "--report=json", os.fspath(path)]))
    folder = tempfile.TemporaryDirectory(prefix="netc-")
    _run([*words, "--emit=shared", "-o", os.path.join(folder.name, "net"), os.fspath(path)])
    return Net(folder, report, threads)


class _Tensor:
    """An input or an output: its name, its element type, its shape with the batch first; of an output what it is for."""

    def __init__(self, described):
        self.described = described
        self.purpose = described.get("purpose")
        self.name = described["name"]
        self.shape = tuple(described["shape"])
        self.dtype = numpy.dtype(_DTYPES[described["dtype"]])

    def __repr__(self):
        return f"{self.name}: {self.dtype}[{', '.join(map(str, self.shape))}]"


def _at(array):
    return ctypes.c_void_p(None if array is None else array.ctypes.data)


class _Library:
    """The functions of the library, and what it allocates."""

    def __init__(self, path, threads):
        self.code = ctypes.CDLL(path)
        self.code.net_workspace_size.restype = ctypes.c_size_t
        self.prepares, self.names = hasattr(self.code, "net_prepare"), hasattr(self.code, "net_label")
        self.code.net_pool_new.restype = ctypes.c_void_p
        self.weights = ctypes.c_void_p()
        self.pool = ctypes.c_void_p(self.code.net_pool_new(threads) if threads > 1 else None)
        if threads > 1 and not self.pool:
            raise RunError(f"the system gives no {threads} threads")
        size = self.code.net_workspace_size()
        self.memory = numpy.empty(size + 64, numpy.uint8)
        self.workspace = self.memory.ctypes.data + -self.memory.ctypes.data % 64

    def bind(self, path):
        error = ctypes.create_string_buffer(4096)
        weights = ctypes.c_void_p()
        name = os.fsencode(path) if path is not None else None
        if self.code.net_bind(ctypes.byref(weights), name, error, ctypes.c_size_t(len(error))):
            raise RunError(error.value.decode(errors="replace"))
        self.code.net_release(self.weights)
        self.weights = weights

    def run(self, pointers):
        words = [ctypes.c_void_p(pointer) for pointer in (*pointers, self.workspace)]
        if self.code.net_run(self.weights, *words, self.pool):
            raise RunError("an integer is no position in what it is to choose from")

    def prepare(self, rgb, tensor):
        """The input that a picture is, and where it lies in the picture, as boxes() takes it."""
        if not self.prepares:
            return pictures.plane(rgb, tensor), None
        image, place = numpy.empty(tensor.shape[1:], numpy.float32), numpy.empty(4)
        rows, columns = (ctypes.c_long(n) for n in rgb.shape[:2])
        error = ctypes.create_string_buffer(4096)
        if self.code.net_prepare(_at(rgb), columns, rows, _at(image), _at(place), error, ctypes.c_size_t(len(error))):
            raise ValueError(error.value.decode(errors="replace"))
        return image, place

    def label(self, number):
        """The name of a class; where it has none its number."""
        if not self.names:
            return number
        self.code.net_label.restype = ctypes.c_char_p
        name = self.code.net_label(ctypes.c_long(number))
        return number if name is None else name.decode(errors="replace")

    def classes(self, output, most):
        """The likeliest classes of one image's output: number and probability of each."""
        error = ctypes.create_string_buffer(4096)
        probabilities, numbers = numpy.empty(most), numpy.empty(most, ctypes.c_long)
        self.code.net_classes.restype = ctypes.c_long
        found = self.code.net_classes(_at(output), ctypes.c_long(most), _at(probabilities), _at(numbers), error,
                                      ctypes.c_size_t(len(error)))
        if found < 0:
            raise RunError(error.value.decode(errors="replace"))
        return list(zip(numbers.tolist(), probabilities.tolist()))[:found]

    def boxes(self, outputs, place):
        """The boxes in one image's outputs, the best first: corners, score and class of each."""
        corners, scores, classes = numpy.empty((0, 4)), numpy.empty(0), numpy.empty(0, ctypes.c_long)
        found = self._find_boxes(outputs, place, corners, scores, classes)
        corners, scores, classes = numpy.empty((found, 4)), numpy.empty(found), numpy.empty(found, ctypes.c_long)
        self._find_boxes(outputs, place, corners, scores, classes)
        return [(tuple(c), s, n) for c, s, n in zip(corners.tolist(), scores.tolist(), classes.tolist())]

    def _find_boxes(self, outputs, place, corners, scores, classes):
        """How many there are; as many as there is room for are written."""
        error = ctypes.create_string_buffer(4096)
        self.code.net_boxes.restype = ctypes.c_long
        found = self.code.net_boxes(*map(_at, outputs), _at(place), ctypes.c_long(len(scores)), _at(corners), _at(scores),
                                    _at(classes), error, ctypes.c_size_t(len(error)))
        if found < 0:
            raise RunError(error.value.decode(errors="replace"))
        return found

    def release(self):
        self.code.net_release(self.weights)
        self.code.net_pool_free(self.pool)


def _release(library, folder):
    library.release()
    folder.cleanup()


class Net:
    """A compiled network. Calls from several threads wait for each other."""

    def __init__(self, folder, report, threads):
        self._report = report
        self.name = report["network"]
        self.inputs = [_Tensor(t) for t in report["inputs"]]
        self.outputs = [_Tensor(t) for t in report["outputs"]]
        self.batch = report["batch"]
        self._rows = [self._rows_of(t) for t in self.outputs]
        self._lock = threading.Lock()
        self._bound = False
        count = threads or len(os.sched_getaffinity(0))
        self._library = _Library(os.path.join(folder.name, "libnet.so"), count)
        weakref.finalize(self, _release, self._library, folder)

    def __repr__(self):
        return f"<netc.Net {self.name}: {', '.join(map(repr, self.inputs))} -> {', '.join(map(repr, self.outputs))}>"

    def report(self):
        """What the network costs: what `netc --report=json` writes, as dictionaries and lists."""
        return self._report

    def bind(self, path):
        """Takes the weights of a checkpoint. Raises RunError, with every tensor that does not fit."""
        with self._lock:
            self._library.bind(path)
            self._bound = True

    def __call__(self, *arrays, **named):
        """The outputs for some images: an array, or where the network has several a dictionary of them by name.

        Inputs in their order, or by name. Their first dimension counts the images; without it they are one image, and so are
        the outputs. Arrays in C order, of the input's type, are read where they lie; others are copied.
        """
        arrays = self._in_order(arrays, named)
        single = arrays[0].ndim == len(self.inputs[0].shape) - 1
        arrays = [self._checked(t, a[None] if single else a) for t, a in zip(self.inputs, arrays)]
        count = len(arrays[0])
        if any(len(a) != count for a in arrays):
            raise ValueError("inputs have different numbers of images: " + ", ".join(str(len(a)) for a in arrays))
        outputs = self._computed(arrays, count)
        results = self._first(outputs) if single else outputs
        return results[0] if len(results) == 1 else {t.name: a for t, a in zip(self.outputs, results)}

    def predict(self, picture, top=None):
        """What the compiled program answers to a picture, by what the outputs are for.

        picture   an RGB array of bytes, (rows, columns, 3), or the path of a file, which Pillow reads
        top       how many classes (None: 5) or boxes (None: all)

        Of classes [(label, probability), ...], the likeliest first; of boxes [(label, score, (x1, y1, x2, y2)), ...], the best first;
        of a map the class of each pixel; of a picture its bytes; where no output answers pictures, the outputs as they are. Where
        several answer, a dictionary of them by name.
        """
        tensor = self.inputs[0]
        if len(self.inputs) > 1 or len(tensor.shape) != 4 or tensor.dtype.kind != "f":
            raise TypeError(f"'{self.name}' has no single input of pictures: call it with arrays")
        if top is not None and top < 1:
            raise ValueError(f"top is a number from 1 on, not {top}")
        image, place = self._library.prepare(pictures.read(picture), tensor)
        arrays = self._first(self._computed([image[None]], 1))
        return pictures.answer(self.outputs, arrays, top, self._library, lambda: self._boxes(arrays, place))

    def _boxes(self, arrays, place):
        count = next(t.described.get("count") for t in self.outputs if t.purpose == "boxes")
        needed = [a for t, a in zip(self.outputs, arrays) if t.purpose in pictures.OF_BOXES or t.name == count]
        return self._library.boxes(needed, place)

    def _rows_of(self, output):
        """How many rows of an output an image has: one, or where those of an image follow those of another, as many as it has regions."""
        if output.shape[0] % self.batch:
            raise RunError(f"'{output.name}' has {output.shape[0]} rows, which are not of {self.batch} images: batch=1 takes them")
        return output.shape[0] // self.batch

    def _first(self, outputs):
        """The outputs of one image, without the dimension that counts images."""
        return [a[0] if rows == 1 else a for a, rows in zip(outputs, self._rows)]

    def _computed(self, arrays, count):
        outputs = [numpy.empty((count * rows, *t.shape[1:]), t.dtype) for t, rows in zip(self.outputs, self._rows)]
        with self._lock:
            self._bind_own()
            for first in range(0, count, self.batch):
                self._run_part(arrays, outputs, first, min(self.batch, count - first))
        return outputs

    def _in_order(self, arrays, named):
        names = [t.name for t in self.inputs]
        unknown = [name for name in named if name not in names[len(arrays):]]
        if unknown or len(arrays) + len(named) != len(names):
            raise TypeError(f"'{self.name}' takes {', '.join(names)}")
        return [numpy.asarray(a) for a in (*arrays, *(named[name] for name in names[len(arrays):]))]

    @staticmethod
    def _checked(tensor, array):
        if array.shape[1:] != tensor.shape[1:]:
            raise ValueError(f"'{tensor.name}' is {tensor.shape[1:]} for each image, not {array.shape[1:]}")
        if tensor.dtype.kind == "i" and array.dtype.kind not in "iu":
            raise TypeError(f"'{tensor.name}' is of integers, not of {array.dtype}")
        if array.dtype.kind not in "fiu":
            raise TypeError(f"'{tensor.name}' is of numbers, {tensor.dtype}, not of {array.dtype}")
        limits = numpy.iinfo(tensor.dtype) if tensor.dtype.kind == "i" else None
        # As Python's integers: NumPy before 2 compares those of 64 bits as doubles.
        if limits and array.size and (int(array.min()) < limits.min or int(array.max()) > limits.max):
            raise ValueError(f"'{tensor.name}' is of {tensor.dtype}, and holds numbers beyond it")
        return numpy.ascontiguousarray(array, tensor.dtype)

    def _bind_own(self):
        """The weights that the library carries, unless others were bound."""
        if not self._bound:
            self._library.bind(None)
            self._bound = True

    def _run_part(self, arrays, outputs, first, count):
        """Images first .. first + count - 1; what is missing of a batch is zeros."""
        whole = count == self.batch
        parts = [a[first:first + count] for a in arrays]
        places = [a[first * rows:(first + count) * rows] for a, rows in zip(outputs, self._rows)]
        results = places if whole else [numpy.empty(t.shape, t.dtype) for t in self.outputs]
        if not whole:
            parts = [numpy.concatenate([a, numpy.zeros((self.batch - count, *a.shape[1:]), a.dtype)]) for a in parts]
        self._library.run([a.ctypes.data for a in (*parts, *results)])
        for to, padded in zip(places, [] if whole else results):
            to[:] = padded[:len(to)]
