"""Writes a random network, a function of SEED, that is valid by construction: random_net.py SEED > FILE.net.

Channels 1 to 67, sizes 1 to 40, strides 1 to 4, dilation, groups, four-sided padding, forks, residuals and
concats that do not align with blocks of 16 channels. Small enough for the definitions of its operators to be
evaluated one by one.
"""
import random
import sys

from random_rows import Rows

ACTIVATIONS = ("relu", "relu", "relu6", "leaky_relu(0.1)", "sigmoid", "tanh", "gelu", "silu", "hardswish",
               "hardsigmoid", "elu(0.5)", "mish", "softplus(2, 3)", "clip(-0.5, 1)", "clip(max=2)", "abs", "neg",
               "prelu", "abs -> sqrt", "abs -> scale(0.5) -> exp -> log", "clip(-2, 2) -> exp", "pow(2)", "clip(0.5) -> pow(-1.5)")
WORK = 3_000_000


class Net:
    """Steps as text, and the shape that flows through them."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.c = self.channels()
        self.h, self.w = (self.random.choice((self.random.randint(1, 40), self.random.randint(5, 24))) for _ in "hw")
        self.start = (self.c, self.h, self.w)

    def channels(self):
        return self.random.choice((self.random.randint(1, 67), self.random.randint(1, 9), 16, 32, 48))

    def window(self, size, kernels, room=0):
        """(kernel, stride, first padding, last padding, dilation, size after) that fit, or None."""
        for _ in range(20):
            k, s, d = self.random.choice(kernels), self.random.choice((1, 1, 1, 2, 2, 3, 4)), self.random.choice((1, 1, 1, 2, 3))
            least = (k - 1) * d if not room else k // 2
            a, b = (self.random.choice((0, min(k // 2, least), self.random.randint(0, least))) for _ in "ab")
            after = (size + a + b - (k - 1) * d - 1) // s + 1
            if size + a + b >= (k - 1) * d + 1:
                return k, s, a, b, d, after
        return None

    def conv(self):
        rows, columns = self.window(self.h, (1, 1, 3, 3, 5, 7, 2)), self.window(self.w, (1, 1, 3, 3, 5, 7, 2))
        out = self.channels()
        groups = 1
        kind = self.random.randint(0, 9)
        if kind < 2:
            groups = out = self.c
        elif kind < 5:
            groups = self.random.choice([g for g in range(1, self.c + 1) if self.c % g == 0])
            out = groups * self.random.randint(1, max(1, 67 // groups))
        if not rows or not columns:
            return None
        kh, sh, top, bottom, dh, h = rows
        kw, sw, left, right, dw, w = columns
        if out * (self.c // groups) * kh * kw * h * w > WORK:
            return None
        self.c, self.h, self.w = out, h, w
        bias = self.random.choice(("", ", bias=false"))
        return (f"conv({out}, ({kh}, {kw}), stride=({sh}, {sw}), padding=({top}, {left}, {bottom}, {right}), "
                f"dilation=({dh}, {dw}), groups={groups}{bias})")

    def square_pool(self):
        """The text of a pool's options, with PyTorch's limits on padding."""
        k, s = self.random.randint(1, 4), self.random.randint(1, 3)
        p = self.random.randint(0, k // 2)
        ceil = self.random.random() < 0.4
        if min(self.h, self.w) + 2 * p < k:
            return None
        sizes = []
        for size in (self.h, self.w):
            after = (size + 2 * p - k + (s - 1 if ceil else 0)) // s + 1
            sizes.append(after - (ceil and (after - 1) * s >= size + p))
        self.h, self.w = sizes
        return f"{k}, stride={s}, padding={p}, ceil={'true' if ceil else 'false'}"

    def pool(self):
        options = self.square_pool()
        if not options:
            return None
        if self.random.random() < 0.5:
            return f"maxpool({options})"
        return f"avgpool({options}, count_include_pad={self.random.choice(('true', 'false'))})"

    def transpose(self):
        k, s = self.random.randint(1, 4), self.random.randint(1, 3)
        p, out = self.random.randint(0, (k - 1) // 2), self.random.randint(1, 40)
        h, w = ((size - 1) * s - 2 * p + k for size in (self.h, self.w))
        if h < 1 or w < 1 or max(h, w) > 40 or out * self.c * k * k * self.h * self.w > WORK:
            return None
        self.c, self.h, self.w = out, h, w
        return f"conv_transpose({out}, {k}, {s}, {p})"

    def other(self):
        """An operator that seldom stands in a network."""
        kind = self.random.randint(0, 16)
        if kind > 9:
            return (self.rows, self.rows, self.rows, self.for_all, self.for_all, self.turned, self.parts)[kind - 10]()
        if kind == 0:
            return f"lrn({self.random.randint(1, 6)})"
        if kind == 1:
            return self.random.choice(("softmax", "log_softmax", "softmax(-1)", "log_softmax(3)", "softmax(2)"))
        if kind == 2 and self.h * self.w * self.c < 20000:
            return self.random.choice(("layernorm", "layernorm(dim=1)", "layernorm(dim=-1, affine=false)",
                                       "layernorm(dim=[2, 3])", "rmsnorm", "rmsnorm(dim=1)", "rmsnorm(dim=-1)",
                                       "rmsnorm(dim=[-2, -1])"))
        if kind == 9 and self.h * self.w > 1:
            groups = self.random.choice([g for g in range(1, self.c + 1) if self.c % g == 0])
            return self.random.choice((f"groupnorm({groups})", f"groupnorm({groups}, affine=false)", "instancenorm",
                                       "instancenorm(affine=true)"))
        if kind == 3 and max(self.h, self.w) <= 20:
            scale = self.random.randint(1, 2)
            self.h, self.w = self.h * scale, self.w * scale
            return f'upsample({scale}, mode="{self.random.choice(("nearest", "nearest-exact", "bilinear", "bicubic"))}")'
        if kind == 4 and self.random.random() < 0.4:
            return self.upsample()
        if kind == 4:
            before, after = self.random.randint(0, 9), self.random.randint(0, 9)
            self.c += before + after
            return f"pad(channels=({before}, {after}))"
        if kind == 5:
            sides = [self.random.randint(0, 3) for _ in range(4)]
            self.h, self.w = self.h + sides[0] + sides[2], self.w + sides[1] + sides[3]
            return f"pad(({', '.join(map(str, sides))}), value={self.random.choice(('0', '1.5'))})"
        if kind == 6:
            self.h, self.w = self.random.randint(1, self.h), self.random.randint(1, self.w)
            return f"crop(({self.h}, {self.w}))"
        if kind == 7 and self.random.random() < 0.7:
            side = self.random.choice((1, 2, 2, 3))
            if self.c % (side * side) == 0 and max(self.h, self.w) <= 20:
                self.c, self.h, self.w = self.c // (side * side), self.h * side, self.w * side
                return f"pixel_shuffle({side})"
            if self.h % side == self.w % side == 0 and self.c <= 12:
                self.c, self.h, self.w = self.c * side * side, self.h // side, self.w // side
                return f"pixel_unshuffle({side})"
        if kind == 7:
            return f"channel_shuffle({self.random.choice([g for g in range(1, self.c + 1) if self.c % g == 0])})"
        if kind == 8:
            self.h, self.w = self.random.randint(1, 9), self.random.randint(1, 9)
            return f"adaptive_{self.random.choice(('avg', 'max'))}pool(({self.h}, {self.w}))"
        return self.product() or "scale(0.5)"

    def upsample(self):
        """By factors, some of them real, or to a size."""
        mode = self.random.choice(("nearest", "nearest-exact", "bilinear", "bicubic"))
        corners = ", align_corners=true" if mode[0] == "b" and self.random.random() < 0.4 else ""
        factors = [self.random.choice((1, 2, 3, 1.5, 0.7, 1.1, 2.3, 0.5, 1.3333)) for _ in "hw"]
        sizes = [int(n * factor) for n, factor in zip((self.h, self.w), factors)]
        if self.random.random() < 0.6 and 1 <= min(sizes) and max(sizes) <= 40:
            self.h, self.w = sizes
            return f'upsample(({factors[0]}, {factors[1]}), "{mode}"{corners})'
        self.h, self.w = self.random.randint(1, 30), self.random.randint(1, 30)
        return f'upsample(size=({self.h}, {self.w}), mode="{mode}"{corners})'

    def rows(self):
        """Positions as rows of features, and back."""
        n = self.h * self.w
        if n > 64 or self.c * n > 2000:
            return None
        rows = Rows(self.random, n, self.c)
        there = f"reshape([{self.c}, {n}]) -> permute([0, 2, 1])"
        if self.random.random() < 0.3:
            there, rows = f"reshape([{self.c}, {n}])", Rows(self.random, self.c, n)
        text = f"{there} -> {rows.steps()}"
        if rows.length == n and self.random.random() < 0.7:
            self.c = rows.features
            return f"{text} -> permute([0, 2, 1]) -> reshape([{self.c}, {self.h}, {self.w}])"
        self.c, self.h, self.w = rows.length, 1, rows.features
        if self.random.random() < 0.5:
            self.c, self.h = 1, rows.length
        return f"{text} -> reshape([{self.c}, {self.h}, {self.w}])"

    def for_all(self):
        """Joins with what is the same for all images, and what does nothing or leaves one position."""
        c, h, w = self.c, self.h, self.w
        shape = self.random.choice((f"[1, {c}, 1, 1]", f"[1, {c}, {h}, {w}]", f"[1, 1, {h}, {w}]", f"[1, {c}, 1, {w}]"))
        other = self.random.choice((f"param({shape})", f"full({shape}, 1.25)", f"param([{c}, 1, 1], batch=false)"))
        kind = self.random.randint(0, 5)
        if kind == 0:
            return self.random.choice(("dropout", "identity", "dropout(0.1) -> abs"))
        if kind == 1:
            self.h = self.w = 1
            return self.random.choice(("global_avgpool", "global_maxpool"))
        if kind == 2:
            return f"div {{ | identity | {self.random.choice((f'full({shape}, 1.5)', 'abs -> clip(0.5)', 'exp -> sum([2, 3], keepdim=true) -> clip(0.5)'))} }}"
        if kind == 3:
            more = self.random.randint(1, 20)
            self.c += more
            branches = [f"| {self.random.choice((f'param([1, {more}, {h}, {w}])', f'full([1, {more}, {h}, {w}], -0.5)'))}", "| identity"]
            self.random.shuffle(branches)
            return f"concat {{ {' '.join(branches)} }}"
        return f"{self.random.choice(('add', 'sub', 'mul', 'minimum', 'maximum'))} {{ | identity | {other} }}"

    def turned(self):
        """Dimensions in another order, or one of them as windows or as two."""
        size = [0, self.c, self.h, self.w]
        kind = self.random.randint(0, 2)
        if kind == 0:
            order = self.random.sample((1, 2, 3), 3)
            self.c, self.h, self.w = (size[i] for i in order)
            return f"permute([0, {', '.join(map(str, order))}])"
        dim = self.random.randint(1, 3)
        if kind == 1 and size[dim] > 1 and self.c * self.h * self.w <= 4000:
            n, step = self.random.randint(1, min(4, size[dim])), self.random.randint(1, 3)
            size[dim] = (size[dim] - n) // step + 1
            self.c, self.h, self.w = size[1], size[2], size[3] * n
            return f"unfold({dim}, {n}, {step}) -> reshape([{self.c}, {self.h}, {self.w}])"
        n = self.random.choice([n for n in range(1, size[dim] + 1) if size[dim] % n == 0])
        self.resize(dim, size[dim] // n)
        self.h, text = self.h * n, f"unflatten({dim}, [{n}, -1])"
        order = [i for i in range(1, 5) if i != dim]  # the part goes to the rows
        order.insert(1, dim)
        return f"{text} -> permute([0, {', '.join(map(str, order))}]) -> reshape([{self.c}, {self.h}, {self.w}])"

    def product(self):
        """Of a map with itself, channels by channels or positions by positions."""
        positions = self.h * self.w
        if max(self.c, positions) > 64:
            return None
        a, b = ("identity", "permute([0, 2, 1])")
        n, other = (self.c, positions)
        if self.random.random() < 0.5:
            a, b, n, other = b, a, other, n
        shape = f"{self.c}, {positions}"
        self.c, self.h, self.w = n, 1, n
        return f"reshape([{shape}]) -> matmul {{ | {a} | {b} }} -> scale({1 / other:.3f}) -> reshape([{n}, 1, {n}])"

    def parts(self):
        """Some positions of a dimension, or parts of one joined."""
        if max(self.c, self.h, self.w) > 30:
            return None
        axis = self.random.randint(1, 3)
        size = (self.c, self.h, self.w)[axis - 1]
        dim = self.random.choice((axis, axis - 4))
        if self.random.random() < 0.35:
            start, step = self.random.randint(0, size - 1), self.random.choice((1, 1, 2, 3))
            end = self.random.randint(start + 1, size)
            self.resize(axis, (end - start - 1) // step + 1)
            return f"slice({dim}, {start}, {end}, {step})"
        if self.random.random() < 0.3:
            k = self.random.randint(1, size)
            self.resize(axis, k)
            return f"topk({k}, {dim}, largest={self.random.choice(('true', 'false'))})"
        if self.random.random() < 0.6:
            return self.random.choice((f"roll({self.random.randint(-9, 9)}, {dim})", "roll([1, -2, 3], [3, 1, 2])", f"flip({dim})",
                                       "flip([2, 3])"))
        cut = self.random.randint(1, size)
        self.resize(axis, size - cut + 1 + size)
        return f"concat(dim={dim}) {{ | slice({dim}, {cut - 1}) | identity }}"

    def resize(self, axis, size):
        self.c, self.h, self.w = (size if i == axis else old for i, old in enumerate((self.c, self.h, self.w), 1))

    def plain(self):
        """A step without branches."""
        kind = self.random.randint(0, 15)
        if kind < 6:
            return self.conv()
        if kind == 6:
            return self.pool()
        if kind == 7:
            return self.transpose()
        if kind < 11:
            return self.random.choice(("bn", self.random.choice(ACTIVATIONS)))
        return self.other()

    def same_size(self, out):
        """A convolution that keeps rows and columns."""
        k = self.random.choice((1, 3))
        if out * self.c * k * k * self.h * self.w > WORK:
            return None
        self.c = out
        tail = self.random.choice(("", " -> bn", " -> relu", " -> bn -> relu"))
        return f"conv({out}, {k}, padding=half){tail}"

    def branches(self, outs, shares=1):
        """Branches to so many channels each, from the same tensor or from one of its shares each, or None."""
        before, texts = self.c, []
        for out in outs:
            self.c = before // shares
            text = self.same_size(out)
            if not text:
                self.c = before
                return None
            texts.append(text)
        return texts

    def fork(self):
        kind = self.random.randint(0, 5)
        before = self.c
        if kind < 3:
            outs = [self.random.randint(1, 40) for _ in range(self.random.randint(2, 4))]
            splits = before % len(outs) == 0 and outs[0] % 2 == 0
            texts = self.branches(outs, len(outs) if splits else 1)
            self.c = before if texts is None else sum(outs)
            if splits:
                return texts and "split { " + " ".join("| " + text for text in texts) + " }"
            if texts and self.random.random() < 0.3:
                self.c += before
                texts.insert(self.random.randint(0, len(texts)), "identity")
            return texts and "concat { " + " ".join("| " + text for text in texts) + " }"
        if kind == 3:
            text = self.same_size(before)
            return text and f"residual {{ {text} }}" + self.random.choice(("", " -> relu"))
        out = self.random.randint(1, 40)
        texts = self.branches([out, out])
        self.c = before if texts is None else out
        if kind == 4:
            return texts and f"add {{ | {texts[0]} | {texts[1]} }}"
        if not texts:
            return None
        word = self.random.choice(("mul", "add", "sub", "minimum", "maximum"))
        small = self.random.choice(("global_avgpool -> sigmoid", "conv(1, 1) -> tanh", f"adaptive_avgpool((1, {self.w}))",
                                    f"adaptive_avgpool(({self.h}, 1))", "identity", "mean([2, 3], keepdim=true)",
                                    "amax(1, keepdim=true)", "amin(2, keepdim=true)", "mean(-1, keepdim=true)",
                                    "amax(keepdim=true)", "sum([1, 3], keepdim=true) -> sigmoid"))
        both = [f"{texts[0]} -> {self.random.choice(('relu', 'conv(1, 1)', 'mish'))}", f"{texts[1]} -> {small}"]
        if small.startswith(("conv(1, 1)", "amax(1", "amax(keepdim", "sum([1")):  # one of them keeps the channels
            both[0] = texts[0]
        self.random.shuffle(both)
        return f"{word} {{ | {both[0]} | {both[1]} }}"

    def step(self):
        """The text of the next step; what does not fit is tried again."""
        while True:
            text = self.fork() if self.random.random() < 0.3 else self.plain()
            if text:
                return text

    def lines(self, count):
        """So many steps, each with the shape behind it."""
        return [(self.step(), (self.c, self.h, self.w)) for _ in range(count)]

    def other_input(self, lines):
        """Puts a step somewhere that joins the flow with another input, whose shape it gives."""
        at = self.random.randrange(len(lines))
        c, h, w = lines[at][1]
        shape, made = self.random.choice((((c, h, w), "from other"), ((c, 1, 1), "from other -> sigmoid"),
                                          ((5, h, w), f"from other -> conv({c}, 1)"), ((c, h, 7), "from other -> mean(-1, keepdim=true)")))
        both = ["identity", made]
        self.random.shuffle(both)
        word = self.random.choice(("add", "mul", "sub", "maximum"))
        lines.insert(at + 1, (f"{word} {{ | {both[0]} | {both[1]} }}", lines[at][1]))
        return shape

    def other_outputs(self, lines):
        """Puts outputs beside the flow."""
        for number in range(self.random.randint(1, 3)):
            at = self.random.randrange(len(lines))
            made = self.random.choice(("identity", "relu", "conv(5, 1)", "bn", "global_maxpool", "{ conv(3, 1) -> tanh }"))
            lines.insert(at + 1, (f"seen{number}: output {made}", lines[at][1]))

    def text(self, several=True):
        """The network; `several`: seldom it is of one step or of many, or has other inputs and outputs."""
        lines, inputs = self.lines(self.random.randint(2, 7)), {"image": self.start}
        last = [("flatten", None), (f"linear({self.random.randint(1, 67)})", None)] if self.random.random() < 0.3 else []
        if several:
            kind = self.random.random()
            lines = lines[:1] if kind < 0.02 else lines + self.lines(self.random.randint(10, 53)) if kind > 0.98 else lines
            if self.random.random() < 0.15:
                inputs["other"] = self.other_input(lines)
            if self.random.random() < 0.2:
                self.other_outputs(lines)
        declared = [f"input {name}[{', '.join(map(str, shape))}]" for name, shape in inputs.items()]
        if len(inputs) > 1:
            declared.append("from image")
        return "net random {\n" + "".join(f"    {line}\n" for line in declared + [line for line, _ in lines + last]) + "}\n"


if __name__ == "__main__":
    sys.stdout.write(Net(int(sys.argv[1])).text())
