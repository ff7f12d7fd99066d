"""The contract of a runtime under test.

A `Runtime` opens a net and gives a `Session`; a session runs bursts and says what it computed, so
that nothing is timed that does not compute the net. Whatever a runtime cannot do it says by
raising `Unavailable` with the reason, which is printed in the table's notes.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np


class Unavailable(Exception):
    """This runtime cannot run this net (or is not installed), and why."""


class Session(Protocol):
    """A net, loaded, with its input in place."""

    def burst(self, runs: int) -> list[float]:
        """Times of `runs` inferences in a row, ms each."""

    def outputs(self) -> list[np.ndarray] | None:
        """The f32 outputs for the input in place, or None where only times are told."""

    def close(self) -> None:
        """Ends what the session started."""


@dataclass(frozen=True)
class Runtime:
    """`name` and `precision` make a column; `open(net, sample)` loads a net."""

    name: str
    precision: str
    version: str
    open: Callable

    @property
    def key(self):
        return f"{self.name} {self.precision}"


class InProcess:
    """A session whose inference is a call of this process."""

    def __init__(self, run, read):
        self._run, self._read = run, read

    def burst(self, runs):
        return [_timed(self._run) for _ in range(runs)]

    def outputs(self):
        self._run()
        return self._read()

    def close(self):
        pass


def _timed(run):
    start = time.perf_counter_ns()
    run()
    return (time.perf_counter_ns() - start) / 1e6
