//! What is sent arrives.

use super::*;

#[test]
fn a_message_arrives_however_it_is_cut() {
    let bytes = [framed(&hello()), framed(&reading()), framed(&status())].concat();
    let sent = || [Ok(hello()), Ok(reading()), Ok(status())];
    // Units that are not read are NaN, which equals nothing: compare what is printed.
    let printed = |found: &[Result<Message, TelemetryError>]| format!("{found:?}");
    for at in 0..=bytes.len() {
        let (head, tail) = bytes.split_at(at);
        assert_eq!(printed(&decode_all(&[head, tail])), printed(&sent()), "cut at {at}");
    }
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(printed(&decode_all(&single)), printed(&sent()));
}

#[test]
fn encoding_appends_and_needs_no_new_memory_the_second_time() {
    let mut bytes = framed(&reading());
    let (first, capacity) = (bytes.clone(), bytes.capacity());
    bytes.clear();
    encode(&reading(), &mut bytes).unwrap();
    assert_eq!((&bytes, bytes.capacity()), (&first, capacity));
    encode(&hello(), &mut bytes).unwrap();
    assert_eq!(bytes, [first, framed(&hello())].concat());
}

#[test]
fn commands_arrive_in_the_same_framing() {
    let commands = [
        Command::Read(true),
        Command::Read(false),
        Command::Calibrate,
        Command::NextPage,
        Command::Report,
    ];
    let mut bytes = Vec::new();
    for command in &commands {
        encode_command(command, &mut bytes).unwrap();
    }
    assert_eq!(decode_commands(&bytes), commands.map(Ok));
}

#[test]
fn each_direction_skips_the_others_messages() {
    let mut command = Vec::new();
    encode_command(&Command::Calibrate, &mut command).unwrap();
    assert_eq!(decode_all(&[&command]), [Err(TelemetryError::Unknown { kind: 65 })]);
    assert_eq!(decode_commands(&framed(&hello())), [Err(TelemetryError::Unknown { kind: 0 })]);
}

#[test]
fn every_number_of_an_enumeration_arrives() {
    for state in State::ALL {
        for kind in FaultKind::ALL {
            let fault = Some(Fault { kind, text: String::new() });
            let message = Message::Status(Status { state, fault, ..Status::default() });
            assert_eq!(decode_all(&[&framed(&message)]), [Ok(message)]);
        }
    }
    for reason in Unknown::ALL {
        let shown = ExpressionReading { unknown: Some(reason), ..ExpressionReading::default() };
        let face = FaceReading { expression: Some(shown), ..FaceReading::default() };
        let message = Message::Reading(Reading { faces: vec![face], ..Reading::default() });
        assert_eq!(decode_all(&[&framed(&message)]), [Ok(message)]);
    }
}

fn floats<const N: usize>() -> impl Strategy<Value = [f32; N]> {
    prop::array::uniform(any::<f32>())
}

fn any_points<const N: usize>() -> impl Strategy<Value = [Point; N]> {
    prop::array::uniform((any::<f32>(), any::<f32>()).prop_map(|(x, y)| Point { x, y }))
}

fn any_expression() -> impl Strategy<Value = ExpressionReading> {
    let label = prop::option::of(prop::sample::select(Expression::ALL.to_vec()));
    let unknown = prop::option::of(prop::sample::select(Unknown::ALL.to_vec()));
    (label, unknown, any::<f32>(), floats()).prop_map(|(label, unknown, confidence, probs)| {
        ExpressionReading { label, unknown, confidence, probs }
    })
}

fn any_attributes() -> impl Strategy<Value = Attributes> {
    prop::collection::vec((0..40_usize, 0.0..1.0_f32), 0..40).prop_map(|list| {
        let mut attributes = Attributes::NONE;
        for (index, probability) in list {
            attributes.set(Attribute::ALL[index], probability);
        }
        attributes
    })
}

fn any_face() -> impl Strategy<Value = FaceReading> {
    use prop::option::of;
    let shapes =
        (of(any_points().prop_map(FivePoints::from_array)), of(any_points().prop_map(Landmarks)));
    let plain = (of(floats::<3>()), of(floats::<3>()), of(floats::<2>()), of(any::<f32>()));
    let lists = (of(floats().prop_map(ActionUnits)), of(any_attributes()));
    (any::<u32>(), floats::<5>(), of(any_expression()), shapes, plain, lists).prop_map(
        |(id, [x, y, w, h, score], expression, shapes, plain, lists)| FaceReading {
            id,
            rect: Rect { x, y, w, h },
            score,
            expression,
            points: shapes.0,
            landmarks: shapes.1,
            pose: plain.0.map(|[yaw, pitch, roll]| HeadPose { yaw, pitch, roll }),
            quality: plain.1.map(|[sharpness, brightness, contrast]| Quality {
                sharpness,
                brightness,
                contrast,
            }),
            valence_arousal: plain.2.map(|[valence, arousal]| ValenceArousal { valence, arousal }),
            attention: plain.3,
            action_units: lists.0,
            attributes: lists.1,
        },
    )
}

fn any_status() -> impl Strategy<Value = Status> {
    let fault = prop::option::of((prop::sample::select(FaultKind::ALL.to_vec()), ".*"));
    let state = prop::sample::select(State::ALL.to_vec());
    let optional = (prop::option::of(any::<f32>()), prop::option::of(any::<u32>()));
    (any::<[u64; 9]>(), state, fault, any::<f32>(), any::<u32>(), optional).prop_map(
        |([sequence, at_us, counts @ ..], state, fault, fps, files, optional)| Status {
            sequence,
            at_us,
            state,
            fault: fault.map(|(kind, text)| Fault { kind, text }),
            health: Health {
                frames: counts[0],
                dropped: counts[1],
                damaged: counts[2],
                reopened: counts[3],
                lost: counts[4],
                fps,
                latency_p99_us: counts[5],
                temperature_c: optional.0,
                throttled: optional.1,
                memory: counts[6],
                files,
            },
        },
    )
}

fn any_message() -> impl Strategy<Value = Message> {
    let hello = (".*", ".*", prop::collection::vec(".*", 0..4))
        .prop_map(|(firmware, board, models)| Message::Hello(Hello { firmware, board, models }));
    let faces = prop::collection::vec(any_face(), 0..3);
    let reading = (any::<[u64; 4]>(), any::<[u32; 2]>(), faces).prop_map(
        |([sequence, frame, captured_at_us, latency_us], frame_size, faces)| {
            let frame = FrameId(frame);
            Message::Reading(Reading {
                sequence,
                frame,
                captured_at_us,
                latency_us,
                frame_size,
                faces,
            })
        },
    );
    prop_oneof![hello, reading, any_status().prop_map(Message::Status)]
}

proptest! {
    #[test]
    fn any_message_round_trips(message in any_message()) {
        let bytes = framed(&message);
        let (last, body) = bytes.split_last().unwrap();
        prop_assert_eq!(*last, 0);
        prop_assert!(!body.contains(&0));
        let found = decode_all(&[&bytes]);
        prop_assert_eq!(format!("{found:?}"), format!("{:?}", [Ok::<_, TelemetryError>(message)]));
    }
}
