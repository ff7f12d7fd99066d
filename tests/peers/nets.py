"""ONNX files made ready so that every runtime starts from the same net.

A prepared net has batch 1, weights in f32 (dequantised once, here, since a runtime that finds
int8 weights in the file may widen them again on every run), no weight among its inputs, and
inferred shapes. Nothing else is rewritten: fusions are each runtime's own affair.
"""

from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper


@dataclass(frozen=True)
class Net:
    """One net: `source` as found, `prepared` as every peer reads it, `bundle` if Mien ships it."""

    name: str
    source: Path
    prepared: Path
    bundle: Path | None

    @property
    def shipped(self):
        return self.bundle is not None

    @cached_property
    def model(self):
        return onnx.load(self.prepared)

    @cached_property
    def input(self):
        """Name and shape of the only input."""
        value = self.model.graph.input[0]
        return value.name, shape_of(value)

    @cached_property
    def macs(self):
        return count_macs(self.model)

    def sample(self, seed):
        """A picture of noise in 0..1, f32, in the shape of the input."""
        return np.random.default_rng(seed).random(self.input[1], dtype=np.float32)


def find(models, others, work):
    """The shipped nets under `models`, then those of the folder `others` (or none)."""
    found = [(_f32(f), f) for f in sorted(Path(models).glob("*/*.mien"))]
    if others is not None:
        found += [(f, None) for f in sorted(Path(others).glob("*.onnx"))]
    return [_net(source, bundle, Path(work)) for source, bundle in found]


def _f32(bundle):
    """The ONNX file of a bundle whose arithmetic is f32."""
    beside = bundle.with_suffix(".f32.onnx")
    return beside if beside.exists() else bundle.with_suffix(".onnx")


def _net(source, bundle, work):
    name = (bundle or source).stem
    folder = work / name
    folder.mkdir(parents=True, exist_ok=True)
    prepared = folder / "net.onnx"
    onnx.save(prepare(onnx.load(source)), prepared)
    return Net(name, source, prepared, bundle)


def prepare(model):
    """`model` changed in place as the head of this file says, and returned.

    Raises ValueError for a net with several inputs or a dimension other than the batch open.
    """
    graph = model.graph
    weights = {t.name for t in graph.initializer}
    inputs = [i for i in graph.input if i.name not in weights]
    if len(inputs) != 1:
        raise ValueError(f"{graph.name}: {len(inputs)} inputs; the benchmark feeds exactly one")
    _replace(graph.input, inputs)
    _fold_dequantised(graph)
    _close_batch(graph)
    model = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    onnx.checker.check_model(model)
    return model


def shape_of(value):
    return [d.dim_value for d in value.type.tensor_type.shape.dim]


def shapes(model):
    """Name to shape of every value: inputs, weights, intermediate values, outputs."""
    graph = model.graph
    known = {v.name: shape_of(v) for v in [*graph.input, *graph.value_info, *graph.output]}
    return known | {t.name: list(t.dims) for t in graph.initializer}


def count_macs(model):
    """Multiply-accumulates of the convolutions and matrix products of one inference."""
    shape = shapes(model)
    return sum(_node_macs(node, shape) for node in model.graph.node)


def attributes(node):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def _node_macs(node, shape):
    if node.op_type == "Conv":
        return prod(shape[node.output[0]]) * prod(shape[node.input[1]][1:])
    if node.op_type in ("Gemm", "MatMul"):
        inner = shape[node.input[0]][0 if attributes(node).get("transA") else -1]
        return prod(shape[node.output[0]]) * inner
    return 0


def _fold_dequantised(graph):
    """Replaces every DequantizeLinear of constants by its f32 result."""
    constants = {t.name: t for t in graph.initializer}
    kept = []
    for node in graph.node:
        if node.op_type != "DequantizeLinear" or not all(i in constants for i in node.input):
            kept.append(node)
            continue
        arrays = [numpy_helper.to_array(constants[i]) for i in node.input]
        widened = dequantised(*arrays, axis=attributes(node).get("axis", 1))
        graph.initializer.append(numpy_helper.from_array(widened, node.output[0]))
    _replace(graph.node, kept)
    used = {i for node in kept for i in node.input}
    _replace(graph.initializer, [t for t in graph.initializer if t.name in used])


def dequantised(codes, scale, zero=0, axis=1):
    """`(codes - zero) * scale`, scale and zero per tensor or along `axis`."""
    along = [-1 if d == axis else 1 for d in range(codes.ndim)] if np.ndim(scale) else []
    scale = np.reshape(scale, along)
    zero = np.reshape(zero, along) if np.ndim(zero) else zero
    return ((codes.astype(np.float32) - np.float32(zero)) * scale).astype(np.float32)


def _close_batch(graph):
    del graph.value_info[:]
    for value in graph.input:
        dims = value.type.tensor_type.shape.dim
        if dims[0].dim_value == 0:
            dims[0].dim_value = 1
        if any(d.dim_value == 0 for d in dims):
            raise ValueError(f"{graph.name}: input `{value.name}` has open dimensions; fix them")
    for value in graph.output:
        value.type.tensor_type.ClearField("shape")


def _replace(field, values):
    values = list(values)
    del field[:]
    field.extend(values)
