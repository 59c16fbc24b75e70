"""Writes a gray PNG: write_png.py FILE ROW..., a row being digits of brightness, from 0 (black) to 9 (almost white)."""
import struct
import sys
import zlib


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


path, *rows = sys.argv[1:]
pixels = b"".join(b"\0" + bytes(28 * int(digit) for digit in row) for row in rows)
with open(path, "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)) +
               chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b""))
