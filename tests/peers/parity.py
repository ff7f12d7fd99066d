"""Whether a peer computes the net: its outputs beside onnxruntime's in f32.

An f32 peer has to agree; an int8 one, calibrated on noise, has to be the int8 form of an f32 peer
that agrees.
"""

import numpy as np

from peer import Unavailable

REFERENCE = "onnxruntime f32"
F32_TOLERANCE = 1e-4


def check(sessions, absent):
    """Differences by column. What computes something else goes from `sessions` to `absent`."""
    expected = sessions[REFERENCE].outputs() if REFERENCE in sessions else None
    differences = {}
    for column, session in sorted(sessions.items(), key=lambda item: item[0].endswith("int8")):
        got = session.outputs()
        if got is None or expected is None:
            continue
        try:
            differences[column] = judge(column, got, expected, differences)
        except Unavailable as wrong:
            absent[column] = str(wrong)
            sessions.pop(column).close()
    return differences


def judge(column, got, expected, agreeing):
    """The difference of one column; `agreeing` holds the columns that passed before it."""
    if column.endswith("f32"):
        return difference(got, expected, exact=True)
    plain = column.replace("int8", "f32")
    if plain not in agreeing:
        raise Unavailable(
            f"there is no {plain} that agrees with onnxruntime to be the int8 form of"
        )
    return difference(got, expected, exact=False)


def difference(got, expected, exact):
    """Largest difference of any output, as a share of that output's largest magnitude or of 1.

    Raises Unavailable for outputs of other sizes, for values that are not finite, and, when
    `exact`, beyond F32_TOLERANCE.
    """
    if [g.size for g in got] != [e.size for e in expected]:
        raise Unavailable("its outputs have other sizes than onnxruntime's")
    largest = max(_difference(g.reshape(-1), e.reshape(-1)) for g, e in zip(got, expected))
    if not np.isfinite(largest):
        raise Unavailable("its outputs are not finite")
    if exact and largest > F32_TOLERANCE:
        raise Unavailable(f"its outputs are {largest:.1e} from onnxruntime's")
    return largest


def _difference(got, expected):
    scale = np.maximum(1.0, np.abs(expected).max())
    return float(np.abs(got - expected).max() / scale)
