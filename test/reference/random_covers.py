"""Whether random networks have every operator that users write: random_covers.py OPS.def COUNT, of so many networks from number 1 on,
which is as many as the tests compare."""
import re
import sys

import random_net

# Operators that no random network has, and why
CHOOSES = "of numbers that rounding makes equal or not, or whole or not, it may choose another: test/nets/indices.net"
EXCEPTIONS = {"argmax": CHOOSES, "argmin": CHOOSES, "gather": CHOOSES,
              "embedding": CHOOSES, "long": CHOOSES, "float": CHOOSES, "nms": CHOOSES.replace("indices.net", "boxes_torch.test"),
              **dict.fromkeys(("anchors", "inside", "decode", "decode_yolo", "roi_align", "roi_pool", "proposals", "paste_masks", "heatmaps_to_keypoints"), "of boxes: test/nets/regions_torch.test")}

TABLE, COUNT = sys.argv[1:]
text = open(TABLE, encoding="utf-8").read()
operators = set(re.findall(r'^OP\(\w+, "(\w+)", (?:LAYER|FORK),', text, re.M))
drawn = set()
for seed in range(1, int(COUNT) + 1):
    drawn.update(re.findall(r"\w+", re.sub(r'"[^"]*"', "", random_net.Net(seed).text())))
for name in sorted(operators - drawn - set(EXCEPTIONS)):
    print(f"no random network has '{name}': test/reference/random_net.py does not make it")
for name in sorted(EXCEPTIONS):
    if name in drawn or name not in operators:
        print(f"'{name}' is an exception for no reason")
sys.exit(not operators or bool(operators - drawn - set(EXCEPTIONS)) or any(name in drawn or name not in operators for name in EXCEPTIONS))
