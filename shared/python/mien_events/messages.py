"""What a device says. Lengths are frame pixels, times microseconds, probabilities 0..1.

What a device does not read is ``None``. Decoded floats are the shortest decimals of their 32-bit
values: 0.98, not 0.9800000190734863.
"""

from dataclasses import dataclass
from typing import Dict, Optional, Tuple, Union

Point = Tuple[float, float]

#: The expressions in canonical order.
EXPRESSIONS = (
    "neutral",
    "anger",
    "contempt",
    "disgust",
    "fear",
    "happiness",
    "sadness",
    "surprise",
)


@dataclass(frozen=True)
class Expression:
    """What a face shows."""

    #: One of :data:`EXPRESSIONS`; ``None`` is "unknown".
    label: Optional[str]
    #: Why it is unknown: unsure, small, dark, blurred, turned, covered or other.
    unknown: Optional[str]
    #: Smoothed probability of ``label``, or of the strongest one when that is unknown.
    confidence: float
    #: Smoothed probability of every expression.
    probs: Dict[str, float]


@dataclass(frozen=True)
class Points:
    """Five points; left and right are the image's."""

    left_eye: Point
    right_eye: Point
    nose: Point
    mouth_left: Point
    mouth_right: Point


@dataclass(frozen=True)
class Pose:
    """Where a head turns, in degrees: to the image's right, up, clockwise in the image."""

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True)
class Quality:
    """How well a face can be seen, each 0..1."""

    sharpness: float
    brightness: float
    contrast: float


@dataclass(frozen=True)
class Face:
    """One face in one frame."""

    #: Transient, stable while the face stays in view.
    id: int
    #: Left, top, width, height.
    box: Tuple[float, float, float, float]
    #: The detector's score, 0..1.
    score: float
    #: ``None`` where the device withholds expressions.
    expression: Optional[Expression] = None
    points: Optional[Points] = None
    pose: Optional[Pose] = None
    quality: Optional[Quality] = None
    #: Intensity 0..5 by name, such as ``AU12``, of the units that are read.
    action_units: Optional[Dict[str, float]] = None
    #: The 68 points of the iBUG annotation.
    landmarks: Optional[Tuple[Point, ...]] = None
    #: From unpleasant to pleasant, -1..1.
    valence: Optional[float] = None
    #: From calm to excited, -1..1.
    arousal: Optional[float] = None
    #: Probability by CelebA's name, such as ``Eyeglasses``, of the attributes that are read.
    attributes: Optional[Dict[str, float]] = None
    #: How much the face is turned to the camera, 0..1.
    attention: Optional[float] = None


@dataclass(frozen=True)
class Hello:
    """Who is speaking."""

    firmware: str
    board: str
    models: Tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """What was read in one frame."""

    #: The device's message counter, shared with :class:`Status`.
    sequence: int
    frame: int
    captured_at_us: int
    latency_us: int
    #: Width and height.
    frame_size: Tuple[int, int]
    #: Largest first.
    faces: Tuple[Face, ...]


@dataclass(frozen=True)
class Fault:
    """Something that is wrong."""

    kind: str
    #: A plain sentence for a person.
    text: str


@dataclass(frozen=True)
class Health:
    """A device's figures since it started."""

    frames: int
    dropped: int
    damaged: int
    reopened: int
    lost: int
    fps: float
    latency_p99_us: int
    #: Resident memory in bytes.
    memory: int
    #: Open file descriptors.
    files: int
    temperature_c: Optional[float] = None
    #: A Raspberry Pi's ``get_throttled`` bits.
    throttled: Optional[int] = None


@dataclass(frozen=True)
class Status:
    """How a device is."""

    #: The device's message counter, shared with :class:`Reading`.
    sequence: int
    at_us: int
    #: starting, reading, paused, no-camera, cooling, stopping or other.
    state: str
    fault: Optional[Fault]
    health: Health


Message = Union[Hello, Reading, Status]
