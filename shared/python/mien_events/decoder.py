"""Bytes to messages."""

import struct
from typing import Any, Callable, Dict, Iterator, Optional, Tuple, Union

from .messages import (
    EXPRESSIONS,
    Expression,
    Face,
    Fault,
    Health,
    Hello,
    Message,
    Points,
    Pose,
    Quality,
    Reading,
    Status,
)
from .names import ACTION_UNITS, ATTRIBUTES, FAULTS, STATES, UNKNOWN
from .wire import Frames, Record, UnknownKind, WireError, shortest, unseal

#: The number of "none" in an enumeration that may be absent.
NONE = 255

#: Most numbers that the sequence falls where a datagram was overtaken and nothing restarted.
MAX_LATE = 16


class Decoder:
    """Finds a device's messages in a stream of bytes that arrive in pieces of any size.

    A frame that is no message, or of an unknown kind, goes to ``on_error`` and is counted in
    ``errors``; decoding goes on behind it. ``lost`` counts gaps in the device's sequence that no
    late message has filled, ``repeated`` messages that came twice in a row, ``late`` those that a
    datagram overtook. A sequence that falls far, or behind a hello, is a restart: none of these.
    """

    def __init__(self, on_error: Optional[Callable[[WireError], None]] = None) -> None:
        self.errors = 0
        self.lost = 0
        self.repeated = 0
        self.late = 0
        self._frames = Frames()
        self._on_error = on_error
        self._sequence: Optional[int] = None
        self._greeted = False

    def feed(self, data: Union[bytes, bytearray, memoryview]) -> Iterator[Message]:
        """Every message that ``data`` completes. Exhaust it: bytes are taken as it goes."""
        for frame in self._frames.feed(data):
            try:
                message = _decode(frame)
            except WireError as error:
                self.errors += 1
                if self._on_error is not None:
                    self._on_error(error)
                continue
            self._follow(message)
            yield message

    def _follow(self, message: Message) -> None:
        if isinstance(message, Hello):
            self._greeted = True
            return
        step = 1 if self._sequence is None else message.sequence - self._sequence
        if step < -MAX_LATE or (step <= 0 and self._greeted):
            step = 1
        self._greeted = False
        if step < 0:
            self.late += 1
            self.lost -= 1
            return
        self.repeated += step == 0
        self.lost += max(step - 1, 0)
        self._sequence = message.sequence


def _decode(frame: Optional[bytes]) -> Message:
    if frame is None:
        raise WireError("a frame is too long; is this a telemetry stream?")
    kind, record = unseal(frame)
    readers: Dict[int, Callable[[Record], Message]] = {0: _hello, 1: _reading, 2: _status}
    if kind not in readers:
        raise UnknownKind(kind)
    return readers[kind](record)


def _hello(record: Record) -> Hello:
    firmware, board = record.text(), record.text()
    models = tuple(record.text() for _ in range(record.count()))
    record.finish()
    return Hello(firmware, board, models)


def _reading(record: Record) -> Reading:
    sequence, frame, captured_at_us, latency_us = (record.integer() for _ in range(4))
    frame_size = (record.integer(32), record.integer(32))
    faces = tuple(_face(record.sized()) for _ in range(record.count()))
    record.finish()
    return Reading(sequence, frame, captured_at_us, latency_us, frame_size, faces)


def _status(record: Record) -> Status:
    sequence, at_us, state = record.integer(), record.integer(), record.byte()
    frames, dropped, damaged, reopened, lost = (record.integer() for _ in range(5))
    fps, latency_p99_us, memory = record.number(), record.integer(), record.integer()
    files = record.integer(32)
    fault: Optional[Fault] = None
    temperature_c: Optional[float] = None
    throttled: Optional[int] = None
    for tag, value in record.optional():
        if tag == 1:
            fault = Fault(_name(FAULTS, value.byte()), value.text())
        elif tag == 2:
            temperature_c = value.number()
        elif tag == 3:
            throttled = value.integer(32)
    health = Health(
        frames=frames,
        dropped=dropped,
        damaged=damaged,
        reopened=reopened,
        lost=lost,
        fps=fps,
        latency_p99_us=latency_p99_us,
        memory=memory,
        files=files,
        temperature_c=temperature_c,
        throttled=throttled,
    )
    return Status(sequence, at_us, _name(STATES, state), fault, health)


def _face(record: Record) -> Face:
    identity = record.integer(32)
    left, top, width, height, score = record.numbers(5)
    found: Dict[str, Any] = {}
    for tag, value in record.optional():
        read = _OPTIONAL.get(tag)
        if read is not None:
            found.update(read(value))
    return Face(identity, (left, top, width, height), score, **found)


def _expression(value: Record) -> Expression:
    label, unknown = value.byte(), value.byte()
    if label != NONE and label >= len(EXPRESSIONS):
        raise WireError(f"{label} is not the number of an expression")
    return Expression(
        None if label == NONE else EXPRESSIONS[label],
        None if unknown == NONE else _name(UNKNOWN, unknown),
        value.number(),
        dict(zip(EXPRESSIONS, value.numbers(len(EXPRESSIONS)))),
    )


def _action_units(value: Record) -> Dict[str, float]:
    pairs = [(value.byte(), value.number()) for _ in range(value.count())]
    known = {number: intensity for number, intensity in pairs if number in ACTION_UNITS}
    return {f"AU{number:02}": known[number] for number in sorted(known)}


def _attributes(value: Record) -> Dict[str, float]:
    pairs = [(value.byte(), value.byte()) for _ in range(value.count())]
    known = {number: code for number, code in pairs if number < len(ATTRIBUTES) and code != NONE}
    return {ATTRIBUTES[number]: _share(known[number]) for number in sorted(known)}


def _share(code: int) -> float:
    """The probability of a code, rounded to 32 bits as the firmware does."""
    return shortest(struct.unpack("<f", struct.pack("<f", code / 254))[0])


def _name(names: Tuple[str, ...], number: int) -> str:
    return names[number] if number < len(names) else "other"


#: By tag, what an optional field of a face becomes.
_OPTIONAL: Dict[int, Callable[[Record], Dict[str, Any]]] = {
    1: lambda value: {"expression": _expression(value)},
    2: lambda value: {"points": Points(*value.points(5))},
    3: lambda value: {"pose": Pose(*value.numbers(3))},
    4: lambda value: {"quality": Quality(*value.numbers(3))},
    5: lambda value: {"action_units": _action_units(value)},
    6: lambda value: {"landmarks": value.points(68)},
    7: lambda value: dict(zip(("valence", "arousal"), value.numbers(2))),
    8: lambda value: {"attributes": _attributes(value)},
    9: lambda value: {"attention": value.number()},
}
