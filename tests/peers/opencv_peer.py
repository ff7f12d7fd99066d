"""OpenCV's dnn module on one thread, f32."""

import cv2

from peer import InProcess, Runtime, Unavailable


def runtimes():
    cv2.setNumThreads(1)
    return [Runtime("OpenCV", "f32", cv2.__version__, session)]


def session(net, sample):
    try:
        loaded = cv2.dnn.readNetFromONNX(str(net.prepared))
    except cv2.error as refusal:
        raise Unavailable(f"does not load the net: {refusal.err}") from refusal
    names = [o.name for o in net.model.graph.output]
    loaded.setInput(sample)
    return InProcess(lambda: _forward(loaded, sample, names), lambda: list(loaded.forward(names)))


def _forward(loaded, sample, names):
    loaded.setInput(sample)  # without it OpenCV keeps the last result and computes nothing
    loaded.forward(names)
