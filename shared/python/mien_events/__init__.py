"""Reads the telemetry of Mien devices.

``Decoder().feed(data)`` yields :class:`Hello`, :class:`Reading` and :class:`Status`;
:func:`dumps` prints one as the firmware's JSON line; :func:`encode_command` asks something of a
device. ``shared/EVENTS.md`` of the project says what every field means.
"""

from .commands import Command, encode_command
from .decoder import Decoder
from .jsonlines import dumps, to_dict
from .messages import (
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
from .wire import UnknownKind, WireError

__all__ = [
    "Command",
    "Decoder",
    "Expression",
    "Face",
    "Fault",
    "Health",
    "Hello",
    "Message",
    "Points",
    "Pose",
    "Quality",
    "Reading",
    "Status",
    "UnknownKind",
    "WireError",
    "dumps",
    "encode_command",
    "to_dict",
]
