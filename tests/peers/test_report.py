"""Turns, ratios, goals and the table, on made-up times; Mien's protocol, on a scripted child."""

import unittest
from pathlib import Path

import numpy as np

import goals
import mien
import table
import timing
from parity import check, difference
from peer import Runtime, Unavailable
from timing import rotated

SCRIPT = Path(__file__).with_name("scripted_mien.py")


class Counting:
    """A session whose every inference takes `ms`, and which ends after `left` bursts."""

    def __init__(self, ms, left=1000):
        self.ms, self.left = ms, left

    def burst(self, runs):
        self.left -= 1
        if self.left < 0:
            raise Unavailable("counted down")
        return [self.ms] * runs


class Fixed:
    """A session whose output is `value`, or which tells no outputs."""

    def __init__(self, value):
        self.value = value

    def outputs(self):
        return None if self.value is None else [np.array([self.value])]

    def close(self):
        pass


def net(**ms):
    times = {name.replace("_", " "): values for name, values in ms.items()}
    return {
        "name": "a",
        "macs": 40_000_000,
        "shipped": True,
        "ms": times,
        "peak": {"f32": 100.0, "int8": 400.0},
        "absent": {"ncnn f32": "not there"},
    }


class Timing(unittest.TestCase):
    def test_each_round_gives_a_median_and_a_lost_session_leaves(self):
        sessions = {"a": Counting(1.0), "b": Counting(2.0, left=3)}
        medians, lost = timing.alternate(sessions, rounds=4, runs=5)
        self.assertEqual(medians, {"a": [1.0] * 4})
        self.assertEqual(lost, {"b": "counted down"})

    def test_rounds_begin_in_turn(self):
        self.assertEqual(rotated(["a", "b", "c"], 4), ["b", "c", "a"])
        self.assertEqual(rotated([], 4), [])

    def test_ratios_are_paired_by_round(self):
        middle, low, high = timing.ratio([1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
        self.assertEqual((middle, low, high), (0.5, 0.5, 0.5))

    def test_ranks_leave_out_no_more_than_the_confidence_allows(self):
        self.assertEqual(
            timing.ranks_outside(15), 3
        )  # 1 - 2 * 576 / 2**15 = 96.5 %, one more: 88 %
        self.assertEqual(timing.ranks_outside(6), 0)
        self.assertEqual(timing.ranks_outside(5), 0)


class Goals(unittest.TestCase):
    def states(self, measured):
        return {v.goal: v.state for v in goals.judge([measured])}

    def test_bound_aim_and_miss(self):
        states = self.states(
            net(
                Mien_f32=[1.0],
                Mien_int8=[0.5],
                tract_f32=[2.9],
                onnxruntime_f32=[0.6],
                LiteRT_f32=[0.9],
            )
        )
        self.assertEqual(states["stock tract / Mien f32"], "missed")
        self.assertEqual(states["Mien, best precision / onnxruntime f32"], "met")
        self.assertEqual(states["Mien, best precision / LiteRT f32"], "aim reached")
        self.assertEqual(states["Mien, best precision / ncnn f32"], "not measured")
        self.assertEqual(states["Mien f32: share of peak"], "met")  # 40 of 100 GMAC/s
        self.assertEqual(states["Mien int8: share of peak"], "missed")  # 80 of 400 GMAC/s

    def test_a_foreign_net_is_held_to_onnxruntime_alone(self):
        foreign = net(Mien_f32=[1.0], onnxruntime_f32=[1.1]) | {
            "name": "mini_XCEPTION",
            "shipped": False,
        }
        self.assertEqual(self.states(foreign), {"Mien, best precision / onnxruntime f32": "met"})

    def test_the_highest_peak_counts(self):
        nets = [{"peak": {"f32": 90.0}}, {"peak": {"f32": 110.0, "int8": 300.0}}]
        self.assertEqual(goals.highest_peaks(nets), {"f32": 110.0, "int8": 300.0})


class Table(unittest.TestCase):
    def test_a_missing_column_is_a_dash_and_a_note(self):
        measured = net(Mien_f32=[1.0, 1.0], LiteRT_f32=[2.0, 4.0])
        other = net(LiteRT_f32=[2.0]) | {"name": "b"}
        report = {
            "cpu": "one",
            "processor": 0,
            "load": 0.5,
            "rounds": 2,
            "runs": 1,
            "versions": {"Mien f32": "1", "LiteRT f32": "2", "ncnn f32": "3"},
            "absent": {},
            "nets": [measured, other],
        }
        text = table.render(report)
        self.assertIn("| a | 40.0 | 1.000 | 3.000 |", text)
        self.assertIn("| b | 40.0 | – | 2.000 |", text)
        self.assertIn("| a | Mien f32 | 0.38 [0.25, 0.50] |", text)
        self.assertIn("- a, ncnn f32: not there", text)


class Outputs(unittest.TestCase):
    def test_a_difference_is_relative_to_the_largest_output(self):
        got, expected = [np.array([[10.0, -20.0]])], [np.array([10.0, -20.001])]
        self.assertAlmostEqual(difference(got, expected, exact=True), 5e-5, places=7)

    def test_what_computes_something_else_is_refused(self):
        one = [np.array([1.0])]
        for got in ([np.array([1.001])], [np.array([np.nan])], [np.array([1.0, 2.0])], one + one):
            with self.assertRaises(Unavailable):
                difference(got, one, exact=True)

    def test_an_int8_form_counts_only_beside_its_f32_form(self):
        sessions = {
            "onnxruntime f32": Fixed(2.0),
            "ncnn int8": Fixed(1.9),
            "ncnn f32": Fixed(3.0),
            "LiteRT int8": Fixed(1.9),
            "LiteRT f32": Fixed(2.0),
            "Mien f32": Fixed(None),
        }
        absent = {}
        differences = check(sessions, absent)
        self.assertEqual(
            list(sessions), ["onnxruntime f32", "LiteRT int8", "LiteRT f32", "Mien f32"]
        )
        self.assertEqual(set(absent), {"ncnn f32", "ncnn int8"})
        self.assertAlmostEqual(differences["LiteRT int8"], 0.05)


class Protocol(unittest.TestCase):
    def server(self, file, precision, more=()):
        opened = mien.Server(SCRIPT, file, precision, more)
        self.addCleanup(opened.close)
        return opened

    def test_microseconds_become_milliseconds(self):
        self.assertEqual(self.server("a.mien", "int8").burst(3), [0.1, 0.1, 0.1])
        self.assertEqual(self.server("a.onnx", "f32", ["--engine", "tract"]).burst(1), [1.0])

    def test_a_refusal_carries_its_reason(self):
        with self.assertRaisesRegex(Unavailable, "no int8 form"):
            self.server("a.onnx", "int8")

    def test_a_child_that_ends_is_told(self):
        opened = self.server("ends_early.mien", "f32")
        with self.assertRaisesRegex(Unavailable, "ends here"):
            opened.burst(2)

    def test_the_peak_is_read(self):
        self.assertEqual(mien.describe(SCRIPT, "a.mien", "int8")["peak_gmacs_per_s"], 400.0)

    def test_a_missing_binary_says_how_to_build_it(self):
        with self.assertRaisesRegex(Unavailable, "cargo build"):
            mien.runtimes("/nowhere/mien-device")

    def test_columns_are_runtime_and_precision(self):
        keys = [r.key for r in mien.runtimes(SCRIPT)]
        self.assertEqual(keys, ["Mien f32", "Mien int8", "tract f32"])
        self.assertIsInstance(mien.runtimes(SCRIPT)[0], Runtime)


if __name__ == "__main__":
    unittest.main()
