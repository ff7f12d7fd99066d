"""How each ONNX operator is written in TFLite.

Every function takes the conversion, the node and its attributes. TFLite pads a window either
not at all (VALID) or so that the output has ceil(input / stride) places (SAME, the odd place at the
end); other paddings become an explicit PAD before a VALID window, as other converters write them.
"""

import numpy as np
from ai_edge_litert.schema_py_generated import Padding

from tflite_model import options


def conv(c, node, a):
    weights = c.constants[node.input[1]]
    outputs, _, kh, kw = weights.shape
    channels = c.shapes[node.input[0]][1]
    depthwise = a.get("group", 1) == channels and channels > 1
    source, padding = windowed(c, node, a, [kh, kw], 0.0)
    bias = c.constants[node.input[2]] if len(node.input) > 2 else np.zeros(outputs, np.float32)
    name, relu = c.fused(node)
    stride, dilation = a.get("strides", [1, 1]), a.get("dilations", [1, 1])
    common = dict(
        padding=padding,
        strideH=stride[0],
        strideW=stride[1],
        dilationHFactor=dilation[0],
        dilationWFactor=dilation[1],
        fusedActivationFunction=relu,
    )
    if depthwise:
        filters = weights.transpose(1, 2, 3, 0)
        kind, opts = (
            "DEPTHWISE_CONV_2D",
            options("DepthwiseConv2DOptions", depthMultiplier=outputs // channels, **common),
        )
    else:
        filters = weights.transpose(0, 2, 3, 1)
        kind, opts = "CONV_2D", options("Conv2DOptions", **common)
    inputs = [
        source,
        c.writer.constant(filters, node.input[1]),
        c.writer.constant(bias, f"{name}.bias"),
    ]
    c.emit(node, kind, inputs, opts, last=True, name=name)


def max_pool(c, node, a):
    pool(c, node, a, "MAX_POOL_2D", float(np.finfo(np.float32).min))


def average_pool(c, node, a):
    if any(a.get("pads", [0])):
        raise ValueError(f"`{node.output[0]}`: a padded average is not written")
    pool(c, node, a, "AVERAGE_POOL_2D", 0.0)


def pool(c, node, a, kind, fill):
    kernel, stride = a["kernel_shape"], a.get("strides", [1, 1])
    source, padding = windowed(c, node, a, kernel, fill)
    opts = options(
        "Pool2DOptions",
        padding=padding,
        strideH=stride[0],
        strideW=stride[1],
        filterHeight=kernel[0],
        filterWidth=kernel[1],
    )
    c.emit(node, kind, [source], opts, last=True)


def windowed(c, node, a, kernel, fill):
    """The tensor to slide over, padded where needed, and TFLite's padding rule for the rest."""
    source = c.tensor(node.input[0], last=True)
    pads = a.get("pads", [0, 0, 0, 0])
    if not any(pads):
        return source, Padding.VALID
    stride, dilation = a.get("strides", [1, 1]), a.get("dilations", [1, 1])
    if pads == same_pads(c.shapes[node.input[0]][2:], kernel, stride, dilation):
        return source, Padding.SAME
    table = [[0, 0], [pads[0], pads[2]], [pads[1], pads[3]], [0, 0]]
    return padded(c, source, table, fill, f"{node.output[0]}.padded"), Padding.VALID


def same_pads(size, kernel, stride, dilation):
    """ONNX's `pads` (begin h, begin w, end h, end w) that TFLite's SAME stands for."""
    total = [
        max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
        for n, k, s, d in zip(size, kernel, stride, dilation)
    ]
    begin = [t // 2 for t in total]
    return begin + [t - b for t, b in zip(total, begin)]


def padded(c, source, table, fill, name):
    shape = [n + sum(p) for n, p in zip(c.writer.shape(source), table)]
    inputs = [source, c.int32(table, name)]
    if fill == 0.0:
        return c.writer.operator("PAD", inputs, shape, name, options("PadOptions"))
    inputs.append(c.writer.constant(np.array([fill], np.float32), f"{name}.fill"))
    return c.writer.operator("PADV2", inputs, shape, name, options("PadV2Options"))


def pad(c, node, a):
    pads = c.constants[node.input[1]].tolist()
    rank = len(pads) // 2
    table = [[pads[d], pads[d + rank]] for d in range(rank)]
    last = c.is_last(node.input[0])
    if last:
        table = [table[d] for d in (0, 2, 3, 1)]
    c.emit(
        node,
        "PAD",
        [c.tensor(node.input[0], last), c.int32(table, node.output[0])],
        options("PadOptions"),
        last,
    )


def binary(kind, opts):
    def write(c, node, _):
        last = any(c.is_last(i) for i in node.input)
        name, relu = c.fused(node)
        inputs = [c.tensor(i, last) for i in node.input]
        c.emit(node, kind, inputs, options(opts, fusedActivationFunction=relu), last, name)

    return write


def unary(kind, opts=None):
    def write(c, node, _):
        last = c.is_last(node.input[0])
        made = options(opts) if opts else None
        c.emit(node, kind, [c.tensor(node.input[0], last)], made, last)

    return write


def prelu(c, node, _):
    last = c.is_last(node.input[0])
    slope = c.constants[node.input[1]]
    slope = slope.transpose(1, 2, 0) if last and slope.ndim == 3 else slope
    if last and slope.ndim == 4:
        slope = slope.transpose(0, 2, 3, 1)[0]
    inputs = [c.tensor(node.input[0], last), c.writer.constant(slope, node.input[1])]
    c.emit(node, "PRELU", inputs, None, last)


def global_average(c, node, _):
    source = c.tensor(node.input[0], last=True)
    inputs = [source, c.int32([1, 2], node.output[0])]
    c.emit(node, "MEAN", inputs, options("ReducerOptions", keepDims=True), last=True)


def gemm(c, node, a):
    if a.get("transA") or a.get("alpha", 1.0) != 1.0 or a.get("beta", 1.0) != 1.0:
        raise ValueError(f"`{node.output[0]}`: only x·W + b is written")
    weights = c.constants[node.input[1]]
    fully_connected(c, node, weights if a.get("transB") else weights.T)


def matmul(c, node, _):
    weights = c.constants.get(node.input[1])
    if weights is None or weights.ndim != 2:
        raise ValueError(f"`{node.output[0]}`: a product of two computed values is not written")
    fully_connected(c, node, weights.T)


def fully_connected(c, node, weights):
    """`weights` as TFLite holds them, [outputs, inputs]."""
    name, relu = c.fused(node)
    bias = c.constants[node.input[2]] if len(node.input) > 2 else np.zeros(len(weights), np.float32)
    inputs = [
        c.tensor(node.input[0], last=False),
        c.writer.constant(weights, node.input[1]),
        c.writer.constant(bias, f"{name}.bias"),
    ]
    c.emit(
        node,
        "FULLY_CONNECTED",
        inputs,
        options("FullyConnectedOptions", fusedActivationFunction=relu),
        name=name,
    )


def reshape(c, node, _):
    shape = c.shapes[node.output[0]]
    inputs = [c.tensor(node.input[0], last=False), c.int32(shape, node.output[0])]
    c.emit(node, "RESHAPE", inputs, options("ReshapeOptions", newShape=shape))


def transpose(c, node, a):
    perm, source = tuple(a["perm"]), c.values[node.input[0]]
    free = {(0, 3, 1, 2): not source.last, (0, 2, 3, 1): source.last}.get(perm, False)
    if free:
        c.values[node.output[0]] = type(source)(source.tensor, not source.last)
        return
    inputs = [c.tensor(node.input[0], last=False), c.int32(perm, node.output[0])]
    c.emit(node, "TRANSPOSE", inputs, options("TransposeOptions"))


def resize(c, node, a):
    rule = (a.get("mode"), a.get("coordinate_transformation_mode"), a.get("nearest_mode"))
    if rule != (b"nearest", b"asymmetric", b"floor"):
        raise ValueError(f"`{node.output[0]}`: only asymmetric floor-nearest is written")
    size = c.shapes[node.output[0]][2:]
    inputs = [c.tensor(node.input[0], last=True), c.int32(size, node.output[0])]
    c.emit(
        node, "RESIZE_NEAREST_NEIGHBOR", inputs, options("ResizeNearestNeighborOptions"), last=True
    )


def concat(c, node, a):
    last = all(c.is_last(i) for i in node.input)
    axis = a["axis"] % len(c.shapes[node.output[0]])
    axis = (0, 3, 1, 2)[axis] if last else axis
    inputs = [c.tensor(i, last) for i in node.input]
    c.emit(node, "CONCATENATION", inputs, options("ConcatenationOptions", axis=axis), last)


def softmax(c, node, a):
    rank = len(c.shapes[node.output[0]])
    if a.get("axis", -1) % rank != rank - 1:
        raise ValueError(f"`{node.output[0]}`: only a softmax over the last axis is written")
    c.emit(
        node, "SOFTMAX", [c.tensor(node.input[0], last=False)], options("SoftmaxOptions", beta=1.0)
    )


def identity(c, node, _):
    c.values[node.output[0]] = c.values[node.input[0]]


OPERATORS = {
    "Add": binary("ADD", "AddOptions"),
    "AveragePool": average_pool,
    "Concat": concat,
    "Conv": conv,
    "Flatten": reshape,
    "Gemm": gemm,
    "GlobalAveragePool": global_average,
    "Identity": identity,
    "MatMul": matmul,
    "MaxPool": max_pool,
    "Mul": binary("MUL", "MulOptions"),
    "PRelu": prelu,
    "Pad": pad,
    "Relu": unary("RELU"),
    "Reshape": reshape,
    "Resize": resize,
    "Sigmoid": unary("LOGISTIC"),
    "Softmax": softmax,
    "Squeeze": reshape,
    "Sub": binary("SUB", "SubOptions"),
    "Transpose": transpose,
}
