"""Writes small sound inputs of every kind that executables read, a folder a kind: corpus.py FOLDER."""
import base64
import gzip
import json
import os
import struct
import sys
import zlib

# Made once by a JPEG encoder: 12 x 9 pixels in colour, and in grey with progressive scans.
JPEGS = {
    "colour.jpg": (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxO"
    "UlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09P"
    "T09PT09PT0//wAARCAAJAAwDASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAABQQG/8QAHBAAAgICAwAAAAAAAAAAAAAAAAQB"
    "AyEjMTNB/8QAFQEBAQAAAAAAAAAAAAAAAAAABAX/xAAYEQADAQEAAAAAAAAAAAAAAAAAAQIDEf/aAAwDAQACEQMRAD8AxyKXGB2l"
    "LXGCZHwdp64KmOa4KiUf/9k="),
    "grey.jpg": (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxO"
    "UlNSMj5aYVpQYEpRUk//wgALCAAIABABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAABAX/2gAIAQEAAAABit//xAAVEAEBAAAAAAAA"
    "AAAAAAAAAAACAP/aAAgBAQABBQIiIv/EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEABj8CP//EABQQAQAAAAAAAAAAAAAAAAAA"
    "ABD/2gAIAQEAAT8hP//aAAgBAQAAABD/AP/EABYQAAMAAAAAAAAAAAAAAAAAAAAhMf/aAAgBAQABPxCaJo//2Q=="),
}


def safetensors(dtype, size, extra=None):
    """The three tensors that kinds_host.c asks for, zeros."""
    header, offset = dict(extra or {}), 0
    for name, shape in (("conv.weight", [4, 3, 3, 3]), ("conv.bias", [4]), ("fc.weight", [2, 4])):
        count = 1
        for n in shape:
            count *= n
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + count * size]}
        offset += count * size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + bytes(offset)


def npy(descr, shape, data, version=1):
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    size = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + size + header + data


def png(width, height, kind, channels, depth=8, palette=b""):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    row = bytes((7 * i) & (1 if kind == 3 else 255) for i in range(width * channels * depth // 8))
    rows = b"".join(bytes([y % 5]) + row for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)) +
            (chunk(b"PLTE", palette) if palette else b"") + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def idx(*dims):
    count = 1
    for n in dims:
        count *= n
    return bytes([0, 0, 8, len(dims)]) + struct.pack(f">{len(dims)}I", *dims) + bytes(i % 10 for i in range(count))


FILES = {
    "safetensors": {"f32": safetensors("F32", 4), "f16": safetensors("F16", 2),
                    "bf16": safetensors("BF16", 2, {"__metadata__": {"format": "pt"}})},
    "npy": {"f4": npy("<f4", (2, 3), bytes(24)), "f8": npy("<f8", (3,), bytes(24), 2), "u1": npy("|u1", (1, 2, 2), b"abcd"),
            "i8": npy("<i8", (1, 1), bytes(8))},
    "picture": {"rgb": png(9, 7, 2, 3), "grey": png(11, 8, 0, 1), "alpha": png(8, 8, 6, 4), "deep": png(5, 6, 2, 3, 16),
                "palette": png(6, 9, 3, 1, 8, bytes(range(6)))} | {k: base64.b64decode(v) for k, v in JPEGS.items()},
    "idx": {"plain": idx(2, 3, 3), "gzipped": gzip.compress(idx(2, 2, 4), mtime=0)},
    "idx-labels": {"plain": idx(2), "gzipped": gzip.compress(idx(2), mtime=0)},
    "cifar": {"batch": bytes([3]) + bytes(3072) + bytes([9]) + bytes(i % 251 for i in range(3072))},
    "csv": {"plain": b"file,class\na.png,3\nb.jpg,9\n", "quoted": b"class,file,note\r\n1,sub/x.png,y\r\n"},
}
# Of the layers that kinds_host.c has for it: 4 biases, scales, means and variances, 108 of a kernel; 2 biases, a matrix.
FILES["darknet"] = {"old": struct.pack("<4i", 0, 1, 0, 7) + bytes(4 * 134), "new": struct.pack("<3iq", 0, 2, 5, 7) + bytes(4 * 134)}
FILES["coco"] = {"plain": json.dumps({
    "images": [{"id": 4, "file_name": "a.png", "width": 6, "height": 9}, {"id": 2, "file_name": "b.png"}],
    "categories": [{"id": 7, "name": "cat"}, {"id": 3, "name": "dog"}],
    "annotations": [{"image_id": 2, "category_id": 7, "bbox": [1, 2, 3.5, 4], "iscrowd": 1, "area": 3},
                    {"image_id": 4, "category_id": 3, "bbox": [0, 0, 1e3, 4e-3]}]}).encode()}
FILES["voc"] = {"plain": b"""<?xml version="1.0"?>
<annotation><filename>a.png</filename><size><width>6</width><height>9</height></size>
<object><name>dog &amp; cat</name><difficult>1</difficult><part><name>head</name></part>
<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3.5</xmax><ymax>4</ymax></bndbox></object><!-- more -->
<object><name>cat</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>4</ymax></bndbox></object></annotation>
"""}



def messages(*bodies):
    """An editor's, with the lengths before them."""
    texts = [json.dumps({"jsonrpc": "2.0", **body}).encode() for body in bodies]
    return b"".join(b"Content-Length: %d\r\n\r\n" % len(text) + text for text in texts)


URI = "file:///input.net"
NET = "block b(c) { conv(c, 3) -> relu }\nnet n { input x[3, 8, 8]\n    a: b(4)\n    from a -> b(c=2)\n}\n"
OPEN = [{"id": 1, "method": "initialize", "params": {"capabilities": {}}}, {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": {"uri": URI, "languageId": "net", "version": 1, "text": NET}}}]
CLOSE = [{"id": 9, "method": "shutdown"}, {"method": "exit"}]


def ask(number, method, **params):
    return {"id": number, "method": "textDocument/" + method, "params": {"textDocument": {"uri": URI}, **params}}


HERE = {"position": {"line": 2, "character": 7}}
FILES["lsp"] = {
    "look": messages(*OPEN, ask(2, "hover", **HERE), ask(3, "definition", **HERE), ask(4, "documentSymbol"), ask(5, "foldingRange"),
                     ask(6, "semanticTokens/full"), ask(7, "inlayHint", range={"start": HERE["position"], "end": HERE["position"]}),
                     *CLOSE),
    "write": messages(*OPEN, {"method": "textDocument/didChange", "params": {
        "textDocument": {"uri": URI, "version": 2}, "contentChanges": [{"text": NET + "net m { input y[1, 2]\n lin"}]}},
        ask(2, "completion", position={"line": 6, "character": 4}), ask(3, "formatting", options={}),
        ask(4, "rename", **HERE, newName="c"), ask(5, "references", **HERE, context={"includeDeclaration": True}), *CLOSE),
}
FILES["machine"] = {"whole": json.dumps({
    "name": "one", "threads": 2, "gflops": [10, 19.5], "gbytes": [8, 9], "full_gbytes": [7, 8], "cache_gbytes": 30, "cache_bytes": 1 << 25,
    "core_gbytes": 90, "core_bytes": 1 << 20}).encode()}
INPUTS = [{"name": "x", "shape": [2, 2, 2], "datatype": "FP32", "data": [[[1, 2], [3, 4.5]], [[5, 6], [7, -8e3]]]},
          {"name": "y", "shape": [4, 1], "datatype": "INT64", "data": [1, -2, 3, 4]},
          {"name": "z", "shape": [2], "datatype": "INT32", "data": [5, 6]}]
SIZED = [{"name": name, "shape": shape, "datatype": of, "parameters": {"binary_data_size": size}}
         for name, shape, of, size in (("x", [1, 2, 2], "FP32", 16), ("y", [2, 1], "INT64", 16), ("z", [1], "INT32", 4))]
FILES["infer"] = {
    "json": json.dumps({"id": "one", "inputs": INPUTS, "outputs": [{"name": "x"}, {"name": "z"}]}).encode(),
    "binary": json.dumps({"inputs": SIZED, "parameters": {"binary_data_output": True}}).encode() + bytes(36),
    "both": json.dumps({"inputs": [SIZED[0]] + [{**i, "shape": s, "data": d} for i, s, d in ((INPUTS[1], [2, 1], [0, 1]), (INPUTS[2], [1], [7]))],
                        "outputs": [{"name": "y", "parameters": {"binary_data": True}}]}).encode() + bytes(16),
}
# Lines that netc --tune wrote for the layers of the net in kinds.c.
FILES["schedule"] = {"tuned": b"""# comment
x86-64-v3 threads=1 conv 1x1 stride=1x1 dilation=1x1 in=32 out=1x16x24x24 group=16x32 flat: direct row=24 tile=1x6 task=1x24 # 4.9 us
x86-64-v3 threads=1 conv 3x3 stride=1x1 dilation=1x1 in=16 out=1x32x24x24 group=32x16: winograd outputs=6 tile=1x6 task=2x16 point=2
x86-64-v3 threads=1 conv 3x3 stride=1x1 dilation=1x1 in=32 out=1x32x24x24 group=32x32: direct row=1 tile=1x1 task=1x1
"""}
FILES["train"] = {"recipe": b"""net n(c=4) {
    input x[3, 8, 8] { center_crop }
    stem: conv(c, 3, padding=1) -> bn -> relu -> maxpool(2) -> dropout(0.2)
    residual { conv(c, 1) -> bn }
    global_avgpool -> flatten -> fc: linear(3)
    output classes
    train {
        augment { flip -> pad(2) -> random_crop(8) -> erasing(0.3) }
        loss cross_entropy(output, labels, label_smoothing=0.1)
        optimizer sgd(lr=0.1, momentum=0.9, weight_decay=1e-4)
        schedule cosine
        epochs 3
        batch 8
    }
}
"""}

# What PyTorch and NumPy wrote, with the same three tensors.
CHECKPOINTS = {
    "torch": ["zip.pth", "zip4.pt", "half.pth", "bfloat16.bin", "transposed.pth", "training.pth", "compiled.pth"],
    "torch-old": ["old.pth", "old4.pt", "double_old.pth"],
    "npz": ["stored.npz", "compressed.npz", "fortran_compressed.npz"],
}
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "host", "Inputs", "checkpoints")
for kind, names in CHECKPOINTS.items():
    FILES[kind] = {name: open(os.path.join(HERE, name), "rb").read() for name in names}
FILES["by-order"] = {"safe": safetensors("F32", 4)} | {kind: FILES[kind][names[0]] for kind, names in CHECKPOINTS.items()}
NAMES = ("conv.weight", "conv.bias", "fc.weight")
FILES["index"] = {"plain": json.dumps({"metadata": {}, "weight_map": {name: "shard" for name in NAMES}}).encode()}
FILES["map"] = {"same": b"# of all\n* *\n", "pieces": b"fc.*\tfc.*\r\n*.weig*t *.weig*t\nconv.bias conv.bias"}


def lines(*calls):
    """A word of a call a line."""
    return {str(i): call.replace(" ", "\n").encode() for i, call in enumerate(calls)}


# Of the files that kinds_calls.c lays beside them.
FILES["call-netc"] = lines(
    "n.net --net n --report", "--report=json --flops all --depth 1 --sort macs n.net --net m", "--nets n,m n.net --report=csv",
    "--emit=c -D c=8 --batch 2 --net n --target generic+x86-64-v3 n.net -o x", "--emit=plan --threads 3 --winograd 2 --net n n.net -o -",
    "n.net --net n --explain --report=md --activations stored --no-bias", "--emit=onnx --opset 18 -Wno-unused --net m n.net -o m",
    "--net n --sweep c=1..8*2 --solve params<=99 n.net --report", "--diff m --net n n.net", "--format --check n.net", "--emit=net n.net --net n -o -",
    "--input x=1x9x9 --net m --emit=graph --passes fold-bn,fuse-epilogues -M d -v n.net -o -", "--min-input --net n n.net", "--help=all", "-h",
    "--train --net n --report --style torchinfo n.net", "-I . --net n --prepare imagenet(6) --labels n.net n.net --emit=c -o y", "--params --net n n.net", "--fix --net n n.net", "--emit=ast --diagnostics=sarif n.net -o -")
FILES["prepare"] = {"plain": b"to_gray -> resize(6) -> center_crop", "named": b"x=to_gray\nletterbox(6) -> scale(2)", "block": b"imagenet(7)",
                    "normalized": b"stretch(6) -> to_gray\nnormalize(mean=[0.5], std=0.25) -> scale(0.5 if true else 1)"}
FILES["labels"] = {"plain": b"cat\ndog\nbird\n", "odd": "\ufeffa \"b\" */ ??/ %s\r\n\u202ec\\\n\n\x1b[31m".encode()}
FILES["call-answers"] = lines(
    "--random-weights 1 1.png", "--random-weights 7 --top 2 --json 1.png 1.png --crops 5", "info --params", "--help", "--version",
    "run --weights p --input x=x.npy --output fc=y.npy --profile", "run --random-weights 3 --input 1.png --output y.npy --threads 2",
    "pack --random-weights 2 --output q", "eval --random-weights 1 --data images-idx3 --confusion c.csv", "eval --weights p --data images-idx3 --json",
    "--profile-csv=s.csv eval --random-weights=2 --data=images-idx3 --crops=1")
FILES["call-trains"] = lines(
    "train --data images-idx3 --output o", "train --data images-idx3 --output o --resume w.state --steps 3 --log l.csv --plot p.svg",
    "train --data images-idx3 --val images-idx3 --output o --init w --seed 4 --lr 0.1 --momentum 0.5 --nesterov --weight-decay 1e-4",
    "train --data=images-idx3 --output=o --optimizer=adamw --epochs=3 --no-shuffle --threads=2", "info",
    "train --data images-idx3 --output o --init w --by-order", "--version", "--help")

for kind, files in FILES.items():
    os.makedirs(os.path.join(sys.argv[1], kind), exist_ok=True)
    for name, data in files.items():
        with open(os.path.join(sys.argv[1], kind, name), "wb") as file:
            file.write(data)
