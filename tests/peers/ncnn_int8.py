"""An ncnn net in int8, as ncnn's own `ncnn2int8` would write it, which no Python package carries.

A weighted layer names scales in its parameter 8 and holds them in the weights' file behind its
bias: one for each output (or group) of its weights, one for its input and, where its output goes to
convolutions only, one for that output, so that values stay int8 between them. A scale is 127 over
the largest magnitude seen; ncnn rounds the weights when it loads them.
"""

import struct
from dataclasses import dataclass
from math import prod

import numpy as np

from peer import Unavailable

RAW_F32 = 0  # the tag before weights that are stored as plain floats
SCALE_TERMS = {"Convolution": 2, "ConvolutionDepthWise": 1, "InnerProduct": 2}
KEEPS_INT8 = 100  # added to a scale term: the output leaves in int8
CONSTANT_KEYS = {"PReLU": (0,), "MemoryData": (0, 1, 2, 11)}  # whose product is the size


@dataclass
class Layer:
    """One line of a `.param` file, with the arrays that follow for it in the `.bin` file."""

    line: str
    kind: str
    bottoms: list[str]
    tops: list[str]
    numbers: dict[int, str]
    weights: np.ndarray | None = None
    bias: np.ndarray | None = None

    @property
    def coded(self):
        return self.kind in SCALE_TERMS

    def scales(self):
        """One for each output, or for each group of a depthwise convolution."""
        largest = np.abs(self.weights.reshape(self._rows(), -1)).max(axis=1)
        return (127 / np.maximum(largest, np.finfo(np.float32).tiny)).astype(np.float32)

    def _rows(self):
        return int(self.numbers[7 if self.kind == "ConvolutionDepthWise" else 0])


def read(param, weights):
    """The head of a `.param` file and its layers, with what `weights`, the `.bin` bytes, holds."""
    magic, counts, *lines = param.splitlines()
    layers = [_layer(line) for line in lines if line.strip()]
    floats = np.frombuffer(weights, dtype="<f4")
    place = 0
    for layer in layers:
        place = _take(layer, floats, place)
    if place != len(floats):
        raise Unavailable("its weights hold what the int8 writer does not know")
    return [magic, counts], layers


def write(head, layers, largest):
    """The int8 form as (`.param` text, `.bin` bytes); `largest` is a blob's largest magnitude."""
    lines, data = list(head), bytearray()
    for layer in layers:
        if not layer.coded:
            lines.append(layer.line)
            data += b"" if layer.weights is None else layer.weights.tobytes()
            continue
        following = leads_to(layer, layers)
        term = SCALE_TERMS[layer.kind] + (KEEPS_INT8 if following else 0)
        lines.append(f"{layer.line} 8={term}")
        data += struct.pack("<I", RAW_F32) + layer.weights.tobytes()
        data += b"" if layer.bias is None else layer.bias.tobytes()
        blobs = layer.bottoms + ([following.bottoms[0]] if following else [])
        data += layer.scales().tobytes()
        data += np.array([127 / largest[b] for b in blobs], dtype="<f4").tobytes()
    return "\n".join(lines) + "\n", bytes(data)


def leads_to(layer, layers):
    """A convolution that reads `layer`'s output when nothing else does, or None."""
    if layer.kind == "InnerProduct":
        return None
    readers = [x for x in layers if layer.tops[0] in x.bottoms]
    if [x.kind for x in readers] == ["Split"]:
        readers = [x for x in layers if set(readers[0].tops) & set(x.bottoms)]
    convolves = all(x.kind in ("Convolution", "ConvolutionDepthWise") for x in readers)
    return readers[0] if readers and convolves else None


def _layer(line):
    kind, _, bottoms, tops, *rest = line.split()
    split, end = int(bottoms), int(bottoms) + int(tops)
    numbers = dict(entry.split("=", 1) for entry in rest[end:])
    numbers = {int(key): value for key, value in numbers.items()}
    return Layer(line, kind, rest[:split], rest[split:end], numbers)


def _take(layer, floats, place):
    """Gives `layer` its arrays from `place` on; returns the place after them."""
    if layer.kind in CONSTANT_KEYS:
        sizes = (int(layer.numbers.get(key, 1)) for key in CONSTANT_KEYS[layer.kind])
        end = place + prod(sizes)
        layer.weights = floats[place:end]
        return end
    if not layer.coded:
        return place
    if floats[place : place + 1].view("<u4") != RAW_F32:
        raise Unavailable("its weights are not plain floats")
    size_key, bias_key = (2, 1) if layer.kind == "InnerProduct" else (6, 5)
    middle = place + 1 + int(layer.numbers[size_key])
    layer.weights = floats[place + 1 : middle]
    if layer.numbers.get(bias_key) != "1":
        return middle
    end = middle + int(layer.numbers[0])
    layer.bias = floats[middle:end]
    return end
