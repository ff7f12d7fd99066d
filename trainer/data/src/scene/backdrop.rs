//! What lies behind the faces: parts of environment maps, noise, gradients and drawn clutter.

use std::path::Path;

use mien_shared::{
    crop,
    frame::Grey,
    geometry::{Point, Similarity},
};
use rand::{RngExt as _, seq::IndexedRandom as _};
use rand_pcg::Pcg64;

use super::pixel::{bilinear, byte, halve};
use crate::DataError;

/// Share of backdrops that come from an environment map.
const FROM_MAP: f32 = 0.65;
/// Share of backdrops with drawn clutter.
const CLUTTERED: f32 = 0.4;

/// Reads every Radiance map (`*.hdr`) in `folder`, in the order of their names.
///
/// # Errors
/// When the folder cannot be listed or a map does not decode.
pub(super) fn read_maps(folder: &Path) -> Result<Vec<Grey>, DataError> {
    let fault = |source| DataError::Read { path: folder.to_owned(), source };
    let mut paths = std::fs::read_dir(folder)
        .map_err(fault)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(fault)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "hdr"));
    paths.sort();
    paths.iter().map(|path| read_map(path)).collect()
}

/// Paints a random backdrop over all of `out`; `maps` may be empty.
pub(super) fn paint(maps: &[Grey], rng: &mut Pcg64, out: &mut Grey) {
    match maps.choose(rng) {
        Some(map) if rng.random::<f32>() < FROM_MAP => part_of_map(map, rng, out),
        _ if rng.random::<f32>() < 0.3 => gradient(rng, out),
        _ => clouds(rng, out),
    }
    if rng.random::<f32>() < CLUTTERED {
        clutter(rng, out);
    }
}

/// A map in grey: `255·(1 - exp(-L/m))^(1/2.2)`, with `m` its mean luminance where not glaring.
fn read_map(path: &Path) -> Result<Grey, DataError> {
    let picture = image::open(path).map_err(|source| DataError::Picture {
        path: path.to_owned(),
        name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        source,
    })?;
    let picture = picture.into_rgb32f();
    let luma: Vec<f32> =
        picture.pixels().map(|p| 0.2126 * p[0] + 0.7152 * p[1] + 0.0722 * p[2]).collect();
    let log_mean = luma.iter().map(|l| (l + 1e-4).ln()).sum::<f32>() / luma.len().max(1) as f32;
    let mean = 2.5 * log_mean.exp();
    let tone = |l: &f32| byte(255.0 * (1.0 - (-l / mean).exp()).powf(1.0 / 2.2));
    let (width, height) = picture.dimensions();
    Ok(Grey { width, height, data: luma.iter().map(tone).collect() })
}

/// A part of a map, turned and scaled; shrunk parts are as sharp as a photograph.
fn part_of_map(map: &Grey, rng: &mut Pcg64, out: &mut Grey) {
    let most = f32::min(map.width as f32 / out.width as f32, map.height as f32 / out.height as f32);
    let scale = rng.random_range(0.35..most.max(0.4)).min(rng.random_range(0.5_f32..3.0));
    let angle = rng.random_range(-0.5_f32..0.5);
    let (a, b) = (scale * angle.cos(), scale * angle.sin());
    let mirror = if rng.random() { -1.0 } else { 1.0 };
    let center = Point {
        x: rng.random_range(0.15..0.85) * map.width as f32,
        y: rng.random_range(0.25..0.75) * map.height as f32,
    };
    let (x, y) = (out.width as f32 / 2.0, out.height as f32 / 2.0);
    let to_map =
        Similarity { a, b, tx: center.x - (a * x - b * y), ty: center.y - (b * x + a * y) };
    crop::warp(map, &to_map, out);
    if mirror < 0.0 {
        out.data.chunks_exact_mut(out.width as usize).for_each(<[u8]>::reverse);
    }
}

/// A straight change from one grey to another.
fn gradient(rng: &mut Pcg64, out: &mut Grey) {
    let (from, to): (f32, f32) = (rng.random_range(0.0..255.0), rng.random_range(0.0..255.0));
    let angle = rng.random_range(0.0..std::f32::consts::TAU);
    let (sin, cos) = angle.sin_cos();
    let (w, h) = (out.width as f32, out.height as f32);
    for_each_pixel(out, |x, y| {
        let along = (x / w - 0.5) * cos + (y / h - 0.5) * sin + 0.5;
        from + (to - from) * along.clamp(0.0, 1.0)
    });
}

/// Value noise in three octaves: from fog to gravel.
fn clouds(rng: &mut Pcg64, out: &mut Grey) {
    let cell = rng.random_range(0.5_f32..4.0).exp2();
    let amplitude = rng.random_range(0.3..1.0_f32);
    let mut lattice = Grey::new(out.width + 2, out.height + 2);
    rng.fill(lattice.data.as_mut_slice());
    let coarse = halve(&lattice);
    let level = rng.random_range(40.0..215.0_f32);
    for_each_pixel(out, |x, y| {
        let far = bilinear(&lattice, x / (4.0 * cell), y / (4.0 * cell));
        let middle = bilinear(&coarse, x / (2.0 * cell), y / (2.0 * cell));
        let near = bilinear(&lattice, y / cell, x / cell);
        level + amplitude * (0.55 * far + 0.3 * middle + 0.15 * near - 127.0)
    });
}

/// Boxes, discs, bars and lines of strokes such as text.
fn clutter(rng: &mut Pcg64, out: &mut Grey) {
    for _ in 0..rng.random_range(1..12) {
        match rng.random_range(0..4) {
            0 => disc(rng, out),
            1 => strokes(rng, out),
            _ => bar(rng, out),
        }
    }
}

fn bar(rng: &mut Pcg64, out: &mut Grey) {
    let (w, h) = (out.width as f32, out.height as f32);
    let center = spot(rng, w, h);
    let half = [0.3 * w * rng.random::<f32>().powi(2), 0.3 * h * rng.random::<f32>().powi(2)];
    let (sin, cos) = rng.random_range(-1.6_f32..1.6).sin_cos();
    let grey = rng.random_range(0.0..255.0_f32);
    blend(out, grey, rng.random_range(0.4..1.0), |x, y| {
        let (dx, dy) = (x - center.x, y - center.y);
        let (along, across) = (dx * cos + dy * sin, dy * cos - dx * sin);
        along.abs() < half[0] + 0.5 && across.abs() < half[1] + 0.5
    });
}

fn disc(rng: &mut Pcg64, out: &mut Grey) {
    let (w, h) = (out.width as f32, out.height as f32);
    let center = spot(rng, w, h);
    let radius = 2.0 + 0.3 * h * rng.random::<f32>().powi(2);
    let (hole, stretch) = (rng.random_range(-0.6..0.9_f32), rng.random_range(0.7..1.4_f32));
    let grey = rng.random_range(0.0..255.0_f32);
    blend(out, grey, rng.random_range(0.4..1.0), |x, y| {
        let distance = ((x - center.x) * stretch).hypot(y - center.y) / radius;
        distance < 1.0 && distance > hole
    });
}

/// A few lines of short strokes of one grey.
fn strokes(rng: &mut Pcg64, out: &mut Grey) {
    let (w, h) = (out.width as f32, out.height as f32);
    let start = spot(rng, w, h);
    let size = rng.random_range(2.0..7.0_f32);
    let (columns, rows) = (rng.random_range(3.0..20.0_f32), rng.random_range(1.0..5.0_f32));
    let mut marks = Grey::new(64, 16);
    rng.fill(marks.data.as_mut_slice());
    let grey = rng.random_range(0.0..255.0_f32);
    blend(out, grey, rng.random_range(0.5..1.0), |x, y| {
        let (column, row) = ((x - start.x) / size, (y - start.y) / (2.5 * size));
        let within = (0.0..columns).contains(&column) && (0.0..rows).contains(&row);
        let mark = || bilinear(&marks, 3.0 * column % 60.0, 2.0 * row % 14.0);
        within && row.fract() < 0.65 && mark() > 140.0
    });
}

fn spot(rng: &mut Pcg64, w: f32, h: f32) -> Point {
    Point { x: rng.random_range(0.0..w), y: rng.random_range(0.0..h) }
}

fn blend(out: &mut Grey, grey: f32, share: f32, inside: impl Fn(f32, f32) -> bool) {
    let width = out.width as usize;
    for (y, row) in out.data.chunks_exact_mut(width).enumerate() {
        for (x, pixel) in row.iter_mut().enumerate() {
            if inside(x as f32 + 0.5, y as f32 + 0.5) {
                *pixel = byte(f32::from(*pixel) * (1.0 - share) + grey * share);
            }
        }
    }
}

fn for_each_pixel(out: &mut Grey, level: impl Fn(f32, f32) -> f32) {
    let width = out.width as usize;
    for (y, row) in out.data.chunks_exact_mut(width).enumerate() {
        for (x, pixel) in row.iter_mut().enumerate() {
            *pixel = byte(level(x as f32 + 0.5, y as f32 + 0.5));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment;

    #[test]
    fn a_backdrop_follows_from_its_generator_and_is_seldom_flat() {
        let maps = [Grey { width: 64, height: 32, data: (0..=255).cycle().take(2048).collect() }];
        let painted = |id| {
            let mut out = Grey::new(80, 60);
            paint(&maps, &mut augment::rng(1, 0, id), &mut out);
            out
        };
        assert_eq!(painted(1), painted(1));
        let flat = |grey: &Grey| grey.data.iter().all(|&v| v.abs_diff(grey.data[0]) < 4);
        assert!((0..50).filter(|&id| flat(&painted(id))).count() < 5);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = read_maps(Path::new("no/such/folder")).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("no/such/folder"), "{error}");
    }

    #[test]
    fn a_map_that_is_no_picture_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("broken.hdr"), b"#?RADIANCE\n").unwrap();
        let error = read_maps(folder.path()).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("broken.hdr"), "{error}");
    }
}
