"""The streams of many senders, decoded each on its own."""

from collections import OrderedDict
from typing import Callable, Hashable, Iterator, Optional

from .decoder import Decoder
from .messages import Message
from .wire import WireError

#: Most senders that are told apart; the one not heard for longest is forgotten first.
MAX_SENDERS = 256


class Streams:
    """A :class:`Decoder` for every sender of :func:`mien_events.sources.open_source`."""

    def __init__(self, on_error: Optional[Callable[[WireError], None]] = None) -> None:
        #: Messages that were lost on the way, of all senders.
        self.lost = 0
        self._on_error = on_error
        self._decoders: "OrderedDict[Hashable, Decoder]" = OrderedDict()

    def feed(self, sender: Hashable, piece: bytes) -> Iterator[Message]:
        """Every message that ``piece`` completes; an empty piece ends the sender's stream."""
        decoder = self._decoders.pop(sender, None) or Decoder(self._on_error)
        if piece:
            self._decoders[sender] = decoder
        if len(self._decoders) > MAX_SENDERS:
            self._decoders.popitem(last=False)
        for message in decoder.feed(piece):
            yield message
        self.lost += decoder.lost
        decoder.lost = 0
