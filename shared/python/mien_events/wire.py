"""Frames and records: COBS, CRC-32, and postcard's integers, floats and text.

``frame = COBS(version, kind, record, check) 0``; ``record = required fields, optional fields``;
``optional = tag, length, value``. The head of ``shared/src/telemetry.rs`` is the specification.
"""

import struct
import zlib
from typing import Iterator, Optional, Tuple, Union

VERSION = 2
MAX_FRAME = 64 * 1024
MAX_ITEMS = 64


class WireError(ValueError):
    """A frame that is not a message."""


class UnknownKind(WireError):
    """An intact message of a kind that a later release knows."""

    def __init__(self, kind: int) -> None:
        super().__init__(f"a message of kind {kind} was skipped: this release does not read it")
        self.kind = kind


class Record:
    """A record's bytes that were not read yet."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def _take(self, length: int) -> bytes:
        end = self._at + length
        if end > len(self._data):
            raise WireError("a message ends too early")
        piece, self._at = self._data[self._at : end], end
        return piece

    def byte(self) -> int:
        return self._take(1)[0]

    def flag(self) -> bool:
        value = self.byte()
        if value > 1:
            raise WireError(f"{value} is neither true nor false")
        return value == 1

    def integer(self, bits: int = 64) -> int:
        """A varint: seven bits a byte, least significant first."""
        value = 0
        for shift in range(0, bits, 7):
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if value >> bits:
                    break
                return value
        raise WireError(f"an integer exceeds {bits} bits")

    def number(self) -> float:
        return shortest(struct.unpack("<f", self._take(4))[0])

    def numbers(self, count: int) -> Tuple[float, ...]:
        return tuple(
            shortest(value) for value in struct.unpack(f"<{count}f", self._take(4 * count))
        )

    def points(self, count: int) -> Tuple[Tuple[float, float], ...]:
        flat = self.numbers(2 * count)
        return tuple(zip(flat[::2], flat[1::2]))

    def text(self) -> str:
        try:
            return self._take(self.integer(32)).decode("utf-8")
        except UnicodeDecodeError as error:
            raise WireError(f"a text is not UTF-8: {error}") from None

    def sized(self) -> "Record":
        return Record(self._take(self.integer(32)))

    def count(self) -> int:
        count = self.integer(32)
        if count > MAX_ITEMS:
            raise WireError(f"a message lists {count} items, at most {MAX_ITEMS} are allowed")
        return count

    def optional(self) -> Iterator[Tuple[int, "Record"]]:
        """Tag and value of every optional field up to the record's end."""
        while self._at < len(self._data):
            tag = self.integer(32)
            yield tag, self.sized()

    def finish(self) -> None:
        """Makes sure that only optional fields follow."""
        for _ in self.optional():
            pass


def shortest(value: float) -> float:
    """The double that prints as the shortest decimal of the 32-bit ``value``.

    Powers of two near 1e-29, 1e26 and 1e27 print one digit more than they need.
    """
    if value != value or value in (float("inf"), float("-inf")) or value == 0.0:
        return value
    # Shorter decimals than six digits print without their trailing zeros, save where 32 bits hold
    # fewer digits than that.
    for digits in range(6 if abs(value) > 1e-37 else 1, 10):
        short = float(f"{value:.{digits}g}")
        try:
            if struct.unpack("<f", struct.pack("<f", short))[0] == value:
                return short
        except OverflowError:
            continue
    return value


def cobs_decode(data: bytes) -> bytes:
    """Undoes consistent overhead byte stuffing; ``data`` holds no zero."""
    out = bytearray()
    at = 0
    while at < len(data):
        code = data[at]
        block = data[at + 1 : at + code]
        if len(block) != code - 1:
            raise WireError("a frame is broken; bytes were lost or the stream was joined midway")
        out += block
        at += code
        if code < 0xFF and at < len(data):
            out.append(0)
    return bytes(out)


def cobs_encode(data: bytes) -> bytes:
    """Removes every zero from ``data`` by consistent overhead byte stuffing."""
    out = bytearray()
    for block in data.split(b"\0"):
        while len(block) >= 0xFE:
            out += b"\xff" + block[:0xFE]
            block = block[0xFE:]
        out += bytes([len(block) + 1]) + block
    return bytes(out)


def seal(kind: int, record: bytes = b"") -> bytes:
    """The frame, its closing zero included, of a message of ``kind`` below 128."""
    plain = bytes([VERSION, kind]) + record
    return cobs_encode(plain + struct.pack("<I", zlib.crc32(plain))) + b"\0"


def unseal(frame: bytes) -> Tuple[int, Record]:
    """Kind and record of a frame without its closing zero."""
    plain = cobs_decode(frame)
    if len(plain) < 5:
        raise WireError("a frame is too short to be one")
    body, (stated,) = plain[:-4], struct.unpack("<I", plain[-4:])
    computed = zlib.crc32(body)
    if computed != stated:
        raise WireError(f"a frame fails its check: {computed:08x} computed, {stated:08x} stated")
    if body[0] != VERSION:
        raise WireError(
            f"a message has version {body[0]}, this program reads version {VERSION}; "
            "bring device and host to the same release"
        )
    record = Record(body[1:])
    return record.integer(32), record


class Frames:
    """Finds frames in a stream of bytes that arrive in pieces of any size."""

    def __init__(self) -> None:
        self._frame = bytearray()
        self._overflown = False

    def feed(self, data: Union[bytes, bytearray, memoryview]) -> Iterator[Optional[bytes]]:
        """Every frame that ``data`` completes; ``None`` for one that is too long."""
        *closed, rest = bytes(data).split(b"\0")
        for piece in closed:
            self._append(piece)
            if self._overflown:
                yield None
            elif self._frame:
                yield bytes(self._frame)
            self._frame.clear()
            self._overflown = False
        self._append(rest)

    def _append(self, piece: bytes) -> None:
        self._overflown = self._overflown or len(self._frame) + len(piece) > MAX_FRAME
        if not self._overflown:
            self._frame += piece
