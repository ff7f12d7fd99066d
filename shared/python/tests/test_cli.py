"""The command prints the firmware's lines, wherever the bytes come from."""

import os
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path

from mien_events.streams import MAX_SENDERS, Streams

FOLDER = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden"
BYTES = (GOLDEN / "messages.bin").read_bytes()
LINES = (GOLDEN / "messages.jsonl").read_bytes()
FRAMES = [frame + b"\0" for frame in BYTES.split(b"\0") if frame]

#: Seconds that nothing here should take.
DEADLINE = 60


def start(source, **options):
    command = [sys.executable, "-B", "-m", "mien_events", source]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=FOLDER, stdout=pipe, stderr=pipe, **options)


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class CommandLine(unittest.TestCase):
    def running(self, source):
        process = start(source)

        def stop():
            process.kill()
            process.communicate()

        self.addCleanup(stop)
        return process

    def read_lines(self, process):
        return b"".join(process.stdout.readline() for _ in FRAMES)

    def test_a_file_becomes_its_lines(self):
        out, err = start(str(GOLDEN / "messages.bin")).communicate(timeout=DEADLINE)
        self.assertEqual((out, err), (LINES, b""))

    def test_standard_input_becomes_its_lines(self):
        process = start("-", stdin=subprocess.PIPE)
        out, err = process.communicate(BYTES, timeout=DEADLINE)
        self.assertEqual((out, err, process.returncode), (LINES, b"", 0))

    def test_noise_goes_to_standard_error_and_losses_are_told(self):
        process = start("-", stdin=subprocess.PIPE)
        out, err = process.communicate(FRAMES[1] + b"noise\0" + FRAMES[3], timeout=DEADLINE)
        self.assertEqual(out.count(b"\n"), 2)
        self.assertIn(b"1 messages were lost on the way", err)

    def test_a_device_that_connects_is_heard(self):
        port = free_port(socket.SOCK_STREAM)
        process = self.running(f"tcp-listen:127.0.0.1:{port}")
        deadline = time.monotonic() + DEADLINE
        while True:
            try:
                device = socket.create_connection(("127.0.0.1", port))
                break
            except ConnectionRefusedError:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
        with device:
            device.sendall(BYTES)
            self.assertEqual(self.read_lines(process), LINES)

    def test_datagrams_are_heard(self):
        port = free_port(socket.SOCK_DGRAM)
        process = self.running(f"udp-listen:127.0.0.1:{port}")
        os.set_blocking(process.stdout.fileno(), False)
        deadline = time.monotonic() + DEADLINE
        heard = b""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
            # A datagram that comes before the listener does is lost: say it again.
            while not heard:
                self.assertLess(time.monotonic(), deadline)
                device.sendto(FRAMES[0], ("127.0.0.1", port))
                time.sleep(0.05)
                heard = process.stdout.read() or b""
        self.assertEqual(heard.splitlines()[0], LINES.splitlines()[0])

    def test_a_serial_line_is_heard(self):
        try:
            import pty

            master, slave = pty.openpty()
        except (ImportError, OSError) as error:
            self.skipTest(f"no pseudo terminals here: {error}")
        self.addCleanup(os.close, slave)
        self.addCleanup(os.close, master)
        process = self.running(f"serial:{os.ttyname(slave)}?baud=115200")
        deadline = time.monotonic() + DEADLINE
        os.set_blocking(process.stdout.fileno(), False)
        heard = b""
        # What comes before the line is raw is lost: say it again.
        while not heard:
            self.assertLess(time.monotonic(), deadline)
            os.write(master, b"\0" + FRAMES[0])
            time.sleep(0.05)
            heard = process.stdout.read() or b""
        self.assertEqual(heard.splitlines()[0], LINES.splitlines()[0])

    def test_what_cannot_be_opened_is_named(self):
        for source, fix in [("nowhere.bin", "No such file"), ("tcp-listen:x", "PORT or HOST:PORT")]:
            process = start(source)
            _, err = process.communicate(timeout=DEADLINE)
            self.assertEqual(process.returncode, 1)
            self.assertIn(source.encode(), err)
            self.assertIn(fix.encode(), err)


class Senders(unittest.TestCase):
    def test_senders_do_not_mix_and_the_oldest_is_forgotten(self):
        errors = []
        streams = Streams(on_error=errors.append)
        half = len(FRAMES[0]) // 2
        for sender in range(MAX_SENDERS + 10):
            self.assertEqual(list(streams.feed(sender, FRAMES[0][:half])), [])
        for sender in range(10, MAX_SENDERS + 10):
            self.assertEqual(len(list(streams.feed(sender, FRAMES[0][half:]))), 1)
        self.assertEqual(errors, [])
        self.assertEqual(list(streams.feed(0, FRAMES[0][half:])), [])
        self.assertEqual(len(errors), 1)

    def test_a_stream_that_ended_is_forgotten(self):
        streams = Streams()
        half = len(FRAMES[0]) // 2
        for piece in (FRAMES[0][:half], b"", FRAMES[0][half:]):
            self.assertEqual(list(streams.feed("a", piece)), [])


if __name__ == "__main__":
    unittest.main()
