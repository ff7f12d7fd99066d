//! Every state a screen may have to show, for goldens, contact sheets and tests of panels.
//!
//! Nothing here is a person's: the picture is drawn, the figures are made up.

use std::time::Duration;

use embedded_graphics::{
    pixelcolor::Rgb888,
    prelude::*,
    primitives::{Circle, PrimitiveStyle},
};
use mien_shared::{
    au::ActionUnit,
    frame::{FrameId, Rgb},
    geometry::{FivePoints, Point as At, Rect},
    label::Expression,
    telemetry::{
        ActionUnits, ExpressionReading, FaceReading, Fault, FaultKind, HeadPose, Health, Quality,
        Reading, State, Unknown,
    },
};

use super::{Page, Picture, Screen, Status, Thumbnail, canvas::Canvas};

/// One state of a device.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// A short name, fit for a file.
    pub name: &'static str,
    /// What the screen tells.
    pub status: Status,
}

impl Sample {
    /// Draws the sample with [`picture`] as the camera's.
    pub fn draw(&self, screen: &mut Screen, picture: &Rgb) {
        let face = self.status.reading.faces.first();
        let thumbnail = Thumbnail {
            picture: Picture::Rgb(picture),
            rect: face.map(|face| face.rect),
            points: face.and_then(|face| face.points),
        };
        screen.draw(&self.status, Some(thumbnail));
    }
}

/// Every sample, each with a name of its own.
#[must_use]
pub fn all() -> Vec<Sample> {
    let of = |(name, status)| Sample { name, status };
    readings().into_iter().chain(states()).chain(pages()).map(of).collect()
}

fn readings() -> Vec<(&'static str, Status)> {
    let avatar = |expression, pose| Status {
        avatar: true,
        ..reading(vec![FaceReading { pose: Some(pose), ..sure(expression, 0.93) }])
    };
    let turned = HeadPose { yaw: -16.0, pitch: 6.0, roll: -9.0 };
    let ahead = HeadPose::default();
    vec![
        ("reading", reading(vec![face()])),
        ("several", reading(vec![face(), face(), face()])),
        ("no_face", reading(vec![])),
        ("unknown", reading(vec![unknown(Unknown::Unsure)])),
        ("dark", reading(vec![unknown(Unknown::Dark)])),
        ("turned", reading(vec![unknown(Unknown::Turned)])),
        ("withheld", reading(vec![FaceReading { expression: None, ..face() }])),
        ("avatar", avatar(Expression::Happiness, turned)),
        ("avatar_anger", avatar(Expression::Anger, ahead)),
        ("avatar_surprise", avatar(Expression::Surprise, ahead)),
        ("avatar_sadness", avatar(Expression::Sadness, ahead)),
        ("avatar_fear", avatar(Expression::Fear, ahead)),
        ("avatar_disgust", avatar(Expression::Disgust, ahead)),
        ("avatar_contempt", avatar(Expression::Contempt, ahead)),
        ("avatar_neutral", avatar(Expression::Neutral, ahead)),
        ("avatar_no_face", Status { avatar: true, ..reading(vec![]) }),
    ]
}

fn states() -> Vec<(&'static str, Status)> {
    let state = |state| Status { state, ..reading(vec![]) };
    let fault = |kind, text: &str| Some(Fault { kind, text: text.to_owned() });
    let lost = fault(
        FaultKind::CameraLost,
        "cannot open /dev/video0: the camera is unplugged (os error 19)",
    );
    let broker = fault(FaultKind::SinkLost, "the broker at 192.168.1.20 does not answer");
    let gone = "The camera sends pictures that cannot be read. Check its cable; reading starts \
                again as soon as they are whole.";
    vec![
        ("starting", state(State::Starting)),
        (
            "no_camera",
            Status { fault: lost, retry: Some(Duration::from_secs(4)), ..state(State::NoCamera) },
        ),
        ("paused", state(State::Paused)),
        ("cooling", state(State::Cooling)),
        ("stopping", state(State::Stopping)),
        ("notice", Status { notice: Some(0.6), ..reading(vec![face()]) }),
        ("calibrating", Status { calibrating: Some(0.4), ..reading(vec![face()]) }),
        ("fault", Status { message: Some(gone.into()), ..reading(vec![]) }),
        ("fault_beside", Status { fault: broker, ..reading(vec![face()]) }),
    ]
}

fn pages() -> Vec<(&'static str, Status)> {
    let actions = |face| Status { page: Page::Actions, ..reading(vec![face]) };
    let health = Status { page: Page::Health, ..reading(vec![face()]) };
    let figures = Health {
        lost: 12,
        reopened: 3,
        temperature_c: Some(83.0),
        throttled: Some(0x50005),
        ..health.health
    };
    let fault = Some(Fault {
        kind: FaultKind::SinkLost,
        text: "the broker at 192.168.1.20 does not answer".into(),
    });
    let trouble = Status { health: figures, fault, state: State::NoCamera, ..health.clone() };
    vec![
        ("actions", actions(FaceReading { action_units: Some(units()), ..face() })),
        ("actions_points", actions(face())),
        ("health", health),
        ("health_trouble", trouble),
    ]
}

fn reading(faces: Vec<FaceReading>) -> Status {
    let reading = Reading {
        sequence: 43,
        frame: FrameId(42),
        captured_at_us: 1_680_000,
        latency_us: 8_200,
        frame_size: [640, 480],
        faces,
    };
    let health = Health {
        frames: 6_748_213,
        dropped: 118,
        fps: 25.0,
        latency_p99_us: 11_400,
        temperature_c: Some(48.3),
        memory: 61_300_000,
        files: 23,
        throttled: Some(0),
        ..Health::default()
    };
    Status {
        state: State::Reading,
        reading,
        health,
        uptime: Duration::from_hours(76),
        source: "v4l2:///dev/video0".into(),
        models: vec!["cells_s.scenes_int8".into(), "resnet_s.ferplus_int8".into()],
        ..Status::default()
    }
}

fn face() -> FaceReading {
    sure(Expression::Happiness, 0.93)
}

fn sure(expression: Expression, confidence: f32) -> FaceReading {
    let mut probs = [0.04, 0.0, 0.01, 0.0, 0.0, 0.0, 0.0, 0.02];
    probs[expression.index()] = confidence;
    let label = Some(expression);
    let points = [(275.0, 220.0), (365.0, 220.0), (320.0, 262.0), (268.0, 318.0), (372.0, 318.0)];
    FaceReading {
        id: 1,
        rect: Rect { x: 200.0, y: 120.0, w: 240.0, h: 260.0 },
        score: 0.98,
        expression: Some(ExpressionReading { label, unknown: None, confidence, probs }),
        points: Some(FivePoints::from_array(points.map(|(x, y)| At { x, y }))),
        pose: Some(HeadPose { yaw: 12.0, pitch: -5.0, roll: 4.0 }),
        quality: Some(Quality { sharpness: 0.72, brightness: 0.55, contrast: 0.41 }),
        attention: Some(0.86),
        ..FaceReading::default()
    }
}

fn unknown(reason: Unknown) -> FaceReading {
    let shown = ExpressionReading {
        label: None,
        unknown: Some(reason),
        confidence: 0.31,
        probs: [0.31, 0.06, 0.14, 0.02, 0.13, 0.03, 0.26, 0.05],
    };
    FaceReading { expression: Some(shown), ..face() }
}

/// A smile with parted lips.
fn units() -> ActionUnits {
    let mut units = ActionUnits([0.0; ActionUnit::ALL.len()]);
    let pulled = [(1, 0.4), (2, 0.3), (6, 3.1), (7, 1.2), (12, 4.3), (25, 3.6), (26, 1.4)];
    for (number, intensity) in pulled {
        if let Some(unit) = ActionUnit::new(number) {
            units.set(unit, intensity);
        }
    }
    units
}

/// A face as a child draws one, 640×480.
#[must_use]
pub fn picture() -> Rgb {
    let mut canvas = Canvas::pixels(640, 480);
    canvas.fill(Rgb888::new(70, 84, 98));
    let mut disc = |x, y, across, color| {
        let style = PrimitiveStyle::with_fill(color);
        let Ok(()) =
            Circle::with_center(Point::new(x, y), across).into_styled(style).draw(&mut canvas);
    };
    disc(320, 560, 420, Rgb888::new(48, 60, 92));
    disc(320, 250, 250, Rgb888::new(222, 178, 146));
    disc(320, 285, 130, Rgb888::new(150, 62, 62));
    disc(320, 262, 134, Rgb888::new(222, 178, 146));
    disc(275, 220, 30, Rgb888::new(40, 32, 30));
    disc(365, 220, 30, Rgb888::new(40, 32, 30));
    Rgb { width: 640, height: 480, data: canvas.bytes().to_vec() }
}
