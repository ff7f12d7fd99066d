//! What the gates keep out, on real portraits made worse in known ways: risk and coverage.
//!
//! `cargo run --release -p mien-device --example gates -- FOLDER [RAW.csv]` with a folder that holds
//! `dev.csv` (`offset,len,…,label` per picture) and `dev.jpgs`, the pictures one after another.
//! With a second argument the figures of every picture are written there, too.

#![expect(clippy::print_stdout, reason = "it reports")]

use std::{env, error::Error, fs, io::Write as _, path::Path};

use image::{GrayImage, imageops};
use mien_device::{
    decide::{Decider, Policy},
    face::Vision,
    models::Models,
    reading::Observation,
};
use mien_shared::{
    frame::{Frame, FrameId, PixelFormat, Timestamp},
    label::Expression,
    telemetry::Unknown,
};

/// Every so many pictures one is read.
const STRIDE: usize = 4;

/// A known way to spoil a picture, with its strength.
type Spoil = (&'static str, f32, fn(&GrayImage, f32) -> GrayImage);

const SPOILS: [Spoil; 15] = [
    ("clean", 0.0, |image, _| image.clone()),
    ("blur, px of 128", 1.0, imageops::blur),
    ("blur, px of 128", 2.0, imageops::blur),
    ("blur, px of 128", 3.0, imageops::blur),
    ("blur, px of 128", 5.0, imageops::blur),
    ("light", 0.5, darken),
    ("light", 0.25, darken),
    ("light", 0.12, darken),
    ("light", 0.06, darken),
    ("size", 0.5, shrink),
    ("size", 0.25, shrink),
    ("cut off at the left", 0.25, cut),
    ("cut off at the left", 0.4, cut),
    ("lower part covered", 0.35, cover),
    ("upper part covered", 0.45, cover_above),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let folder = args.next().ok_or("which folder holds dev.csv and dev.jpgs?")?;
    let pictures = pictures(Path::new(&folder))?;
    let mut raw = args.next().map(fs::File::create).transpose()?;
    let mut vision = Vision::new(&Models::shipped()?)?;
    println!(
        "| spoiled by | strength | found | named | right of named | right without gates | reasons |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (name, strength, spoil) in SPOILS {
        let mut row = Row::default();
        for (image, label) in &pictures {
            row.add(&mut vision, &spoil(image, strength), *label)?;
        }
        row.print(name, strength);
        if let Some(raw) = &mut raw {
            row.raw.iter().try_for_each(|line| writeln!(raw, "{name},{strength},{line}"))?;
        }
    }
    Ok(())
}

#[derive(Default)]
struct Row {
    pictures: u32,
    found: u32,
    named: u32,
    right: u32,
    right_ungated: u32,
    reasons: [u32; Unknown::ALL.len()],
    raw: Vec<String>,
}

impl Row {
    fn add(
        &mut self,
        vision: &mut Vision,
        image: &GrayImage,
        label: Expression,
    ) -> Result<(), Box<dyn Error>> {
        self.pictures += 1;
        let mut seen = Observation::empty();
        vision.look_closely(&frame(image), &mut seen)?;
        seen.faces.truncate(1);
        let (Some(face), mut decider) =
            (seen.faces.first().copied(), Decider::new(Policy::default()))
        else {
            return Ok(());
        };
        self.found += 1;
        let reading = decider.step(&seen, Timestamp::default())[0];
        let Some(shown) = reading.expression else { return Ok(()) };
        let best = Expression::ALL
            .into_iter()
            .max_by(|a, b| shown.probs[a.index()].total_cmp(&shown.probs[b.index()]));
        self.right_ungated += u32::from(best == Some(label));
        self.named += u32::from(shown.label.is_some());
        self.right += u32::from(shown.label == Some(label));
        if let Some(reason) = shown.unknown {
            self.reasons[reason as usize] += 1;
        }
        let (quality, pose) = (face.quality.unwrap_or_default(), face.pose.unwrap_or_default());
        self.raw.push(format!(
            "{label},{},{},{},{},{},{},{},{},{}",
            best == Some(label),
            shown.confidence,
            face.rect.w.min(face.rect.h),
            face.score,
            quality.sharpness,
            quality.brightness,
            quality.contrast,
            pose.yaw,
            pose.pitch
        ));
        Ok(())
    }

    fn print(&self, name: &str, strength: f32) {
        let share = |part: u32, whole: u32| 100.0 * part as f32 / whole.max(1) as f32;
        let reasons = Unknown::ALL.iter().zip(self.reasons).filter(|(_, count)| *count > 0);
        let reasons: Vec<_> =
            reasons.map(|(r, count)| format!("{r:?} {:.1} %", share(count, self.found))).collect();
        println!(
            "| {name} | {strength} | {:.1} % | {:.1} % | {:.1} % | {:.1} % | {} |",
            share(self.found, self.pictures),
            share(self.named, self.found),
            share(self.right, self.named),
            share(self.right_ungated, self.found),
            reasons.join(", ")
        );
    }
}

/// The pictures with their labels.
fn pictures(folder: &Path) -> Result<Vec<(GrayImage, Expression)>, Box<dyn Error>> {
    let bytes = fs::read(folder.join("dev.jpgs"))?;
    let mut table = csv::Reader::from_path(folder.join("dev.csv"))?;
    let mut pictures = Vec::new();
    for row in table.records().step_by(STRIDE) {
        let row = row?;
        let field = |index: usize| row.get(index).ok_or("a field is missing");
        let (offset, len): (usize, usize) = (field(0)?.parse()?, field(1)?.parse()?);
        let label = Expression::from_name(field(4)?).ok_or("an unknown label")?;
        let jpeg = bytes.get(offset..offset + len).ok_or("dev.jpgs is too short")?;
        pictures.push((image::load_from_memory(jpeg)?.to_luma8(), label));
    }
    Ok(pictures)
}

/// Less light, with the noise of a sensor that has little of it.
fn darken(image: &GrayImage, gain: f32) -> GrayImage {
    let mut noise = 1_u32;
    let mut out = image.clone();
    for byte in out.iter_mut() {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = (noise >> 16) as f32 / 65_535.0 - 0.5;
        *byte = byte_of(f32::from(*byte) * gain + 8.0 * grain);
    }
    out
}

/// The same face with fewer pixels.
fn shrink(image: &GrayImage, scale: f32) -> GrayImage {
    let side = |length: u32| u32::from(byte_of(length as f32 * scale));
    imageops::resize(image, side(image.width()), side(image.height()), imageops::Triangle)
}

/// Without the left part.
fn cut(image: &GrayImage, share: f32) -> GrayImage {
    let left = u32::from(byte_of(image.width() as f32 * share));
    imageops::crop_imm(image, left, 0, image.width() - left, image.height()).to_image()
}

/// A grey board over the lower part.
fn cover(image: &GrayImage, share: f32) -> GrayImage {
    let from = 1.0 - share;
    covered(image, |y, height| y >= from * height)
}

/// A grey board over the upper part.
fn cover_above(image: &GrayImage, share: f32) -> GrayImage {
    covered(image, |y, height| y < share * height)
}

fn covered(image: &GrayImage, is_covered: impl Fn(f32, f32) -> bool) -> GrayImage {
    let mut out = image.clone();
    let height = image.height() as f32;
    for (_, y, pixel) in out.enumerate_pixels_mut() {
        if is_covered(y as f32, height) {
            pixel.0 = [110];
        }
    }
    out
}

fn byte_of(value: f32) -> u8 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0..=255")]
    let byte = value.round().clamp(0.0, 255.0) as u8;
    byte
}

fn frame(image: &GrayImage) -> Frame {
    Frame {
        id: FrameId(0),
        captured_at: Timestamp::default(),
        width: image.width(),
        height: image.height(),
        stride: image.width(),
        format: PixelFormat::Grey,
        data: image.as_raw().clone(),
    }
}
