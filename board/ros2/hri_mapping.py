"""A Mien device's messages as ROS 2 messages of hri_msgs 2.x (REP-155).

Pure: no ROS is imported, so that this file is tested without it. A ROS message is a :class:`Ros`,
its type's name and its fields; the node makes real ones of them.

| of a face | topic under ``/humans/faces/<id>/`` | type |
|---|---|---|
| box, score | ``roi`` | hri_msgs/NormalizedRegionOfInterest2D |
| landmarks, else the five points | ``landmarks`` | hri_msgs/FacialLandmarks |
| action units | ``facs`` | hri_msgs/FacialActionUnits |
| expression, valence, arousal | ``expression`` | hri_msgs/Expression |
| pose | ``orientation`` (not of REP-155) | geometry_msgs/QuaternionStamped |
| attention | ``attention`` (not of REP-155) | std_msgs/Float32 |

``/humans/faces/tracked`` (hri_msgs/IdsList) lists the faces of the last reading; a status is a
diagnostic_msgs/DiagnosticArray on ``/diagnostics``; every message, whole, is a JSON line in a
std_msgs/String on ``/mien/events``.

hri_msgs/Gaze and hri_msgs/EngagementLevel speak of *persons*. A device knows none, only faces that
come and go, so neither is published.
"""

import math
import random
import string
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

from mien_events import Expression, Face, Message, Reading, Status, dumps

#: Length of hri_msgs/FacialLandmarks: 68 as ours, then the pupils.
LANDMARKS = 70
RIGHT_PUPIL, LEFT_PUPIL = 68, 69
NOSE, MOUTH_OUTER_RIGHT, MOUTH_OUTER_LEFT = 30, 48, 54

#: Length of hri_msgs/FacialActionUnits, indexed by FACS number.
ACTION_UNITS = 99

#: hri_msgs/Expression's words. It has none for contempt.
EXPRESSIONS = {
    "neutral": "neutral",
    "anger": "angry",
    "disgust": "disgusted",
    "fear": "scared",
    "happiness": "happy",
    "sadness": "sad",
    "surprise": "surprised",
}

#: A face that is out of view for longer than this comes back under another name, in microseconds.
FORGET_AFTER_US = 2_000_000

#: A reading that a newer one overtook by at most so many numbers is late: its faces are history.
MAX_LATE = 16

#: Face (forward, left, up) as REP-103 has it, seen in the camera's optical frame (right, down,
#: forward), of a face that looks straight into the camera; x, y, z, w.
STRAIGHT = (0.5, 0.5, -0.5, 0.5)

#: diagnostic_msgs/DiagnosticStatus levels.
OK, WARN, ERROR = b"\0", b"\1", b"\2"

Quaternion = Tuple[float, float, float, float]


@dataclass(frozen=True)
class Ros:
    """A ROS message: its type, such as ``hri_msgs/IdsList``, and its fields."""

    type: str
    fields: Dict[str, Any]


@dataclass(frozen=True)
class Publication:
    """A message and where it goes."""

    topic: str
    message: Ros


class Mapper:
    """Follows one device and names its faces by transient random letters, as REP-155 asks.

    ``letters`` draws them: pass a seeded one for repeatable names.
    """

    def __init__(self, camera_frame: str, letters: Optional[random.Random] = None) -> None:
        self._camera_frame = camera_frame
        self._letters = letters or random.SystemRandom()
        #: By the device's face id: the name and when the face was last seen.
        self._names: Dict[int, Tuple[str, int]] = {}
        self._sequence = 0
        #: Names whose faces are gone since the last call.
        self.gone: List[str] = []

    def publications(self, message: Message, received_ns: int) -> List[Publication]:
        """What to publish for ``message``, received at that ROS time in nanoseconds."""
        self.gone = []
        event = Publication("/mien/events", Ros("std_msgs/String", {"data": dumps(message)}))
        if isinstance(message, Reading):
            return [event, *self._reading(message, received_ns)]
        if isinstance(message, Status):
            return [event, diagnostics(message, received_ns)]
        self._forget_all()
        return [event]

    def _reading(self, reading: Reading, received_ns: int) -> List[Publication]:
        if 0 < self._sequence - reading.sequence <= MAX_LATE:
            return []
        if reading.sequence < self._sequence:
            self._forget_all()
        self._sequence = reading.sequence
        # The device's clock is its own: count back from the reception.
        stamp = max(received_ns - 1000 * reading.latency_us, 0)
        head = header(stamp, self._camera_frame)
        named = [(self._name(face.id, reading.captured_at_us), face) for face in reading.faces]
        self._forget(reading.captured_at_us)
        ids = Ros("hri_msgs/IdsList", {"header": head, "ids": [name for name, _ in named]})
        found = [Publication("/humans/faces/tracked", ids)]
        for name, face in named:
            found += face_publications(name, face, reading.frame_size, head)
        return found

    def _name(self, identity: int, now_us: int) -> str:
        name, _ = self._names.get(identity, ("", 0))
        taken = {name for name, _ in self._names.values()}
        while not name or (identity not in self._names and name in taken):
            name = "".join(self._letters.choices(string.ascii_lowercase, k=5))
        self._names[identity] = (name, now_us)
        return name

    def _forget(self, now_us: int) -> None:
        for identity, (name, seen_us) in list(self._names.items()):
            if now_us - seen_us > FORGET_AFTER_US:
                del self._names[identity]
                self.gone.append(name)

    def _forget_all(self) -> None:
        self.gone += [name for name, _ in self._names.values()]
        self._names.clear()
        self._sequence = 0


def face_publications(
    name: str, face: Face, frame_size: Tuple[int, int], head: Ros
) -> List[Publication]:
    """What to publish of one face; nothing for what the device does not read."""
    found: Dict[str, Optional[Ros]] = {
        "roi": region(face, frame_size, head),
        "landmarks": landmarks(face, frame_size, head),
        "facs": action_units(face, head),
        "expression": expression(face, head),
        "orientation": orientation(face, head),
        "attention": attention(face),
    }
    topic = f"/humans/faces/{name}"
    return [Publication(f"{topic}/{key}", ros) for key, ros in found.items() if ros is not None]


def header(stamp_ns: int, frame_id: str) -> Ros:
    """A header of a ROS time in nanoseconds."""
    seconds, nanoseconds = divmod(stamp_ns, 1_000_000_000)
    stamp = Ros("builtin_interfaces/Time", {"sec": seconds, "nanosec": nanoseconds})
    return Ros("std_msgs/Header", {"stamp": stamp, "frame_id": frame_id})


def region(face: Face, frame_size: Tuple[int, int], head: Ros) -> Optional[Ros]:
    """The box in shares of the frame, cut off at its edges."""
    if 0 in frame_size:
        return None
    left, top, width, height = face.box
    xmin, ymin = share(left, frame_size[0]), share(top, frame_size[1])
    xmax, ymax = share(left + width, frame_size[0]), share(top + height, frame_size[1])
    corners = {"xmin": xmin, "ymin": ymin, "xmax": xmax, "ymax": ymax}
    return Ros(
        "hri_msgs/NormalizedRegionOfInterest2D", {"header": head, **corners, "c": face.score}
    )


def landmarks(face: Face, frame_size: Tuple[int, int], head: Ros) -> Optional[Ros]:
    """The points that are read, with the face's score as confidence; 0 for the others."""
    found: Dict[int, Tuple[float, float]] = {}
    if face.points is not None:
        # The image's left is the person's right.
        found[RIGHT_PUPIL], found[LEFT_PUPIL] = face.points.left_eye, face.points.right_eye
        found[NOSE] = face.points.nose
        found[MOUTH_OUTER_RIGHT] = face.points.mouth_left
        found[MOUTH_OUTER_LEFT] = face.points.mouth_right
    found.update(enumerate(face.landmarks or ()))
    if not found or 0 in frame_size:
        return None
    width, height = frame_size
    points = [_point(0.0, 0.0, 0.0) for _ in range(LANDMARKS)]
    for index, (x, y) in found.items():
        points[index] = _point(share(x, width), share(y, height), face.score)
    fields = {"header": head, "landmarks": points, "height": height, "width": width}
    return Ros("hri_msgs/FacialLandmarks", fields)


def _point(x: float, y: float, c: float) -> Ros:
    return Ros("hri_msgs/NormalizedPointOfInterest2D", {"x": x, "y": y, "c": c})


def action_units(face: Face, head: Ros) -> Optional[Ros]:
    """Intensities 0 to 5 by FACS number; the confidence is 1 for a unit that is read, else 0."""
    if face.action_units is None:
        return None
    intensity, confidence = [0.0] * ACTION_UNITS, [0.0] * ACTION_UNITS
    for name, value in face.action_units.items():
        number = int(name[2:])
        intensity[number], confidence[number] = value, 1.0
    fields = {"header": head, "intensity": intensity, "confidence": confidence}
    return Ros("hri_msgs/FacialActionUnits", fields)


def expression(face: Face, head: Ros) -> Optional[Ros]:
    """The expression, its word empty and its confidence 0 where there is none for it; valence and
    arousal are NaN where they are not read. Nothing where the device withholds expressions."""
    if face.expression is None and face.valence is None:
        return None
    word = _word(face.expression)
    fields = {
        "header": head,
        "expression": word,
        "valence": math.nan if face.valence is None else face.valence,
        "arousal": math.nan if face.arousal is None else face.arousal,
        "confidence": face.expression.confidence if face.expression and word else 0.0,
    }
    return Ros("hri_msgs/Expression", fields)


def _word(shown: Optional[Expression]) -> str:
    return EXPRESSIONS.get(shown.label or "", "") if shown else ""


def orientation(face: Face, head: Ros) -> Optional[Ros]:
    """How the face (forward, left, up) lies in the camera's optical frame."""
    if face.pose is None:
        return None
    turned = rotation((0, 0, 1), face.pose.yaw)
    raised = rotation((0, 1, 0), -face.pose.pitch)
    tilted = rotation((1, 0, 0), -face.pose.roll)
    x, y, z, w = product(product(product(STRAIGHT, turned), raised), tilted)
    quaternion = Ros("geometry_msgs/Quaternion", {"x": x, "y": y, "z": z, "w": w})
    return Ros("geometry_msgs/QuaternionStamped", {"header": head, "quaternion": quaternion})


def attention(face: Face) -> Optional[Ros]:
    """How much the face is turned to the camera, 0..1."""
    if face.attention is None:
        return None
    return Ros("std_msgs/Float32", {"data": face.attention})


def diagnostics(status: Status, received_ns: int) -> Publication:
    """A status as diagnostics: a fault is an error, a device that does not read a warning."""
    health = [(key, value) for key, value in vars(status.health).items() if value is not None]
    pairs = [("state", status.state), ("sequence", status.sequence), *health]
    if status.fault is not None:
        pairs.insert(1, ("fault", status.fault.kind))
    reading = status.state == "reading"
    fields = {
        "level": ERROR if status.fault else OK if reading else WARN,
        "name": "mien",
        "message": status.fault.text if status.fault else status.state,
        "hardware_id": "mien",
        "values": [
            Ros("diagnostic_msgs/KeyValue", {"key": key, "value": str(value)})
            for key, value in pairs
        ],
    }
    array = {
        "header": header(received_ns, ""),
        "status": [Ros("diagnostic_msgs/DiagnosticStatus", fields)],
    }
    return Publication("/diagnostics", Ros("diagnostic_msgs/DiagnosticArray", array))


def share(position: float, length: int) -> float:
    """A position as a share of the frame, 0..1."""
    return min(max(position / length, 0.0), 1.0)


def rotation(axis: Tuple[int, int, int], degrees: float) -> Quaternion:
    """The quaternion of a right-handed turn around a unit axis."""
    half = math.radians(degrees) / 2
    x, y, z = (part * math.sin(half) for part in axis)
    return (x, y, z, math.cos(half))


def product(a: Quaternion, b: Quaternion) -> Quaternion:
    """The turn ``b`` seen in the frame that ``a`` makes: Hamilton's product."""
    ax, ay, az, aw = a
    bx, by, bz, bw = b
    return (
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    )
