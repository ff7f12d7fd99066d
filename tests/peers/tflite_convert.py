"""ONNX to TFLite for the operators of small face nets, weights and all.

TFLite's convolutions take NHWC where ONNX's take NCHW, so each rank-4 value is held in one of two
orders and reordered only where an operator needs the other: `Transpose` between the two is free.
What the table `tflite_ops.OPERATORS` does not name is refused. `parity` with onnxruntime is
checked by the caller for every net.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from onnx import numpy_helper

import nets
import tflite_ops
from tflite_model import Writer, options

TO_LAST = (0, 2, 3, 1)
TO_FIRST = (0, 3, 1, 2)


class Unsupported(Exception):
    """The net uses what this converter does not write."""


@dataclass(frozen=True)
class Value:
    """A tensor of the file; `last` when an NCHW value lies there as NHWC."""

    tensor: int
    last: bool


class Conversion:
    """A net under conversion: ONNX names to constants, shapes and tensors written so far."""

    def __init__(self, model):
        self.graph = model.graph
        self.writer = Writer()
        self.constants = {t.name: numpy_helper.to_array(t) for t in self.graph.initializer}
        self.shapes = nets.shapes(model)
        self.values = {}
        self._uses = Counter(i for node in self.graph.node for i in node.input)
        self._uses.update(o.name for o in self.graph.output)
        self._relus = {n.input[0]: n for n in self.graph.node if n.op_type == "Relu"}

    def run(self):
        """The file's bytes, and whether its input is the NHWC reordering of the ONNX input."""
        entry = self.graph.input[0]
        first = self._feed(entry)
        for node in self.graph.node:
            if node.output[0] not in self.values:
                self._convert(node)
        outputs = [self._output(o.name) for o in self.graph.output]
        return self.writer.finish([first.tensor], outputs), first.last

    def fused(self, node):
        """The name under which `node`'s result goes on, and whether a rectifier joins it."""
        relu = self._relus.get(node.output[0])
        if relu is None or self._uses[node.output[0]] != 1:
            return node.output[0], 0
        return relu.output[0], 1

    def emit(self, node, kind, inputs, opts=None, last=False, name=None):
        """Writes the operator that computes `name` (`node`'s output unless given)."""
        name = name or node.output[0]
        shape = reorder(self.shapes[name], TO_LAST) if last else self.shapes[name]
        tensor = self.writer.operator(kind, inputs, shape, name, opts)
        self.values[name] = Value(tensor, last)

    def is_last(self, name):
        return name in self.values and self.values[name].last

    def tensor(self, name, last):
        """The tensor of an ONNX value or constant in the asked order."""
        if name in self.constants:
            array = self.constants[name]
            reordered = array.transpose(TO_LAST) if last and array.ndim == 4 else array
            return self.writer.constant(reordered, name)
        value = self.values[name]
        if value.last == last or len(self.shapes[name]) != 4:
            return value.tensor
        return self._reordered(name, value, last)

    def _reordered(self, name, value, last):
        perm = TO_LAST if last else TO_FIRST
        shape = reorder(self.writer.shape(value.tensor), perm)
        label = f"{name}.reordered"
        if keeps_order(self.writer.shape(value.tensor), perm):
            return self.writer.operator(
                "RESHAPE",
                [value.tensor, self.int32(shape, label)],
                shape,
                label,
                options("ReshapeOptions", newShape=shape),
            )
        inputs = [value.tensor, self.int32(perm, label)]
        return self.writer.operator("TRANSPOSE", inputs, shape, label, options("TransposeOptions"))

    def int32(self, values, name):
        return self.writer.constant(np.array(values, dtype=np.int32), f"{name}.parameter")

    def _feed(self, entry):
        """NHWC when the net convolves its input directly, the ONNX order otherwise."""
        users = [n.op_type for n in self.graph.node if entry.name in n.input]
        last = len(self.shapes[entry.name]) == 4 and all(u == "Conv" for u in users)
        shape = self.shapes[entry.name]
        tensor = self.writer.value(reorder(shape, TO_LAST) if last else shape, entry.name)
        self.values[entry.name] = Value(tensor, last)
        return self.values[entry.name]

    def _convert(self, node):
        write = tflite_ops.OPERATORS.get(node.op_type)
        if write is None:
            raise Unsupported(f"operator {node.op_type} of `{node.output[0]}`")
        write(self, node, nets.attributes(node))

    def _output(self, name):
        tensor = self.tensor(name, last=False)
        self.writer.rename(tensor, name)
        return tensor


def reorder(shape, perm):
    return [shape[p] for p in perm]


def keeps_order(shape, perm):
    """Whether a transposition only moves dimensions of size one, so that no byte moves."""
    moved = [p for p in perm if shape[p] != 1]
    return moved == sorted(moved)


def convert(model):
    """The TFLite bytes of a prepared ONNX model, and whether its input is NHWC for NCHW."""
    return Conversion(model).run()
