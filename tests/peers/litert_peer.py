"""LiteRT (TensorFlow Lite) with XNNPACK on one thread: f32, and int8 by its makers' quantiser
(int8 values, int8 weights per channel, int8 input and output).

LiteRT reads TFLite files; `tflite_convert` writes them from the same ONNX nets.
"""

from importlib.metadata import version

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from ai_edge_quantizer import quantizer, recipe

import tflite_convert
from peer import InProcess, Runtime, Unavailable

CALIBRATION_SAMPLES = 8


def runtimes():
    made = version("ai-edge-litert")
    return [
        Runtime("LiteRT", "f32", made, lambda net, x: session(*converted(net), x)),
        Runtime("LiteRT", "int8", made, lambda net, x: session(*quantised(net), x)),
    ]


def converted(net):
    try:
        return tflite_convert.convert(net.model)
    except tflite_convert.Unsupported as refusal:
        raise Unavailable(f"not converted to TFLite: {refusal}") from refusal


def session(file, last, sample):
    loaded = Interpreter(model_content=file, num_threads=1)
    loaded.allocate_tensors()
    entry = loaded.get_input_details()[0]
    loaded.set_tensor(entry["index"], _coded(ordered(sample, last), entry))
    exits = loaded.get_output_details()
    return InProcess(
        loaded.invoke, lambda: [_decoded(loaded.get_tensor(e["index"]), e) for e in exits]
    )


def ordered(sample, last):
    return np.ascontiguousarray(sample.transpose(tflite_convert.TO_LAST)) if last else sample


def quantised(net):
    """The int8 file, calibrated on noise: good for its time, not its accuracy."""
    file, last = converted(net)
    maker = quantizer.Quantizer(file)
    maker.load_quantization_recipe(recipe.static_wi8_ai8())
    feeds = [{net.input[0]: ordered(net.sample(k), last)} for k in range(CALIBRATION_SAMPLES)]
    calibration = maker.calibrate({"serving_default": feeds})
    return bytes(maker.quantize(calibration).quantized_model), last


def _coded(array, tensor):
    if tensor["dtype"] == np.float32:
        return array
    scale, zero = tensor["quantization"]
    return np.clip(np.rint(array / scale) + zero, -128, 127).astype(tensor["dtype"])


def _decoded(array, tensor):
    if array.dtype == np.float32:
        return array
    scale, zero = tensor["quantization"]
    return (array.astype(np.float32) - zero) * scale
