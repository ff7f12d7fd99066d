//! No size, figure or text makes drawing panic.

use std::time::Duration;

use mien_shared::{
    au::ActionUnit,
    geometry::Rect,
    label::Expression,
    telemetry::{
        ActionUnits, ExpressionReading, FaceReading, Fault, FaultKind, HeadPose, Health, Quality,
        Reading, State, Unknown,
    },
};
use mien_ui::{Page, Screen, Status, samples};
use proptest::prelude::*;

fn figure() -> impl Strategy<Value = f32> {
    prop_oneof![any::<f32>(), 0.0_f32..1.0, Just(f32::NAN), Just(f32::INFINITY), Just(f32::MIN),]
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,40}",
        Just("\u{1b}[2Jβ語\n\u{202e}".repeat(300)),
        Just("ßﬃ".into()),
        Just(" \n\t ".into()),
        Just("x".repeat(2000)),
        Just("a (b (".into()),
        Just("é{(".into()),
    ]
}

fn face() -> impl Strategy<Value = FaceReading> {
    let figures = prop::collection::vec(figure(), 20 + ActionUnit::ALL.len());
    (figures, any::<[bool; 4]>(), 0_usize..9).prop_map(|(f, has, label)| FaceReading {
        rect: Rect { x: f[0], y: f[1], w: f[2], h: f[3] },
        expression: Some(ExpressionReading {
            label: Expression::from_index(label),
            unknown: has[0].then_some(Unknown::Dark),
            confidence: f[4],
            probs: std::array::from_fn(|i| f[5 + i]),
        }),
        pose: has[1].then_some(HeadPose { yaw: f[13], pitch: f[14], roll: f[15] }),
        quality: has[2].then_some(Quality { sharpness: f[16], brightness: f[17], contrast: f[18] }),
        action_units: has[3].then_some(ActionUnits(std::array::from_fn(|i| f[20 + i]))),
        ..FaceReading::default()
    })
}

fn status() -> impl Strategy<Value = Status> {
    const STATES: [State; 7] = [
        State::Starting,
        State::Reading,
        State::Reading,
        State::Paused,
        State::NoCamera,
        State::Cooling,
        State::Stopping,
    ];
    const PAGES: [Page; 3] = [Page::Reading, Page::Actions, Page::Health];
    let faces = prop::collection::vec(face(), 0..3);
    let texts = (words(), prop::option::of(words()), prop::option::of(words()));
    let shares = (prop::option::of(figure()), prop::option::of(figure()), any::<bool>());
    let choice = (prop::sample::select(&STATES[..]), prop::sample::select(&PAGES[..]));
    (faces, texts, shares, choice, (figure(), figure(), any::<u64>())).prop_map(
        |(
            faces,
            (source, message, fault),
            (notice, calibrating, avatar),
            (state, page),
            numbers,
        )| {
            let (fps, celsius, count) = numbers;
            Status {
                state,
                reading: Reading { latency_us: count, faces, ..Reading::default() },
                health: Health {
                    frames: count,
                    lost: count,
                    latency_p99_us: count,
                    memory: count,
                    fps,
                    temperature_c: Some(celsius),
                    ..Health::default()
                },
                uptime: Duration::from_millis(count),
                models: vec![source.clone(), String::new()],
                source,
                notice_text: message.clone(),
                message,
                fault: fault.map(|text| Fault { kind: FaultKind::SinkLost, text }),
                retry: notice.map(|_| Duration::from_millis(count)),
                page,
                calibrating,
                notice,
                avatar,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_makes_drawing_panic(
        width in 1_u32..300,
        height in 1_u32..300,
        status in status(),
    ) {
        for mut screen in [
            Screen::new(width, height),
            Screen::mono(width, height),
            Screen::cells(width / 2, height / 4),
        ] {
            screen.draw(&status, None);
            let (width, height) = screen.size();
            prop_assert_eq!(screen.pixels().len(), 3 * (width * height) as usize);
        }
    }
}

#[test]
fn screens_of_odd_shapes_are_drawn_without_panic() {
    let (picture, samples) = (samples::picture(), samples::all());
    for (width, height) in [(0, 0), (1, 1), (7, 300), (300, 7), (33, 21), (5000, 2)] {
        let cells = Screen::cells(width.min(200), height);
        for mut screen in [Screen::new(width, height), Screen::mono(width, height), cells] {
            for sample in &samples {
                sample.draw(&mut screen, &picture);
            }
        }
    }
}
