//! Every state of the screen, compared with the stored pictures in `goldens/`.
//!
//! After a wanted change:
//! `cargo test --release -p mien-device --lib -- --ignored ui::goldens::regenerate`

use std::{fs, path::PathBuf};

use embedded_graphics::{
    pixelcolor::Rgb888,
    prelude::*,
    primitives::{Circle, PrimitiveStyle},
};
use image::{
    ExtendedColorType, ImageEncoder as _,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use mien_shared::{
    frame::{FrameId, Rgb},
    geometry::{FivePoints, Point as At, Rect},
    label::Expression,
    telemetry::{FaceReading, Reading},
};

use super::{Picture, Screen, Status, Thumbnail, canvas::Canvas};

const PROBS: [f32; 8] = [0.04, 0.0, 0.01, 0.0, 0.0, 0.93, 0.0, 0.02];

/// Name of each golden, the screen's size, and its state.
fn states() -> Vec<(&'static str, Screen, Status)> {
    let unsure = FaceReading {
        expression: None,
        confidence: 0.31,
        probs: [0.31, 0.06, 0.14, 0.02, 0.13, 0.03, 0.26, 0.05],
        ..face()
    };
    let fault = "The camera has gone away. Check its cable; reading starts again as soon as it \
                 is back.";
    vec![
        ("reading_320x240", Screen::new(320, 240), status(vec![face()])),
        ("reading_240x240", Screen::new(240, 240), status(vec![face(), face()])),
        ("reading_800x480", Screen::new(800, 480), status(vec![face()])),
        ("no_face_320x240", Screen::new(320, 240), status(vec![])),
        ("unknown_320x240", Screen::new(320, 240), status(vec![unsure.clone()])),
        ("unknown_240x240", Screen::new(240, 240), status(vec![unsure])),
        ("fault_320x240", Screen::new(320, 240), with_message(fault)),
        ("fault_240x240", Screen::new(240, 240), with_message(fault)),
        ("reading_160x120", Screen::new(160, 120), status(vec![face()])),
    ]
}

fn status(faces: Vec<FaceReading>) -> Status {
    let reading = Reading {
        frame: FrameId(42),
        captured_at_us: 1_680_000,
        latency_us: 8_200,
        frame_size: [640, 480],
        faces,
    };
    Status { reading, fps: 25.0, source: "v4l2:///dev/video0".into(), message: None }
}

fn with_message(text: &str) -> Status {
    Status { message: Some(text.into()), ..status(vec![]) }
}

fn face() -> FaceReading {
    FaceReading {
        id: 1,
        rect: Rect { x: 200.0, y: 120.0, w: 240.0, h: 260.0 },
        score: 0.98,
        expression: Some(Expression::Happiness),
        confidence: 0.93,
        probs: PROBS,
    }
}

/// A face as a child draws one, 640×480.
fn drawing() -> Rgb {
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

fn draw(screen: &mut Screen, status: &Status) {
    let picture = drawing();
    let face = status.reading.faces.first();
    let points = [(275.0, 220.0), (365.0, 220.0), (320.0, 262.0), (268.0, 318.0), (372.0, 318.0)];
    let points = FivePoints::from_array(points.map(|(x, y)| At { x, y }));
    let thumbnail = Thumbnail {
        picture: Picture::Rgb(&picture),
        rect: face.map(|face| face.rect),
        points: face.map(|_| points),
    };
    screen.draw(status, Some(thumbnail));
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/ui/goldens").join(name)
}

/// The characters of a terminal screen, `▀` where there are pixels that differ from each other.
fn letters(screen: &Screen) -> String {
    let (columns, height) = screen.size();
    let glyph = |x, y| {
        let cell = screen.cell(x, y);
        if cell.glyph == '▀' && cell.ink == cell.paper { ' ' } else { cell.glyph }
    };
    let row = |y| (0..columns).map(|x| glyph(x, y)).collect::<String>().trim_end().to_owned();
    (0..height / 2).map(|y| row(y) + "\n").collect()
}

fn terminal() -> String {
    let mut screen = Screen::cells(80, 24);
    draw(&mut screen, &status(vec![face()]));
    letters(&screen)
}

#[test]
fn every_state_looks_as_its_golden() {
    for (name, mut screen, status) in states() {
        draw(&mut screen, &status);
        let golden = image::open(path(&format!("{name}.png"))).unwrap().to_rgb8();
        assert_eq!(golden.dimensions(), screen.size(), "{name}");
        let apart = golden.iter().zip(screen.pixels()).filter(|(a, b)| a != b).count();
        assert_eq!(apart, 0, "{name}: bytes that differ from the golden");
    }
}

#[test]
fn a_terminal_reads_as_its_golden() {
    assert_eq!(terminal(), fs::read_to_string(path("reading_80x24.txt")).unwrap());
}

#[test]
fn a_screen_drawn_twice_is_the_same_as_drawn_once() {
    let mut screen = Screen::new(320, 240);
    draw(&mut screen, &with_message("Wait a moment."));
    draw(&mut screen, &status(vec![face()]));
    let mut fresh = Screen::new(320, 240);
    draw(&mut fresh, &status(vec![face()]));
    assert_eq!(screen.pixels(), fresh.pixels());
}

#[test]
fn screens_of_any_size_are_drawn_without_panic() {
    for (width, height) in [(0, 0), (1, 1), (7, 300), (300, 7), (33, 21), (5000, 2)] {
        draw(&mut Screen::new(width, height), &status(vec![face()]));
        draw(&mut Screen::new(width, height), &with_message("Wait a moment."));
        draw(&mut Screen::cells(width.min(200), height), &status(vec![face()]));
    }
}

#[test]
fn figures_that_are_no_numbers_are_drawn_without_panic() {
    let mut odd =
        status(vec![FaceReading { confidence: f32::NAN, probs: [f32::NAN; 8], ..face() }]);
    odd.fps = f32::INFINITY;
    odd.reading.latency_us = u64::MAX;
    odd.source = "\u{1b}[2Jβ\n".repeat(400);
    draw(&mut Screen::new(320, 240), &odd);
    draw(&mut Screen::cells(80, 24), &odd);
}

#[test]
#[ignore = "writes the goldens; see the head of this file"]
fn regenerate() {
    fs::create_dir_all(path("")).unwrap();
    for (name, mut screen, status) in states() {
        draw(&mut screen, &status);
        let (width, height) = screen.size();
        let file = fs::File::create(path(&format!("{name}.png"))).unwrap();
        PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::NoFilter)
            .write_image(screen.pixels(), width, height, ExtendedColorType::Rgb8)
            .unwrap();
    }
    fs::write(path("reading_80x24.txt"), terminal()).unwrap();
}
