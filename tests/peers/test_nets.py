"""Preparation and arithmetic counts of nets, and ncnn's form of them."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

import nets
from peer import Unavailable


def coded_net():
    """x [batch, 2, 4, 4] * int8 weights of scales 0.5 and 2, padded channels, batch left open."""
    codes = np.arange(-8, 8, dtype=np.int8).reshape(2, 2, 2, 2)
    held = [
        numpy_helper.from_array(codes, "codes"),
        numpy_helper.from_array(np.array([0.5, 2.0], np.float32), "scales"),
        numpy_helper.from_array(np.array([0, 1, 0, 0, 0, 0, 0, 0], np.int64), "pads"),
    ]
    nodes = [
        helper.make_node("DequantizeLinear", ["codes", "scales"], ["weights"], axis=0),
        helper.make_node("Conv", ["x", "weights"], ["c"]),
        helper.make_node("Pad", ["c", "pads"], ["y"]),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "coded",
        [value("x", 1, ["n", 2, 4, 4]), value("codes", 3, [2, 2, 2, 2])],
        [value("y", 1, None)],
        held,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


class Preparation(unittest.TestCase):
    def setUp(self):
        self.made = nets.prepare(coded_net())

    def test_coded_weights_are_widened_once(self):
        weights = {t.name: numpy_helper.to_array(t) for t in self.made.graph.initializer}["weights"]
        np.testing.assert_array_equal(weights[0].ravel(), np.arange(-8, 0) * np.float32(0.5))
        np.testing.assert_array_equal(weights[1].ravel(), np.arange(0, 8) * np.float32(2.0))
        self.assertEqual([n.op_type for n in self.made.graph.node], ["Conv", "Pad"])

    def test_the_batch_is_one_and_no_weight_is_an_input(self):
        self.assertEqual([i.name for i in self.made.graph.input], ["x"])
        self.assertEqual(nets.shape_of(self.made.graph.input[0]), [1, 2, 4, 4])
        self.assertEqual(nets.shapes(self.made)["y"], [1, 3, 3, 3])

    def test_products_are_counted(self):
        self.assertEqual(nets.count_macs(self.made), 2 * 3 * 3 * 2 * 2 * 2)

    def test_two_inputs_are_refused(self):
        made = coded_net()
        made.graph.input.append(helper.make_tensor_value_info("z", 1, [1]))
        with self.assertRaisesRegex(ValueError, "2 inputs"):
            nets.prepare(made)

    def test_an_open_height_is_refused(self):
        made = coded_net()
        made.graph.input[0].type.tensor_type.shape.dim[2].dim_param = "h"
        with self.assertRaisesRegex(ValueError, "open dimensions"):
            nets.prepare(made)


class Ncnn(unittest.TestCase):
    """Skipped, and said so, where ncnn or its converter is not installed."""

    def setUp(self):
        try:
            import ncnn_peer
            import ort_peer

            ncnn_peer.converter()
        except (ImportError, Unavailable) as missing:
            self.skipTest(f"not installed: {missing}")
        self.peer = ncnn_peer
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        file = Path(folder.name) / "net.onnx"
        onnx.save(nets.prepare(coded_net()), file)
        self.net = nets.Net("coded", file, file, None)
        self.sample = self.net.sample(3)
        self.expected = ort_peer.session(file, self.sample).outputs()[0][0]

    def outputs(self, form):
        return self.peer.session(form(self.net, self.sample), self.sample).outputs()[0]

    def test_a_net_with_padded_channels_computes_the_same(self):
        got = self.outputs(self.peer.converted)
        np.testing.assert_allclose(got, self.expected, atol=1e-4, rtol=0)

    def test_its_int8_form_differs_by_roundings(self):
        got = self.outputs(self.peer.quantised)
        largest = np.abs(self.expected).max()
        self.assertGreater(np.abs(got - self.expected).max(), 0.0)
        np.testing.assert_allclose(got, self.expected, atol=0.02 * largest, rtol=0)


if __name__ == "__main__":
    unittest.main()
