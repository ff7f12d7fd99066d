//! What smoothing and calibration do.
//!
//! The first table: how late and how restless the reported expression is under different policies,
//! on faint expressions performed in poor light, small in the picture. The second: real people
//! calibrated on one neutral picture each, and how their other pictures are named before and after.
//!
//! `cargo run --release -p mien-device --example decide -- [FOLDER]` with a folder that holds
//! `dev.csv` (`offset,len,file,subject,label,…` per picture) and `dev.jpgs` for the second table.

#![expect(clippy::print_stdout, reason = "it reports")]

use std::{collections::BTreeMap, env, error::Error, fs, path::Path, time::Duration};

use mien_device::{
    decide::{Decider, Policy},
    face::Vision,
    models::Models,
    reading::{Face, Observation},
    track::Watching,
};
use mien_shared::{
    frame::{Frame, FrameId, PixelFormat, Rgb, Timestamp},
    label::Expression,
};
use mien_synth::{Performer, Renderer, performer::FRAMES_PER_PERSON};
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg32;

/// People who perform the eight expressions.
const PEOPLE: u64 = 8;

/// How strongly, in how much light, with how much grain.
const STRENGTH: f32 = 0.6;
const EXPOSURE: f32 = 0.35;
const GRAIN: f32 = 14.0;

/// One person's frames: what was seen, and what was shown.
type Film = Vec<(Vec<Face>, Expression)>;

fn main() -> Result<(), Box<dyn Error>> {
    let models = Models::shipped()?;
    let films = (1..=PEOPLE).map(|seed| film(&models, seed)).collect::<Result<Vec<_>, _>>()?;
    policies(&films);
    if let Some(folder) = env::args().nth(1) {
        calibrations(&subjects(&models, Path::new(&folder))?);
    }
    Ok(())
}

/// Films a person through the pipeline.
fn film(models: &Models, seed: u64) -> Result<Film, Box<dyn Error>> {
    let mut vision = Vision::with(models, Watching::default())?;
    let (performer, mut renderer) = (Performer::new(seed, 320, 240), Renderer::new());
    let (mut picture, mut seen) = (Rgb::default(), Observation::empty());
    let (mut film, mut rng) = (Vec::new(), Pcg32::seed_from_u64(seed));
    for n in 0..FRAMES_PER_PERSON {
        let mut scene = performer.frame(n);
        scene.pose.aus = scene.pose.aus.scaled(STRENGTH);
        (scene.light.exposure, scene.supersample) = (EXPOSURE, 1);
        renderer.render_into(&scene, &mut picture);
        for byte in &mut picture.data {
            *byte = byte_of(f32::from(*byte) + GRAIN * rng.random_range(-1.0..1.0));
        }
        vision.look(&frame(n, &picture), &mut seen)?;
        film.push((seen.faces.clone(), performer.performance(n).truth()));
    }
    Ok(film)
}

/// What is said in each frame of `film`.
fn said(film: &Film, policy: Policy) -> Vec<Option<Expression>> {
    let mut decider = Decider::new(policy);
    let mut seen = Observation::empty();
    let mut said = Vec::new();
    for (n, (faces, _)) in film.iter().enumerate() {
        let now = Timestamp(Duration::from_secs_f64(n as f64 / 30.0));
        seen.faces.clone_from(faces);
        let reading = decider.step(&seen, now).first().and_then(|face| face.expression);
        said.push(reading.and_then(|shown| shown.label));
    }
    said
}

fn policies(films: &[Film]) {
    println!(
        "| smoothing ms | enter | leave | lead | hold ms | delay ms | missed | changes per true change | right | named |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let usual = Policy::default();
    let ms = Duration::from_millis;
    let rows = [
        usual,
        Policy { smoothing: ms(0), hold: ms(0), lead: 0.0, leave: usual.enter, ..usual },
        Policy { smoothing: ms(0), ..usual },
        Policy { smoothing: ms(100), ..usual },
        Policy { smoothing: ms(150), ..usual },
        Policy { smoothing: ms(400), ..usual },
        Policy { smoothing: ms(150), lead: 0.05, ..usual },
        Policy { smoothing: ms(150), enter: 0.4, leave: 0.3, ..usual },
        Policy { hold: ms(200), ..usual },
        Policy { hold: ms(0), ..usual },
        Policy { enter: 0.4, leave: 0.3, ..usual },
        Policy { enter: 0.45, leave: 0.3, ..usual },
        Policy { enter: 0.6, leave: 0.4, ..usual },
        Policy { lead: 0.05, ..usual },
        Policy { lead: 0.3, ..usual },
    ];
    for policy in rows {
        let mut row = Steadiness::default();
        for film in films {
            row.add(film, &said(film, policy));
        }
        row.print(&policy);
    }
}

/// How late and how restless.
#[derive(Default)]
struct Steadiness {
    delays: Vec<f32>,
    missed: u32,
    true_changes: u32,
    changes: u32,
    frames: u32,
    right: u32,
    named: u32,
}

impl Steadiness {
    fn add(&mut self, film: &Film, said: &[Option<Expression>]) {
        let truth: Vec<_> = film.iter().map(|(_, truth)| *truth).collect();
        let onsets = (1..truth.len()).filter(|&n| truth[n] != truth[n - 1]);
        for onset in onsets {
            self.true_changes += 1;
            let until = (onset..truth.len()).find(|&n| truth[n] != truth[onset]);
            let stretch = &said[onset..until.unwrap_or(truth.len())];
            match stretch.iter().position(|label| *label == Some(truth[onset])) {
                Some(late) => self.delays.push(late as f32 * 1000.0 / 30.0),
                None => self.missed += 1,
            }
        }
        let changes = said.windows(2).filter(|pair| pair[0] != pair[1]).count();
        self.changes += u32::try_from(changes).unwrap_or(u32::MAX);
        for (truth, said) in truth.iter().zip(said) {
            self.frames += 1;
            self.named += u32::from(said.is_some());
            self.right += u32::from(*said == Some(*truth));
        }
    }

    fn print(&mut self, policy: &Policy) {
        self.delays.sort_by(f32::total_cmp);
        let delay = self.delays.get(self.delays.len() / 2).copied().unwrap_or(f32::NAN);
        let share = |part: u32, whole: u32| 100.0 * part as f32 / whole.max(1) as f32;
        let Policy { smoothing, enter, leave, lead, hold, .. } = policy;
        println!(
            "| {} | {enter} | {leave} | {lead} | {} | {delay:.0} | {:.0} % | {:.2} | {:.1} % | {:.1} % |",
            smoothing.as_millis(),
            hold.as_millis(),
            share(self.missed, self.true_changes),
            self.changes as f32 / self.true_changes.max(1) as f32,
            share(self.right, self.frames),
            share(self.named, self.frames),
        );
    }
}

/// Pictures of one person.
type Album = Vec<(Face, Expression)>;

/// Everyone of whom a neutral and another picture is at hand.
fn subjects(models: &Models, folder: &Path) -> Result<Vec<Album>, Box<dyn Error>> {
    let bytes = fs::read(folder.join("dev.jpgs"))?;
    let mut table = csv::Reader::from_path(folder.join("dev.csv"))?;
    let (mut vision, mut seen) = (Vision::new(models)?, Observation::empty());
    let mut albums: BTreeMap<String, Album> = BTreeMap::new();
    for row in table.records() {
        let row = row?;
        let field = |index: usize| row.get(index).ok_or("a field is missing");
        let (offset, len): (usize, usize) = (field(0)?.parse()?, field(1)?.parse()?);
        let label = Expression::from_name(field(4)?).ok_or("an unknown label")?;
        let jpeg = bytes.get(offset..offset + len).ok_or("dev.jpgs is too short")?;
        let rgb = image::load_from_memory(jpeg)?.to_rgb8();
        let picture = Rgb { width: rgb.width(), height: rgb.height(), data: rgb.into_raw() };
        vision.look_closely(&frame(0, &picture), &mut seen)?;
        if let (Some(face), true) = (seen.faces.first(), field(3)? != "unknown") {
            albums.entry(field(3)?.to_owned()).or_default().push((*face, label));
        }
    }
    let whole = |album: &Album| {
        let neutral = album.iter().filter(|(_, label)| *label == Expression::Neutral).count();
        neutral > 0 && album.len() > 1
    };
    Ok(albums.into_values().filter(whole).collect())
}

/// How the pictures are named before and after each person was calibrated on the first neutral
/// one: of everyone, and of those whom the network reads as something else at rest.
fn calibrations(albums: &[Album]) {
    println!("\n| people | max offset | neutral | calibrated | others | calibrated |");
    println!("|---|---|---|---|---|---|");
    for misread in [false, true] {
        for max_offset in [1.0, 1.5, 2.0, 3.0] {
            let policy = Policy { max_offset, ..Policy::default() };
            let mut named = Named::default();
            for album in albums {
                named.add(album, policy, misread);
            }
            named.print(misread, max_offset);
        }
    }
}

/// Pictures, those named rightly, and those named rightly after a calibration.
#[derive(Default)]
struct Named {
    people: u32,
    neutral: [u32; 3],
    others: [u32; 3],
}

impl Named {
    /// Counts a person; where `misread`, only one whose neutral picture is named something else.
    fn add(&mut self, album: &[(Face, Expression)], policy: Policy, misread: bool) {
        let first = album.iter().find(|picture| picture.1 == Expression::Neutral);
        let Some(rest) = first else { return };
        let usual = name(&rest.0, None, policy);
        if misread && usual.is_none_or(|label| label == Expression::Neutral) {
            return;
        }
        self.people += 1;
        for picture in album.iter().filter(|picture| *picture != rest) {
            let usual = name(&picture.0, None, policy) == Some(picture.1);
            let calibrated = name(&picture.0, Some(&rest.0), policy) == Some(picture.1);
            let neutral = picture.1 == Expression::Neutral;
            let counts = if neutral { &mut self.neutral } else { &mut self.others };
            counts[0] += 1;
            counts[1] += u32::from(usual);
            counts[2] += u32::from(calibrated);
        }
    }

    fn print(&self, misread: bool, max_offset: f32) {
        let whom = if misread { ", misread at rest" } else { "" };
        let share = |counts: [u32; 3], k: usize| 100.0 * counts[k] as f32 / counts[0].max(1) as f32;
        let row = |counts: [u32; 3]| {
            let (usual, calibrated) = (share(counts, 1), share(counts, 2));
            format!("{usual:.1} % of {} | {calibrated:.1} %", counts[0])
        };
        let (neutral, others) = (row(self.neutral), row(self.others));
        println!("| {}{whom} | {max_offset} | {neutral} | {others} |", self.people);
    }
}

/// What is said of `face` alone, after a calibration on `rest` where there is one.
fn name(face: &Face, rest: Option<&Face>, policy: Policy) -> Option<Expression> {
    let mut decider = Decider::new(policy);
    let mut seen = Observation::empty();
    let mut label = None;
    let place = face.rect;
    let mut show = |face: &Face, from: u64, decider: &mut Decider, seen: &mut Observation| {
        for n in 0..40 {
            let now = Timestamp(Duration::from_millis(from + 33 * n));
            seen.faces.clear();
            seen.faces.push(Face { rect: place, ..*face });
            let reading = decider.step(seen, now)[0].expression;
            label = reading.and_then(|shown| shown.label);
        }
        label
    };
    if let Some(rest) = rest {
        decider.calibrate(Timestamp::default());
        show(rest, 0, &mut decider, &mut seen);
    }
    show(face, 2000, &mut decider, &mut seen)
}

fn byte_of(value: f32) -> u8 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0..=255")]
    let byte = value.round().clamp(0.0, 255.0) as u8;
    byte
}

fn frame(n: u64, picture: &Rgb) -> Frame {
    Frame {
        id: FrameId(n),
        captured_at: Timestamp::default(),
        width: picture.width,
        height: picture.height,
        stride: 3 * picture.width,
        format: PixelFormat::Rgb,
        data: picture.data.clone(),
    }
}
