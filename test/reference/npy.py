"""NumPy files of float32, and of int64, without numpy: the tests run where only Python is."""
import array
import ast
import struct


TYPES = {"<f4": "f", "<i8": "q"}


def write(path, shape, values, descr="<f4"):
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        array.array(TYPES[descr], values).tofile(file)


def read(path):
    """(shape, values)"""
    with open(path, "rb") as file:
        data = file.read()
    size = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10:10 + size].decode())
    if data[:7] != b"\x93NUMPY\x01" or header["descr"] not in TYPES or header["fortran_order"]:
        raise ValueError(f"{path}: not a file of float32 or int64 in C order, version 1")
    values = array.array(TYPES[header["descr"]])
    values.frombytes(data[10 + size:])
    return header["shape"], values
