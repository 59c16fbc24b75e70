"""Compares what detectors find with torchvision's models, and one of VGG with its functions: detection.py NETC EXAMPLES FOLDER."""
import os
import subprocess
import sys

import numpy as np
import torch
import torchvision
from safetensors.torch import save_file
from torch import nn
from torchvision.models import detection
from torchvision.models.detection._utils import BoxCoder
from torchvision.models.detection.anchor_utils import AnchorGenerator

NETC, EXAMPLES, FOLDER = sys.argv[1:]
HEIGHT, WIDTH = 160, 224
# What default initialization makes too alike, so that nothing is found: parts of names, and factors.
FACTORS = {"cls_score.weight": 40, "box_predictor.bbox_pred.weight": 20, "bn3.weight": 0.3, "cls_logits.weight": 20, "bbox_reg.weight": 10,
           "rpn.head.bbox_pred.weight": 10}


def torchvisions(name, **options):
    """A model on pictures as they are given, with statistics and scores that differ."""
    model = getattr(detection, name)(weights=None, weights_backbone=None, **options).eval()
    model.transform.image_mean, model.transform.image_std = [0.0] * 3, [1.0] * 3
    for key, value in model.state_dict().items():
        if "running_mean" in key:
            value.normal_(0, 0.1)
        elif "running_var" in key:
            value.uniform_(0.5, 1.5)
        elif "classification_head.cls_logits.bias" in key:
            value.add_(2.5)
        value.mul_(next((factor for part, factor in FACTORS.items() if key.endswith(part)), 1))
    return model, lambda x: [model([x])[0][key] for key in ("boxes", "scores", "labels")]


def calibrated(name):
    """A model whose bn has the statistics of what flows through it: without, a deep one makes the same of all pictures."""
    model, find = torchvisions(name)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1.0
    model.train()
    model.head(list(model.backbone(torch.randn(4, 3, 320, 320)).values()))
    for key, value in model.state_dict().items():
        if "module_list" in key and value.dim() == 4:
            value.mul_(3)
    return model.eval(), find


class FasterRCNN(nn.Module):
    """examples/faster_rcnn.net, of torchvision's functions."""

    def __init__(self, classes=21):
        super().__init__()
        layers, before = [], 3
        for n, c in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
            for _ in range(n):
                layers += [nn.Conv2d(before, c, 3, padding=1), nn.ReLU()]
                before = c
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers[:-1])
        self.rpn = nn.Sequential(nn.Conv2d(512, 512, 3, padding=1), nn.ReLU())
        self.scores, self.deltas = nn.Conv2d(512, 18, 1), nn.Conv2d(512, 36, 1)
        self.classifier = nn.Sequential(nn.Linear(25088, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout())
        self.bbox_pred, self.cls_score = nn.Linear(4096, 4 * classes), nn.Linear(4096, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
        for module, std in ((self.scores, 0.02), (self.deltas, 5e-4), (self.cls_score, 0.2), (self.bbox_pred, 0.02)):
            nn.init.normal_(module.weight, std=std)
        self.classes = classes

    def proposals(self, features):
        near = self.rpn(features)
        scores, deltas = self.scores(near)[0], self.deltas(near)[0]
        rows, columns = scores.shape[1:]
        grid = AnchorGenerator(((128, 256, 512),), ((0.5, 1.0, 2.0),)).grid_anchors([[rows, columns]], [[torch.tensor(16)] * 2])[0]
        scores = (scores[9:] - scores[:9]).permute(1, 2, 0).flatten()
        deltas = deltas.reshape(9, 4, rows, columns).permute(2, 3, 0, 1).reshape(-1, 4)
        boxes = torchvision.ops.clip_boxes_to_image(BoxCoder((1.0,) * 4).decode_single(deltas, grid), (HEIGHT, WIDTH))
        best = scores.sort(descending=True, stable=True)[1][:6000]
        return boxes[best][torchvision.ops.nms(boxes[best], scores[best], 0.7)[:300]]

    def forward(self, x):
        features = self.features(x[None])
        rois = self.proposals(features)
        y = self.classifier(torchvision.ops.roi_pool(features, [rois], 7, 1 / 16).flatten(1))
        boxes = torchvision.ops.clip_boxes_to_image(BoxCoder((10.0, 10.0, 5.0, 5.0)).decode(self.bbox_pred(y), [rois]), (HEIGHT, WIDTH))
        boxes, scores = boxes[:, 1:].reshape(-1, 4), self.cls_score(y).softmax(-1)[:, 1:].reshape(-1)
        labels = torch.arange(1, self.classes).repeat(len(rois))
        boxes, scores, labels = (t[scores > 0.05] for t in (boxes, scores, labels))
        kept = torchvision.ops.batched_nms(boxes, scores, labels, 0.3)[:100]
        return boxes[kept], scores[kept], labels[kept]


def written():
    model = FasterRCNN().eval()
    return model, model


# Names of units in examples/yolo.net, which pools count too.
UNITS = ("0", "2", "4", "6", "8", "10", "12", "13", "14", "15", "18")


class Tiny(nn.ModuleDict):
    """YOLO v3 tiny by Darknet's description: boxes and scores of all anchors, by its rule."""

    SCALES = ((32, ((81, 82), (135, 169), (344, 319))), (16, ((10, 14), (23, 27), (37, 58))))

    def __init__(self, classes=80):
        super().__init__()
        self.k = 5 + classes
        for i, (before, c, k) in enumerate(((3, 16, 3), (16, 32, 3), (32, 64, 3), (64, 128, 3), (128, 256, 3), (256, 512, 3), (512, 1024, 3),
                                            (1024, 256, 1), (256, 512, 3), (256, 128, 1), (384, 256, 3))):
            self[UNITS[i]] = nn.Sequential(nn.Conv2d(before, c, k, padding=k // 2, bias=False), nn.BatchNorm2d(c))
        self["last0"], self["last1"] = nn.Conv2d(512, 3 * self.k, 1), nn.Conv2d(256, 3 * self.k, 1)

    def unit(self, i, x):
        return nn.functional.leaky_relu(self[UNITS[i]](x), 0.1)

    def found(self, t, stride, sizes):
        rows, columns = t.shape[2:]
        t = t.reshape(1, 3, self.k, rows, columns).permute(0, 3, 4, 1, 2).reshape(-1, self.k)
        y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
        cell = torch.stack([x, y], -1).reshape(-1, 1, 2).expand(-1, 3, 2).reshape(-1, 2)
        center = (torch.sigmoid(t[:, :2]) + cell) * stride
        half = torch.exp(t[:, 2:4]) * torch.tensor(sizes).repeat(rows * columns, 1) / 2
        return torch.cat([center - half, center + half], 1), torch.sigmoid(t[:, 5:]) * torch.sigmoid(t[:, 4:5])

    def forward(self, x):
        pool = nn.functional.max_pool2d
        for i in range(4):
            x = pool(self.unit(i, x), 2)
        fine = self.unit(4, x)
        x = self.unit(5, pool(fine, 2))
        x = self.unit(6, pool(nn.functional.pad(x, (0, 1, 0, 1), value=-torch.inf), 2, 1))
        coarse = self.unit(7, x)
        up = nn.functional.interpolate(self.unit(9, coarse), scale_factor=2)
        maps = self["last0"](self.unit(8, coarse)), self["last1"](self.unit(10, torch.cat([up, fine], 1)))
        found = [self.found(t, *scale) for t, scale in zip(maps, self.SCALES)]
        return torch.cat([f[0] for f in found]), torch.cat([f[1] for f in found])


def check_yolo():
    model = Tiny().eval()
    for key, value in model.state_dict().items():
        if "running_var" in key:
            value.fill_(0.3)
    x = torch.rand(3, 96, 96)
    save_file({key: value for key, value in model.state_dict().items() if "num_batches" not in key}, "weights.safetensors")
    np.save("x.npy", x[None].numpy())
    subprocess.run([NETC, os.path.join(EXAMPLES, "yolo.net"), "-D", "side=96", "-o", "n"], check=True)
    subprocess.run(["./n", "run", "--weights", "weights.safetensors", "--input", "x.npy", "--output=output=0.npy", "--output=scores=1.npy"], check=True)
    with torch.no_grad():
        boxes, scores = model(x[None])
    return np.allclose(np.load("0.npy")[0], boxes, rtol=1e-4, atol=1e-2) and np.allclose(np.load("1.npy")[0], scores, atol=1e-5)


CASES = (("detection", "fasterrcnn_resnet50_fpn", "roi_heads", "roi_heads.detections", lambda: torchvisions("fasterrcnn_resnet50_fpn", fixed_size=(WIDTH, HEIGHT))),
         ("detection", "retinanet_resnet50_fpn", "head", "head.detections", lambda: torchvisions("retinanet_resnet50_fpn", fixed_size=(WIDTH, HEIGHT))),
         ("ssdlite", "ssdlite320_mobilenet_v3_large", "head", "head.detections", lambda: calibrated("ssdlite320_mobilenet_v3_large")),
         ("faster_rcnn", "faster_rcnn", "found", "found", written))


def run(file, net, output, results, model, x):
    save_file({key: value for key, value in model.state_dict().items() if "num_batches" not in key}, "weights.safetensors")
    np.save("x.npy", x[None].numpy())
    size = [] if file == "ssdlite" else ["-D", f"height={HEIGHT}", "-D", f"width={WIDTH}"]
    subprocess.run([NETC, os.path.join(EXAMPLES, file + ".net"), "--net", net, *size, "-o", "n"], check=True)
    names = [output, *(f"{results}.{name}" for name in ("scores", "classes", "count"))]
    files = [f"--output={name}={i}.npy" for i, name in enumerate(names)]
    subprocess.run(["./n", "run", "--weights", "weights.safetensors", "--input", "x.npy", *files], check=True)
    boxes, scores, classes, count = (np.load(f"{i}.npy")[0] for i in range(4))
    return [found[:count[0]] for found in (boxes, scores, classes)]


def main():
    os.chdir(FOLDER)
    torch.manual_seed(3)
    faults = not check_yolo()
    print("yolov3_tiny:", "they differ" if faults else "equal")
    for *case, make in CASES:
        with torch.no_grad():
            model, find = make()
        x = torch.randn(3, *((320, 320) if case[0] == "ssdlite" else (HEIGHT, WIDTH)))
        with torch.no_grad():
            want = [t.numpy() for t in find(x)]
        got = run(*case, model, x)
        same = (len(want[0]) > 5 and len(got[0]) == len(want[0]) and np.array_equal(got[2], want[2])
                and np.allclose(got[1], want[1], atol=1e-4) and np.allclose(got[0], want[0], atol=0.01))
        faults += not same
        print(f"{case[1]}: {len(got[0])} boxes, {len(want[0])} of torchvision: {'equal' if same else 'they differ'}")
    return faults > 0


sys.exit(main())
