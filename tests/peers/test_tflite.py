"""The TFLite writer, held to onnxruntime operator by operator."""

import unittest

import numpy as np
import onnx
import onnxruntime as ort
from ai_edge_litert.interpreter import Interpreter
from onnx import helper, numpy_helper

import nets
import tflite_convert
import tflite_ops
from litert_peer import ordered

RANDOM = np.random.default_rng(7)


def constant(name, *shape):
    return numpy_helper.from_array(RANDOM.standard_normal(shape, dtype=np.float32), name)


def integers(name, values):
    return numpy_helper.from_array(np.array(values, dtype=np.int64), name)


def model(nodes, shape, constants=()):
    """A net from `x` of `shape` to `y`."""
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)],
        list(constants),
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return nets.prepare(made)


def both(made):
    """onnxruntime's and LiteRT's outputs for the same noise."""
    entry = made.graph.input[0]
    sample = np.random.default_rng(1).standard_normal(nets.shape_of(entry), dtype=np.float32)
    expected = ort.InferenceSession(made.SerializeToString()).run(None, {entry.name: sample})[0]
    file, last = tflite_convert.convert(made)
    loaded = Interpreter(model_content=file, num_threads=1)
    loaded.allocate_tensors()
    loaded.set_tensor(loaded.get_input_details()[0]["index"], ordered(sample, last))
    loaded.invoke()
    return loaded.get_tensor(loaded.get_output_details()[0]["index"]), expected


class Operators(unittest.TestCase):
    def agree(self, nodes, shape, constants=()):
        got, expected = both(model(nodes, shape, constants))
        self.assertEqual(got.shape, expected.shape)
        np.testing.assert_allclose(got, expected, atol=1e-4, rtol=0)

    def conv(self, weights, **attributes):
        outputs = weights[0]
        node = helper.make_node("Conv", ["x", "w", "b"], ["y"], **attributes)
        return [node], [constant("w", *weights), constant("b", outputs)]

    def test_a_stride_of_two_padded_at_its_beginning(self):
        nodes, held = self.conv((5, 3, 3, 3), strides=[2, 2], pads=[1, 1, 1, 1])
        self.agree(nodes, [1, 3, 8, 10], held)

    def test_a_stride_of_two_padded_at_its_end(self):
        nodes, held = self.conv((5, 3, 3, 3), strides=[2, 2], pads=[0, 0, 1, 1])
        self.agree(nodes, [1, 3, 8, 10], held)

    def test_a_dilated_convolution(self):
        nodes, held = self.conv((4, 2, 3, 3), dilations=[2, 2], pads=[2, 2, 2, 2])
        self.agree(nodes, [1, 2, 9, 9], held)

    def test_a_depthwise_convolution_with_two_outputs_for_each_channel(self):
        nodes, held = self.conv((8, 1, 3, 3), group=4, pads=[1, 1, 1, 1])
        self.agree(nodes, [1, 4, 6, 6], held)

    def test_a_convolution_in_two_groups(self):
        nodes, held = self.conv((6, 2, 3, 3), group=2, pads=[1, 1, 1, 1])
        self.agree(nodes, [1, 4, 6, 6], held)

    def test_a_rectifier_read_together_with_its_source_is_not_joined_to_it(self):
        nodes = [
            helper.make_node("Conv", ["x", "w"], ["a"]),
            helper.make_node("Relu", ["a"], ["r"]),
            helper.make_node("Add", ["a", "r"], ["y"]),
        ]
        self.agree(nodes, [1, 2, 4, 4], [constant("w", 3, 2, 1, 1)])

    def test_a_residual_block(self):
        nodes = [
            helper.make_node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]),
            helper.make_node("Add", ["a", "x"], ["s"]),
            helper.make_node("Relu", ["s"], ["y"]),
        ]
        self.agree(nodes, [1, 3, 5, 7], [constant("w", 3, 3, 3, 3)])

    def test_a_mean_and_a_linear_layer(self):
        nodes = [
            helper.make_node("Conv", ["x", "w"], ["a"]),
            helper.make_node("GlobalAveragePool", ["a"], ["g"]),
            helper.make_node("Flatten", ["g"], ["f"]),
            helper.make_node("Gemm", ["f", "l", "b"], ["y"], transB=1),
        ]
        held = [constant("w", 6, 2, 1, 1), constant("l", 4, 6), constant("b", 4)]
        self.agree(nodes, [1, 2, 4, 5], held)

    def test_flattened_places_keep_onnx_order(self):
        nodes = [
            helper.make_node("Conv", ["x", "w"], ["a"]),
            helper.make_node("Flatten", ["a"], ["y"]),
        ]
        self.agree(nodes, [1, 2, 3, 4], [constant("w", 5, 2, 1, 1)])

    def test_an_nhwc_input_transposed(self):
        nodes = [
            helper.make_node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2]),
            helper.make_node("Conv", ["t", "w"], ["c"]),
            helper.make_node("Transpose", ["c"], ["n"], perm=[0, 2, 3, 1]),
            helper.make_node("Reshape", ["n", "s"], ["r"]),
            helper.make_node("Softmax", ["r"], ["y"], axis=-1),
        ]
        self.agree(nodes, [1, 4, 3, 2], [constant("w", 4, 2, 1, 1), integers("s", [1, 24, 2])])

    def test_pools_padded_both_ways(self):
        for pads in ([0, 0, 1, 1], [1, 1, 1, 1]):
            node = helper.make_node(
                "MaxPool", ["c"], ["y"], kernel_shape=[3, 3], strides=[2, 2], pads=pads
            )
            nodes = [helper.make_node("Conv", ["x", "w"], ["c"]), node]
            with self.subTest(pads=pads):
                self.agree(nodes, [1, 2, 8, 8], [constant("w", 3, 2, 1, 1)])

    def test_channels_padded_then_rectified_with_slopes(self):
        nodes = [
            helper.make_node("Conv", ["x", "w"], ["c"]),
            helper.make_node("Pad", ["c", "p"], ["d"]),
            helper.make_node("PRelu", ["d", "s"], ["y"]),
        ]
        held = [
            constant("w", 3, 2, 1, 1),
            integers("p", [0, 0, 0, 0, 0, 2, 0, 0]),
            constant("s", 5, 1, 1),
        ]
        self.agree(nodes, [1, 2, 4, 4], held)

    def test_a_doubled_map_joined_to_another(self):
        scales = numpy_helper.from_array(np.array([1, 1, 2, 2], dtype=np.float32), "k")
        nodes = [
            helper.make_node("Conv", ["x", "w"], ["c"]),
            helper.make_node(
                "Resize",
                ["c", "", "k"],
                ["u"],
                mode="nearest",
                nearest_mode="floor",
                coordinate_transformation_mode="asymmetric",
            ),
            helper.make_node("Conv", ["u", "v"], ["d"]),
            helper.make_node("Concat", ["u", "d"], ["y"], axis=1),
        ]
        self.agree(
            nodes, [1, 2, 3, 4], [constant("w", 3, 2, 1, 1), constant("v", 2, 3, 1, 1), scales]
        )


class Rules(unittest.TestCase):
    def test_an_operator_outside_the_table_is_refused_by_name(self):
        made = model([helper.make_node("Erf", ["x"], ["y"])], [1, 4])
        with self.assertRaisesRegex(tflite_convert.Unsupported, "Erf"):
            tflite_convert.convert(made)

    def test_same_puts_the_odd_place_at_the_end(self):
        self.assertEqual(tflite_ops.same_pads([8, 9], [3, 3], [2, 2], [1, 1]), [0, 1, 1, 1])

    def test_only_dimensions_of_one_move_without_a_copy(self):
        self.assertTrue(tflite_convert.keeps_order([1, 7, 1, 1], (0, 2, 3, 1)))
        self.assertTrue(tflite_convert.keeps_order([1, 1, 6, 5], (0, 2, 3, 1)))
        self.assertFalse(tflite_convert.keeps_order([1, 2, 6, 5], (0, 2, 3, 1)))


if __name__ == "__main__":
    unittest.main()
