"""What the deeper net begins with: deeper.py REFERENCE data | SHALLOW DEEP."""
import sys

sys.path.insert(0, sys.argv[1])
import gradients
import steps

TAKEN = {"conv1_1": "features.0", "conv2_1": "features.3", "fc": "head"}
if sys.argv[2] == "data":
    steps.write_idx(".")
    sys.exit()
shallow, deep = map(gradients.read_safetensors, sys.argv[2:])
for to, of in TAKEN.items():
    for role in ("weight", "bias"):
        assert deep[f"{to}.{role}"] == shallow[f"{of}.{role}"], to
assert deep["norm.weight"] == shallow["features.4.weight"] and len(deep["conv1_2.weight"]) == 144
