"""Prints what devices say as JSON lines: ``python -m mien_events udp-listen:9000``."""

import argparse
import os
import sys
from typing import List, Optional

from .jsonlines import dumps
from .sources import open_source
from .streams import Streams
from .wire import WireError


def main(arguments: Optional[List[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="mien_events", description=__doc__)
    parser.add_argument(
        "source",
        help="tcp-listen:PORT, udp-listen:PORT, serial:/dev/ttyACM0?baud=115200, a file, or -",
    )
    source = parser.parse_args(arguments).source
    streams = Streams(on_error=_complain)
    try:
        for sender, piece in open_source(source):
            for message in streams.feed(sender, piece):
                print(dumps(message), flush=True)
    except KeyboardInterrupt:
        pass
    except BrokenPipeError:
        # Whoever read the lines has ended; Python would complain again when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError) as error:
        print(f"mien_events: {source}: {error}", file=sys.stderr)
        return 1
    if streams.lost:
        print(f"mien_events: {streams.lost} messages were lost on the way", file=sys.stderr)
    return 0


def _complain(error: WireError) -> None:
    print(f"mien_events: {error}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
