"""Draws the ten pictures of this folder, as a pen would: draw.py FOLDER. 28 x 28, white on black, as MNIST's. And page.png beside the
folder, with some of them on it."""
import math
import os
import struct
import sys
import zlib

SIDE, SCALE, RADIUS = 28, 4, 1.25
# The page: rows, columns, and the left upper corners of digits.
ROWS, COLUMNS = 72, 144
PAGE = [(4, 6, 14), (2, 41, 37), (7, 79, 14), (0, 108, 37)]

# Strokes of each digit in a box of 20 x 20: arcs (x, y, rx, ry, from, to in degrees, clockwise from the
# right) and lines (x0, y0, x1, y1).
STROKES = {
    0: [("arc", 10, 10, 6, 9, 0, 360)],
    1: [("line", 10.5, 1, 9.5, 19), ("line", 10.5, 1, 7.5, 4)],
    2: [("arc", 10, 6, 6, 5, 180, 385), ("line", 15.4, 8.1, 4, 18.5), ("line", 4, 18.5, 16, 18.5)],
    3: [("arc", 9, 5.5, 6, 4.5, 200, 450), ("arc", 9, 14.5, 6.5, 4.5, 270, 510)],
    4: [("line", 5, 2, 4, 11), ("line", 4, 11, 16, 10.5), ("line", 14, 2, 12.5, 19)],
    5: [("line", 15, 1.5, 6, 1.5), ("line", 6, 1.5, 5.5, 9), ("arc", 9, 13.2, 6, 5.3, 230, 500)],
    6: [("arc", 13, 13, 8.5, 12, 175, 265), ("arc", 10, 14.2, 5.5, 4.6, 0, 360)],
    7: [("line", 4, 2, 16, 2), ("line", 16, 2, 8.5, 19)],
    8: [("arc", 10, 5.5, 5, 4.5, 0, 360), ("arc", 10, 14.5, 5.8, 4.7, 0, 360)],
    9: [("arc", 9.5, 6.5, 5, 5, 0, 360), ("line", 14.5, 6.5, 12.5, 19)],
}


def points(stroke):
    """Points along a stroke, less than a pixel apart."""
    kind, *numbers = stroke
    if kind == "line":
        x0, y0, x1, y1 = numbers
        return [(x0 + (x1 - x0) * t / 100, y0 + (y1 - y0) * t / 100) for t in range(101)]
    x, y, rx, ry, start, end = numbers
    angles = [math.radians(start + (end - start) * t / 200) for t in range(201)]
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles]


def draw(digit):
    """Rows of bytes: how much of each pixel lies under the pen."""
    path = [(x + 4, y + 4) for stroke in STROKES[digit] for x, y in points(stroke)]
    rows = []
    for row in range(SIDE):
        samples = [[any((x - px) ** 2 + (y - py) ** 2 < RADIUS ** 2 for px, py in path)
                    for x in ((i + 0.5) / SCALE for i in range(SIDE * SCALE))]
                   for y in (row + (j + 0.5) / SCALE for j in range(SCALE))]
        counts = [sum(line[x * SCALE + i] for line in samples for i in range(SCALE)) for x in range(SIDE)]
        rows.append(bytes(255 * count // SCALE ** 2 for count in counts))
    return rows


def png(rows):
    """A grey PNG of 8 bits."""
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def page():
    rows = [bytearray(COLUMNS) for _ in range(ROWS)]
    for digit, left, top in PAGE:
        for y, row in enumerate(draw(digit)):
            for x, ink in enumerate(row):
                rows[top + y][left + x] = max(rows[top + y][left + x], ink)
    return [bytes(row) for row in rows]


def write(path, rows):
    with open(path, "wb") as file:
        file.write(png(rows))


for number in STROKES:
    write(os.path.join(sys.argv[1], f"{number}.png"), draw(number))
write(os.path.join(sys.argv[1], "..", "page.png"), page())
