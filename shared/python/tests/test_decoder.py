"""Noise, loss, and the bytes of a later release."""

import random
import struct
import unittest
import zlib

from mien_events import Command, Decoder, Hello, Reading, Status, UnknownKind, encode_command
from mien_events.wire import MAX_FRAME, Record, cobs_decode, cobs_encode, seal, shortest, unseal

HELLO = b"\x050.1.0\x03pi5\x01\x01a"
#: The frame of that hello as version 2 froze it.
HELLO_FRAME = b"\x02\x02\x12\x050.1.0\x03pi5\x01\x01a\xb1\x70\x07\xa1\x00"


def reading(sequence, face=None, more=b""):
    """The frame of a reading of frame 1, 640 × 480, with one face or none."""
    faces = b"\x00" if face is None else b"\x01" + bytes([len(face)]) + face
    return seal(1, bytes([sequence, 1, 2, 3, 0x80, 5, 0xE0, 3]) + faces + more)


def status(state, more=b""):
    return seal(
        2, bytes([9, 1, state, 1, 2, 3, 4, 5]) + struct.pack("<f", 25.0) + b"\6\7\x08" + more
    )


def decode(data):
    errors = []
    messages = list(Decoder(on_error=errors.append).feed(data))
    return messages, errors


class Framing(unittest.TestCase):
    def test_a_hello_is_framed_as_the_firmware_frames_it(self):
        self.assertEqual(seal(0, HELLO), HELLO_FRAME)
        self.assertEqual(decode(HELLO_FRAME), ([Hello("0.1.0", "pi5", ("a",))], []))

    def test_cobs_is_undone_for_any_bytes(self):
        draw = random.Random(1)
        for length in [0, 1, 253, 254, 255, 256, 508, 509, 1000]:
            for zeros in (0, 3, 250):
                data = bytes(
                    draw.choice((0, 1)) if draw.randrange(256) < zeros else 7 for _ in range(length)
                )
                encoded = cobs_encode(data)
                self.assertNotIn(0, encoded)
                self.assertEqual(cobs_decode(encoded), data)

    def test_noise_costs_no_message_behind_it(self):
        draw = random.Random(2)
        for _ in range(500):
            noise = bytes(draw.randrange(256) for _ in range(draw.randrange(200)))
            messages, _ = decode(noise + b"\0" + HELLO_FRAME)
            self.assertEqual(messages[-1], Hello("0.1.0", "pi5", ("a",)))

    def test_a_changed_bit_fails_the_check(self):
        for bit in range(8 * (len(HELLO_FRAME) - 1)):
            bad = bytearray(HELLO_FRAME)
            bad[bit // 8] ^= 1 << bit % 8
            messages, errors = decode(bytes(bad) + HELLO_FRAME)
            self.assertEqual(len(messages), 1, f"bit {bit}")
            self.assertGreaterEqual(len(errors), 1)

    def test_any_intact_record_is_a_message_or_an_error(self):
        draw = random.Random(3)
        for kind in (0, 1, 2):
            for _ in range(500):
                noise = bytes(draw.randrange(256) for _ in range(draw.randrange(80)))
                messages, errors = decode(seal(kind, noise))
                self.assertEqual(len(messages) + len(errors), 1)

    def test_a_stream_without_zeros_is_one_error(self):
        decoder = Decoder()
        for _ in range(100):
            self.assertEqual(list(decoder.feed(b"\1" * 1000)), [])
        self.assertEqual(len(list(decoder.feed(b"\0" + HELLO_FRAME))), 1)
        self.assertEqual(decoder.errors, 1)
        self.assertGreater(100 * 1000, MAX_FRAME)

    def test_another_version_says_what_to_do(self):
        plain = bytearray(cobs_decode(HELLO_FRAME[:-1]))[:-4]
        plain[0] = 3
        frame = cobs_encode(bytes(plain) + struct.pack("<I", zlib.crc32(plain))) + b"\0"
        _, (error,) = decode(frame)
        self.assertIn("version 3, this program reads version 2", str(error))


class Tomorrow(unittest.TestCase):
    def test_unknown_optional_fields_are_skipped(self):
        face = b"\1" + struct.pack("<5f", 1, 2, 3, 4, 0.5)
        face += b"\x64\3abc" + b"\3\x10" + struct.pack("<3f", 1, 2, 3) + b"more" + b"\xac\2\0"
        face += b"\5\x0b\2" + b"\x63" + struct.pack("<f", 9) + b"\1" + struct.pack("<f", 1)
        face += b"\x08\5\2\xc8\xfe\x00\xfe"
        messages, errors = decode(reading(1, face, b"\x32\2\7\7"))
        self.assertEqual(errors, [])
        (read,) = messages[0].faces
        self.assertEqual((read.id, read.box, read.score), (1, (1.0, 2.0, 3.0, 4.0), 0.5))
        self.assertEqual((read.pose.yaw, read.pose.roll), (1.0, 3.0))
        self.assertEqual(read.action_units, {"AU01": 1.0})
        self.assertEqual(read.attributes, {"5_o_Clock_Shadow": 1.0})
        self.assertIsNone(read.expression)

    def test_unknown_numbers_are_other(self):
        (message,), errors = decode(status(6, b"\1\4\x0a\2ok\x28\1\1"))
        self.assertEqual(errors, [])
        self.assertEqual(
            (message.state, message.fault.kind, message.fault.text), ("other", "other", "ok")
        )
        self.assertEqual(message.health.files, 8)

    def test_an_unknown_kind_is_named_and_the_stream_goes_on(self):
        messages, errors = decode(seal(3, b"new") + HELLO_FRAME)
        self.assertEqual(len(messages), 1)
        self.assertIsInstance(errors[0], UnknownKind)
        self.assertEqual(errors[0].kind, 3)


class Loss(unittest.TestCase):
    def counted(self, *frames):
        decoder = Decoder()
        for frame in frames:
            list(decoder.feed(frame))
        self.assertEqual(decoder.errors, 0)
        return decoder.lost, decoder.repeated, decoder.late

    def test_gaps_and_repetitions_are_counted(self):
        self.assertEqual(self.counted(*map(reading, (1, 2, 5, 5, 6))), (2, 1, 0))

    def test_a_datagram_that_was_overtaken_is_late_and_not_lost(self):
        self.assertEqual(self.counted(*map(reading, (1, 2, 4, 3, 5))), (0, 0, 1))

    def test_a_restart_is_no_loss(self):
        self.assertEqual(self.counted(*map(reading, (98, 99, 1, 2))), (0, 0, 0))
        self.assertEqual(self.counted(reading(3), HELLO_FRAME, reading(3), reading(4)), (0, 0, 0))

    def test_statuses_share_the_sequence(self):
        decoder = Decoder()
        kinds = [
            type(m) for data in (reading(8), status(1), reading(10)) for m in decoder.feed(data)
        ]
        self.assertEqual(kinds, [Reading, Status, Reading])
        self.assertEqual(decoder.lost, 0)


class Commands(unittest.TestCase):
    def test_commands_have_the_frozen_bytes(self):
        wanted = {
            Command.PAUSE: (64, b"\0"),
            Command.READ: (64, b"\1"),
            Command.CALIBRATE: (65, b""),
            Command.NEXT_PAGE: (66, b""),
            Command.REPORT: (67, b""),
        }
        for command, (kind, record) in wanted.items():
            frame = encode_command(command)
            found, rest = unseal(frame[:-1])
            self.assertEqual((found, frame[-1]), (kind, 0))
            self.assertEqual(rest._take(len(record)), record)
        self.assertEqual(set(wanted), set(Command))


class Numbers(unittest.TestCase):
    def test_floats_are_their_shortest_decimals(self):
        for text in ("0.98", "0.1", "200.0", "1e-07", "16777216.0", "3.4028235e+38", "-0.33333334"):
            (value,) = struct.unpack("<f", struct.pack("<f", float(text)))
            self.assertEqual(repr(shortest(value)), text)

    def test_integers_beyond_their_bits_are_refused(self):
        self.assertEqual(Record(b"\xff\xff\xff\xff\x0f").integer(32), 2**32 - 1)
        for data in (b"\xff\xff\xff\xff\x10", b"\xff" * 5, b"\xff" * 11, b"\x80"):
            with self.assertRaises(ValueError):
                Record(data).integer(32)


if __name__ == "__main__":
    unittest.main()
