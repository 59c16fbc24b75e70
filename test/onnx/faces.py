"""Compiles the detector of faces and compares some of its numbers with onnxruntime's: faces.py NETC MODEL.onnx PROGRAM FACES.txt. With a
Python that has onnxruntime, --write writes these."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))
import npy

SHAPE, TAKEN = (1, 3, 240, 320), 97


def picture():
    n = SHAPE[1] * SHAPE[2] * SHAPE[3]
    return [(i * 613 % 1013) / 1013 * 2 - 1 for i in range(n)]


def write(model, path):
    import numpy
    import onnxruntime
    session = onnxruntime.InferenceSession(model)
    x = numpy.array(picture(), numpy.float32).reshape(SHAPE)
    with open(path, "w", encoding="ascii") as file:
        for name in ("scores", "boxes"):
            y = session.run([name], {session.get_inputs()[0].name: x})[0].ravel()
            file.writelines(f"{name} {i} {y[i]:.9g}\n" for i in range(0, y.size, TAKEN))


def main():
    if sys.argv[1] == "--write":
        return write(*sys.argv[2:])
    netc, model, program, expected = sys.argv[1:]
    npy.write(program + ".x.npy", SHAPE, picture())
    subprocess.run([netc, model, "-o", program], check=True)
    outputs = {name: f"{program}.{name}.npy" for name in ("scores", "boxes")}
    subprocess.run([program, "run", "--input", program + ".x.npy",
                    *(word for name, path in outputs.items() for word in ("--output", f"{name}={path}"))], check=True)
    got = {name: npy.read(path)[1] for name, path in outputs.items()}
    worst = 0.0
    with open(expected, encoding="ascii") as file:
        for name, i, value in map(str.split, file):
            worst = max(worst, abs(got[name][int(i)] - float(value)))
    return f"off by {worst}" if not worst < 1e-4 else 0


sys.exit(main())
