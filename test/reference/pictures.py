"""Makes the pictures of test/unit/Inputs/pictures and what PIL reads in them, as it is and resized:
pictures.py FOLDER. The last run's PIL stands in the first line of its golden.txt."""
import os
import struct
import sys
import zlib

import numpy as np
import PIL
from PIL import Image

folder = sys.argv[1]
golden = [f"# file, shorter side (0: as it is), width, height, RGB; by PIL {PIL.__version__}"]


def record(name, side, image):
    golden.append(f"{name} {side} {image.width} {image.height} {image.tobytes().hex()}")


def resized(image, side):
    w, h = image.size
    size = (side, int(side * h / w)) if w <= h else (int(side * w / h), side)
    return image.resize(size, Image.BILINEAR)


def add(name, sides=()):
    image = Image.open(os.path.join(folder, name)).convert("RGB")
    for side in (0, *sides):
        record(name, side, resized(image, side) if side else image)


def write_png(name, rows, bits, color, interlaced=False, width=None, transparent=None):
    """A PNG as PIL does not write them, of rows of pixels, or of bytes that hold several; `width` is in pixels."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, columns = rows.shape[:2]
    width = width or columns
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    data = b""
    for y, x, down, right in passes if interlaced else [(0, 0, 1, 1)]:
        part = rows[y::down, x::right]
        if part.size:
            data += b"".join(b"\0" + row.tobytes() for row in part)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" +
                   chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlaced)) +
                   (chunk(b"tRNS", transparent) if transparent else b"") +
                   chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b""))


def scene(width, height):
    """Slopes, an edge and some noise."""
    y, x = np.mgrid[0:height, 0:width]
    noise = np.random.default_rng(7).integers(0, 40, (height, width, 3))
    planes = np.stack([9 * x, 200 - 8 * y, np.where(x > y, 190, 20)], axis=2)
    return np.clip(planes + noise, 0, 255).astype(np.uint8)


os.makedirs(folder, exist_ok=True)
wide, tall = Image.fromarray(scene(23, 14)), Image.fromarray(scene(9, 17))
save = lambda image, name, **options: image.save(os.path.join(folder, name), **options)
save(wide, "wide.png")
save(tall, "tall.png")
save(wide, "color.jpg", quality=85)
save(wide, "progressive.jpg", quality=70, progressive=True)
save(wide.convert("L"), "gray.jpg")
save(wide.convert("CMYK"), "cmyk.jpg")
save(wide.convert("L"), "gray.png")
save(wide.convert("1"), "bit.png")
save(wide.convert("P", palette=Image.ADAPTIVE, colors=13), "palette.png")
save(Image.merge("RGBA", (*wide.split(), wide.getchannel(0))), "alpha.png")
save(Image.merge("LA", (wide.convert("L"), wide.getchannel(0))), "gray_alpha.png")
deep = (scene(23, 14).astype(">u2") << 8) + np.arange(23, dtype=">u2")[None, :, None] * 11
write_png("deep.png", deep.astype(">u2"), 16, 2)
write_png("interlaced.png", scene(23, 14), 8, 2, True)
# PIL keeps 16 bits of gray, and clips them: some lie below 256, some above.
write_png("deep_gray.png", (deep[:, :, :1] >> 7).astype(">u2"), 16, 0)
write_png("deep_gray_interlaced.png", (deep[:, :, :1] >> 7).astype(">u2"), 16, 0, True)
write_png("deep_gray_alpha.png", np.concatenate([deep[:, :, :1], deep[:, :, 1:2]], axis=2).astype(">u2"), 16, 4)
write_png("deep_alpha.png", np.concatenate([deep, deep[:, :, :1]], axis=2).astype(">u2"), 16, 6)
write_png("gray_interlaced.png", scene(23, 14)[:, :, :1].copy(), 8, 0, True)
packed = scene(24, 14)[:, :, 0] >> 4
write_png("gray4.png", (packed[:, 0::2] << 4 | packed[:, 1::2])[:, :, None].astype(np.uint8), 4, 0, width=24)
packed = scene(24, 14)[:, :, 0] >> 6
packed = packed[:, 0::4] << 6 | packed[:, 1::4] << 4 | packed[:, 2::4] << 2 | packed[:, 3::4]
write_png("gray2.png", packed[:, :, None].astype(np.uint8), 2, 0, width=24)
write_png("deep_gray_key.png", (deep[:, :, :1] >> 7).astype(">u2"), 16, 0, transparent=struct.pack(">H", 74))

add("wide.png", (5, 9, 13, 20, 31))
add("tall.png", (1, 4, 8, 16, 20))
for name in sorted(os.listdir(folder)):
    if name.endswith((".jpg", ".png")) and name not in ("wide.png", "tall.png"):
        add(name)
with open(os.path.join(folder, "golden.txt"), "w") as file:
    file.write("\n".join(golden) + "\n")
