"""Pictures in, answers out: what a compiled program does with a picture, by the functions of a library.

Outputs are described by the report: their purposes, and what else is to be known to answer by them.
"""
import os

import numpy

from .errors import RunError

__all__ = ["OF_BOXES", "answer", "plane", "read"]

TOP = 5    # classes of an answer, where nothing is said
OF_BOXES = ("boxes", "box_scores", "box_classes")    # purposes of the outputs that boxes are found in


def read(picture):
    """An RGB picture in 8 bits, rows x columns x 3: an array of it, or a file's."""
    if isinstance(picture, (str, os.PathLike)):
        return _read_file(picture)
    array = numpy.asarray(picture)
    if array.dtype != numpy.uint8:
        raise TypeError(f"a picture is of bytes, uint8, not of {array.dtype}")
    if array.ndim != 3 or array.shape[2] != 3 or not array.size:
        raise ValueError(f"a picture is (rows, columns, 3), not {array.shape}")
    return numpy.ascontiguousarray(array)


def _read_file(path):
    try:
        from PIL import Image, ImageOps
    except ImportError:
        raise ImportError("Pillow is not installed, which reads files of pictures: 'pip install pillow' installs it; "
                          "arrays of bytes, (rows, columns, 3), need no Pillow") from None
    with Image.open(path) as image:
        return numpy.array(ImageOps.exif_transpose(image).convert("RGB"))


def plane(rgb, tensor):
    """The picture as an input that nothing prepares: numbers from 0 to 1, of the input's own size."""
    if tensor.shape[1:] != (3, *rgb.shape[:2]):
        raise ValueError(f"'{tensor.name}' is {tensor.shape[1:]}, and a picture of {rgb.shape[0]} rows and {rgb.shape[1]} columns "
                         "is not prepared for it: steps in the input's body do, as in { resize(256) -> center_crop }")
    return numpy.ascontiguousarray(rgb.transpose(2, 0, 1), numpy.float32) / numpy.float32(255)


def _finite(tensor, array):
    """The output of a picture; a number of it that is infinite or NaN is no answer."""
    bad = array.size - numpy.count_nonzero(numpy.isfinite(array))
    if bad:
        raise RunError(f"'{tensor.name}': {bad} of {array.size} outputs are not finite")
    return array


class _Answers:
    """Answers by purpose; `library` knows the names of classes and the likeliest, `boxes` gives what is found in the outputs."""

    def __init__(self, top, library, boxes):
        self.top, self.library, self.find = top, library, boxes

    def classes(self, tensor, array):
        row = numpy.ascontiguousarray(array, numpy.float32)
        most = min(self.top or TOP, row.size)
        return [(self.library.label(number), probability) for number, probability in self.library.classes(row, most)]

    def boxes(self, tensor, array):
        return [(self.library.label(number), score, corners) for corners, score, number in self.find()[:self.top]]

    def map(self, tensor, array):
        if tensor.dtype.kind == "i":
            return array.reshape(array.shape[-2:])
        if len(array) == 1:
            return (_finite(tensor, array)[0] > numpy.float32(tensor.described["threshold"])).astype(numpy.int64)
        return _finite(tensor, array).argmax(axis=0)

    def picture(self, tensor, array):
        black, white = (numpy.array(tensor.described[end], numpy.float32)[:, None, None] for end in ("black", "white"))
        share = (_finite(tensor, array) - black) / (white - black) * numpy.float32(255) + numpy.float32(0.5)
        planes = share.clip(0, 255).astype(numpy.uint8)
        planes = planes[::-1] if tensor.described["bgr"] else planes
        return planes.transpose(1, 2, 0) if len(planes) > 1 else planes[0]


def answer(tensors, arrays, top, library, boxes):
    """What the outputs of one image say: of those that answer pictures, or where none does the tensors."""
    by = _Answers(top, library, boxes)
    kinds = {"classes": by.classes, "boxes": by.boxes, "map": by.map, "picture": by.picture}
    answers = {t.name: kinds[t.purpose](t, a) for t, a in zip(tensors, arrays)
               if t.purpose in kinds and a.ndim < len(t.shape)}    # not of regions, of which a picture has several
    answers = answers or {t.name: a for t, a in zip(tensors, arrays)}
    return next(iter(answers.values())) if len(answers) == 1 else answers
