"""onnxruntime on one thread: f32, and int8 by its own static quantisation (QDQ, u8 values, s8
weights per channel). Input and output stay bound, so no copy is timed."""

import numpy as np
import onnx
import onnxruntime as ort
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from peer import InProcess, Runtime

CALIBRATION_SAMPLES = 8
QDQ_OPSET = 13  # the first with scales per channel

ort.set_default_logger_severity(3)


def runtimes():
    return [
        Runtime("onnxruntime", "f32", ort.__version__, lambda net, x: session(net.prepared, x)),
        Runtime("onnxruntime", "int8", ort.__version__, lambda net, x: session(quantised(net), x)),
    ]


def session(file, sample):
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    loaded = ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    binding = loaded.io_binding()
    binding.bind_cpu_input(loaded.get_inputs()[0].name, np.ascontiguousarray(sample))
    for output in loaded.get_outputs():
        binding.bind_output(output.name, "cpu")
    return InProcess(lambda: loaded.run_with_iobinding(binding), binding.copy_outputs_to_cpu)


def quantised(net):
    """The file of the net in QDQ form, calibrated on noise: good for its time, not its accuracy."""
    source, file = net.prepared.with_name("opset13.onnx"), net.prepared.with_name("qdq.onnx")
    model = net.model
    if next(o.version for o in model.opset_import if not o.domain) < QDQ_OPSET:
        model = onnx.version_converter.convert_version(model, QDQ_OPSET)
    onnx.save(model, source)
    quantize_static(
        source,
        file,
        _Samples(net),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    return file


class _Samples(CalibrationDataReader):
    def __init__(self, net):
        self._left = iter([{net.input[0]: net.sample(k)} for k in range(CALIBRATION_SAMPLES)])

    def get_next(self):
        return next(self._left, None)
