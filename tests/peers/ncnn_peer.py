"""ncnn on one thread: f32 as `pnnx` turns the ONNX file into ncnn's, no fp16 or bf16 anywhere, and
int8 as `ncnn_int8` writes it."""

import importlib.util
import subprocess
from importlib.metadata import version
from pathlib import Path

import ncnn
import numpy as np
from onnx import numpy_helper

import ncnn_int8
from peer import InProcess, Runtime, Unavailable

CONVERSION_LIMIT_S = 120
CALIBRATION_SAMPLES = 8


def runtimes():
    made = version("ncnn")
    return [
        Runtime("ncnn", "f32", made, lambda net, x: session(converted(net, x), x)),
        Runtime("ncnn", "int8", made, lambda net, x: session(quantised(net, x), x)),
    ]


def converted(net, sample):
    """The stem of `.ncnn.param` and `.ncnn.bin`."""
    folder = net.prepared.parent
    shape = ",".join(map(str, sample.shape))
    command = [converter(), net.prepared.name, "fp16=0", f"inputshape=[{shape}]"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=CONVERSION_LIMIT_S)
    stem = folder / "net.ncnn"
    if done.returncode != 0 or not stem.with_suffix(".ncnn.param").exists():
        raise Unavailable(f"pnnx does not convert the net (exit {done.returncode})")
    param = stem.with_suffix(".ncnn.param")
    param.write_text(with_paddings(param.read_text(), net.model))
    return stem


def converter():
    """pnnx's program inside its package, which is not imported: that would need PyTorch."""
    package = importlib.util.find_spec("pnnx")
    if package is None:
        raise Unavailable("pnnx is not installed")
    return str(Path(package.origin).with_name("pnnx"))


def with_paddings(param, model):
    """`param` with each `Pad`, which pnnx leaves without its amounts, as ncnn's `Padding`.

    Both files list their layers in the net's order, so the amounts are those of the ONNX nodes.
    """
    constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    pads = [constants[n.input[1]].tolist() for n in model.graph.node if n.op_type == "Pad"]
    lines = param.splitlines()
    left = [i for i, line in enumerate(lines) if line.split()[0] == "Pad"]
    if not left:
        return param
    if len(left) != len(pads):
        raise Unavailable(f"pnnx leaves {len(left)} of {len(pads)} paddings")
    for i, amounts in zip(left, pads, strict=True):
        lines[i] = _padding(lines[i], amounts)
    return "\n".join(lines) + "\n"


def _padding(line, amounts):
    """ncnn's layer for ONNX's amounts [begin n, c, h, w, end n, c, h, w]."""
    _, front, top, left, _, behind, bottom, right = amounts
    keys = {0: top, 1: bottom, 2: left, 3: right, 7: front, 8: behind}
    return " ".join(["Padding", *line.split()[1:], *(f"{k}={v}" for k, v in keys.items())])


def quantised(net, sample):
    """The stem of the int8 form, calibrated on noise: good for its time, not its accuracy."""
    plain = converted(net, sample)
    param, weights = Path(f"{plain}.param"), Path(f"{plain}.bin")
    head, layers = ncnn_int8.read(param.read_text(), weights.read_bytes())
    blobs = {b for layer in layers if layer.coded for b in layer.bottoms}
    samples = [net.sample(k) for k in range(CALIBRATION_SAMPLES)]
    text, data = ncnn_int8.write(head, layers, largest_magnitudes(plain, blobs, samples))
    stem = plain.with_name("int8.ncnn")
    Path(f"{stem}.param").write_text(text)
    Path(f"{stem}.bin").write_bytes(data)
    return stem


def largest_magnitudes(stem, blobs, samples):
    """The largest magnitude that each blob takes over `samples`."""
    loaded = _loaded(stem, keep_blobs=True)
    largest = dict.fromkeys(blobs, float(np.finfo(np.float32).tiny))
    for sample in samples:
        extractor = loaded.create_extractor()
        extractor.input(loaded.input_names()[0], _mat(sample))
        for blob in blobs:
            seen = float(np.abs(np.array(extractor.extract(blob)[1])).max())
            largest[blob] = max(largest[blob], seen)
    return largest


def session(stem, sample):
    loaded = _loaded(stem)
    entry = loaded.input_names()[0]
    exits = sorted(loaded.output_names(), key=lambda name: int(name.removeprefix("out")))
    pixels = _mat(sample)
    kept = []  # outputs live as long as their extractor; a view of a freed one would be read back

    def run():
        extractor = loaded.create_extractor()
        extractor.input(entry, pixels)
        kept[:] = [extractor, [extractor.extract(e)[1] for e in exits]]

    return InProcess(run, lambda: [np.array(m) for m in kept[1]])


def _mat(sample):
    return ncnn.Mat(np.ascontiguousarray(sample[0])).clone()


def _loaded(stem, keep_blobs=False):
    net = ncnn.Net()
    options = net.opt
    options.lightmode = not keep_blobs
    options.num_threads = 1
    options.use_fp16_packed = options.use_fp16_storage = options.use_fp16_arithmetic = False
    options.use_bf16_storage = options.use_bf16_packed = False
    param, weights = f"{stem}.param", f"{stem}.bin"
    if net.load_param(param) != 0 or net.load_model(weights) != 0:
        raise Unavailable("does not load what pnnx wrote")
    return net
