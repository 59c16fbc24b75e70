"""The package netc on arrays: package.py NETC EXAMPLES REFERENCE FOLDER. Expected numbers are PyTorch's, of golden files."""
import os
import sys
import threading

NETC, EXAMPLES, REFERENCE, FOLDER = sys.argv[1:]
sys.path[:0] = [REFERENCE, os.path.join(REFERENCE, "..", "..", "python")]
import check
import netc_random
import numpy
import netc

os.environ["NETC"] = NETC
NETS = os.path.join(REFERENCE, "..", "nets")


def golden(net):
    with open(os.path.join(REFERENCE, "golden", net + ".golden"), encoding="ascii") as file:
        return check.read_golden(file)


def weights(source, net):
    """A checkpoint of the weights that golden files are made with."""
    path = os.path.join(FOLDER, net + ".npz")
    netc_random.write_numpy(path, NETC, source, net)
    return path


def agrees(net, out):
    head, expected = golden(net)
    assert out.size == int(head["count"])
    worst = max(abs(out.ravel()[i] - value) for i, value in expected.items())
    assert worst < 1e-4 * float(head["largest"]), worst


def raises(kind, function, *arguments, **named):
    try:
        function(*arguments, **named)
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def test_images():
    """One image, several, more than a batch, from other memory, in several threads."""
    source = os.path.join(EXAMPLES, "lenet.net")
    net = netc.compile(source, net="lenet5", weights=weights(source, "lenet5"), batch=2, threads=2,
                       options=["--ignore-extra", "none."])
    x = netc_random.input_numpy(1, (1, *net.inputs[0].shape[1:]))
    out = net(x)
    assert out.shape == (1, 10) and out.dtype == numpy.float32
    agrees("lenet5", out)
    assert net(x[0]).shape == (10,)
    five = net(numpy.concatenate([x, -x, x, -x, x]))
    assert (five[[0, 2, 4]] == out).all() and (five[1] == five[3]).all() and (five[0] != five[1]).any()
    assert (net(image=numpy.asfortranarray(x)) == out).all()
    assert net(x[:0]).shape == (0, 10)
    results = []
    threads = [threading.Thread(target=lambda: results.append(net(x))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4 and all((r == out).all() for r in results)
    assert net.report()["network"] == "lenet5" and net.report()["inputs"][0]["name"] == "image"
    assert repr(net) == "<netc.Net lenet5: image: float32[2, 1, 32, 32] -> output: float32[2, 10]>", repr(net)
    raises(ValueError, net, x[:, :, 1:])
    assert "complex64" in str(raises(TypeError, net, x.astype(numpy.complex64)))
    assert "bool" in str(raises(TypeError, net, x > 0))
    raises(TypeError, net)
    raises(TypeError, net, x, other=x)


def test_integers():
    """Positions are read, and refused where there is nothing."""
    source = os.path.join(NETS, "indices.net")
    net = netc.compile(source, net="pairs", weights=weights(source, "pairs"))
    dims, _, count = golden("pairs")[0]["input"].rpartition("=")[2].partition(":")
    shape = tuple(map(int, dims.split("x")))
    x = numpy.array(netc_random.positions(1, shape, int(count)), net.inputs[0].dtype).reshape(shape)
    agrees("pairs", net(x))
    raises(netc.RunError, net, x + int(count))
    raises(TypeError, net, x.astype(numpy.float32))
    if net.inputs[0].dtype == numpy.int32:
        raises(ValueError, net, x.astype(numpy.int64) + 2**40)
    else:
        raises(ValueError, net, numpy.full(x.shape, 2**63, numpy.uint64))


def test_regions():
    """Rows of an image that follow those of another: the largest of each region, 0 to 15 of a map of 4 x 4, more images than a batch."""
    source = os.path.join(FOLDER, "regions.net")
    with open(source, "w", encoding="ascii") as file:
        file.write("net regions {\n    input map[1, 4, 4]\n    input places[3, 4]\n    roi_pool(map, places, 1)\n}\n")
    x = numpy.arange(16, dtype=numpy.float32).reshape(1, 1, 4, 4)
    places = numpy.array([[[0, 0, 1, 1], [2, 0, 3, 1], [0, 0, 3, 3]]], numpy.float32)
    for batch in (1, 2):
        net = netc.compile(source, batch=batch)
        out = net(numpy.concatenate([x, -x, x + 100]), numpy.concatenate([places] * 3))
        assert out.ravel().tolist() == [5, 7, 15, 0, -2, 0, 105, 107, 115], out
        assert net(x[0], places[0]).ravel().tolist() == [5, 7, 15]


def test_formats():
    """Darknet's configurations, with Darknet's outputs, and ONNX files, which bring their weights."""
    darknet = os.path.join(REFERENCE, "..", "darknet", "Inputs", "classifier")
    out = netc.compile(darknet + ".cfg", weights=darknet + ".weights")(numpy.load(darknet + ".x.npy"))
    wanted = numpy.load(darknet + ".output.npy")
    assert abs(out - wanted).max() < 1e-5, (out, wanted)
    net = netc.compile(os.path.join(EXAMPLES, "small.onnx"), shapes={"image": (3, 32, 32)})
    assert net(numpy.ones((2, 3, 32, 32), numpy.float32)).any()


def test_errors():
    """Places and hints; a network without weights, which are bound later."""
    path = os.path.join(FOLDER, "wrong.net")
    with open(path, "w", encoding="ascii") as file:
        file.write("net wrong {\n    input x[3, 8, 8]\n    cnov(4, 3)\n}\n")
    error = raises(netc.CompileError, netc.compile, path)
    assert (error.file, error.line, error.column) == (path, 3, 5), vars(error)
    assert "cnov" in error.message and "conv" in error.hint, vars(error)
    error = raises(netc.CompileError, netc.compile, os.path.join(FOLDER, "absent.net"))
    assert error.line is None and "absent.net" in error.message
    source = os.path.join(EXAMPLES, "lenet.net")
    net = netc.compile(source, net="lenet5")
    x = netc_random.input_numpy(1, net.inputs[0].shape)
    assert "no weights" in str(raises(netc.RunError, net, x))
    raises(netc.RunError, net.bind, path)
    net.bind(os.path.join(FOLDER, "lenet5.npz"))
    agrees("lenet5", net(x))


os.makedirs(FOLDER, exist_ok=True)
test_images()
test_integers()
test_regions()
test_formats()
test_errors()
