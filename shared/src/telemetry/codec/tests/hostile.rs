//! What is not a message is an error and nothing worse.

use super::*;

#[test]
fn a_reader_that_joins_midway_finds_the_next_message() {
    let bytes = [framed(&reading()), framed(&hello())].concat();
    let found = decode_all(&[&bytes[5..]]);
    assert_eq!(found.len(), 2);
    assert!(found[0].is_err());
    assert_eq!(found[1], Ok(hello()));
}

#[test]
fn a_changed_bit_fails_the_check_and_costs_one_message() {
    let good = framed(&hello());
    for index in 0..good.len() - 1 {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[index] ^= 1 << bit;
            let found = decode_all(&[&bad, &good]);
            assert!(found[0].is_err(), "byte {index} bit {bit}");
            assert_eq!(found.last(), Some(&Ok(hello())));
        }
    }
}

#[test]
fn another_version_names_both() {
    let found = decode_all(&[&frame(9, b"anything")]);
    assert_eq!(found, [Err(TelemetryError::Version { found: 9 })]);
    assert_eq!(
        found[0].as_ref().unwrap_err().to_string(),
        "a telemetry message has version 9, this program reads version 2; \
         bring device and host to the same release"
    );
}

#[test]
fn a_record_cut_anywhere_is_an_error_or_lacks_optional_fields() {
    for message in [hello(), reading(), status()] {
        let whole = content(&framed(&message));
        for length in 1..whole.len() {
            let found = decode_all(&[&frame(VERSION, &whole[..length])]);
            match &found[..] {
                [Ok(read)] => assert_ne!(*read, message, "cut at {length}"),
                [Err(TelemetryError::Message(_))] => {}
                other => panic!("cut at {length}: {other:?}"),
            }
        }
    }
}

#[test]
fn lengths_and_counts_beyond_the_frame_are_refused() {
    let start = [1, 9, 1, 1, 1, 1, 1]; // a reading's kind and required fields
    let huge = [0xff, 0xff, 0xff, 0xff, 0x0f];
    let count = [&start[..], &huge].concat();
    let too_many = decode_all(&[&frame(VERSION, &count)]);
    assert_eq!(too_many, [Err(TelemetryError::TooMany { found: 0xffff_ffff })]);
    for content in [
        [&start[..], &[1], &huge].concat(), // one face of four gigabytes
        [&start[..], &[0, 200, 1], &huge].concat(), // an unknown optional field of that size
        [&[0][..], &huge].concat(),         // a firmware name of that size
        [&start[..], &[64]].concat(),       // 64 faces and no bytes for them
    ] {
        let found = decode_all(&[&frame(VERSION, &content)]);
        assert!(matches!(found[..], [Err(TelemetryError::Message(_))]), "{content:?}: {found:?}");
    }
}

#[test]
fn an_expression_of_an_unknown_number_is_an_error() {
    let face = [&[1][..], &[0; 20], &[1, 38, 8, 255], &[0; 36]].concat();
    let size = u8::try_from(face.len()).unwrap();
    let content = [&[1, 9, 1, 1, 1, 1, 1, 1, size][..], &face].concat();
    let found = decode_all(&[&frame(VERSION, &content)]);
    let bad = postcard::Error::DeserializeBadEnum;
    assert_eq!(found, [Err(TelemetryError::Message(bad))]);
}

#[test]
fn frames_too_short_for_a_check_are_refused() {
    for plain in [&[][..], &[1], &[1, 2, 3]] {
        let mut bytes = cobs::encode_vec(plain);
        bytes.push(0);
        assert_eq!(decode_all(&[&bytes]), [Err(TelemetryError::Framing)]);
    }
}

#[test]
fn zeros_between_frames_are_ignored() {
    let bytes = [&[0, 0][..], &framed(&hello()), &[0]].concat();
    assert_eq!(decode_all(&[&bytes]), [Ok(hello())]);
}

#[test]
fn a_stream_without_zeros_does_not_fill_the_memory() {
    let mut decoder = Decoder::new();
    let noise = vec![1; 1000];
    for _ in 0..1000 {
        decoder.push(&noise, |result| panic!("{result:?}"));
    }
    assert!(decoder.0.capacity() <= 2 * MAX_FRAME);
    let mut found = Vec::new();
    decoder.push(&[0], |result| found.push(result));
    decoder.push(&framed(&hello()), |result| found.push(result));
    assert_eq!(found, [Err(TelemetryError::TooLong), Ok(hello())]);
}

#[test]
fn a_message_too_long_to_frame_is_refused_and_leaves_the_buffer() {
    let hello_of = |firmware: usize, models: usize| {
        Message::Hello(Hello {
            firmware: "x".repeat(firmware),
            board: String::new(),
            models: vec![String::new(); models],
        })
    };
    let mut bytes = framed(&hello());
    let too_many = TelemetryError::TooMany { found: MAX_ITEMS + 1 };
    assert_eq!(encode(&hello_of(MAX_FRAME, 0), &mut bytes), Err(TelemetryError::TooLong));
    assert_eq!(encode(&hello_of(0, MAX_ITEMS + 1), &mut bytes), Err(too_many));
    assert_eq!(bytes, framed(&hello()));
}

#[test]
fn as_many_full_faces_as_are_allowed_fit_a_frame() {
    let faces = vec![full_face(); MAX_ITEMS];
    let bytes = framed(&Message::Reading(Reading { faces, ..Reading::default() }));
    assert!(bytes.len() < MAX_FRAME, "{}", bytes.len());
}

proptest! {
    #[test]
    fn noise_neither_panics_nor_hides_the_next_message(
        noise in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let found = decode_all(&[&noise, &[0], &framed(&hello())]);
        prop_assert_eq!(found.last(), Some(&Ok(hello())));
    }

    #[test]
    fn any_content_of_an_intact_frame_is_a_message_or_an_error(
        kind in prop::sample::select(vec![0_u8, 1, 2, 64]),
        noise in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let bytes = frame(VERSION, &[&[kind][..], &noise].concat());
        prop_assert_eq!(decode_all(&[&bytes]).len(), 1);
        prop_assert_eq!(decode_commands(&bytes).len(), 1);
    }

    #[test]
    fn a_flipped_bit_behind_a_right_check_is_a_message_or_an_error(at in any::<usize>()) {
        for message in [hello(), reading(), status()] {
            let mut changed = content(&framed(&message));
            let bit = at % (8 * changed.len());
            changed[bit / 8] ^= 1 << (bit % 8);
            let found = decode_all(&[&frame(VERSION, &changed)]);
            prop_assert_eq!(found.len(), 1);
        }
    }
}
