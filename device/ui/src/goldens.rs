//! Every sample on every size of screen, compared with the stored pictures in `goldens/`.
//!
//! After a wanted change:
//! `cargo test -p mien-ui -- --ignored goldens::regenerate`

use std::{fs, path::PathBuf};

use image::{
    ExtendedColorType, ImageEncoder as _,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};

use super::{
    Screen,
    samples::{self, Sample},
};

/// The end of a golden's name, and the screen it is of.
type Kind = (&'static str, fn() -> Screen);

/// Screens on which every sample has a golden.
const EVERY: [Kind; 2] =
    [("128x64", || Screen::mono(128, 64)), ("320x240", || Screen::new(320, 240))];

/// Screens on which every layout has one: all samples but the avatar's expressions.
const MOST: [Kind; 3] = [
    ("240x240", || Screen::new(240, 240)),
    ("800x480", || Screen::new(800, 480)),
    ("480x800", || Screen::new(480, 800)),
];

/// Screens on which only a reading has one.
const FEW: [Kind; 2] =
    [("160x120", || Screen::new(160, 120)), ("1280x800", || Screen::new(1280, 800))];

/// Hands every golden's name, its screen and its sample to `each`.
fn every(mut each: impl FnMut(&str, &mut Screen, &Sample)) {
    let samples = samples::all();
    let mut on = |(size, screen): Kind, wanted: fn(&str) -> bool| {
        let mut screen = screen();
        for sample in samples.iter().filter(|sample| wanted(sample.name)) {
            each(&format!("{}_{size}", sample.name), &mut screen, sample);
        }
    };
    for screen in EVERY {
        on(screen, |_| true);
    }
    for screen in MOST {
        on(screen, |name| !name.starts_with("avatar_"));
    }
    for screen in FEW {
        on(screen, |name| name == "reading");
    }
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/goldens").join(name)
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

/// Samples on a terminal, by the name of their golden.
fn terminals() -> Vec<(String, String)> {
    let picture = samples::picture();
    let shown = ["reading", "paused", "no_camera", "actions", "actions_points", "health"];
    let samples = samples::all().into_iter().filter(|sample| shown.contains(&sample.name));
    let drawn = samples.map(|sample| {
        let mut screen = Screen::cells(80, 24);
        sample.draw(&mut screen, &picture);
        (format!("{}_80x24.txt", sample.name), letters(&screen))
    });
    drawn.collect()
}

#[test]
fn every_state_looks_as_its_golden() {
    let picture = samples::picture();
    every(|name, screen, sample| {
        sample.draw(screen, &picture);
        let golden = image::open(path(&format!("{name}.png"))).unwrap().to_rgb8();
        assert_eq!(golden.dimensions(), screen.size(), "{name}");
        let apart = golden.iter().zip(screen.pixels()).filter(|(a, b)| a != b).count();
        assert_eq!(apart, 0, "{name}: bytes that differ from the golden");
    });
}

#[test]
fn a_terminal_reads_as_its_golden() {
    for (name, text) in terminals() {
        assert_eq!(text, fs::read_to_string(path(&name)).unwrap(), "{name}");
    }
}

#[test]
fn a_screen_drawn_twice_is_the_same_as_drawn_once() {
    let (picture, samples) = (samples::picture(), samples::all());
    let mut screen = Screen::new(320, 240);
    for sample in &samples {
        sample.draw(&mut screen, &picture);
        let mut fresh = Screen::new(320, 240);
        sample.draw(&mut fresh, &picture);
        assert_eq!(screen.pixels(), fresh.pixels(), "{}", sample.name);
    }
}

#[test]
#[ignore = "writes the goldens; see the head of this file"]
fn regenerate() {
    fs::create_dir_all(path("")).unwrap();
    let picture = samples::picture();
    every(|name, screen, sample| {
        sample.draw(screen, &picture);
        let (width, height) = screen.size();
        let file = fs::File::create(path(&format!("{name}.png"))).unwrap();
        PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::NoFilter)
            .write_image(screen.pixels(), width, height, ExtendedColorType::Rgb8)
            .unwrap();
    });
    for (name, text) in terminals() {
        fs::write(path(&name), text).unwrap();
    }
}
