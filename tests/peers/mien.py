"""Mien and, through the same command, stock tract, as children of this process on its processor.

    mien-device bench --net FILE --precision f32|int8 [--engine tract] --json
        one JSON object: {"name", "precision", "isa", "macs", "runs", "ms": {"p50", "min"},
        "peak_gmacs_per_s"}; the last is the peak measured on this processor in this precision
    mien-device bench --net FILE --precision f32|int8 [--engine tract] --serve
        for each line `N` on standard input, one line: a JSON array of N times in microseconds,
        one per inference, the input already in place; ends with its input

A refusal is a nonzero exit with its reason on standard error. Mien's outputs are judged by
`mien-trainer verify` and the workspace's tests, not here.
"""

import json
import subprocess
from pathlib import Path

from peer import Runtime, Unavailable

DESCRIBE_LIMIT_S = 120


def runtimes(binary):
    """Mien in both precisions and stock tract in f32."""
    version = _version(binary)
    return [
        Runtime("Mien", "f32", version, lambda net, _: Server(binary, file_of(net), "f32")),
        Runtime("Mien", "int8", version, lambda net, _: Server(binary, file_of(net), "int8")),
        Runtime(
            "tract",
            "f32",
            version,
            lambda net, _: Server(binary, file_of(net), "f32", ["--engine", "tract"]),
        ),
    ]


def file_of(net):
    """The bundle where Mien ships the net, the ONNX file that every peer reads otherwise."""
    return net.bundle or net.prepared


def describe(binary, file, precision):
    """What `--json` tells of a net, its peak among it."""
    command = _command(binary, file, precision, ["--json"])
    done = subprocess.run(command, capture_output=True, text=True, timeout=DESCRIBE_LIMIT_S)
    if done.returncode != 0:
        raise Unavailable(_reason(done.stderr, done.returncode))
    return json.loads(done.stdout)


class Server:
    """A net loaded in a child that answers `N` with N times."""

    def __init__(self, binary, file, precision, more=()):
        command = _command(binary, file, precision, [*more, "--serve"])
        pipe = subprocess.PIPE
        self._child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        try:
            self.burst(1)
        except Unavailable:
            self.close()
            raise

    def burst(self, runs):
        try:
            self._child.stdin.write(f"{runs}\n")
            self._child.stdin.flush()
        except BrokenPipeError as closed:
            raise self._ended() from closed
        line = self._child.stdout.readline()
        if not line:
            raise self._ended()
        times = json.loads(line)
        if len(times) != runs:
            raise Unavailable(f"answers {len(times)} times to a request of {runs}")
        return [us / 1e3 for us in times]

    def outputs(self):
        return None

    def close(self):
        if self._child.poll() is None:
            self._child.communicate()

    def _ended(self):
        _, stderr = self._child.communicate()
        return Unavailable(_reason(stderr, self._child.returncode))


def _command(binary, file, precision, more):
    return [str(binary), "bench", "--net", str(file), "--precision", precision, *more]


def _version(binary):
    if not Path(binary).is_file():
        raise Unavailable(f"no {binary}: `cargo build --release -p mien-device`, or give --mien")
    done = subprocess.run([str(binary), "--version"], capture_output=True, text=True)
    return done.stdout.strip().removeprefix("mien-device ") or "unknown"


def _reason(stderr, code):
    lines = [line for line in stderr.splitlines() if line.strip()]
    return lines[0] if lines else f"ends with exit {code} and says nothing"
