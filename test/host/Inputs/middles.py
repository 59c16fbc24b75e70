"""Where a bright rectangle is found, in pictures of all sizes and kinds: middles.py FOLDER EXECUTABLE...

Each executable's net answers with one box, around the middle of what is bright in what it reads. That must be the middle of the rectangle in
the upright picture, to a pixel of what the network reads: executables are called after their preparation.
"""
import json
import os
import struct
import subprocess
import sys
import zlib

SIZES = [(1, 1), (1, 40), (40, 1), (3, 2), (7, 200), (300, 5), (64, 48), (48, 64), (640, 480), (333, 777)]
# Kinds of PNG: color type, bits of a channel, black, white (as bytes of a pixel; of fewer than 8 bits the number), other chunks.
BLACK, WHITE, HALF = b"\0", b"\xff", b"\x80"
KINDS = {
    "rgb": (2, 8, 3 * BLACK, 3 * WHITE),
    "rgb16": (2, 16, 6 * BLACK, 6 * WHITE),
    "gray": (0, 8, BLACK, WHITE),
    "gray16": (0, 16, 2 * BLACK, 2 * WHITE),
    "bit": (0, 1, 0, 1),
    "palette": (3, 8, b"\1", b"\2"),
    "palette2": (3, 2, 1, 2),
    "alpha": (6, 8, 3 * BLACK + HALF, 3 * WHITE + HALF),
    "gray_alpha": (4, 8, BLACK + HALF, WHITE + HALF),
    "alpha16": (6, 16, 6 * BLACK + 2 * HALF, 6 * WHITE + 2 * HALF),
}
PALETTE = bytes([255, 0, 255, 0, 0, 0, 255, 255, 255])
# Where (x, y) of the picture of w x h that is stored lies in the upright one, by what Exif says of the first row and column.
TURNS = {2: lambda x, y, w, h: (w - x, y), 3: lambda x, y, w, h: (w - x, h - y), 4: lambda x, y, w, h: (x, h - y),
         5: lambda x, y, w, h: (y, x), 6: lambda x, y, w, h: (h - y, x), 7: lambda x, y, w, h: (h - y, w - x),
         8: lambda x, y, w, h: (y, w - x)}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def row(width, pixels, bits, black, white):
    """A row of `width`, white where the range `pixels` is."""
    if bits >= 8:
        return black * pixels.start + white * len(pixels) + black * (width - pixels.stop)
    numbers = "".join(format(white if x in pixels else black, f"0{bits}b") for x in range(width))
    numbers += "0" * (-len(numbers) % 8)
    return int(numbers, 2).to_bytes(len(numbers) // 8, "big")


def rectangle(width, height):
    """Columns and rows: a part near the middle, or of small pictures all."""
    def part(n):
        return range(2 * n // 5, 2 * n // 5 + n // 6) if n >= 40 else range(0, n)

    return part(width), part(height)


def write(path, width, height, kind, orientation):
    color, bits, black, white = KINDS[kind]
    columns, rows = rectangle(width, height)
    dark, bright = (b"\0" + row(width, pixels, bits, black, white) for pixels in (range(0), columns))
    data = zlib.compressobj(1)
    packed = b"".join(data.compress(bright if y in rows else dark) for y in range(height)) + data.flush()
    exif = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x112, 3, 1, orientation, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0)) +
                   (chunk(b"eXIf", exif) if orientation > 1 else b"") + (chunk(b"PLTE", PALETTE) if color == 3 else b"") +
                   chunk(b"IDAT", packed) + chunk(b"IEND", b""))
    x, y = (columns.start + columns.stop) / 2, (rows.start + rows.stop) / 2
    return (*TURNS[orientation](x, y, width, height), *((height, width) if orientation > 4 else (width, height))) \
        if orientation > 1 else (x, y, width, height)


def pixel_of(name, width, height, rows=48, columns=64):
    """Sides of a pixel of what the network reads, in those of the picture."""
    if name == "stretch":
        return width / columns, height / rows
    scale = max(width / columns, height / rows) if name == "letterbox" else min(width, height) / rows
    return scale, scale


def is_seen(name, width, height):
    """Whether the rectangle is in what the network sees: of long pictures center_crop leaves little."""
    return name != "crop" or max(width, height) < 3 * min(width, height)


folder, *executables = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
cases = [(w, h, kind, 1) for w, h in SIZES for kind in KINDS] + [(90, 60, "rgb", turn) for turn in TURNS] + [(8000, 6000, "bit", 1)]
wanted = {}
for w, h, kind, turn in cases:
    path = os.path.join(folder, f"{w}x{h}_{kind}_{turn}.png")
    wanted[path] = write(path, w, h, kind, turn)
wrong = 0
for executable in executables:
    name = os.path.basename(executable)
    seen = [path for path, (_, _, width, height) in wanted.items() if is_seen(name, width, height)]
    run = subprocess.run([executable, "--json", *seen], stdout=subprocess.PIPE, check=True)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    if [answer["picture"] for answer in answers] != seen:
        sys.exit(f"{name} answers other pictures")
    for answer in answers:
        x, y, width, height = wanted[answer["picture"]]
        (box,) = answer["outputs"][0]["boxes"]
        left, top, right, bottom = box["box"]
        far = [abs(a - b) / max(side, 1) for a, b, side in
               zip(((left + right) / 2, (top + bottom) / 2), (x, y), pixel_of(name, width, height))]
        if max(far) > 1 or (answer["width"], answer["height"]) != (width, height):
            print(name, answer["picture"], "expected", x, y, "found", (left + right) / 2, (top + bottom) / 2)
            wrong += 1
print(f"{len(cases)} pictures, {len(executables)} preparations, {wrong} wrong")
sys.exit(bool(wrong))
