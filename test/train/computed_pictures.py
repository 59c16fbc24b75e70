"""Data sets of pictures that are computed, for tests of training: no random numbers, no files of others."""
import os
import struct
import zlib

DRAWN = 3  # classes


def write_gray(folder, n, rows, columns):
    """As MNIST's: idx files of pictures and labels."""
    with open(os.path.join(folder, "train-images-idx3-ubyte"), "wb") as file:
        file.write(struct.pack(">4i", 0x803, n, rows, columns) + bytes(i * 7 % 256 for i in range(n * rows * columns)))
    with open(os.path.join(folder, "train-labels-idx1-ubyte"), "wb") as file:
        file.write(struct.pack(">2i", 0x801, n) + bytes(i % DRAWN for i in range(n)))
    return os.path.join(folder, "train-images-idx3-ubyte")


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_colours(folder, n, rows, columns):
    """PNG pictures in a folder for each class."""
    head = struct.pack(">2I5B", columns, rows, 8, 2, 0, 0, 0)
    for i in range(n):
        lines = b"".join(b"\0" + bytes((i + y + x * 5) % 256 for x in range(3 * columns)) for y in range(rows))
        place = os.path.join(folder, "pictures", str(i % DRAWN))
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, f"{i}.png"), "wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", zlib.compress(lines)) + png_chunk(b"IEND", b""))
    return os.path.join(folder, "pictures")


def write_pictures(folder, n, channels, rows, columns):
    """So many in the folder; returns what --data is to name."""
    return (write_gray if channels == 1 else write_colours)(folder, n, rows, columns)
