#!/usr/bin/env python3
"""A ROS 2 node that publishes what one Mien device says: ``mien_bridge.py udp-listen:9000``.

ROS is imported only when the node runs. ``hri_mapping.py`` says what goes where.
"""

import argparse
import sys
from importlib import import_module
from typing import Any, Dict, List, Optional

from hri_mapping import Mapper, Ros
from mien_events import Message
from mien_events.sources import open_source
from mien_events.streams import Streams

#: Messages that a topic keeps for a slow subscriber.
DEPTH = 10


class Bridge:
    """Publishes messages through a node, and takes the topics of faces that are gone away."""

    def __init__(self, node: Any, camera_frame: str) -> None:
        self._node = node
        self._mapper = Mapper(camera_frame)
        self._publishers: Dict[str, Any] = {}

    def take(self, message: Message) -> None:
        now = self._node.get_clock().now().nanoseconds
        for publication in self._mapper.publications(message, now):
            ros = real(publication.message)
            topic = publication.topic
            if topic not in self._publishers:
                self._publishers[topic] = self._node.create_publisher(type(ros), topic, DEPTH)
            self._publishers[topic].publish(ros)
        for name in self._mapper.gone:
            self._remove(f"/humans/faces/{name}/")

    def _remove(self, prefix: str) -> None:
        for topic in [topic for topic in self._publishers if topic.startswith(prefix)]:
            self._node.destroy_publisher(self._publishers.pop(topic))


def real(value: Any) -> Any:
    """The ROS message, list or plain value that ``value`` stands for."""
    if isinstance(value, list):
        return [real(item) for item in value]
    if not isinstance(value, Ros):
        return value
    package, name = value.type.split("/")
    message = getattr(import_module(f"{package}.msg"), name)()
    for field, content in value.fields.items():
        setattr(message, field, real(content))
    return message


def main(arguments: Optional[List[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="mien_bridge", description=__doc__)
    parser.add_argument("source", help="tcp-listen:PORT, udp-listen:PORT, serial:PATH or a file")
    parser.add_argument("--camera-frame", default="camera_optical_frame", help="tf frame of boxes")
    options = parser.parse_args(arguments)

    import rclpy
    from rclpy.signals import SignalHandlerOptions

    # Python's own handlers end the wait for bytes; ROS's would not.
    rclpy.init(args=None, signal_handler_options=SignalHandlerOptions.NO)
    node = rclpy.create_node("mien_bridge")
    try:
        run(options.source, node, options.camera_frame)
    except KeyboardInterrupt:
        pass
    except (OSError, ValueError) as error:
        node.get_logger().error(f"{options.source}: {error}")
        return 1
    finally:
        node.destroy_node()
        rclpy.shutdown()
    return 0


def run(source: str, node: Any, camera_frame: str) -> None:
    """Publishes what comes from ``source`` until it ends."""
    bridge = Bridge(node, camera_frame)
    streams = Streams(on_error=lambda error: node.get_logger().warning(str(error)))
    for sender, piece in open_source(source):
        for message in streams.feed(sender, piece):
            bridge.take(message)


if __name__ == "__main__":
    sys.exit(main())
