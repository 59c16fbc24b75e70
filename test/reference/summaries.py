"""torchinfo's tables of random networks: summaries.py FOLDER SEED... writes FOLDER/summaries.net and FOLDER/summaries.txt.

The latter has a line "== net options" before each table. torchinfo is version 1.8.0, and its call summary(net,
input_data=…, depth=…, verbose=0, col_names=…) with the columns that netc prints. Tensors have no elements (device meta),
so that a network may be as large as its table's units.
"""
import os
import random
import sys

import torch
import torchinfo
from torch import nn

COLUMNS = ("kernel_size", "input_size", "output_size", "num_params", "mult_adds")


def camel(name):
    return "".join(word.capitalize() for word in name.split("_"))


class Scope(nn.Module):
    """Items: modules, functions, ("concat", lists of items), ("residual", items)."""

    def __init__(self, items):
        super().__init__()
        self.items = items
        self.register(items)

    def register(self, items):
        for item in items:
            if isinstance(item, nn.Module):
                self.add_module(str(len(self._modules)), item)
            elif isinstance(item, tuple):
                for part in item[1]:
                    self.register(part)

    def run(self, items, x):
        for item in items:
            if not isinstance(item, tuple):
                x = item(x)
            elif item[0] == "concat":
                x = torch.cat([self.run(part, x) for part in item[1]], 1)
            else:
                x = x + self.run(item[1][0], x)
        return x

    def forward(self, x):
        return self.run(self.items, x)


def scope(name, items):
    return type(camel(name), (Scope,), {})(items)


class Maker:
    """Text of a network and its items, side by side, for a shape that flows through both."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.blocks, self.indent = [], "    "
        large = self.random.random() < 0.4
        self.widths = (64, 96, 256, 512) if large else (1, 3, 8, 20)
        self.shape = (self.random.choice((1, 3)), *(self.random.choice((112, 224) if large else (9, 16, 30)) for _ in "hw"))

    def layer(self):
        """(text, module) that fits the shape, which becomes that of the result."""
        c, h, w = self.shape
        pick = self.random.choice
        kind = self.random.randint(0, 13)
        out, k = pick(self.widths), pick((1, 3, 5, (1, 3), (3, 1)))
        kh, kw = k if isinstance(k, tuple) else (k, k)
        if kind < 5:
            bias = pick((True, True, False))
            groups = pick([g for g in range(1, c + 1) if c % g == 0]) if kind == 4 else 1
            out *= groups if out % groups else 1
            self.shape = out, h, w
            return (f"conv({out}, ({kh}, {kw}), padding=({kh // 2}, {kw // 2}), groups={groups}, bias={str(bias).lower()})",
                    nn.Conv2d(c, out, (kh, kw), padding=(kh // 2, kw // 2), groups=groups, bias=bias))
        if kind == 5 and h > 1 and w > 1:
            rows, columns = pick(((2, 2), (2, 2), (1, 2)))
            self.shape = c, h // rows, w // columns
            size = rows if rows == columns else (rows, columns)
            name, cls = pick((("maxpool", nn.MaxPool2d), ("avgpool", nn.AvgPool2d)))
            return f"{name}(({rows}, {columns}))", cls(size)
        if kind == 6:
            affine = pick((True, True, False))
            return f"bn(affine={str(affine).lower()})", nn.BatchNorm2d(c, affine=affine)
        if kind == 7 and h < 40 and w < 40:
            self.shape = out, 2 * h, 2 * w
            return f"conv_transpose({out}, 2, 2)", nn.ConvTranspose2d(c, out, 2, 2)
        if kind == 8:
            size = pick((3, 5))
            return f"lrn({size})", nn.LocalResponseNorm(size)
        if kind == 9:
            return "scale(0.5)", lambda x: x * 0.5
        if kind == 10:
            return "layernorm", nn.LayerNorm((c, h, w))
        if kind == 11:
            self.shape = c, min(h, 4), min(w, 5)
            return f"adaptive_avgpool(({self.shape[1]}, {self.shape[2]}))", nn.AdaptiveAvgPool2d(self.shape[1:])
        if kind == 12:
            return pick((("dropout", nn.Dropout()), ("identity", nn.Identity()), ("sigmoid", nn.Sigmoid())))
        return pick((("relu", nn.ReLU()), ("leaky_relu", nn.LeakyReLU()), ("silu", nn.SiLU()), ("hardswish", nn.Hardswish())))

    def branches(self):
        """A concat of chains that keep rows and columns."""
        c, h, w = self.shape
        texts, lists, total = [], [], 0
        for _ in range(self.random.randint(2, 3)):
            out = self.random.choice((*self.widths, None))
            if out:
                texts.append(f"conv({out}, 1) -> relu")
                lists.append([nn.Conv2d(c, out, 1), nn.ReLU()])
            else:
                texts.append("identity")
                lists.append([nn.Identity()])
            total += out or c
        self.shape = total, h, w
        return "concat { " + " ".join(f"| {text}" for text in texts) + " }", ("concat", lists)

    def residual(self):
        c = self.shape[0]
        return f"residual {{ conv({c}, 3, padding=1) -> tanh }}", ("residual", [[nn.Conv2d(c, c, 3, padding=1), nn.Tanh()]])

    def nested(self, depth):
        """A labelled scope, or a call of a block of its own."""
        if self.random.random() < 0.5:
            text, items = self.body(depth + 1)
            return "{\n" + text + self.indent * depth + "}", scope("sequential", items)
        stem = self.random.choice(("stage", "a_part_of_some_depth", "unit_with_a_name_that_makes_columns_wide"))
        name = f"{stem}_{len(self.blocks)}_{self.seed}"
        place = len(self.blocks)
        self.blocks.append(None)
        text, items = self.body(1)
        self.blocks[place] = f"block {name}() {{\n{text}}}\n"
        return f"{name}()", scope(name, items)

    def body(self, depth):
        lines, items = [], []
        for i in range(self.random.randint(1, 4)):
            kind = self.random.randint(0, 7)
            if kind < 2 and depth < 4 and len(self.blocks) < 5:
                text, item = self.nested(depth)
                text = f"part{i}: {text}"
            elif kind == 2:
                text, item = self.branches()
            elif kind == 3:
                text, item = self.residual()
            else:
                text, item = self.layer()
            lines.append(f"{self.indent * depth}{text}\n")
            items.append(item)
        return "".join(lines), items

    def head(self):
        c, h, w = self.shape
        return f"{self.indent}flatten -> linear(10)\n", [nn.Flatten(), nn.Linear(c * h * w, 10)]

    def net(self, seed):
        self.seed = seed
        start, name = self.shape, f"random_{seed}"
        text, items = self.body(1)
        if self.random.random() < 0.5:
            end, layers = self.head()
            text, items = text + end, items + layers
        source = "\n".join((*self.blocks, f"net {name} {{\n    input image[{', '.join(map(str, start))}]\n{text}}}\n"))
        return name, source, start, scope(name, items)


def main():
    sources = ["# Random networks, made by test/reference/summaries.py\n"]
    tables = []
    for seed in map(int, sys.argv[2:]):
        with torch.device("meta"):
            maker = Maker(seed)
            name, source, start, net = maker.net(seed)
            batch = maker.random.choice((1, 1, 2, 16))
            depth = maker.random.choice((None, None, None, 0, 1, 2, 3))
            table = torchinfo.summary(net, input_data=torch.empty(batch, *start), depth=100 if depth is None else depth,
                                      verbose=0, col_names=COLUMNS)
        sources.append(source)
        tables.append(f"== {name} --batch={batch}" + ("" if depth is None else f" --depth={depth}") + f"\n{table}\n")
    for ending, texts in (("net", sources), ("txt", tables)):
        with open(os.path.join(sys.argv[1], f"summaries.{ending}"), "w", encoding="utf-8") as file:
            file.write(("\n" if ending == "net" else "").join(texts))


if __name__ == "__main__":
    main()
