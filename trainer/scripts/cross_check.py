#!/usr/bin/env python3
"""Hold exported ONNX files against the goldens in their metadata, with onnxruntime.

    python3 -m venv .venv && .venv/bin/pip install onnx==1.23.2 onnxruntime==1.32.0 numpy
    .venv/bin/python trainer/scripts/cross_check.py models/*/*.onnx

The goldens are what burn computed when the file was exported, so an agreement here is one of
three runtimes: burn, Mien's engine (`mien-trainer verify`) and onnxruntime.
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime

TOLERANCE = 1e-4


def check(path):
    """The largest absolute difference between onnxruntime and a file's goldens."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    spec = json.loads(metadata["manifest"])["input"]
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    worst = 0.0
    for golden in json.loads(metadata["goldens"]):
        pixels = np.array(golden["input"], dtype=np.float32)
        x = (pixels - np.float32(spec["mean"])) / np.float32(spec["std"])
        x = x.reshape(1, 1, spec["height"], spec["width"])
        for seen, wanted in zip(session.run(None, {"input": x}), golden["outputs"], strict=True):
            worst = max(worst, float(np.abs(seen.ravel() - np.array(wanted)).max()))
    return worst


def main(paths):
    if not paths:
        sys.exit(__doc__)
    failed = False
    for path in paths:
        worst = check(path)
        failed |= not worst <= TOLERANCE
        print(f"{path}: onnxruntime differs by {worst:.1e}")
    sys.exit(failed)


if __name__ == "__main__":
    main(sys.argv[1:])
