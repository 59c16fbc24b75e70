"""A conversation with the language server: session.py NETC EXAMPLES. Silent when it answers as it should.

Shapes are those of PyTorch's definitions, worked out beside each; parameters are those of its modules."""
import os
import sys

from client import Client, apply, place

NETC, EXAMPLES = sys.argv[1:]
TEXT = """import "more.net"

# Two
# comments
let wide = 4 * 2
default conv(padding=half)

block pair(c, k=3) {
    first: conv(c, k) -> relu  # kept
    second: conv(2 * c, k)
}

net small(classes=10) {
    input image[3, 32, 32]
    stem: pair(wide)
    pool: maxpool(2)
    twice: extra(wide)
    from stem.second -> "a/b": conv(1, 1)
    concat { | maxpool(2) | from twice }
    for i in 0..2 { tail[i]: conv(wide * (i + 1), 1, stride=2) }
    fc: flatten -> linear(classes)
}
"""
MORE = "block extra(c) { more: conv(c, 1, bias=false) -> bn }\n"


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: {found!r}\nexpected: {wanted!r}")


def lines(ranges):
    return sorted((r["range"]["start"]["line"], r["range"]["start"]["character"]) for r in ranges)


def check_shapes(c, uri):
    """conv2d with half the kernel around keeps 32 x 32; maxpool(2) halves; stride 2: 16 -> 8 -> 4."""
    hints = c.of("inlayHint", uri, range={"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}})
    expect("hints", {h["position"]["line"]: h["label"] for h in hints},
           {8: "8x32x32", 9: "16x32x32", 14: "16x32x32", 15: "16x16x16", 16: "8x16x16", 17: "1x32x32", 18: "9x16x16",
            19: "8x8x8 … 16x4x4", 20: "10"})
    expect("before the comment", [h["position"]["character"] for h in hints if h["position"]["line"] == 8], [29])
    few = c.of("inlayHint", uri, range={"start": {"line": 14, "character": 0}, "end": {"line": 15, "character": 99}})
    expect("hints of a part", [h["position"]["line"] for h in few], [14, 15])


def check_hover(c, uri):
    """first: 3 * 8 * 9 + 8 = 224 and second: 8 * 16 * 9 + 16 = 1168 parameters; 32 * 32 * (3 * 8 * 9 + 8 * 16 * 9)
    multiply-accumulates; two 3 x 3 see 5 x 5."""
    text = c.at("hover", uri, *place(TEXT, "pair(wide)"))["contents"]["value"]
    for part in ("block **pair**", "`16x32x32`", "parameters: 1,392, multiply-accumulates: 1,400,832", "5×5, step 1"):
        expect(f"hover says {part}: {text}", part in text, True)
    text = c.at("hover", uri, *place(TEXT, "maxpool(2)"))["contents"]["value"]
    expect(text, "**maxpool**(kernel, stride" in text and "16x32x32 → 16x16x16" in text, True)
    text = c.at("hover", uri, *place(TEXT, "conv(wide"))["contents"]["value"]
    expect(text, "(2 times)" in text, True)
    expect("in a comment", c.at("hover", uri, *place(TEXT, "comments")), None)


def check_names(c, uri, more):
    found = c.at("definition", uri, *place(TEXT, "extra(wide)"))
    expect("a block of another file", (found["uri"], found["range"]["start"]), (more, {"line": 0, "character": 6}))
    found = c.at("definition", uri, *place(TEXT, "more.net"))
    expect("an import", found["uri"], more)
    found = c.at("definition", uri, *place(TEXT, "second ->"))
    expect("into a block", found["range"]["start"], {"line": 9, "character": 4})
    both = {"includeDeclaration": True}
    found = c.at("references", uri, *place(TEXT, "wide"), context=both)
    expect("references", lines(found), [(4, 4), (14, 15), (16, 17), (19, 34)])
    found = c.at("references", uri, *place(TEXT, "wide"), context={"includeDeclaration": False})
    expect("without the definition", len(found), 3)
    found = c.at("documentHighlight", uri, *place(TEXT, "c, k)"))
    expect("highlights", lines(found), [(7, 11), (8, 16), (9, 21)])
    found = c.at("references", more, 0, 12, context=both)
    expect("parameters of another file", [r["uri"] for r in found], [more, more])


def check_rename(c, uri, more):
    edits = c.at("rename", uri, *place(TEXT, "extra(wide)"), newName="bottleneck")["changes"]
    expect("files of a rename", sorted(edits), sorted([uri, more]))
    expect("here", apply(TEXT, edits[uri]), TEXT.replace("extra", "bottleneck"))
    expect("there", apply(MORE, edits[more]), MORE.replace("extra", "bottleneck"))
    edits = c.at("rename", uri, *place(TEXT, "a/b"), newName="x/y")["changes"]
    expect("a label in quotes", apply(TEXT, edits[uri]), TEXT.replace("a/b", "x/y"))
    for name in ("repeat", "1x", "", "a b"):
        params = {"textDocument": {"uri": uri}, "position": dict(zip(("line", "character"), place(TEXT, "wide"))), "newName": name}
        expect(f"rename to {name!r}", "error" in c.answer("textDocument/rename", params), True)
    expect("no name", c.at("prepareRename", uri, *place(TEXT, "maxpool")), None)


def check_outline(c, uri):
    found = c.of("documentSymbol", uri)
    expect("symbols", [s["name"] for s in found], ["wide", "pair", "small"])
    expect("in a net", [s["name"] for s in found[2]["children"]], ["image", "stem", "pool", "twice", "a/b", "tail", "fc"])
    expect("folds", sorted((f["startLine"], f["endLine"], f.get("kind")) for f in c.of("foldingRange", uri)),
           [(2, 3, "comment"), (7, 9, None), (12, 20, None)])
    data = c.of("semanticTokens/full", uri)["data"]
    types = c.capabilities["semanticTokensProvider"]["legend"]["tokenTypes"]
    expect("the first tokens", [(data[i], data[i + 1], data[i + 2], types[data[i + 3]]) for i in range(0, 25, 5)],
           [(0, 0, 6, "keyword"), (0, 7, 10, "string"), (2, 0, 5, "comment"), (1, 0, 10, "comment"), (1, 0, 3, "keyword")])
    expect("a parameter", "parameter" in {types[t] for t in data[3::5]}, True)


def labels(items):
    return {item["label"] for item in items}


def check_completion(c, uri):
    """What is being written is not grammatical."""
    cases = (("    \n    fc:", 4, {"conv", "pair", "extra", "concat", "from"}, {"stem", "image", "net", "resize"}),
             ("    pool2: pair(\n    fc:", 16, {"c=", "k=", "wide", "classes", "stem"}, {"out=", "concat"}),
             ("    conv(8, \n    fc:", 12, {"kernel=", "stride=", "groups=", "len"}, {"k="}),
             ("    from \n    fc:", 9, {"stem", "pool", "image", "tail"}, {"conv", "fc", "first"}),
             ("    from stem.\n    fc:", 14, {"first", "second"}, {"stem", "conv"}),
             ("    let x = \n    fc:", 12, {"wide", "classes", "true", "pair", "max"}, {"concat", "k"}),
             ("    train { \n    fc:", 12, {"loss", "optimizer", "epochs", "freeze"}, {"conv", "sgd"}),
             ("    train { schedule \n    fc:", 21, {"cosine", "one_cycle"}, {"conv", "sgd", "loss"}))
    for text, character, there, not_there in cases:
        c.change(uri, TEXT.replace("    fc:", text))
        found = labels(c.at("completion", uri, 20, character))
        expect(f"completion of {text!r} lacks", there - found, set())
        expect(f"completion of {text!r} has", not_there & found, set())
    c.change(uri, TEXT.replace("32, 32]", "32, 32] {  }"))
    found = labels(c.at("completion", uri, 13, 29))
    expect("preprocessing", ("resize" in found, "conv" in found), (True, False))
    expect("a file", labels(c.at("completion", uri, 1, 0)), {"import", "let", "default", "block", "net", "train"})
    expect("a comment", c.at("completion", uri, *place(TEXT, "comments")), [])
    c.change(uri, TEXT)


def check_diagnostics(c, uri, more):
    """Misspellings have a way out; errors leave what can be given; notes lead through calls."""
    found = c.change(uri, TEXT.replace("maxpool(2)\n    twice", "maxpol(2)\n    twice"))
    expect("messages", [(d["code"], d["severity"], d["range"]["start"]) for d in found],
           [("err_unknown_step", 1, {"line": 15, "character": 10})])
    actions = c.of("codeAction", uri, range=found[0]["range"], context={"diagnostics": found})
    expect("ways out", [a["title"] for a in actions], ["change to 'maxpool'"])
    expect("applied", apply(TEXT.replace("maxpool(2)\n", "maxpol(2)\n"), actions[0]["edit"]["changes"][uri]), TEXT)
    hints = c.of("inlayHint", uri, range={"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}})
    expect("shapes before the error", {h["position"]["line"]: h["label"] for h in hints}.get(14), "16x32x32")
    found = c.change(uri, TEXT.replace("conv(2 * c, k)", "conv(2 * c, k, groups=7)"))
    expect("notes", [(d["code"], d["relatedInformation"][0]["location"]["range"]["start"]["line"]) for d in found],
           [("err_groups_input", 14)])
    found = c.change(uri, TEXT.replace("pool: maxpool(2)", "pool: maxpool(2"))
    expect("a bracket", [(d["severity"], d["range"]["start"]["line"]) for d in found], [(1, 15)])
    hints = c.of("inlayHint", uri, range={"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}})
    expect("shapes in spite of a bracket", {h["position"]["line"]: h["label"] for h in hints}.get(14), "16x32x32")
    c.change(uri, TEXT)
    for text, wanted in ((MORE.replace("conv(c, 1", "conv(c, 0"), ["err_attr_range"]), (MORE, [])):
        c.diagnostics.pop(uri)
        expect("of an import itself", c.change(more, text), [])
        expect("an unsaved import", [d["code"] for d in c.published(uri)], wanted)
    found = c.open("untitled:1", "net n {\n    input x[3]\n    a → b && c\n}\n")
    expect("another alphabet", bool(found), True)
    found = c.open("untitled:2", "net n {\n    input x[3, 8, 8]\n    imagenet_pair(3)\n    flatten\n}\n")
    expect("without a file", [d["code"] for d in found], ["err_unknown_step"])


def check_formatting(c, uri):
    expect("in the style", c.of("formatting", uri, options={"tabSize": 8, "insertSpaces": False}), [])
    sloppy = TEXT.replace("c, k=3", "c,k=3").replace("    stem:", "\n\n\n  stem :")
    c.change(uri, sloppy)
    edits = c.of("formatting", uri, options={"tabSize": 4, "insertSpaces": True})
    expect("formatted", apply(sloppy, edits), TEXT.replace("    stem:", "\n    stem:"))
    c.change(uri, TEXT + "net {")
    expect("with an error", c.of("formatting", uri, options={"tabSize": 4, "insertSpaces": True}), None)
    c.change(uri, TEXT)


def check_positions(c, uri):
    """A column is a UTF-16 unit: the flag is two characters of two units each."""
    text = '# a\nlet é = 1\nblock b { "\U0001f600/x": relu -> y: bn -> from y }\n'.replace("é", "e")
    c.open(uri, text)
    found = c.at("definition", uri, *place(text, "y }"))
    expect("behind a smile", found["range"]["start"]["character"], len('block b { "xx/x": relu -> '))
    c.change(uri, (2, 15, 2, 18, '"\U0001f600"'), (0, 2, 0, 3, "b\r\nlet q = 2"))
    found = c.of("documentSymbol", uri)
    expect("after two changes", [s["name"] for s in found], ["q", "e", "b"])


def main(folder):
    uri, more = (f"file://{folder}/{name}" for name in ("main.net", "more.net"))
    with open(os.path.join(folder, "more.net"), "w") as file:
        file.write(MORE)
    c = Client([os.path.abspath(NETC), "--lsp"], folder)
    expect("no messages", c.open(uri, TEXT), [])
    expect("none of an import", c.open(more, MORE), [])
    for check in (check_shapes, check_hover, check_outline, check_completion, check_formatting):
        check(c, uri)
    for check in (check_names, check_rename, check_diagnostics):
        check(c, uri, more)
    check_positions(c, f"file://{folder}/utf.net")
    for name in sorted(os.listdir(EXAMPLES)):
        if name.endswith(".net"):
            path = os.path.join(EXAMPLES, name)
            found = c.open(f"file://{path}", open(path, encoding="utf-8").read())
            expect(name, [d for d in found if d["severity"] == 1], [])
    expect("exit status", c.close(), 0)


if __name__ == "__main__":
    import tempfile
    with tempfile.TemporaryDirectory() as temporary:
        main(os.path.realpath(temporary))
