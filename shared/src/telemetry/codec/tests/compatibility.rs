//! The bytes of version 2, frozen. A change that breaks one of these tests breaks every reader in
//! the field: make it an optional field, a new kind or a new version instead.

use super::*;

const HALF: [u8; 4] = [0, 0, 0, 0x3f];
const ONE: [u8; 4] = [0, 0, 0x80, 0x3f];
const TWO: [u8; 4] = [0, 0, 0, 0x40];

/// The required fields of [`reading`].
const READING: &[u8] = &[
    1, // kind
    9, // sequence
    0xac, 0x02, // frame 300
    0xc0, 0x84, 0x3d, // captured at 1,000,000
    0xa8, 0x46, // latency 9,000
    0x80, 0x05, 0xe0, 0x03, // 640 × 480
];

/// The required fields of [`status`].
const STATUS: &[u8] = &[
    2,  // kind
    10, // sequence
    0x80, 0x89, 0x7a, // at 2,000,000
    3,    // no camera
    0xac, 0x02, 2, 3, 4, 5, // frames, dropped, damaged, reopened, lost
    0, 0, 0xc8, 0x41, // 25 frames per second
    6, 7, 8, // latency, memory, files
];

/// The required fields of [`full_face`].
fn face_fields() -> Vec<u8> {
    let [three, four] = [[0, 0, 0x40, 0x40], [0, 0, 0x80, 0x40]];
    [&[1][..], &ONE, &TWO, &three, &four, &HALF].concat()
}

/// The record of [`full_face`].
fn full_face_record() -> Vec<u8> {
    let quarter = [0, 0, 0x80, 0x3e];
    let three_quarters = [0, 0, 0x40, 0x3f];
    let points = [1.0_f32, 8.0, 2.0, 8.0, 3.0, 8.0, 4.0, 8.0, 5.0, 8.0].map(f32::to_le_bytes);
    [
        &face_fields()[..],
        &[1, 38, 5, 255], // expression: happiness, no reason
        &three_quarters,
        &[0; 20],
        &three_quarters,
        &[0; 4],
        &quarter,
        &[2, 40], // five points
        &points.concat(),
        &[3, 12], // pose
        &ONE,
        &[0, 0, 0, 0xc0],
        &HALF,
        &[4, 12], // quality
        &quarter,
        &HALF,
        &ONE,
        &[5, 6, 1, 12, 0, 0, 0x20, 0x40], // action units: AU12 is 2.5
        &[6, 0xa0, 0x04],                 // landmarks: 544 bytes
        &[TWO, ONE].concat().repeat(68),
        &[7, 8], // valence, arousal
        &HALF,
        &[0, 0, 0x80, 0xbe],
        &[8, 3, 1, 15, 127], // attributes: number 15 is 127/254
        &[9, 4],             // attention
        &ONE,
    ]
    .concat()
}

#[test]
fn the_frame_of_a_hello_does_not_drift() {
    let wanted = [
        &[2, 2][..],                  // one byte to the next zero: the version
        &[18, 5],                     // that zero is kind 0, `Hello`; 17 bytes to the end
        b"0.1.0\x03pi5\x01\x01a",     // strings and lists behind their lengths
        &[0xb1, 0x70, 0x07, 0xa1, 0], // CRC-32, end of frame
    ];
    assert_eq!(framed(&hello()), wanted.concat());
}

#[test]
fn the_record_of_a_reading_does_not_drift() {
    let first = full_face_record();
    assert_eq!(first.len(), 707);
    let wanted = [
        READING,
        &[2],          // faces
        &[0xc3, 0x05], // the first one's length
        &first,
        &[21, 2], // the second one's length and id
        &[0; 20],
    ];
    assert_eq!(content(&framed(&reading())), wanted.concat());
}

#[test]
fn the_record_of_a_status_does_not_drift() {
    let wanted = [
        STATUS,
        &[1, 6, 0, 4],
        b"gone", // fault: the camera is lost
        &[2, 4, 0, 0, 0x76, 0x42],
        &[3, 3, 0x80, 0x80, 0x14], // 61.5 °C, bits 0x50000
    ];
    assert_eq!(content(&framed(&status())), wanted.concat());
}

#[test]
fn the_commands_do_not_drift() {
    for (command, wanted) in [
        (Command::Read(false), &[64, 0][..]),
        (Command::Read(true), &[64, 1]),
        (Command::Calibrate, &[65]),
        (Command::NextPage, &[66]),
        (Command::Report, &[67]),
    ] {
        let mut bytes = Vec::new();
        encode_command(&command, &mut bytes).unwrap();
        assert_eq!(content(&bytes), wanted);
        assert_eq!(decode_commands(&frame(VERSION, wanted)), [Ok(command)]);
    }
}

#[test]
fn todays_reader_reads_the_faces_of_tomorrow() {
    let face = [
        &face_fields()[..],
        &[100, 3, 1, 2, 3], // tag 100, three bytes
        &[3, 16],           // a pose with four bytes more
        &ONE,
        &TWO,
        &HALF,
        &[1, 2, 3, 4],
        &[0xac, 0x02, 0],  // tag 300, empty
        &[1, 39, 255, 77], // no expression, for a new reason; one byte more
        &[0; 36],
        &[9],
        &[5, 11, 2, 99, 1, 2, 3, 4, 1], // AU99, AU01
        &ONE,
        &[8, 5, 2, 200, 254, 0, 254], // attributes 200 and 0
    ]
    .concat();
    let size = u8::try_from(face.len()).unwrap();
    let content = [READING, &[1, size], &face, &[50, 2, 7, 7]].concat();
    let found = decode_all(&[&frame(VERSION, &content)]);
    let Ok(Message::Reading(reading)) = &found[0] else { panic!("{found:?}") };
    let [face] = &reading.faces[..] else { panic!("{reading:?}") };
    assert_eq!((reading.sequence, reading.frame_size), (9, [640, 480]));
    assert_eq!((face.id, face.rect.h, face.score), (1, 4.0, 0.5));
    assert_eq!(face.pose, Some(HeadPose { yaw: 1.0, pitch: 2.0, roll: 0.5 }));
    assert_eq!(face.expression.map(|shown| shown.unknown), Some(Some(Unknown::Other)));
    let units: Vec<_> = face.action_units.iter().flat_map(ActionUnits::iter).collect();
    assert_eq!(units, [(ActionUnit::ALL[0], 1.0)]);
    let attributes: Vec<_> = face.attributes.iter().flat_map(Attributes::iter).collect();
    assert_eq!(attributes, [(Attribute::ALL[0], 1.0)]);
    assert_eq!((face.points, face.landmarks, face.attention), (None, None, None));
}

#[test]
fn todays_reader_reads_the_status_of_tomorrow() {
    let mut content = [STATUS, &[1, 4, 10, 2, b'o', b'k'], &[40, 1, 1]].concat();
    content[5] = 6; // a state of tomorrow
    let found = decode_all(&[&frame(VERSION, &content)]);
    let Ok(Message::Status(status)) = &found[0] else { panic!("{found:?}") };
    assert_eq!((status.state, status.health.files), (State::Other, 8));
    assert_eq!(status.fault, Some(Fault { kind: FaultKind::Other, text: "ok".into() }));
}

#[test]
fn todays_reader_reads_the_hello_and_the_commands_of_tomorrow() {
    let mut longer = content(&framed(&hello()));
    longer.extend_from_slice(&[1, 3, b'n', b'e', b'w']);
    assert_eq!(decode_all(&[&frame(VERSION, &longer)]), [Ok(hello())]);
    for (content, wanted) in
        [(&[64, 1, 1, 1, 9][..], Command::Read(true)), (&[65, 1, 0], Command::Calibrate)]
    {
        assert_eq!(decode_commands(&frame(VERSION, content)), [Ok(wanted)]);
    }
}

#[test]
fn a_kind_of_tomorrow_is_named_and_the_stream_goes_on() {
    let bytes = [frame(VERSION, &[3, 1, 2, 3]), frame(VERSION, &[0xac, 0x02]), framed(&hello())];
    assert_eq!(
        decode_all(&[&bytes.concat()]),
        [
            Err(TelemetryError::Unknown { kind: 3 }),
            Err(TelemetryError::Unknown { kind: 300 }),
            Ok(hello())
        ]
    );
    assert_eq!(
        decode_commands(&frame(VERSION, &[68])),
        [Err(TelemetryError::Unknown { kind: 68 })]
    );
}

#[test]
fn of_a_tag_that_comes_twice_the_last_counts() {
    let content = [STATUS, &[3, 1, 1, 3, 1, 2]].concat();
    let found = decode_all(&[&frame(VERSION, &content)]);
    let Ok(Message::Status(status)) = &found[0] else { panic!("{found:?}") };
    assert_eq!(status.health.throttled, Some(2));
}
