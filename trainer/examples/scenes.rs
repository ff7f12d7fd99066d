//! Writes a contact sheet of composed training scenes with their boxes and points drawn in, and
//! says how fast they are made.
//!
//! ```text
//! cargo run --release -p mien-trainer --example scenes -- RECIPE ROOT OUT.png
//! ```

use std::{path::Path, time::Instant};

use image::{Rgb, RgbImage};
use mien_data::scene::Scene;
use mien_shared::geometry::{Point, Rect};
use mien_trainer::{recipe::Recipe, task::detect::DetectTask};

const COLUMNS: u32 = 6;
const ROWS: u32 = 4;
const TIMED: usize = 1000;
const GREEN: Rgb<u8> = Rgb([0, 255, 0]);
const RED: Rgb<u8> = Rgb([255, 40, 40]);

#[expect(clippy::print_stdout, reason = "an example speaks to its user")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [recipe, root, out] = args.as_slice() else {
        return Err("usage: scenes RECIPE ROOT OUT.png".into());
    };
    let task = DetectTask::open(&Recipe::read(Path::new(recipe))?, Path::new(root))?;
    let start = Instant::now();
    let faces: usize = (0..TIMED).map(|i| task.scene(1, i).faces.len()).sum();
    let per_s = TIMED as f64 / start.elapsed().as_secs_f64();
    println!("{per_s:.0} scenes per second, {faces} faces in {TIMED} scenes");

    let (width, height) = (162, 130);
    let mut sheet = RgbImage::new(COLUMNS * width, ROWS * height);
    for i in 0..COLUMNS * ROWS {
        let scene = task.scene(0, i as usize);
        draw(&scene, &mut sheet, [i % COLUMNS * width, i / COLUMNS * height]);
    }
    let sheet = image::imageops::resize(
        &sheet,
        2 * sheet.width(),
        2 * sheet.height(),
        image::imageops::FilterType::Nearest,
    );
    Ok(sheet.save(out)?)
}

fn draw(scene: &Scene, sheet: &mut RgbImage, [left, top]: [u32; 2]) {
    let image = &scene.image;
    for (i, &grey) in (0_u32..).zip(&image.data) {
        sheet.put_pixel(left + i % image.width, top + i / image.width, Rgb([grey; 3]));
    }
    let bounds = [image.width as f32, image.height as f32];
    let mut dot = |p: Point, color| {
        if (0.0..bounds[0]).contains(&p.x) && (0.0..bounds[1]).contains(&p.y) {
            let [x, y] = [p.x, p.y].map(pixel);
            sheet.put_pixel(left + x, top + y, color);
        }
    };
    for face in &scene.faces {
        outline(&face.rect).for_each(|p| dot(p, GREEN));
        face.points.to_array().into_iter().for_each(|p| dot(p, RED));
    }
}

/// Points along the sides of a box, less than a pixel apart.
fn outline(rect: &Rect) -> impl Iterator<Item = Point> + use<> {
    let Rect { x, y, w, h } = *rect;
    (0_u16..512).map(|i| f32::from(i) / 512.0).flat_map(move |t| {
        let at = |x, y| Point { x, y };
        [at(x + t * w, y), at(x + t * w, y + h), at(x, y + t * h), at(x + w, y + t * h)]
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the picture")]
fn pixel(v: f32) -> u32 {
    v as u32
}
