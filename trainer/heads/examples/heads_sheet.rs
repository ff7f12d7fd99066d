//! Writes a contact sheet of a head's faces.
//!
//! `cargo run --release -p mien-heads --example heads_sheet -- HEAD ASSETS OUT.png [HDRI]`, HEAD being
//! `ict`, `makehuman` or `procedural`. The upper rows show one person each under the eight
//! expressions, then poses, then action units one by one; the lower rows are what training gets.

use std::{error::Error, path::Path};

use image::{GenericImage as _, RgbImage};
use mien_heads::{Environment, Faces, Head, Maker, Shot, Studio, ict, makehuman};
use mien_shared::{frame::Rgb, label::Expression};
use mien_synth::{Au, AuVector, Identity, Pose, Scene};
use rand::SeedableRng as _;
use rand_pcg::Pcg32;

const TILE: u32 = 160;
const COLUMNS: u32 = 10;
const PEOPLE: u64 = 4;
const DRAWN: u64 = 40;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [name, assets, out, maps @ ..] = &words[..] else {
        return Err("usage: sheet HEAD ASSETS OUT.png [HDRI]".into());
    };
    let maker = match name.as_str() {
        "ict" => Maker::Head(Box::new(ict::open(Path::new(assets))?)),
        "makehuman" => Maker::Head(Box::new(makehuman::open(Path::new(assets))?)),
        _ => Maker::Procedural,
    };
    let mut faces = Faces::new(maker, 1, TILE, 1000);
    if let Some(folder) = maps.first() {
        faces.maps = Environment::open_all(Path::new(folder))?;
    }
    let mut tiles = match &faces.maker {
        Maker::Head(head) => posed(head),
        Maker::Procedural => Vec::new(),
    };
    // Two faces of each subject, so that a sheet shows many.
    let shown = (0..DRAWN).map(|i| i / 2 * 8 + (i * 3) % 8);
    tiles.extend(shown.flat_map(|i| faces.faces(i..i + 1)).map(|face| face.picture));
    save(&tiles, Path::new(out))
}

/// Rows of set scenes.
fn posed(head: &Head) -> Vec<Rgb> {
    let mut scenes: Vec<Scene> = (0..PEOPLE).flat_map(expressions).collect();
    scenes.extend(poses());
    scenes.extend(units());
    let mut studio = Studio::default();
    let mut show = |scene: &Scene| {
        let subject = head.subject(&scene.identity);
        let mut picture = Rgb::default();
        let truth = studio.render((head, &subject), &Shot::from(scene), &mut picture);
        if scene.identity.seed == 0 {
            for point in truth.labels.landmarks {
                dot(&mut picture, point.x, point.y);
            }
        }
        picture
    };
    scenes.iter().map(&mut show).collect()
}

fn expressions(person: u64) -> Vec<Scene> {
    let shown = Expression::ALL.into_iter().chain([Expression::Happiness, Expression::Anger]);
    let scene = |(expression, i): (Expression, u64)| {
        let mut rng = Pcg32::seed_from_u64(i + 10 * person);
        let aus = AuVector::of_expression(expression, 1.0, &mut rng);
        portrait(person, Pose { aus, ..Pose::default() })
    };
    shown.zip(0..).map(scene).collect()
}

fn poses() -> Vec<Scene> {
    let turns = [(-60.0, 0.0), (-35.0, 0.0), (-15.0, 0.0), (20.0, 0.0), (45.0, 0.0)];
    let nods = [(0.0, -25.0), (0.0, 25.0), (25.0, 15.0), (-25.0, -15.0), (0.0, 0.0)];
    let pose = |((yaw_deg, pitch_deg), person): ((f32, f32), u64)| {
        let gaze_yaw_deg = if person == 14 { 25.0 } else { 0.0 };
        portrait(person, Pose { yaw_deg, pitch_deg, gaze_yaw_deg, ..Pose::default() })
    };
    turns.into_iter().chain(nods).zip(5..).map(pose).collect()
}

fn units() -> Vec<Scene> {
    let unit = |au: Au| {
        let aus = AuVector::default().with(au, 1.0);
        portrait(3, Pose { aus, ..Pose::default() })
    };
    Au::ALL
        .map(unit)
        .into_iter()
        .chain([portrait(3, Pose::default()), portrait(0, Pose::default())])
        .collect()
}

fn portrait(person: u64, pose: Pose) -> Scene {
    let mut scene = Scene::portrait(Identity::from_seed(person), Expression::Neutral, pose, TILE);
    scene.supersample = 3;
    scene
}

fn dot(picture: &mut Rgb, x: f32, y: f32) {
    let inside =
        (0.0..picture.width as f32).contains(&x) && (0.0..picture.height as f32).contains(&y);
    if inside {
        let index = mien_synth::math::index;
        let at = 3 * (index(y) * picture.width as usize + index(x));
        picture.data[at..at + 3].copy_from_slice(&[0, 255, 0]);
    }
}

fn save(tiles: &[Rgb], out: &Path) -> Result<(), Box<dyn Error>> {
    let rows = u32::try_from(tiles.len())?.div_ceil(COLUMNS);
    let mut sheet = RgbImage::new(COLUMNS * TILE, rows * TILE);
    for (tile, i) in tiles.iter().zip(0..) {
        let picture = RgbImage::from_raw(tile.width, tile.height, tile.data.clone());
        let picture = picture.ok_or("a picture is not whole")?;
        sheet.copy_from(&picture, i % COLUMNS * TILE, i / COLUMNS * TILE)?;
    }
    sheet.save(out)?;
    Ok(())
}
