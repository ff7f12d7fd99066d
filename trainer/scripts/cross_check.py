#!/usr/bin/env python3
"""Hold ONNX files against what their metadata says they compute, with onnxruntime.

    python3 -m venv .venv && .venv/bin/pip install onnx==1.23.2 onnxruntime==1.32.0 numpy
    .venv/bin/python trainer/scripts/cross_check.py models/*/*.onnx
    .venv/bin/python trainer/scripts/cross_check.py --samples

An exported file carries goldens: what burn (f32) or the bit-exact reference (integer) computed
when it was exported. `--samples` builds the example `onnx_samples` and checks what it writes: a file
for each operation, and a net of integer steps with every value as an output. Numbers may differ by
1e-4, codes by one step. An agreement is one of three runtimes: burn, Mien's engine (`mien-trainer
verify`) and onnxruntime.
"""

import glob
import json
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime

SAMPLES = "cargo run --release --quiet -p mien-trainer --example onnx_samples --".split()

INTEGER = ("QLinearConv", "QGemm", "ConvInteger")

TOLERANCE = 1e-4
CODE_STEPS = 1
# A code may round the other way; the outputs of an int8 network may follow by this share of the
# largest.
INTEGER_SHARE = 0.02


def session(path, model):
    """A session that adds a file's products exactly, on any processor."""
    options = onnxruntime.SessionOptions()
    if any(node.op_type in INTEGER for node in model.graph.node):
        # Without VNNI, onnxruntime's faster products saturate at 16 bits.
        options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def inputs_of(metadata):
    """Each input of a file, with the outputs wanted of it and how much each may differ."""
    if "samples" in metadata:
        samples = json.loads(metadata["samples"])
        for case in samples["cases"]:
            x = np.array(case["input"], dtype=np.float32).reshape(1, *samples["shape"])
            yield x, case["wanted"]
        return
    manifest = json.loads(metadata["manifest"])
    spec = manifest["input"]
    share = INTEGER_SHARE if manifest["precision"] == "int8" else 0.0
    for golden in json.loads(metadata["goldens"]):
        pixels = np.array(golden["input"], dtype=np.float32)
        x = (pixels - np.float32(spec["mean"])) / np.float32(spec["std"])
        x = x.reshape(1, 1, spec["height"], spec["width"])
        yield x, [{"values": values, "share": share} for values in golden["outputs"]]


class Difference:
    """How far a file's outputs lie from those wanted."""

    def __init__(self):
        self.numbers, self.codes, self.differing, self.coded = 0.0, 0, 0, 0
        self.failed = False

    def add(self, seen, want):
        """Takes one output in."""
        values = np.array(want["values"])
        assert seen.size == values.size, f"{want.get('name')} has another size"
        if want.get("coded"):
            assert seen.dtype == np.uint8, f"{want['name']} is no code"
            steps = np.abs(seen.ravel().astype(int) - values)
            self.codes = max(self.codes, int(steps.max()))
            self.differing += int((steps > 0).sum())
            self.coded += steps.size
            self.failed |= self.codes > CODE_STEPS
            return
        worst = float(np.abs(seen.ravel() - values).max())
        self.numbers = max(self.numbers, worst)
        allowed = max(TOLERANCE, want.get("share", 0.0) * float(np.abs(values).max()))
        self.failed |= not worst <= allowed

    def __str__(self):
        words = f"differs by {self.numbers:.1e}"
        if self.coded:
            counts = f"{self.differing} of {self.coded}"
            words += f", in {counts} codes by at most {self.codes}"
        return words


def check(path):
    """The difference of a file from what its metadata says."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    runtime = session(path, model)
    difference = Difference()
    for x, wanted in inputs_of(metadata):
        for seen, want in zip(runtime.run(None, {"input": x}), wanted, strict=True):
            difference.add(seen, want)
    return difference


def report(paths):
    """Prints each file's difference; whether one is too large."""
    failed = False
    for path in paths:
        difference = check(path)
        failed |= difference.failed
        print(f"{path}: onnxruntime {difference}")
    return failed


def main(arguments):
    if not arguments:
        sys.exit(__doc__)
    if arguments != ["--samples"]:
        sys.exit(report(arguments))
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*SAMPLES, folder], check=True)
        sys.exit(report(sorted(glob.glob(f"{folder}/*.onnx"))))


if __name__ == "__main__":
    main(sys.argv[1:])
