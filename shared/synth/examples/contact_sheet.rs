//! Renders contact sheets of the procedural head: identities, expressions, poses, lights and
//! what is worn, one row or two each; the last row shows landmarks and face boxes.
//!
//! `cargo run --release -p mien-synth --example contact_sheet -- OUT.png [TILE]`

use std::error::Error;

use image::{RgbImage, imageops};
use mien_shared::{frame::Rgb, label::Expression};
use mien_synth::{
    Au, AuVector, Glasses, HairStyle, Hat, Identity, Labels, Light, Pose, Renderer, Scene, Vec3,
};
use rand::SeedableRng as _;
use rand_pcg::Pcg32;

const COLUMNS: u32 = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let out = args.next().ok_or("usage: contact_sheet OUT.png [TILE]")?;
    let tile = args.next().map_or(Ok(128), |text| text.parse())?;
    let rows = sheet(tile);
    let height = u32::try_from(rows.len())? * tile;
    let mut sheet = RgbImage::new(COLUMNS * tile, height);
    let mut renderer = Renderer::new();
    let mut picture = Rgb::default();
    for (y, row) in (0..).zip(&rows) {
        for (x, scene) in (0..).zip(row) {
            let labels = renderer.render_into(scene, &mut picture);
            let copy = RgbImage::from_raw(picture.width, picture.height, picture.data.clone());
            let mut copy = copy.ok_or("the picture has an odd size")?;
            if y + 1 == i64::try_from(rows.len())? {
                mark(&mut copy, &labels);
            }
            imageops::replace(&mut sheet, &copy, x * i64::from(tile), y * i64::from(tile));
        }
    }
    sheet.save(out)?;
    Ok(())
}

/// Shows the landmarks as dots and the face box by its corners.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "points are inside")]
fn mark(picture: &mut RgbImage, labels: &Labels) {
    let r = labels.rect;
    let corners = [(r.x, r.y), (r.x + r.w, r.y), (r.x, r.y + r.h), (r.x + r.w, r.y + r.h)];
    let points = labels.landmarks.iter().map(|p| (p.x, p.y));
    let dots = points.map(|p| (p, [0, 255, 80])).chain(corners.map(|p| (p, [255, 40, 40])));
    for ((x, y), colour) in dots {
        let (x, y) = (x as u32, y as u32);
        if x < picture.width() && y < picture.height() {
            picture.put_pixel(x, y, image::Rgb(colour));
        }
    }
}

fn sheet(tile: u32) -> Vec<Vec<Scene>> {
    let mut rows = identities(tile);
    rows.extend([3, 5].map(|seed| expressions(tile, seed, 1.0)));
    rows.push(expressions(tile, 8, 0.6));
    rows.push(poses(tile));
    rows.push(lights(tile));
    rows.push(worn(tile));
    rows.extend(
        (0..2).map(|row| (0..10).map(|i| Scene::random(100 + row * 10 + i, None, tile)).collect()),
    );
    rows.push((0..10).map(|i| Scene::random(200 + i, None, tile)).collect());
    rows
}

fn neutral(seed: u64, tile: u32) -> Scene {
    Scene::portrait(Identity::from_seed(seed), Expression::Neutral, Pose::default(), tile)
}

fn identities(tile: u32) -> Vec<Vec<Scene>> {
    (0..2).map(|row| (0..10).map(|i| neutral(row * 10 + i, tile)).collect()).collect()
}

fn expressions(tile: u32, seed: u64, strength: f32) -> Vec<Scene> {
    let shown = Expression::ALL.into_iter().chain([Expression::Happiness, Expression::Anger]);
    let mut row: Vec<Scene> = shown
        .zip(0..)
        .map(|(expression, i)| {
            let mut rng = Pcg32::seed_from_u64(i + seed);
            let mut scene = neutral(seed, tile);
            scene.pose.aus = AuVector::of_expression(expression, strength, &mut rng);
            scene
        })
        .collect();
    row[9].pose.aus = AuVector::default().with(Au::EyesClosed, 1.0);
    row
}

fn poses(tile: u32) -> Vec<Scene> {
    let turns = [(-60.0, 0.0), (-40.0, 0.0), (-20.0, 0.0), (20.0, 0.0), (45.0, 0.0)];
    let nods = [(0.0, -25.0), (0.0, 25.0), (25.0, 15.0), (-25.0, -15.0), (0.0, 0.0)];
    let mut row = Vec::new();
    for ((yaw, pitch), seed) in turns.into_iter().chain(nods).zip(0..) {
        let mut scene = neutral(seed % 4, tile);
        scene.pose.yaw_deg = yaw;
        scene.pose.pitch_deg = pitch;
        row.push(scene);
    }
    row[9].pose.roll_deg = 25.0;
    row
}

fn lights(tile: u32) -> Vec<Scene> {
    (0..10_u8)
        .map(|i| {
            let mut scene = neutral(u64::from(i % 3), tile);
            let angle = f32::from(i) * 0.7 - 3.0;
            scene.light = Light {
                direction: Vec3::new(angle.sin(), 0.5 * angle.cos(), 0.5).unit(),
                ambient: [0.12, 0.13, 0.16],
                key: [1.2, 1.1, 1.0],
                ..Light::default()
            };
            scene
        })
        .collect()
}

fn worn(tile: u32) -> Vec<Scene> {
    let mut row: Vec<Scene> = (0..10).map(|i| neutral(i, tile)).collect();
    for scene in &mut row {
        scene.worn.cloth = [0.25, 0.05, 0.05];
        scene.worn.mask_colour = [0.5, 0.62, 0.72];
    }
    row[0].worn.glasses = Glasses::Clear;
    row[1].worn.glasses = Glasses::Sun;
    row[2].worn.hat = Hat::Beanie;
    row[3].worn.hat = Hat::Cap;
    row[4].worn.mask = true;
    row[5].worn.glasses = Glasses::Clear;
    row[5].pose.yaw_deg = 35.0;
    row[6].worn.hat = Hat::Cap;
    row[6].pose.yaw_deg = -35.0;
    row[7].worn.mask = true;
    row[7].pose.yaw_deg = 35.0;
    row[8].identity.hair.style = HairStyle::Curly;
    row[9].identity.hair.style = HairStyle::Long;
    row
}
