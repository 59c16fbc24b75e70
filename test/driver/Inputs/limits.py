"""Descriptions of extreme size, depth and growth: limits.py NETC. Each ends in SECONDS and within BYTES."""
import resource
import subprocess
import sys

NETC = sys.argv[1]
SECONDS, BYTES = 6, 2 << 30
N = 100000


def net(body, before=""):
    return f"{before}net n {{ input x[4, 8, 8]\n{body}\n}}\n"


def doubling(name, value, form):
    """`let`s that each hold the one before twice, 60 times."""
    return f"let {name}0 = {value}\n" + "".join(f"let {name}{i} = {form.format(f'{name}{i - 1}')}\n" for i in range(1, 60))


def lines(text, n=N):
    return "".join(text.replace("#", str(i)) for i in range(n))


WORK = "takes more than 2000000 steps to unroll"
DEEP = "brackets more than 200 levels deep"
EXPRESSION = "expression more than 400 levels deep"
LONG = "labels that make a name of more than 1000 bytes"
PARAMS = "more than 256 parameters"
ADDRESS = "too large to address"
OPERATORS = "more than 100000 operators"
FILE = "file larger than 16 MiB"
# Numbers near 2^31, 2^32 and 2^63 as sizes: what is said of each but the largest, which is too large to address wherever it stands; in the
# second list those that fit, since what they reach is padding.
WINDOW, SIDES = "is larger than its padded input", (2**31 - 1, 2**31, 2**32, 2**63 - 1)
SIZES = {
    "conv(4, #)": WINDOW, "conv(4, #, padding=#)": ADDRESS, "conv_transpose(4, 3, stride=#)": ADDRESS,
    "conv(4, 3, dilation=3, padding=#)": ADDRESS, "adaptive_avgpool(#)": ADDRESS, "upsample(#)": ADDRESS, "pad(#)": ADDRESS,
    "crop(#)": "does not lie in", "flatten -> unflatten(1, [#, #])": "do not make the 256 positions", "flatten -> linear(#) -> linear(#)": ADDRESS,
    "flatten -> unflatten(1, [64, 4]) -> lstm(#)": ADDRESS, "flatten -> unfold(1, #, #)": "do not lie in dimension 1",
    "flatten -> reshape([#, -1])": "do not fill this shape", "slice(1, #, 2)": "is no part of dimension 1"}
FITTING = [step.replace("#", str(n)) for n in SIDES[:-1] for step in (
    "conv(4, 3, dilation=#, padding=#)", "conv(4, 1, stride=#)", "lrn(#)", "roll(#, 2)", "roll(-#, 2)",
    "conv_transpose(4, 3, dilation=#, padding=#)")]

# What is written; what is said of it, "" where it is compiled.
CASES = {
    "parentheses": (net("conv(" + "(" * N + "4" + ")" * N + ", 1)"), DEEP),
    "brackets": (net("conv(" + "[" * N), DEEP),
    "braces": (net("a: {" * N + " relu " + "}" * N), DEEP),
    "residuals": (net("residual {" * N + " relu " + "}" * N), DEEP),
    "forks": (net("add {\n| " * N + "relu\n" + "}" * N), DEEP),
    "closed": (net("}" * N), "'}' closes nothing"),
    "minus": (net("conv(" + "-" * N + "4, 1)"), EXPRESSION),
    "sum": (net("conv(" + "+".join(["1"] * N) + ", 1)"), EXPRESSION),
    "conditions": (net("conv(" + "1 if true else " * N + "1, 1)"), EXPRESSION),
    "rounds": (net("repeat 1000 { repeat 1000 { repeat 1000 { relu } } }"), OPERATORS),
    "a million layers": (net("repeat 1000000 { conv(8, 3, padding=1) }"), OPERATORS),
    "a million layers, each written": (net("relu\n" * 1000000), "file of more than 1048576 words and marks"),
    "empty rounds": (net("repeat 1000 { repeat 1000 { repeat 1000 { } } }\nrelu"), WORK),
    "calls": (net("b59", "block b0 { }\n" + "".join(f"block b{i} {{ b{i - 1} -> b{i - 1} }}\n" for i in range(1, 60))), WORK),
    "levels": (net("b0", "".join(f"block b{i} {{ " + "residual { " * 190 + f"b{i + 1}" + " }" * 191 + "\n" for i in range(6)) + "block b6 { relu }\n"),
               "more than 1000 levels inside one another"),
    "depth of calls": (net("b99999", "block b0 { relu }\n" + "".join(f"block b{i} {{ b{i - 1} }}\n" for i in range(1, N))),
                       "more than 100 deep"),
    "text": (net("relu", doubling("s", '"ab"', "{0} + {0}")), WORK),
    "list": (net("relu", doubling("s", "[1, 2]", "{0} + {0}")), WORK),
    "compared": (net("if a59 == b59 { relu }", doubling("a", "[1, 2]", "[{0}, {0}]") + doubling("b", "[1, 2]", "[{0}, {0}]")), WORK),
    "searched": (net("from a59 -> relu", doubling("a", "[1, 2]", "[{0}, {0}]")), "'from' goes back to a tensor, not a list"),
    "list in lists": (net("from a999 -> relu", "let a0 = [1]\n" + "".join(f"let a{i} = [a{i - 1}]\n" for i in range(1, 1000))),
                      "lists more than 100 deep in one another"),
    "sums": (net("for i in 0..10000 { let a = sum(l) }\nrelu", "let l = range(100000)\n"), WORK),
    "repeated list": (net("conv(([1] * 1000000000000)[0], 1)"), WORK),
    "label": (net('l' + "[s]" * 1000 + ": relu", f'let s = "{"a" * N}"\n'), LONG),
    "labels in one another": (net("b89", f'let s = "{"a" * 900}"\nblock b0 {{ repeat 3000 {{ conv(4, 1) }} }}\n' +
                                  "".join(f"block b{i} {{ (s): b{i - 1} }}\n" for i in range(1, 90))), LONG),
    "parameters": (net("b", "block b(" + ",".join(f"p{i}=1" for i in range(N)) + ") { relu }\n"), PARAMS),
    "parameters of calls": (net("b -> b\n" * N, "block b(" + ",".join(f"p{i}=1" for i in range(256)) + ") { relu }\n"), WORK),
    "name": (net("a" * 10 * N), "no block or operator is named 'aaa"),
    "number": (net("conv(" + "9" * N + ", 1)"), "'999"),
    "products": (net("conv(9223372036854775807 * 9223372036854775807, 1)"), "the result is too large"),
    "least number": (net("conv((-9223372036854775807 - 1) // -1, 1)"), "the result is too large"),
    "dimensions": ("net n { input x[2147483647, 2147483647, 2147483647]\n relu }\n", "too large to address"),
    "constants": (net("conv(a99999 - 99996, 1)", "let a0 = 1\n" + lines("let a# = a0 + #\n")[len("let a0 = a0 + 0\n"):]), ""),
    "variables": (net("let a = 4\n" + lines("let a# = a\n") + "conv(a99999, 1)"), ""),
    "blocks": (net("b99999", lines("block b# { relu }\n")), ""),
    "defined twice": (net("relu", lines("let a# = 1\n", N // 2) * 2), "'a0' is defined twice"),
    "unknown names": (net(lines("abd#\n", N // 2), lines("let abc# = 1\n", N // 2)), "no block or operator is named 'abd0'"),
    "defaults": (net("conv(4, 1)\n" * (N // 4), "default conv(bias=false)\n" * (N // 2)), ""),
    "defaults in a body": (net("default conv(bias=false)\nconv(4, 1)\n" * (N // 4)), ""),
    "imports": (net("relu", 'import "twice.net"\n' * (N // 2)), ""),
    "operators": (net("relu\n" * N), OPERATORS),
    "layers": (net("conv(8, 3, padding=1)\n" * (N // 2)), ""),
    "comment": (net("relu") + "#" * (17 << 20), FILE),
    "100 MB": (net("relu\n" * 20000000), FILE),
}
CASES |= {f"input {n}": (f"net n {{ input x[{n}, {n}, {n}]\n relu }}\n", ADDRESS) for n in SIDES}
CASES |= {step.replace("#", str(n)): (net(step.replace("#", str(n))), said if n != SIDES[-1] else ADDRESS) for n in SIDES for step, said in SIZES.items()}
CASES |= {step: (net(step), "") for step in FITTING}


def limit():
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_STACK, (8 << 20, 8 << 20))


def wrong(name, text, expected):
    with open("case.net", "w", encoding="ascii") as file:
        file.write(text)
    run = subprocess.run([NETC, "--emit=graph", "-o", "graph", "case.net"], capture_output=True, text=True, preexec_fn=limit)
    found = run.returncode == 1 and "error: " in run.stderr and expected in run.stderr if expected else run.returncode == 0
    if not found:
        print(f"wrong: {name}: status {run.returncode}: {run.stderr[:300]}")
    elif len(run.stderr) > 100000:
        print(f"wrong: {name}: {len(run.stderr)} bytes of messages")
        found = False
    return not found


def main():
    with open("twice.net", "w", encoding="ascii") as file:
        file.write(lines("block q# { relu }\n", 1000))
    print(f"{len(CASES)} cases, {sum(wrong(name, *case) for name, case in CASES.items())} wrong")


main()
