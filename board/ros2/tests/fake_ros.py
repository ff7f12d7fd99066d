"""Just enough of ROS 2 to drive the node: strict messages, and a node that notes what it is told.

The fields are those of std_msgs, geometry_msgs, diagnostic_msgs and hri_msgs 2.x; a message takes
nothing else, and only values of its types, as rclpy's own do.
"""

import math
import sys
import types
from contextlib import contextmanager

DEFINITIONS = {
    "builtin_interfaces/Time": "int32 sec, uint32 nanosec",
    "std_msgs/Header": "builtin_interfaces/Time stamp, string frame_id",
    "std_msgs/String": "string data",
    "std_msgs/Float32": "float32 data",
    "geometry_msgs/Quaternion": "float64 x, float64 y, float64 z, float64 w",
    "geometry_msgs/QuaternionStamped": "std_msgs/Header header, "
    "geometry_msgs/Quaternion quaternion",
    "diagnostic_msgs/KeyValue": "string key, string value",
    "diagnostic_msgs/DiagnosticStatus": "byte level, string name, string message, "
    "string hardware_id, diagnostic_msgs/KeyValue[] values",
    "diagnostic_msgs/DiagnosticArray": "std_msgs/Header header, "
    "diagnostic_msgs/DiagnosticStatus[] status",
    "hri_msgs/IdsList": "std_msgs/Header header, string[] ids",
    "hri_msgs/NormalizedRegionOfInterest2D": "std_msgs/Header header, float32 xmin, float32 ymin, "
    "float32 xmax, float32 ymax, float32 c",
    "hri_msgs/NormalizedPointOfInterest2D": "float32 x, float32 y, float32 c",
    "hri_msgs/FacialLandmarks": "std_msgs/Header header, "
    "hri_msgs/NormalizedPointOfInterest2D[70] landmarks, uint32 height, uint32 width",
    "hri_msgs/FacialActionUnits": "std_msgs/Header header, float32[99] intensity, "
    "float32[99] confidence",
    "hri_msgs/Expression": "std_msgs/Header header, string expression, float32 valence, "
    "float32 arousal, float32 confidence",
}

PLAIN = {
    "string": lambda value: isinstance(value, str),
    "byte": lambda value: isinstance(value, bytes) and len(value) == 1,
    "int32": lambda value: isinstance(value, int) and -(2**31) <= value < 2**31,
    "uint32": lambda value: isinstance(value, int) and 0 <= value < 2**32,
    "float32": lambda value: isinstance(value, float) and not 3.5e38 < abs(value) < math.inf,
    "float64": lambda value: isinstance(value, float),
}


def fits(kind, value):
    if kind.endswith("]"):
        kind, _, length = kind[:-1].partition("[")
        enough = not length or len(value) == int(length)
        return isinstance(value, list) and enough and all(fits(kind, item) for item in value)
    return PLAIN[kind](value) if kind in PLAIN else type(value).TYPE == kind


def message_class(name, definition):
    kinds = dict(reversed(field.split(" ")) for field in definition.split(", "))

    def take(self, field, value):
        if field not in kinds:
            raise AttributeError(f"{name} has no field {field}")
        if not fits(kinds[field], value):
            raise AssertionError(f"{name}.{field} is a {kinds[field]}, not {value!r}")
        object.__setattr__(self, field, value)

    return type(name.split("/")[1], (), {"__setattr__": take, "TYPE": name, "FIELDS": set(kinds)})


CLASSES = {name: message_class(name, definition) for name, definition in DEFINITIONS.items()}


class FakePublisher:
    def __init__(self, kind, topic):
        self.kind, self.topic, self.sent, self.destroyed = kind, topic, [], False

    def publish(self, message):
        if self.destroyed or type(message) is not self.kind:
            raise AssertionError(f"{self.topic} cannot take {message}")
        missing = type(message).FIELDS - set(vars(message))
        if missing:
            raise AssertionError(f"{self.topic}: {missing} were not set")
        self.sent.append(message)


class FakeNode:
    """A node whose clock stands at ``now_ns``."""

    def __init__(self, name="test", now_ns=10_000_000_000):
        self.name, self.now_ns, self.destroyed = name, now_ns, False
        self.publishers, self.warnings, self.errors = [], [], []

    def create_publisher(self, kind, topic, depth):
        if depth < 1 or any(p.topic == topic and not p.destroyed for p in self.publishers):
            raise AssertionError(f"{topic} is published already")
        self.publishers.append(FakePublisher(kind, topic))
        return self.publishers[-1]

    def destroy_publisher(self, publisher):
        publisher.destroyed = True

    def destroy_node(self):
        self.destroyed = True

    def get_clock(self):
        return types.SimpleNamespace(now=lambda: types.SimpleNamespace(nanoseconds=self.now_ns))

    def get_logger(self):
        return types.SimpleNamespace(warning=self.warnings.append, error=self.errors.append)

    def on(self, topic):
        return [
            m for publisher in self.publishers if publisher.topic == topic for m in publisher.sent
        ]


@contextmanager
def installed():
    """The modules that a node imports, and the nodes that are created meanwhile."""
    nodes, calls = [], []
    rclpy = types.ModuleType("rclpy")
    rclpy.init = lambda args, signal_handler_options: calls.append("init")
    rclpy.shutdown = lambda: calls.append("shutdown")
    rclpy.create_node = lambda name: nodes.append(FakeNode(name)) or nodes[-1]
    signals = types.ModuleType("rclpy.signals")
    signals.SignalHandlerOptions = types.SimpleNamespace(NO=0)
    modules = {"rclpy": rclpy, "rclpy.signals": signals}
    for name, kind in CLASSES.items():
        package = name.split("/")[0]
        modules.setdefault(package, types.ModuleType(package))
        messages = modules.setdefault(f"{package}.msg", types.ModuleType(f"{package}.msg"))
        setattr(messages, kind.__name__, kind)
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield nodes, calls
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
