"""Keeps what foreign libraries print, from any language, out of the report."""

import os
import sys
from contextlib import contextmanager


@contextmanager
def quiet(log):
    """Sends this process's standard output and error to the end of the file `log`."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    with open(log, "ab") as sink:
        os.dup2(sink.fileno(), 1)
        os.dup2(sink.fileno(), 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for stream, copy in enumerate(kept, start=1):
            os.dup2(copy, stream)
            os.close(copy)
