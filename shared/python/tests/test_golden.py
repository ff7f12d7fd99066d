"""The firmware's own bytes become the firmware's own lines.

``golden/`` is written by the firmware: ``device/events/tests/python.rs``.
"""

import json
import unittest
from pathlib import Path

from mien_events import Decoder, Hello, Reading, Status, dumps

GOLDEN = Path(__file__).parent / "golden"
BYTES = (GOLDEN / "messages.bin").read_bytes()
LINES = (GOLDEN / "messages.jsonl").read_text(encoding="utf-8").splitlines()


class Golden(unittest.TestCase):
    def test_every_line_is_printed_digit_for_digit(self):
        decoder = Decoder()
        messages = list(decoder.feed(BYTES))
        self.assertEqual(len(messages), len(LINES))
        for message, line in zip(messages, LINES):
            self.assertEqual(dumps(message), line)
        self.assertEqual((decoder.errors, decoder.lost, decoder.repeated), (0, 0, 0))

    def test_every_kind_of_message_is_there_and_its_lines_are_json(self):
        self.assertEqual({type(m) for m in Decoder().feed(BYTES)}, {Hello, Reading, Status})
        kinds = {json.loads(line)["type"] for line in LINES}
        self.assertEqual(kinds, {"hello", "reading", "status"})

    def test_a_stream_may_be_cut_anywhere(self):
        for size in (1, 7, 100):
            decoder = Decoder()
            pieces = (BYTES[at : at + size] for at in range(0, len(BYTES), size))
            found = [dumps(message) for piece in pieces for message in decoder.feed(piece)]
            self.assertEqual(found, LINES, f"pieces of {size}")

    def test_values_have_their_types(self):
        full = list(Decoder().feed(BYTES))[2].faces[0]
        self.assertEqual((full.id, full.score), (2**32 - 1, 0.98))
        self.assertEqual(full.expression.label, "happiness")
        self.assertEqual(full.expression.probs["surprise"], 0.02)
        self.assertEqual((len(full.landmarks), len(full.action_units)), (68, 24))
        self.assertEqual(full.action_units["AU12"], 0.8)
        self.assertEqual((full.valence, full.arousal, full.attention), (0.6, -0.1, 0.975))
        self.assertEqual((full.pose.yaw, full.pose.pitch), (-4.5, 12.345))


if __name__ == "__main__":
    unittest.main()
