"""Every field of a message finds its place."""

import json
import math
import random
import unittest

from hri_mapping import (
    ERROR,
    OK,
    STRAIGHT,
    WARN,
    Mapper,
    Publication,
    face_publications,
    header,
    orientation,
    product,
)
from mien_events import (
    Expression,
    Face,
    Fault,
    Health,
    Hello,
    Points,
    Pose,
    Reading,
    Status,
)

HEAD = header(1_500_000_000, "camera")
PROBS = {"neutral": 0.1, "happiness": 0.9}


def face(**more):
    return Face(1, (160.0, -24.0, 320.0, 240.0), 0.75, **more)


def mapped(found):
    """By the last part of the topic, the fields."""
    return {p.topic.rsplit("/", 1)[1]: p.message.fields for p in found}


def of(**more):
    return mapped(face_publications("abcde", face(**more), (640, 480), HEAD))


def reading(sequence, faces, at=0, latency=0):
    return Reading(sequence, sequence, at, latency, (640, 480), tuple(faces))


class Faces(unittest.TestCase):
    def test_a_face_that_is_only_found_is_a_region(self):
        found = of()
        self.assertEqual(set(found), {"roi"})
        roi = found["roi"]
        corners = [roi[key] for key in ("xmin", "ymin", "xmax", "ymax", "c")]
        self.assertEqual(corners, [0.25, 0.0, 0.75, 0.45, 0.75])
        self.assertEqual(roi["header"], HEAD)

    def test_a_frame_of_no_size_has_no_region(self):
        self.assertEqual(face_publications("abcde", face(), (0, 0), HEAD), [])

    def test_expressions_have_hri_msgs_words(self):
        words = {}
        for label in (
            "neutral",
            "anger",
            "contempt",
            "disgust",
            "fear",
            "happiness",
            "sadness",
            "surprise",
        ):
            shown = of(expression=Expression(label, None, 0.9, PROBS))["expression"]
            words[label] = (shown["expression"], shown["confidence"])
        self.assertEqual(
            words,
            {
                "neutral": ("neutral", 0.9),
                "anger": ("angry", 0.9),
                "contempt": ("", 0.0),
                "disgust": ("disgusted", 0.9),
                "fear": ("scared", 0.9),
                "happiness": ("happy", 0.9),
                "sadness": ("sad", 0.9),
                "surprise": ("surprised", 0.9),
            },
        )

    def test_an_unknown_expression_has_no_word_and_no_confidence(self):
        shown = of(expression=Expression(None, "turned", 0.4, PROBS))["expression"]
        self.assertEqual((shown["expression"], shown["confidence"]), ("", 0.0))
        self.assertTrue(math.isnan(shown["valence"]) and math.isnan(shown["arousal"]))

    def test_valence_and_arousal_travel_without_a_withheld_expression(self):
        shown = of(valence=0.5, arousal=-0.25)["expression"]
        self.assertEqual(
            (shown["expression"], shown["valence"], shown["arousal"]), ("", 0.5, -0.25)
        )

    def test_action_units_stand_at_their_facs_numbers(self):
        facs = of(action_units={"AU01": 1.5, "AU12": 5.0})["facs"]
        self.assertEqual((len(facs["intensity"]), len(facs["confidence"])), (99, 99))
        self.assertEqual((facs["intensity"][1], facs["intensity"][12]), (1.5, 5.0))
        self.assertEqual(sum(facs["confidence"]), 2.0)

    def test_five_points_are_landmarks_where_there_are_no_others(self):
        points = Points(
            (200.0, 100.0), (400.0, 100.0), (300.0, 200.0), (220.0, 300.0), (380.0, 300.0)
        )
        found = of(points=points)["landmarks"]
        known = {i: p.fields for i, p in enumerate(found["landmarks"]) if p.fields["c"]}
        self.assertEqual(set(known), {30, 48, 54, 68, 69})
        self.assertEqual(known[68], {"x": 200 / 640, "y": 100 / 480, "c": 0.75})
        self.assertEqual(known[69]["x"], 400 / 640)
        self.assertEqual((found["width"], found["height"]), (640, 480))

    def test_landmarks_keep_their_order_and_come_before_the_five_points(self):
        points = Points(*[(0.0, 0.0)] * 5)
        outline = tuple((float(index), 48.0) for index in range(68))
        found = of(points=points, landmarks=outline)["landmarks"]["landmarks"]
        self.assertEqual(len(found), 70)
        for index in range(68):
            self.assertEqual(found[index].fields, {"x": index / 640, "y": 0.1, "c": 0.75})

    def test_attention_is_a_number(self):
        self.assertEqual(of(attention=0.5)["attention"], {"data": 0.5})


class Orientation(unittest.TestCase):
    """Where the face's axes (forward, left, up) lie in the optical frame (right, down, forward)."""

    def axis(self, vector, yaw=0.0, pitch=0.0, roll=0.0):
        fields = orientation(face(pose=Pose(yaw, pitch, roll)), HEAD).fields["quaternion"].fields
        q = tuple(fields[key] for key in "xyzw")
        conjugate = (-q[0], -q[1], -q[2], q[3])
        turned = product(product(q, (*vector, 0.0)), conjugate)
        return tuple(round(part, 6) + 0.0 for part in turned[:3])

    def test_a_face_that_looks_straight_looks_at_the_camera(self):
        self.assertEqual(self.axis((1, 0, 0)), (0.0, 0.0, -1.0))
        self.assertEqual(self.axis((0, 1, 0)), (1.0, 0.0, 0.0))
        self.assertEqual(self.axis((0, 0, 1)), (0.0, -1.0, 0.0))
        self.assertEqual(sum(part * part for part in STRAIGHT), 1.0)

    def test_turning_to_the_right_looks_to_the_right_of_the_image(self):
        self.assertEqual(self.axis((1, 0, 0), yaw=90.0), (1.0, 0.0, 0.0))

    def test_looking_up_looks_up_in_the_image(self):
        self.assertEqual(self.axis((1, 0, 0), pitch=90.0), (0.0, -1.0, 0.0))

    def test_a_tilt_turns_the_top_of_the_head_clockwise(self):
        self.assertEqual(self.axis((0, 0, 1), roll=90.0), (1.0, 0.0, 0.0))
        self.assertEqual(self.axis((1, 0, 0), roll=90.0), (0.0, 0.0, -1.0))


class Following(unittest.TestCase):
    def setUp(self):
        self.mapper = Mapper("camera", random.Random(1))

    def tracked(self, message):
        found = self.mapper.publications(message, 5_000_000_000)
        (ids,) = [p for p in found if p.topic == "/humans/faces/tracked"]
        return ids.message.fields["ids"]

    def test_names_are_random_letters_and_stay_while_a_face_is_in_view(self):
        first = self.tracked(reading(1, [face(), Face(2, (0.0, 0.0, 9.0, 9.0), 0.5)]))
        self.assertEqual(len(set(first)), 2)
        self.assertTrue(all(len(name) == 5 and name.isalpha() and name.islower() for name in first))
        self.assertEqual(self.tracked(reading(2, [face()])), first[:1])

    def test_a_face_that_was_away_for_long_has_another_name(self):
        (name,) = self.tracked(reading(1, [face()], at=0))
        self.assertEqual(self.tracked(reading(2, [], at=1_000_000)), [])
        self.assertEqual(self.tracked(reading(3, [face()], at=1_900_000)), [name])
        self.assertEqual(self.tracked(reading(4, [], at=4_000_000)), [])
        self.assertEqual(self.mapper.gone, [name])
        self.assertNotEqual(self.tracked(reading(5, [face()], at=4_100_000)), [name])

    def test_a_device_that_starts_anew_has_new_faces(self):
        (name,) = self.tracked(reading(99, [face()]))
        self.assertNotEqual(self.tracked(reading(1, [face()])), [name])
        self.assertEqual(self.mapper.gone, [name])
        self.mapper.publications(Hello("0.1.0", "pi5", ()), 0)
        self.assertEqual(len(self.mapper.gone), 1)

    def test_a_reading_that_was_overtaken_moves_no_face(self):
        (name,) = self.tracked(reading(9, [face()]))
        late = self.mapper.publications(reading(8, []), 0)
        self.assertEqual([p.topic for p in late], ["/mien/events"])
        self.assertEqual(self.tracked(reading(10, [face()])), [name])

    def test_the_stamp_is_the_time_of_capture(self):
        found = self.mapper.publications(reading(1, [face()], latency=250_000), 5_000_000_000)
        stamps = {p.message.fields["header"].fields["stamp"].fields["nanosec"] for p in found[1:]}
        seconds = {p.message.fields["header"].fields["stamp"].fields["sec"] for p in found[1:]}
        self.assertEqual((seconds, stamps), ({4}, {750_000_000}))

    def test_every_message_is_there_whole(self):
        (event, *_) = self.mapper.publications(reading(1, [face()]), 0)
        self.assertEqual(event.topic, "/mien/events")
        self.assertEqual(json.loads(event.message.fields["data"])["faces"][0]["score"], 0.75)


class Diagnostics(unittest.TestCase):
    def status(self, state, fault=None):
        health = Health(1, 2, 3, 4, 5, 25.0, 9000, 10, 11, temperature_c=61.5)
        found = Mapper("camera").publications(Status(1, 2, state, fault, health), 7)
        self.assertIsInstance(found[1], Publication)
        self.assertEqual(found[1].topic, "/diagnostics")
        return found[1].message.fields["status"][0].fields

    def test_a_reading_device_is_well_and_a_fault_is_an_error(self):
        self.assertEqual(self.status("reading")["level"], OK)
        self.assertEqual(self.status("paused")["level"], WARN)
        broken = self.status("no-camera", Fault("camera-lost", "plug it in"))
        self.assertEqual((broken["level"], broken["message"]), (ERROR, "plug it in"))
        self.assertEqual(broken["values"][1].fields, {"key": "fault", "value": "camera-lost"})

    def test_figures_that_are_not_known_are_left_out(self):
        keys = [pair.fields["key"] for pair in self.status("reading")["values"]]
        self.assertIn("temperature_c", keys)
        self.assertNotIn("throttled", keys)


if __name__ == "__main__":
    unittest.main()
