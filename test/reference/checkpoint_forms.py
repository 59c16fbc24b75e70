"""Writes the tensors of a safetensors file in every form of a checkpoint that is read, with PyTorch and NumPy:
checkpoint_forms.py SOURCE FOLDER. The values are rounded to what half and bfloat16 have, so that all hold the same;
base.safetensors holds them as they are read elsewhere. Prints the names of the other files."""
import collections
import json
import os
import struct
import sys

import numpy
import torch

DTYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.float64: "F64"}


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    header.pop("__metadata__", None)
    tensors = collections.OrderedDict()
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        assert entry["dtype"] == "F32"
        tensors[name] = torch.frombuffer(bytearray(data[begin:end]), dtype=torch.float32).reshape(entry["shape"])
    return tensors


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        piece = tensor.contiguous().flatten().view(torch.uint8).numpy().tobytes()
        header[name] = {"dtype": DTYPES[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(piece)]}
        data += piece
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def write_shards(folder, name, tensors, write, ending):
    """Two files of every other tensor, and their index."""
    names, index = list(tensors), {}
    for i in range(2):
        shard = f"{name}-{i + 1}-of-2.{ending}"
        index.update({key: shard for key in names[i::2]})
        write(os.path.join(folder, shard), {key: tensors[key] for key in names[i::2]})
    with open(os.path.join(folder, f"{name}.index.json"), "w", encoding="ascii") as file:
        json.dump({"metadata": {"total_size": 1}, "weight_map": index}, file)


def save(path, value, **options):
    torch.save(value, path, **options)


def main(source, folder):
    base = read_safetensors(source)
    base = collections.OrderedDict((k, t.bfloat16().float().half().float()) for k, t in base.items())
    old = {"_use_new_zipfile_serialization": False}

    def each(change):
        return collections.OrderedDict((k, change(t)) for k, t in base.items())

    def transposed(t):
        return t.transpose(0, -1).contiguous().transpose(0, -1) if t.dim() > 1 else t

    def part(t):
        return torch.cat([torch.ones(3), t.flatten(), torch.ones(2)])[3:3 + t.numel()].view(t.shape)

    def arrays(change=lambda t: t):
        return {k: change(t.numpy()) for k, t in base.items()}

    parameters = each(lambda t: torch.nn.Parameter(t))
    training = {"epoch": 3, "lr": 0.1, "best": None, "args": ["--batch", 128, True], "state_dict": base,
                "optimizer": {"state": {i: {"step": 7, "exp_avg": t * 2} for i, t in enumerate(base.values())}}}
    counted = collections.OrderedDict(base)
    counted["bn1.num_batches_tracked"] = torch.tensor(7)
    states = {
        "zip.pth": (base, {}), "old.pth": (base, old),
        "zip4.pt": (base, {"pickle_protocol": 4}), "old4.pt": (base, {"pickle_protocol": 4, **old}),
        "half.pth": (each(torch.Tensor.half), {}), "half_old.pth": (each(torch.Tensor.half), old),
        "bfloat16.bin": (each(torch.Tensor.bfloat16), {}), "double.pth": (each(torch.Tensor.double), {}),
        "double_old.pth": (each(torch.Tensor.double), old),
        "plain_dict.pth": (dict(base), {}),
        "parameters.pth": (parameters, {}), "parameters_old.pth": (parameters, old),
        "transposed.pth": (each(transposed), {}), "transposed_old.pth": (each(transposed), old),
        "part.pth": (each(part), {}), "part_old.pth": (each(part), old),
        "training.pth": (training, {}), "training_old.pth": (training, old),
        "model.pth": ({"model": base, "epoch": 1}, {}),
        "counted.pth": (counted, {}),
        "module.pth": (collections.OrderedDict(("module." + k, t) for k, t in base.items()), {}),
        "compiled.pth": (collections.OrderedDict(("module._orig_mod." + k, t) for k, t in base.items()), {}),
        "ones.pth": (each(lambda t: t.unsqueeze(-1).unsqueeze(0)), {}),
    }
    names = []
    for name, (value, options) in states.items():
        save(os.path.join(folder, name), value, **options)
        names.append(name)
    numpy.savez(os.path.join(folder, "stored.npz"), **arrays())
    numpy.savez_compressed(os.path.join(folder, "compressed.npz"), **arrays())
    numpy.savez(os.path.join(folder, "fortran.npz"), **arrays(numpy.asfortranarray))
    numpy.savez_compressed(os.path.join(folder, "fortran_compressed.npz"), **arrays(numpy.asfortranarray))
    numpy.savez(os.path.join(folder, "double.npz"), **arrays(lambda a: a.astype("f8")))
    numpy.savez(os.path.join(folder, "half.npz"), **arrays(lambda a: a.astype("f2")))
    names += ["stored.npz", "compressed.npz", "fortran.npz", "fortran_compressed.npz", "double.npz", "half.npz"]
    write_safetensors(os.path.join(folder, "base.safetensors"), base)
    for name, change in (("half", torch.Tensor.half), ("bfloat16", torch.Tensor.bfloat16), ("double", torch.Tensor.double)):
        write_safetensors(os.path.join(folder, name + ".safetensors"), each(change))
        names.append(name + ".safetensors")
    write_shards(folder, "model", base, write_safetensors, "safetensors")
    write_shards(folder, "pytorch_model", base, save, "bin")
    names += ["model.index.json", "pytorch_model.index.json"]
    print("\n".join(names))


main(*sys.argv[1:])
