"""Where bytes come from: a TCP or UDP port, a serial line, a file.

Each source yields ``(sender, bytes)``; bytes of one sender are one stream, and ``b""`` is its end.
"""

import os
import selectors
import socket
import sys
from typing import Hashable, Iterator, Tuple

Piece = Tuple[Hashable, bytes]

#: Most bytes taken at once; no datagram is longer.
CHUNK = 64 * 1024


def open_source(spec: str) -> Iterator[Piece]:
    """The source that ``spec`` names; :class:`ValueError` or :class:`OSError` when there is none.

    ``tcp-listen:PORT``, ``udp-listen:PORT`` (either also ``HOST:PORT``),
    ``serial:PATH?baud=115200``, ``-`` for standard input, or a file's path.
    """
    scheme, _, rest = spec.partition(":")
    if scheme == "tcp-listen":
        return _tcp(_listen(rest, socket.SOCK_STREAM))
    if scheme == "udp-listen":
        return _udp(_listen(rest, socket.SOCK_DGRAM))
    if scheme == "serial":
        return _file(_serial(rest))
    return _file(sys.stdin.fileno() if spec == "-" else os.open(spec, os.O_RDONLY))


def _listen(address: str, kind: int) -> socket.socket:
    host, _, port = address.rpartition(":")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"{address!r} is no address: write PORT or HOST:PORT")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, kind)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, int(port)))
    if kind == socket.SOCK_STREAM:
        listener.listen()
    return listener


def _tcp(listener: socket.socket) -> Iterator[Piece]:
    with selectors.DefaultSelector() as waiting, listener:
        waiting.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in waiting.select():
                if key.fileobj is listener:
                    connection, sender = listener.accept()
                    waiting.register(connection, selectors.EVENT_READ, (connection, sender))
                    continue
                connection, sender = key.data
                piece = _receive(connection)
                if not piece:
                    waiting.unregister(connection)
                    connection.close()
                yield sender, piece


def _receive(connection: socket.socket) -> bytes:
    """What has come; nothing when the other side is gone, however it went."""
    try:
        return connection.recv(CHUNK)
    except OSError:
        return b""


def _udp(listener: socket.socket) -> Iterator[Piece]:
    with listener:
        while True:
            piece, sender = listener.recvfrom(CHUNK)
            # A datagram holds whole frames, so that what a broken one leaves behind ends here.
            yield sender, piece + b"\0"


def _file(descriptor: int) -> Iterator[Piece]:
    piece = b"\0"
    while piece:
        piece = os.read(descriptor, CHUNK)
        yield None, piece


def _serial(spec: str) -> int:
    """A serial line as raw bytes. Unix only."""
    import termios
    import tty

    path, _, option = spec.partition("?baud=")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOCTTY)
    if os.isatty(descriptor):
        tty.setraw(descriptor)
        speed = getattr(termios, f"B{option or '115200'}", None)
        if speed is None:
            raise ValueError(f"{spec}: a serial line has no speed of {option}")
        state = termios.tcgetattr(descriptor)
        state[4] = state[5] = speed
        termios.tcsetattr(descriptor, termios.TCSANOW, state)
    return descriptor
