"""What the int8 writer of ncnn's format reads and writes, on a net written out here."""

import unittest

import numpy as np

import ncnn_int8
from peer import Unavailable

PARAM = """7767517
5 5
Input in 0 1 in0
Convolution a 1 1 in0 1 0=2 1=1 5=1 6=4
PReLU p 1 1 1 2 0=2
Convolution b 1 1 2 3 0=1 1=1 5=0 6=2
Convolution c 1 1 3 out0 0=1 1=1 5=0 6=1
"""
BIN = np.array(
    [0, 1, -2, 3, 4, 0.5, -0.5]  # a: tag, weights, bias
    + [0.25, 0.125]  # p: slopes
    + [0, 1, 0.5]  # b: tag, weights
    + [0, -4],  # c: tag, weight
    dtype="<f4",
).tobytes()
LARGEST = {"in0": 1.0, "2": 2.0, "3": 12.7}


class Int8(unittest.TestCase):
    def test_scales_follow_the_bias_and_values_stay_int8_between_convolutions(self):
        text, data = ncnn_int8.write(*ncnn_int8.read(PARAM, BIN), LARGEST)
        terms = [line.split()[-1] for line in text.splitlines()[3:]]
        self.assertEqual(terms, ["8=2", "0=2", "8=102", "8=2"])
        expected = [0, 1, -2, 3, 4, 0.5, -0.5, 63.5, 31.75, 127]
        expected += [0.25, 0.125]
        expected += [0, 1, 0.5, 127, 63.5, 10]
        expected += [0, -4, 31.75, 10]
        np.testing.assert_allclose(np.frombuffer(data, "<f4"), expected, rtol=1e-6)

    def test_weights_left_over_are_refused(self):
        with self.assertRaisesRegex(Unavailable, "does not know"):
            ncnn_int8.read(PARAM, BIN + bytes(4))

    def test_half_precision_weights_are_refused(self):
        halves = np.array([0x01306B47], dtype="<u4").tobytes() + BIN[4:]
        with self.assertRaisesRegex(Unavailable, "plain floats"):
            ncnn_int8.read(PARAM, halves)


if __name__ == "__main__":
    unittest.main()
