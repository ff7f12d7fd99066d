"""A TFLite file built tensor by tensor and operator by operator.

Thin over the schema that LiteRT ships (`schema_py_generated`); one subgraph, static shapes.
"""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

TYPES = {
    np.dtype(np.float32): schema.TensorType.FLOAT32,
    np.dtype(np.int32): schema.TensorType.INT32,
}


class Writer:
    """Collects a graph; `finish` gives the bytes of the file."""

    def __init__(self):
        self._buffers = [schema.BufferT()]  # buffer 0 is empty by the format's rule
        self._tensors = []
        self._operators = []
        self._codes = []

    def value(self, shape, name):
        """A tensor computed at run time, f32; returns its index."""
        return self._tensor(shape, schema.TensorType.FLOAT32, 0, name)

    def constant(self, array, name):
        """A tensor stored in the file; returns its index."""
        array = np.ascontiguousarray(array)
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(array.tobytes(), dtype=np.uint8)
        self._buffers.append(buffer)
        return self._tensor(array.shape, TYPES[array.dtype], len(self._buffers) - 1, name)

    def operator(self, kind, inputs, shape, name, options=None):
        """Appends a builtin operator, e.g. `"CONV_2D"`; returns the index of its output."""
        output = self.value(shape, name)
        operator = schema.OperatorT()
        operator.opcodeIndex = self._code(getattr(schema.BuiltinOperator, kind))
        operator.inputs, operator.outputs = list(inputs), [output]
        if options is not None:
            union = type(options).__name__.removesuffix("T")
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, union)
            operator.builtinOptions = options
        self._operators.append(operator)
        return output

    def shape(self, tensor):
        return list(self._tensors[tensor].shape)

    def rename(self, tensor, name):
        self._tensors[tensor].name = name.encode()

    def finish(self, inputs, outputs):
        """The file, with one signature that names each input and output as its tensor is named."""
        graph = schema.SubGraphT()
        graph.tensors, graph.operators = self._tensors, self._operators
        graph.inputs, graph.outputs, graph.name = list(inputs), list(outputs), b"main"
        model = schema.ModelT()
        model.version, model.description = 3, b"from ONNX"
        model.subgraphs, model.buffers, model.operatorCodes = [graph], self._buffers, self._codes
        model.signatureDefs = [self._signature(inputs, outputs)]
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
        return bytes(builder.Output())

    def _signature(self, inputs, outputs):
        signature = schema.SignatureDefT()
        signature.signatureKey, signature.subgraphIndex = b"serving_default", 0
        signature.inputs = [self._named(t) for t in inputs]
        signature.outputs = [self._named(t) for t in outputs]
        return signature

    def _named(self, tensor):
        entry = schema.TensorMapT()
        entry.name, entry.tensorIndex = self._tensors[tensor].name, tensor
        return entry

    def _tensor(self, shape, kind, buffer, name):
        tensor = schema.TensorT()
        tensor.shape, tensor.type, tensor.buffer = [int(d) for d in shape], kind, buffer
        tensor.name = name.encode()
        self._tensors.append(tensor)
        return len(self._tensors) - 1

    def _code(self, builtin):
        for index, code in enumerate(self._codes):
            if code.builtinCode == builtin:
                return index
        code = schema.OperatorCodeT()
        code.builtinCode, code.deprecatedBuiltinCode, code.version = builtin, min(builtin, 127), 1
        self._codes.append(code)
        return len(self._codes) - 1


def options(kind, **fields):
    """Builtin options by name: `options("Conv2DOptions", strideH=2)`."""
    made = getattr(schema, f"{kind}T")()
    for field, value in fields.items():
        if not hasattr(made, field):
            raise AttributeError(f"{kind} has no field `{field}`")
        setattr(made, field, value)
    return made
