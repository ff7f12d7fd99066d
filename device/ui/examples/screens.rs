//! Lays every sample on every size of screen out on one picture:
//! `cargo run -p mien-ui --example screens -- sheet.png`.
//!
//! Also says what drawing a 320×240 screen takes.

use std::time::Instant;

use image::{Rgb, RgbImage, imageops};
use mien_ui::{Screen, samples};

/// Pixels between the screens.
const GAP: u32 = 12;
/// How often a screen is drawn to be timed.
const ROUNDS: u32 = 50;
/// Pixels across the sheet: seven of the widest screens.
const WIDTH: u32 = 7 * (800 + GAP) + GAP;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "sheet.png".into());
    let mut screens = [
        Screen::mono(128, 64),
        Screen::new(240, 240),
        Screen::new(320, 240),
        Screen::new(480, 800),
        Screen::new(800, 480),
    ];
    let count = samples::all().len();
    let rows = |screen: &Screen| count.div_ceil(columns(screen));
    let height = screens.iter().map(|screen| rows(screen) * (screen.size().1 + GAP) as usize);
    let height = u32::try_from(height.sum::<usize>())? + GAP;
    let mut sheet = RgbImage::from_pixel(WIDTH, height, Rgb([96, 96, 96]));
    let mut top = GAP;
    for screen in &mut screens {
        top = lay(&mut sheet, screen, top)?;
    }
    sheet.save(&path)?;
    let (mean, longest, name) = micros();
    eprintln!("{path}; a 320×240 screen takes {mean:.0} µs, at most {longest:.0} ({name})");
    Ok(())
}

/// How many screens of that size fit side by side.
fn columns(screen: &Screen) -> usize {
    ((WIDTH - GAP) / (screen.size().0 + GAP)) as usize
}

/// Lays all samples of one size out from `top` down; returns where the next size goes.
fn lay(sheet: &mut RgbImage, screen: &mut Screen, mut top: u32) -> Result<u32, String> {
    let picture = samples::picture();
    let (width, height) = screen.size();
    for row in samples::all().chunks(columns(screen)) {
        for (sample, left) in row.iter().zip((GAP..).step_by((width + GAP) as usize)) {
            sample.draw(screen, &picture);
            let drawn = RgbImage::from_raw(width, height, screen.pixels().to_vec())
                .ok_or("the screen has too few pixels")?;
            imageops::replace(sheet, &drawn, left.into(), top.into());
        }
        top += height + GAP;
    }
    Ok(top)
}

/// What drawing a sample on a 320×240 screen takes at best, in microseconds: the mean over all, and
/// the longest by name.
fn micros() -> (f64, f64, &'static str) {
    let (picture, samples) = (samples::picture(), samples::all());
    let mut screen = Screen::new(320, 240);
    let mut once = |sample: &samples::Sample| {
        let start = Instant::now();
        sample.draw(&mut screen, &picture);
        start.elapsed().as_secs_f64() * 1e6
    };
    let mut best = |sample| (0..ROUNDS).map(|_| once(sample)).fold(f64::INFINITY, f64::min);
    let times = samples.iter().map(|sample| (best(sample), sample.name)).collect::<Vec<_>>();
    let mean = times.iter().map(|(time, _)| time).sum::<f64>() / times.len() as f64;
    let longest = times.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or_default();
    (mean, longest.0, longest.1)
}
