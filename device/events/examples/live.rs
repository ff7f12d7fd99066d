//! The live page with made-up readings: no camera, no network, the true server.
//!
//! ```text
//! cargo run -p mien-events --example live -- 'http://127.0.0.1:8080?preview=1' tour
//! ```
//!
//! The scenes: `tour` (one person, changing), `crowd` (three), `units` (with action units),
//! `empty`, `hidden` (faces that cannot be read), `fault`, `hot`.

use std::{env, f32::consts::TAU, thread::sleep, time::Duration};

use mien_core::{
    clock,
    command::{self, Command},
};
use mien_events::{Link, Sink};
use mien_shared::{
    au::ActionUnit,
    frame::{FrameId, Grey},
    geometry::Rect,
    label::Expression,
    telemetry::{
        ActionUnits, ExpressionReading, FaceReading, Fault, FaultKind, HeadPose, Health, Hello,
        Message, Quality, Reading, State, Status, Unknown,
    },
};

const FRAME: Duration = Duration::from_millis(33);
const SIZE: [u32; 2] = [640, 480];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = env::args().skip(1);
    let spec = words.next().unwrap_or_else(|| "http://127.0.0.1:8080".to_owned());
    let scene = words.next().unwrap_or_else(|| "tour".to_owned());
    let (asker, asked) = command::channel();
    let mut sink = mien_events::open(&spec, &Link { device: "lobby-kiosk".to_owned(), asker })?;
    eprintln!("{scene} at {spec}");
    sink.send(&hello())?;
    let mut stage = Stage { scene, is_read: true, frame: 0 };
    loop {
        while let Some(command) = asked.next() {
            eprintln!("asked: {command:?}");
            if let Command::Read(read) = command {
                stage.is_read = read;
            }
            sink.send(&stage.status())?;
        }
        if stage.frame.is_multiple_of(30) {
            sink.send(&stage.status())?;
        }
        stage.frame += 1;
        if stage.state() == State::Reading {
            stage.play(sink.as_mut())?;
        }
        sleep(FRAME);
    }
}

struct Stage {
    scene: String,
    is_read: bool,
    frame: u64,
}

impl Stage {
    fn play(&self, sink: &mut dyn Sink) -> Result<(), mien_events::EventError> {
        let faces = self.faces();
        if sink.wants_pictures() {
            sink.picture(&picture(&faces));
        }
        sink.send(&Message::Reading(Reading {
            sequence: self.frame,
            frame: FrameId(self.frame),
            captured_at_us: micros(),
            latency_us: 8_000 + (self.frame * 7919) % 3_000,
            frame_size: SIZE,
            faces,
        }))
    }

    fn state(&self) -> State {
        match self.scene.as_str() {
            _ if !self.is_read => State::Paused,
            "fault" => State::NoCamera,
            "hot" => State::Cooling,
            _ => State::Reading,
        }
    }

    fn status(&self) -> Message {
        let fault = |kind, text: &str| Some(Fault { kind, text: text.to_owned() });
        Message::Status(Status {
            sequence: self.frame,
            at_us: micros() + 3_725_000_000,
            state: self.state(),
            fault: match self.scene.as_str() {
                "fault" => fault(FaultKind::CameraLost, "the camera at /dev/video0 is unplugged"),
                "hot" => fault(FaultKind::Hot, "the processor is at 86 °C; give it some air"),
                _ => None,
            },
            health: Health {
                frames: 111_750 + self.frame,
                dropped: 12,
                lost: self.frame / 900,
                reopened: u64::from(self.scene == "fault"),
                fps: if self.state() == State::Reading { 29.7 } else { 0.0 },
                latency_p99_us: 10_900,
                temperature_c: Some(if self.scene == "hot" { 86.0 } else { 51.5 }),
                memory: 36_700_160,
                files: 14,
                ..Health::default()
            },
        })
    }

    fn faces(&self) -> Vec<FaceReading> {
        let time = FRAME.as_secs_f32() * self.frame as f32;
        let one = |id, x, y, w, offset: f32| face(id, [x, y, w], time + offset);
        match self.scene.as_str() {
            "empty" => Vec::new(),
            "crowd" => vec![
                one(7, 250.0, 110.0, 170.0, 0.0),
                one(4, 60.0, 150.0, 120.0, 9.0),
                hidden(one(9, 480.0, 170.0, 70.0, 4.0), Unknown::Turned),
            ],
            "hidden" => {
                const REASONS: [Unknown; 4] =
                    [Unknown::Small, Unknown::Dark, Unknown::Turned, Unknown::Covered];
                let reason =
                    REASONS[usize::try_from(self.frame / 120).unwrap_or(0) % REASONS.len()];
                vec![hidden(one(3, 300.0, 200.0, 40.0, 0.0), reason)]
            }
            "units" => vec![FaceReading {
                action_units: Some(units(time)),
                ..one(2, 220.0, 100.0, 190.0, 0.0)
            }],
            _ => vec![one(2, 220.0, 100.0, 190.0, 0.0)],
        }
    }
}

/// A face at `[x, y, width]` whose expression moves on every four seconds.
fn face(id: u32, [x, y, w]: [f32; 3], time: f32) -> FaceReading {
    const PARTS: [Expression; 6] = [
        Expression::Neutral,
        Expression::Happiness,
        Expression::Surprise,
        Expression::Neutral,
        Expression::Sadness,
        Expression::Happiness,
    ];
    let mut scores = [0.0_f32; 8];
    for (index, score) in scores.iter_mut().enumerate() {
        *score = 0.5 * (time * (0.9 + 0.23 * index as f32) + index as f32).sin();
    }
    for (part, shown) in PARTS.iter().enumerate() {
        let centre = 4.0 * part as f32 + 2.0;
        let far = ((time % 24.0) - centre).abs().min(24.0 - ((time % 24.0) - centre).abs());
        scores[shown.index()] += 4.2 * (1.0 - far / 2.6).max(0.0).sqrt();
    }
    let sum: f32 = scores.iter().map(|score| score.exp()).sum();
    let probs = scores.map(|score| score.exp() / sum);
    let top =
        Expression::ALL.into_iter().max_by(|a, b| probs[a.index()].total_cmp(&probs[b.index()]));
    let confidence = top.map_or(0.0, |top| probs[top.index()]);
    let label = top.filter(|_| confidence > 0.4);
    let sway = |period: f32| (TAU * time / period).sin();
    FaceReading {
        id,
        rect: Rect { x: x + 12.0 * sway(7.0), y: y + 5.0 * sway(5.0), w, h: 1.25 * w },
        score: 0.97,
        expression: Some(ExpressionReading {
            label,
            unknown: label.is_none().then_some(Unknown::Unsure),
            confidence,
            probs,
        }),
        pose: Some(HeadPose {
            yaw: 14.0 * sway(7.0),
            pitch: 6.0 * sway(5.0),
            roll: 4.0 * sway(9.0),
        }),
        quality: Some(Quality {
            sharpness: 0.8,
            brightness: 0.55,
            contrast: 0.6 + 0.1 * sway(11.0),
        }),
        ..FaceReading::default()
    }
}

fn hidden(mut face: FaceReading, reason: Unknown) -> FaceReading {
    if let Some(shown) = &mut face.expression {
        (shown.label, shown.unknown) = (None, Some(reason));
    }
    face.quality = Some(Quality { sharpness: 0.2, brightness: 0.15, contrast: 0.3 });
    face
}

fn units(time: f32) -> ActionUnits {
    const READ: [u8; 12] = [1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26];
    ActionUnits(ActionUnit::ALL.map(|unit| {
        let phase = time * 0.4 + f32::from(unit.number());
        if READ.contains(&unit.number()) {
            (2.0 + 2.4 * phase.sin()).clamp(0.0, 5.0)
        } else {
            f32::NAN
        }
    }))
}

/// A room with a bright oval for each face.
fn picture(faces: &[FaceReading]) -> Grey {
    let mut picture = Grey::new(SIZE[0], SIZE[1]);
    for (index, pixel) in picture.data.iter_mut().enumerate() {
        let (x, y) = ((index % 640) as f32, (index / 640) as f32);
        let inside = |face: &FaceReading| {
            let (rx, ry) = (face.rect.w / 2.0, face.rect.h / 2.0);
            let (dx, dy) = ((x - face.rect.x - rx) / rx, (y - face.rect.y - ry) / ry);
            dx * dx + dy * dy < 1.0
        };
        *pixel = if faces.iter().any(inside) {
            190
        } else {
            60 + u8::try_from(index / 640 / 8).unwrap_or(0)
        };
    }
    picture
}

fn hello() -> Message {
    Message::Hello(Hello {
        firmware: "0.1.0".to_owned(),
        board: "raspberry-pi-5".to_owned(),
        models: vec!["cells_s.scenes_int8".to_owned(), "resnet_s.ferplus_int8".to_owned()],
    })
}

fn micros() -> u64 {
    u64::try_from(clock::now().0.as_micros()).unwrap_or(u64::MAX)
}
