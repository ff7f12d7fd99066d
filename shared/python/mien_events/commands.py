"""What a host asks of a device."""

from enum import Enum

from .wire import seal


class Command(Enum):
    """Kind and record of every command."""

    #: Start looking at faces.
    READ = (64, b"\x01")
    #: Stop looking at faces.
    PAUSE = (64, b"\x00")
    #: Take the faces now in view as showing a neutral expression.
    CALIBRATE = (65, b"")
    #: Show the screen's next page.
    NEXT_PAGE = (66, b"")
    #: Send a status now.
    REPORT = (67, b"")


def encode_command(command: Command) -> bytes:
    """The frame that asks for ``command``."""
    return seal(*command.value)
