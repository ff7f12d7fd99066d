"""The node against strict fakes of rclpy and of the message packages."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import mien_bridge
from mien_events import Decoder, Face, Hello, Reading

from . import FOLDER, PYTHON
from .fake_ros import FakeNode, installed

BYTES = PYTHON / "tests" / "golden" / "messages.bin"


def reading(sequence, faces, at=0):
    return Reading(sequence, 1, at, 0, (640, 480), tuple(faces))


class Node(unittest.TestCase):
    def test_the_firmwares_own_bytes_become_messages(self):
        with installed() as (nodes, calls):
            self.assertEqual(mien_bridge.main([str(BYTES), "--camera-frame", "eye"]), 0)
        (node,) = nodes
        messages = list(Decoder().feed(BYTES.read_bytes()))
        self.assertEqual(len(node.on("/mien/events")), len(messages))
        readings = [m for m in messages if isinstance(m, Reading)]
        tracked = node.on("/humans/faces/tracked")
        self.assertEqual([len(t.ids) for t in tracked], [len(r.faces) for r in readings])
        self.assertEqual({t.header.frame_id for t in tracked}, {"eye"})
        self.assertGreater(len(node.on("/diagnostics")), 10)
        full = tracked[1].ids[0]
        for topic in ("roi", "landmarks", "facs", "expression", "orientation", "attention"):
            self.assertEqual(len(node.on(f"/humans/faces/{full}/{topic}")), 1, topic)
        self.assertEqual((calls, node.destroyed), (["init", "shutdown"], True))

    def test_the_topics_of_a_face_go_with_it(self):
        node = FakeNode()
        face = Face(1, (0.0, 0.0, 64.0, 48.0), 0.5)
        with installed():
            bridge = mien_bridge.Bridge(node, "camera")
            bridge.take(reading(1, [face]))
            bridge.take(reading(2, [], at=9_000_000))
            bridge.take(Hello("0.1.0", "pi5", ()))
        gone = [p for p in node.publishers if p.destroyed]
        self.assertEqual([p.topic.rsplit("/", 1)[1] for p in gone], ["roi"])
        self.assertEqual([len(t.ids) for t in node.on("/humans/faces/tracked")], [1, 0])

    def test_noise_is_a_warning_and_a_missing_file_an_error(self):
        with tempfile.TemporaryDirectory() as folder, installed() as (nodes, _):
            noise = Path(folder) / "noise.bin"
            noise.write_bytes(b"noise\0" + BYTES.read_bytes())
            self.assertEqual(mien_bridge.main([str(noise)]), 0)
            self.assertEqual(len(nodes[0].warnings), 1)
            self.assertEqual(mien_bridge.main(["nowhere.bin"]), 1)
            self.assertIn("nowhere.bin", nodes[1].errors[0])

    def test_ros_is_imported_only_when_the_node_runs(self):
        check = "import mien_bridge, sys; sys.exit('rclpy' in sys.modules)"
        environment = {"PYTHONPATH": f"{FOLDER}:{PYTHON}"}
        done = subprocess.run([sys.executable, "-B", "-c", check], env=environment)
        self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
