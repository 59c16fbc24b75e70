"""PNG files without a library. `png_tool.py write FILE ROW...` writes an RGB picture, a row being hexadecimal colors joined by
dots ("ff0000.00ff00"), a digit for each channel where they have three; `png_tool.py labels FILE KIND ROW...` one of indices or of gray, KIND
being "p8", "p4", "g8" or the like, of so many bits; `png_tool.py claim FILE WIDTH HEIGHT` a gray one of that size, with all of its first row
and no other; `png_tool.py read FILE` prints its kind, its size and its rows
in that form, indices in brackets where it has a palette."""
import struct
import sys
import zlib


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def color(word):
    return bytes.fromhex("".join(2 * digit for digit in word) if len(word) == 3 else word)


def write_file(path, width, rows, depth, kind, palette=b""):
    pixels = b"".join(b"\0" + row for row in rows)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, len(rows), depth, kind, 0, 0, 0)) +
                   (chunk(b"PLTE", palette) if palette else b"") + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b""))


def write(path, rows):
    rows = [[color(word) for word in row.split(".")] for row in rows]
    write_file(path, len(rows[0]), [b"".join(row) for row in rows], 8, 2)


def pack(numbers, depth):
    """So many bits each, the first in the highest, filled up to whole bytes."""
    bits = "".join(format(n, f"0{depth}b") for n in numbers)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def write_labels(path, kind, rows):
    rows = [[int(word, 16) for word in row.split(".")] for row in rows]
    depth = int(kind[1:])
    palette = b"" if kind[0] == "g" else bytes(k * 7 % 256 for k in range(3 << depth))
    write_file(path, len(rows[0]), [pack(row, depth) for row in rows], depth, 3 if palette else 0, palette)


def paeth(a, b, c):
    distances = [abs(a + b - c - x) for x in (a, b, c)]
    return (a, b, c)[distances.index(min(distances))]


def unfilter(kind, row, above, step):
    row = bytearray(row)
    for i, x in enumerate(row):
        left = row[i - step] if i >= step else 0
        corner = above[i - step] if i >= step else 0
        row[i] = x + (0, left, above[i], (left + above[i]) // 2, paeth(left, above[i], corner))[kind] & 255
    return row


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    at, chunks = 8, {}
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        chunks[kind] = chunks.get(kind, b"") + data[at + 8:at + 8 + size]
        at += size + 12
    width, height, depth, kind, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert depth == 8 and rest == [0, 0, 0]
    step = {0: 1, 2: 3, 3: 1}[kind]
    print({0: "gray", 2: "rgb", 3: "indexed"}[kind], f"{width} x {height}")
    data, above = zlib.decompress(chunks[b"IDAT"]), bytes(width * step)
    for y in range(height):
        start = y * (width * step + 1)
        above = unfilter(data[start], data[start + 1:start + 1 + width * step], above, step)
        pixels = [above[i:i + step] for i in range(0, len(above), step)]
        if kind == 3:
            print(".".join(f"[{p[0]}]" + chunks[b"PLTE"][3 * p[0]:3 * p[0] + 3].hex() for p in pixels))
        else:
            print(".".join(p.hex() for p in pixels))


command, path, *words = sys.argv[1:]
if command == "write":
    write(path, words)
elif command == "claim":
    width, height = map(int, words)
    write_file(path, width, [bytes(width)] + [b""] * (height - 1), 8, 0)
elif command == "labels":
    write_labels(path, words[0], words[1:])
else:
    read(path)
