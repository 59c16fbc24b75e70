"""Net.predict() on pictures: predict.py NETC EXAMPLES REFERENCE FOLDER. Answers are those of the compiled programs on the same files."""
import json
import os
import subprocess
import sys

NETC, EXAMPLES, REFERENCE, FOLDER = sys.argv[1:]
sys.path[:0] = [REFERENCE, os.path.join(REFERENCE, "..", "..", "python")]
import netc_random
import numpy
from PIL import Image
import netc

os.environ["NETC"] = NETC
DIGIT, PAGE = os.path.join(EXAMPLES, "digits", "3.png"), os.path.join(EXAMPLES, "page.png")
SOURCE = """
net named {
    input image[3, 24, 32] { resize(30) -> center_crop -> normalize(mean=0.5, std=0.25) -> bgr }
    labels "names.txt"
    conv(7, 5, stride=2) -> relu -> global_avgpool -> flatten -> linear(7) -> softmax(dim=1)
    output classes
}

net plain {
    input image[3, 72, 144]
    conv(3, 5, stride=4) -> global_avgpool -> flatten
}

net pixels {
    input image[3, 24, 32] { resize(40) -> center_crop -> normalize(mean=[0.5, 0.4, 0.3], std=0.25) -> bgr }
    soft: output picture avgpool(3, stride=1, padding=1)
    gray: output picture(-2, 1) slice(1, 0, 1)
    ink: output map(threshold=0.25) slice(1, 1, 2)
    kinds: output map { conv(5, 3, padding=1) -> argmax(dim=1) }
    head: conv(5, 3, padding=1)
    output map
}

net cells {
    input image[3, 64, 64] { letterbox }
    labels "names.txt"
    conv(16, 8, stride=8, padding=0) -> relu
    found: identity
    scores: output box_scores { conv(7, 1) -> softmax(dim=1) -> reshape([7, -1]) -> permute([0, 2, 1]) }
    output boxes(centers=true, relative=true, score=0.1, iou=0.45)
    from found -> where: { conv(4, 1) -> sigmoid -> reshape([4, -1]) -> permute([0, 2, 1]) }
}

net counted {
    input image[3, 64, 64] { letterbox }
    conv(16, 8, stride=8, padding=0) -> relu
    cells: identity
    likely: { conv(7, 1) -> softmax(dim=1) -> reshape([7, 64]) -> permute([0, 2, 1]) }
    from cells -> places: { conv(4, 1) -> sigmoid -> scale(64) -> reshape([4, 64]) -> permute([0, 2, 1]) }
    output boxes
    found: nms(places, likely, 0.45, 9, score_threshold=0.05)
}

net numbers {
    input image[3, 24, 32] { resize(24) -> center_crop }
    output tensor
    conv(2, 3)
}

net endless {
    input image[3, 24, 32] { resize(24) -> center_crop }
    scale(1e38) -> scale(1e38) -> global_avgpool -> flatten
    output classes
}

net two {
    input a[3, 4, 4]
    input b[3, 4, 4]
    add { | from a | from b }
}
"""


def weights(source, net):
    """A checkpoint of the weights that golden files are made with."""
    path = os.path.join(FOLDER, net + ".npz")
    netc_random.write_numpy(path, NETC, source, net)
    return path


def both(source, net, checkpoint=None, **options):
    """A network for Python, and the program of it."""
    checkpoint = checkpoint or weights(source, net)
    program = os.path.join(FOLDER, net)
    subprocess.run([NETC, "--net", net, "--weights", checkpoint, source, "-o", program], check=True)
    return netc.compile(source, net=net, weights=checkpoint, **options), program


def said(program, picture, *words):
    """The answers of a program by the names of its outputs."""
    done = subprocess.run([program, "--json", *words, picture], capture_output=True, text=True, check=True)
    return {o["output"]: o for o in json.loads(done.stdout)["outputs"]}


def classes_agree(answer, wanted):
    assert [(label, f"{p:.6f}") for label, p in answer] == [(c.get("name", c["class"]), f"{c['probability']:.6f}")
                                                            for c in wanted["classes"]], (answer, wanted)


def boxes_agree(answer, wanted):
    told = [(b.get("name", b["class"]), f"{b['score']:.6f}", *(f"{x:.2f}" for x in b["box"])) for b in wanted["boxes"]]
    assert told and [(label, f"{s:.6f}", *(f"{x:.2f}" for x in corners)) for label, s, corners in answer] == told, (answer, wanted)


def raises(kind, text, function, *arguments, **named):
    try:
        function(*arguments, **named)
    except kind as error:
        assert text in str(error), error
        return
    raise AssertionError(f"no {kind.__name__}")


def test_classes(source):
    """Labels, numbers without them, a preparation, none, a batch, a turned picture."""
    net, program = both(source, "named", batch=2)
    turned = os.path.join(FOLDER, "turned.png")
    exif = Image.Exif()
    exif[0x0112] = 6    # the camera was turned to the right
    Image.open(PAGE).save(turned, exif=exif)
    for picture in (PAGE, DIGIT, turned):
        classes_agree(net.predict(picture), said(program, picture)["output"])
    assert all(isinstance(label, str) for label, _ in net.predict(PAGE))
    classes_agree(net.predict(PAGE, top=2), said(program, PAGE, "--top", "2")["output"])
    page = numpy.array(Image.open(PAGE).convert("RGB"))
    assert net.predict(page) == net.predict(PAGE) == net.predict(numpy.asfortranarray(page))
    net, program = both(os.path.join(EXAMPLES, "lenet.net"), "lenet5_modern", os.path.join(EXAMPLES, "lenet5_mnist.safetensors"))
    classes_agree(net.predict(DIGIT), said(program, DIGIT)["fc3"])
    assert net.predict(DIGIT)[0][0] == 3
    net, program = both(source, "plain")
    classes_agree(net.predict(PAGE), said(program, PAGE)["output"])
    raises(ValueError, "is not prepared for it", net.predict, DIGIT)


def test_pixels(source):
    """Maps and pictures, which the program writes as PNG."""
    net, program = both(source, "pixels")
    paths = {name: os.path.join(FOLDER, name + ".png") for name in ("head", "soft", "gray", "ink", "kinds")}
    said(program, PAGE, *(word for name in paths for word in ("--output", f"{name}={paths[name]}")))
    answers = net.predict(PAGE)
    assert sorted(answers) == sorted(paths), answers.keys()
    for name, path in paths.items():
        written = numpy.array(Image.open(path))
        assert written.shape == answers[name].shape and (written == answers[name]).all(), name
        assert written.min() != written.max(), name


def test_boxes(source):
    for name in ("cells", "counted"):
        net, program = both(source, name)
        answer, wanted = net.predict(PAGE), said(program, PAGE)
        answer = answer if isinstance(answer, list) else answer[next(iter(wanted))]
        boxes_agree(answer, next(iter(wanted.values())))
        assert net.predict(PAGE, top=1) == answer[:1]


def test_others(source):
    """Tensors, and what is no answer."""
    net = netc.compile(source, net="numbers", weights=weights(source, "numbers"))
    page = numpy.array(Image.open(PAGE).convert("RGB"))
    image = Image.fromarray(page).resize((48, 24), Image.Resampling.BILINEAR).crop((8, 0, 40, 24))
    wanted = net(numpy.array(image).transpose(2, 0, 1).astype(numpy.float32) / 255)
    assert abs(net.predict(PAGE) - wanted).max() < 1e-5
    raises(netc.RunError, "3 of 3 outputs are not finite", netc.compile(source, net="endless").predict, page)
    raises(TypeError, "no single input of pictures", netc.compile(source, net="two").predict, page)
    raises(TypeError, "of bytes, uint8, not of float32", net.predict, page.astype(numpy.float32))
    raises(ValueError, "(rows, columns, 3), not (72, 144)", net.predict, page[:, :, 0])
    raises(ValueError, "top is a number from 1 on", net.predict, page, top=0)
    raises(FileNotFoundError, "absent.png", net.predict, os.path.join(FOLDER, "absent.png"))
    sys.modules["PIL"] = None    # as where it is not installed
    raises(ImportError, "Pillow is not installed", net.predict, PAGE)


def main():
    os.makedirs(FOLDER, exist_ok=True)
    source = os.path.join(FOLDER, "nets.net")
    with open(source, "w", encoding="ascii") as file:
        file.write(SOURCE)
    with open(os.path.join(FOLDER, "names.txt"), "w", encoding="utf-8") as file:
        file.write("".join(f"{name}\n" for name in ("a", "b\u00e4r", "c", "d", "e f", "g", "h")))
    test_classes(source)
    test_pixels(source)
    test_boxes(source)
    test_others(source)


main()
