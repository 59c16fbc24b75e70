"""A table above 2 GiB, of which the first and the last row are not zero.

large_table.py CHECKPOINT TOKENS: writes the table as a file with a hole, and tokens that choose these two rows.
large_table.py OUTPUT: OUTPUT are the rows through the linear layer behind the table, as computed here.
"""
import json
import struct
import sys

ROWS, COLUMNS = 600000, 1024  # 2.46e9 bytes
FIRST = [i % 5 for i in range(COLUMNS)]
LAST = [i % 11 for i in range(COLUMNS)]
WEIGHT = [[(i * (row + 1)) % 7 - 3 for i in range(COLUMNS)] for row in range(3)]
BIAS = [1, 2, 3]


def floats(values):
    return struct.pack(f"<{len(values)}f", *values)


def write_checkpoint(path):
    header, end = {}, 0
    for name, shape, size in (("table.weight", [ROWS, COLUMNS], 4 * ROWS * COLUMNS), ("head.weight", [3, COLUMNS], 12 * COLUMNS), ("head.bias", [3], 12)):
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + floats(FIRST))
        file.seek(4 * (ROWS - 2) * COLUMNS, 1)
        file.write(floats(LAST) + b"".join(map(floats, WEIGHT)) + floats(BIAS))


def write_tokens(path):
    head = "{'descr': '<i8', 'fortran_order': False, 'shape': (1, 2), }"
    head += " " * (-(len(head) + 11) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + struct.pack("<2q", 0, ROWS - 1))


def main():
    if len(sys.argv) == 3:
        write_checkpoint(sys.argv[1])
        write_tokens(sys.argv[2])
        return
    with open(sys.argv[1], "rb") as file:
        outputs = list(struct.unpack("<6f", file.read()[-24:]))
    expected = [sum(a * b for a, b in zip(row, weight)) + bias for row in (FIRST, LAST) for weight, bias in zip(WEIGHT, BIAS)]
    assert outputs == expected, (outputs, expected)  # sums of small whole numbers are exact


main()
