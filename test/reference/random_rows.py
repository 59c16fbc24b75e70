"""Steps over rows, [length, features], for the random networks: what sequences are made of."""


class Rows:
    """As Net of random_net.py: steps as text, and the shape that flows through them."""

    def __init__(self, random, length, features):
        self.random, self.length, self.features, self.mapped = random, length, features, False

    def linear(self):
        self.features = self.random.choice((self.random.randint(1, 40), 16, 32))
        return f"linear({self.features}{self.random.choice(('', ', bias=false'))})"

    def recurrent(self):
        kind, h, both = self.random.choice(("lstm", "gru")), self.random.randint(1, 20), self.random.random() < 0.4
        self.features = h * (1 + both)
        return (f"{kind}({h}, {self.random.choice((1, 1, 2))}, {self.random.choice(('true', 'false'))}, "
                f"bidirectional={'true' if both else 'false'})")

    def along(self):
        """What normalizes a dimension, or both."""
        groups = self.random.choice([g for g in range(1, self.length + 1) if self.length % g == 0])
        return self.random.choice((
            "layernorm(dim=-1)", "layernorm(dim=[1, 2], affine=false)", "layernorm(dim=1)", "rmsnorm(dim=-1)", "rmsnorm", "softmax(-1)",
            "softmax(1)", "log_softmax(2)", f"groupnorm({groups})", "bn") + (("instancenorm",) if self.features > 1 else ()))

    def mask(self):
        """A branch, or none: a number for each query and key, for each key or for each query."""
        n = self.length
        return self.random.choice(("", "", f"| param([1, {n}, {n}])", f"| param([1, 1, {n}])", f"| full([1, {n}, 1], -0.5)"))

    def attention(self):
        e, v, scale = self.random.randint(1, 20), self.random.randint(1, 24), self.random.choice(("", "(scale=0.3)"))
        self.features = v
        return f"scaled_dot_product_attention{scale} {{ | linear({e}) | linear({e}) | linear({v}) {self.mask()} }}"

    def heads(self):
        n, e, heads = self.length, self.random.choice((3, 8, 16)), self.random.randint(2, 3)
        self.features = heads * e
        split = f"linear({heads * e}) -> reshape([{n}, {heads}, {e}]) -> permute([0, 2, 1, 3])"
        joined = f"permute([0, 2, 1, 3]) -> reshape([{n}, {heads * e}])"
        if self.random.random() < 0.5:
            mask = self.random.choice(("", f"| param([1, {heads}, {n}, {n}])", f"| param([{n}, {n}], batch=false) -> unflatten(1, [1, {n}])"))
            return f"scaled_dot_product_attention {{ | {split} | {split} | {split} {mask} }} -> {joined}"
        return (f"matmul {{ | matmul {{ | {split} | {split} -> permute([0, 1, 3, 2]) }} -> scale({e ** -0.5:.4f}) -> softmax(-1)"
                f" | {split} }} -> {joined}")

    def product(self):
        before, self.features = self.features, self.random.randint(1, 30)
        return f"matmul {{ | identity | param([1, {before}, {self.features}]) }} -> scale({before ** -0.5:.4f})"

    def windows(self):
        """Those of a dimension, behind each other in rows."""
        dim, step = self.random.choice((1, 2)), self.random.randint(1, 3)
        n = (self.length, self.features)[dim - 1]
        size = self.random.randint(1, min(n, 5))
        count = (n - size) // step + 1
        if self.length * self.features * size > 4000:
            return None
        length, self.features = (count, self.features * size) if dim == 1 else (self.length, count * size)
        self.length = length
        return f"unfold({self.random.choice((dim, dim - 3))}, {size}, {step}) -> reshape([{self.length}, {self.features}])"

    def unflattened(self):
        """Features as two dimensions, one of which goes to the length."""
        n = self.random.choice([n for n in range(1, self.features + 1) if self.features % n == 0])
        if self.random.random() < 0.5:
            return f"unflatten(2, [{n}, -1]) -> permute([0, 1, 3, 2]) -> reshape([{self.length}, -1])"
        text = f"unflatten(-1, [{n}, {self.features // n}]) -> permute([0, 2, 1, 3]) -> reshape([{self.length * n}, {self.features // n}])"
        self.length, self.features = self.length * n, self.features // n
        return text

    def joined(self):
        """Joins with what is there for all images."""
        n, f, word = self.length, self.features, self.random.choice(("add", "sub", "mul", "minimum", "maximum"))
        other = self.random.choice((
            f"param([1, {n}, {f}])", f"param([1, 1, {f}])", f"param([1, {n}, 1])", f"full([1, 1, {f}], 0.75)", f"param([{f}], batch=false)"
            " -> unflatten(1, [1, -1])", f"param([{n * f}, 1]) -> unflatten(0, [1, {n}, {f}]) -> reshape([{n}, {f}])",
            f"linear({f}) -> sigmoid", "mean(1, keepdim=true)", "amax(-1, keepdim=true)"))
        if self.random.random() < 0.3:
            word, other = "div", self.random.choice((f"full([1, 1, {f}], 1.75)", "abs -> clip(0.5)", "abs -> sum(2, keepdim=true) -> clip(0.5)"))
        return f"{word} {{ | identity | {other} }}"

    def moved(self):
        dim = self.random.choice((1, 2))
        n = (self.length, self.features)[dim - 1]
        step = self.random.randint(1, 3)
        start = self.random.randint(0, n - 1)
        if self.random.random() < 0.4:
            return self.random.choice((f"roll({self.random.randint(-9, 9)}, {dim})", "flip([1, 2])", f"flip({dim - 3})", "roll([1, -2], [2, 1])"))
        more = self.random.randint(1, 5)
        if self.random.random() < 0.4 and n + more <= 80:
            size = f"{more}, {self.features}" if dim == 1 else f"{self.length}, {more}"
            text = f"concat(dim={dim}) {{ | {self.random.choice((f'param([1, {size}])', f'full([1, {size}], -0.5)'))} | identity }}"
            self.resize(dim, n + more)
            return text
        self.resize(dim, (n - start - 1) // step + 1)
        return f"slice({dim}, {start}, step={step})"

    def resize(self, dim, n):
        self.length, self.features = (n, self.features) if dim == 1 else (self.length, n)

    def turned(self):
        self.length, self.features = self.features, self.length
        return "permute([0, 2, 1])"

    def line(self):
        """As a map of one row: the length are channels."""
        if self.features < 3 or self.length * self.features > 2000:
            return None
        self.length, self.mapped = self.random.randint(1, 40), True
        return f"conv({self.length}, 3, padding=1)"

    def step(self):
        while True:
            make = self.random.choice((self.linear, self.linear, self.recurrent, self.recurrent, self.along, self.along, self.attention, self.heads,
                                       self.product, self.windows, self.unflattened, self.joined, self.joined, self.moved, self.turned, self.line))
            if self.length > 80 and make in (self.attention, self.heads):
                continue
            rows = f"reshape([{self.length}, {self.features}]) -> " if self.mapped else ""
            text = make()
            self.mapped = self.mapped or make == self.along
            if text:  # linear takes no map, as convolutions make, and what normalizes channels
                return (rows if "linear(" in text else "") + text + self.random.choice(("", "", "", " -> relu", " -> dropout", " -> tanh"))

    def steps(self):
        """Some of them, as one text."""
        return " -> ".join(self.step() for _ in range(self.random.randint(1, 5)))
