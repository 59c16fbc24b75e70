"""Networks of torchvision that find things, exported by PyTorch, against onnxruntime: detection_nets.py NETC FOLDER NAME...

Each has random weights, with the statistics of bn of some pictures and heads such that scores and boxes differ (without these its
scores are nearly the same everywhere, and which box is found is a matter of rounding), is exported by the exporter that traces for every
version of the operators in VERSIONS, compiled by netc, and run on random pictures. Each finds as many things as onnxruntime does, and the
same ones: of the same classes, with scores and corners that differ by at most 1e-4, corners of the picture's side. Prints a line for
each export that is not so, and at last how many there were and how many things were found. Status 1: one is not so.
"""
import os
import shutil
import sys

import numpy
import onnxruntime
import torch
import torchvision

import torchvision_nets

SIDES = {"ssd300_vgg16": 300, "ssdlite320_mobilenet_v3_large": 320, "retinanet_resnet50_fpn": 128, "retinanet_resnet50_fpn_v2": 128,
         "fcos_resnet50_fpn": 128, "fasterrcnn_mobilenet_v3_large_320_fpn": 160, "fasterrcnn_mobilenet_v3_large_fpn": 160,
         "fasterrcnn_resnet50_fpn": 128, "maskrcnn_resnet50_fpn": 128, "keypointrcnn_resnet50_fpn": 128}
FIXED = ("ssd300_vgg16", "ssdlite320_mobilenet_v3_large")  # those that read pictures of one size alone
VERSIONS = (11, 17)
PICTURES = 3
MASK = 28  # rows and columns of a mask of Mask R-CNN
NEAR = 1e-4  # of scores; of corners, in picture sides
RESULTS = ("boxes", "scores", "labels")
RESULTS_OF_STAGES = ("boxes", "labels", "scores")  # as nets of two stages give them
MORE = {"maskrcnn_resnet50_fpn": ("masks",), "keypointrcnn_resnet50_fpn": ("keypoints", "keypoints_scores")}


def spread(layers, x, net, deviation):
    """Scales the weights of each layer so that its outputs for the picture x have that deviation."""
    for layer in layers:
        seen = []
        handle = layer.register_forward_hook(lambda module, inputs, output: seen.append(output.flatten()))
        net(x)
        handle.remove()
        layer.weight /= torch.cat(seen).std() / deviation


def last_layers(head):
    """The last convolution for each of the maps, or those that all share."""
    if hasattr(head, "module_list"):
        return [[m for m in one.modules() if isinstance(m, torch.nn.Conv2d)][-1] for one in head.module_list]
    return [getattr(head, name) for name in ("cls_logits", "bbox_reg", "bbox_ctrness") if hasattr(head, name)]


def layers_of(net):
    """The last layers of heads, and the deviation that their results get."""
    if hasattr(net, "head"):
        moved = 1 if hasattr(net.head.regression_head, "module_list") else 0.2
        return [(last_layers(net.head.classification_head), 2), (last_layers(net.head.regression_head), moved)]
    last = net.roi_heads.box_predictor
    classes = 0.4 if net.roi_heads.has_keypoint() else 1  # of two classes alone a score is steeper
    layers = [([net.rpn.head.cls_logits], 2), ([net.rpn.head.bbox_pred], 0.2), ([last.cls_score], classes), ([last.bbox_pred], 0.5)]
    if net.roi_heads.has_mask():
        layers.append(([net.roi_heads.mask_predictor.mask_fcn_logits], 0.5))
    if net.roi_heads.has_keypoint():
        layers.append(([net.roi_heads.keypoint_predictor.kps_score_lowres], 0.1))
    return layers


def draw(n, side):
    """Pictures of large spots, and noise."""
    spots = torch.nn.functional.interpolate(torch.rand(n, 3, 9, 9), size=(side, side), mode="bicubic")
    return (spots + 0.3 * torch.rand(n, 3, side, side)).clamp(0, 1)


def make(name, x):
    torch.manual_seed(1)
    sizes = {} if name in FIXED else {"min_size": SIDES[name], "max_size": SIDES[name]}
    sizes |= {"box_score_thresh": 0.02} if "rcnn" in name else {}
    net = getattr(torchvision.models.detection, name)(weights=None, weights_backbone=None, **sizes)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    if hasattr(net, "head") and hasattr(net.head.regression_head, "bbox_ctrness"):
        torch.nn.init.ones_(net.head.regression_head.bbox_reg.bias)  # distances to sides, of which those below 0 are 0
    with torch.no_grad():
        images, _ = net.transform(list(draw(8, x.shape[-1])))
        head = net.head if hasattr(net, "head") else net.rpn.head
        head(list(net.backbone(images.tensors).values()))
        net.eval()
        for layers, deviation in layers_of(net):
            spread(layers, x, net, deviation)
    return net


def is_cut_elsewhere(box, side):
    """Whether a box, wider by the padding of its mask, ends so near to a whole pixel that rounding may cut it off at another one."""
    half = (box[2:] - box[:2]) / 2 * (MASK + 2) / MASK
    wide = numpy.concatenate([(box[:2] + box[2:]) / 2 - half, (box[:2] + box[2:]) / 2 + half])
    return abs(wide - wide.round()).min() <= NEAR * side


def mask_bound(mask, moved):
    """By how much masks may differ whose boxes lie so many pixels apart: where the mask is steepest, it is moved."""
    return NEAR + moved * max(abs(numpy.diff(mask, axis=axis)).max() for axis in (-1, -2))


def are_same_points(found, others, side):
    """Of points and their scores. One point may lie at another pixel, for of two that are as good rounding decides."""
    (points, scores), (there, as_good) = found, others
    apart = abs(points - there).max(-1) > NEAR * side
    return apart.sum() <= 1 and abs(scores - as_good).max() <= NEAR


def is_same(thing, other, side):
    """Of a box, a score and a class, and perhaps a mask, or points and their scores."""
    moved = abs(thing[0] - other[0]).max()
    if thing[2] != other[2] or abs(thing[1] - other[1]) > NEAR or moved > NEAR * side:
        return False
    if len(thing) == 4:
        return is_cut_elsewhere(thing[0], side) or abs(thing[3] - other[3]).max() <= mask_bound(thing[3], moved)
    return len(thing) == 3 or are_same_points(thing[3:], other[3:], side)


def without_partner(things, others, side):
    """Those that are not among the others. Scores are in order, so that partners stand near each other; at the end of the list, which
    has an end, another may be the last whose score is as good."""
    others, alone = list(zip(*others)), []
    for i, thing in enumerate(zip(*things)):
        near = [k for k in range(max(i - 5, 0), min(i + 6, len(others))) if is_same(thing, others[k], side)]
        if not near and thing[1] > things[1][-1] + NEAR:
            alone.append(i)
    return alone


def difference(wanted, got, side):
    """What is wrong with what was found; None: nothing."""
    if any(a.shape != b.shape for a, b in zip(wanted, got)):
        return f"{len(got[1])} things, not {len(wanted[1])}"
    missing, more = without_partner(wanted, got, side), without_partner(got, wanted, side)
    if not missing and not more:
        return None
    return f"not found are numbers {missing}, found {more} instead"


def fault(netc, folder, path, pictures, results):
    """What is wrong with an export, None: nothing; and how many things were found."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # that a list in a loop grows is no warning
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    program, picture, things = os.path.join(folder, "program"), os.path.join(folder, "x.npy"), 0
    outputs = [word for name in results for word in ("--output", f"{name}={folder}/{name}.npy")]
    said = torchvision_nets.run(netc, path, "-o", program)
    for x in pictures:
        wanted = session.run(results, {session.get_inputs()[0].name: x.numpy()})
        numpy.save(picture, x.numpy())
        said = said or torchvision_nets.run(program, "run", "--input", picture, *outputs)
        if said:
            break
        got = [numpy.load(f"{folder}/{name}.npy")[0] for name in results]
        said = difference(wanted, got, x.shape[-1])
        things += len(wanted[1])
    return said, things


def main():
    netc, folder, *names = sys.argv[1:]
    torch.set_num_threads(1)
    faults = exports = things = 0
    for name in names:
        pictures = [draw(1, SIDES[name]) for _ in range(PICTURES)]
        net = make(name, pictures[0])
        for version in VERSIONS:
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder)
            path = os.path.join(folder, "net.onnx")
            results = RESULTS if hasattr(net, "head") else RESULTS_OF_STAGES
            more = MORE.get(name, ())
            torchvision_nets.export(net, pictures[0], path, "trace", version, output_names=results + more)
            said, found = fault(netc, folder, path, pictures, RESULTS + more)
            exports, faults, things = exports + 1, faults + bool(said), things + found
            if said:
                print(f"{name}, version {version}: {said}", flush=True)
    if not os.environ.get("KEEP"):
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{exports} exports, {faults} faults, {things} things")
    sys.exit(faults > 0)


if __name__ == "__main__":
    main()
