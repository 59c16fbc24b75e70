"""Detectors as PyTorch modules, for nets.py."""
import torch
from torch import nn
from torch.nn import functional as F


def branch(c_in, c, stride):
    return [nn.Conv2d(c_in, c, 1, bias=False), nn.BatchNorm2d(c), nn.ReLU(), *depthwise(c, 3, stride),
            nn.Conv2d(c, c, 1, bias=False), nn.BatchNorm2d(c), nn.ReLU()]


def depthwise(c, k, stride=1):
    return [nn.Conv2d(c, c, k, stride, k // 2, groups=c, bias=False), nn.BatchNorm2d(c)]


class Down(nn.Module):
    def __init__(self, c_in, c):
        super().__init__()
        self.branch_main = nn.Sequential(*branch(c_in, c // 2, 2))
        self.branch_proj = nn.Sequential(*depthwise(c_in, 3, 2), nn.Conv2d(c_in, c // 2, 1, bias=False),
                                         nn.BatchNorm2d(c // 2), nn.ReLU())

    def forward(self, x):
        return torch.cat([self.branch_proj(x), self.branch_main(x)], 1)


class Unit(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.branch_main = nn.Sequential(*branch(c // 2, c // 2, 1))

    def forward(self, x):
        return torch.cat([x[:, ::2], self.branch_main(x[:, 1::2])], 1)


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.first_conv = nn.Sequential(nn.Conv2d(3, 24, 3, 2, 1, bias=False), nn.BatchNorm2d(24), nn.ReLU())
        for number, c, n in ((2, 48, 4), (3, 96, 8), (4, 192, 4)):
            self.add_module(f"stage{number}", nn.Sequential(Down(c // 2, c), *(Unit(c) for _ in range(n - 1))))

    def forward(self, x):
        x = self.stage2(F.max_pool2d(self.first_conv(x), 3, 2, 1))
        fine = self.stage3(x)
        return fine, self.stage4(fine)


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        half = [(*depthwise(72, 5), nn.ReLU(), nn.Conv2d(72, 72, 1, bias=False), nn.BatchNorm2d(72)) for _ in range(2)]
        self.block = nn.Sequential(*half[0], *half[1])

    def forward(self, x):
        return self.block(x)


class Pyramid(nn.Module):
    def __init__(self):
        super().__init__()
        for number, c in ((2, 288), (3, 192)):
            self.add_module(f"conv1x1_{number}", nn.Sequential(nn.Conv2d(c, 72, 1, bias=False), nn.BatchNorm2d(72), nn.ReLU()))
            self.add_module(f"cls_head_{number}", Head())
            self.add_module(f"reg_head_{number}", Head())

    def forward(self, fine, coarse):
        three = self.conv1x1_3(coarse)
        two = self.conv1x1_2(torch.cat([F.interpolate(coarse, scale_factor=2), fine], 1))
        return (self.reg_head_2(two), self.cls_head_2(two)), (self.reg_head_3(three), self.cls_head_3(three))


class YoloFastestV2(nn.Module):
    """Yolo-FastestV2: boxes as centers and sizes; scores are computed and left."""

    SCALES = ((16, ((12.64, 19.39), (37.88, 51.48), (55.71, 138.31))),
              (32, ((126.91, 78.23), (131.57, 214.55), (279.92, 258.87))))

    def __init__(self):
        super().__init__()
        self.backbone, self.fpn = Backbone(), Pyramid()
        self.output_reg_layers = nn.Conv2d(72, 12, 1)
        self.output_obj_layers = nn.Conv2d(72, 3, 1)
        self.output_cls_layers = nn.Conv2d(72, 80, 1)

    def forward(self, x):
        boxes = []
        for (regression, kinds), (step, anchors) in zip(self.fpn(*self.backbone(x)), self.SCALES):
            self.output_obj_layers(kinds), self.output_cls_layers(kinds)
            t = self.output_reg_layers(regression).unflatten(1, (3, 4)).sigmoid() * 2
            rows, columns = (torch.arange(n, dtype=t.dtype, device=t.device) for n in t.shape[-2:])
            cells = torch.stack([columns.expand(len(rows), -1), rows[:, None].expand(-1, len(columns))])
            sizes = torch.tensor(anchors, dtype=t.dtype, device=t.device)[:, :, None, None]
            both = torch.cat([(t[:, :, :2] - 0.5 + cells) * step, t[:, :, 2:] ** 2 * sizes], 2)
            boxes.append(both.permute(0, 1, 3, 4, 2).flatten(1, 3))
        return torch.cat(boxes, 1)
