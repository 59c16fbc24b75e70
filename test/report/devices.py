"""The devices of alexnet_devices: what they hold sums to the totals, and what they receive is what the paper's split sends."""
import json
import sys

FLOAT = 4
# conv3 reads the other device's half of conv2's pooled maps, fc6 that of conv5's, fc7 that of fc6.
CONV3, FC6, FC7 = 128 * 13 * 13, 128 * 6 * 6, 2048
RECEIVED = [FLOAT * (CONV3 + FC6 + FC7 + 2048), FLOAT * (CONV3 + FC6 + FC7)]  # fc8 reads the second's half of fc7

data = json.load(sys.stdin)
devices, totals = data["devices"], data["totals"]
assert [device["device"] for device in devices] == [0, 1]
assert [device["received_bytes"] for device in devices] == RECEIVED, devices
for name in ("params", "macs", "activations"):
    assert sum(device[name] for device in devices) == totals[name], name
for device in devices:
    assert device["bytes"] == FLOAT * (device["params"] + device["buffers"] + device["activations"])
