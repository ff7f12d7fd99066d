//! What is behind the head: an out-of-focus room.

use mien_shared::frame::Rgb;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg32;

use crate::{
    math::{index, mix, mix3, scale3, smoothstep},
    noise,
    scene::Background,
    tone,
};

const COLUMNS: usize = 33;
const ROWS: usize = 33;
const SHAPES: usize = 9;

/// A rendered backdrop, kept while scenes ask for the same.
#[derive(Debug, Default)]
pub struct Backdrop {
    shown: Option<Background>,
    picture: Rgb,
}

impl Backdrop {
    /// Makes `picture` show `background`.
    pub fn paint(&mut self, background: &Background, picture: &mut Rgb) {
        let same_size =
            (self.picture.width, self.picture.height) == (picture.width, picture.height);
        if !same_size || self.shown != Some(*background) {
            self.picture.resize(picture.width, picture.height);
            render(background, &mut self.picture);
            self.shown = Some(*background);
        }
        picture.data.copy_from_slice(&self.picture.data);
    }
}

/// A blurred disc or panel.
#[derive(Clone, Copy, Default)]
struct Shape {
    x: f32,
    y: f32,
    half_width: f32,
    half_height: f32,
    blur: f32,
    round: bool,
    colour: [f32; 3],
}

fn render(background: &Background, picture: &mut Rgb) {
    let mut cells = [[[0.0_f32; 3]; COLUMNS]; ROWS];
    let shapes = shapes(background);
    let seed = u32::try_from(background.seed & 0xFFFF_FFFF).unwrap_or(0);
    for (j, row) in cells.iter_mut().enumerate() {
        for (i, cell) in row.iter_mut().enumerate() {
            let (x, y) = (i as f32 / (COLUMNS - 1) as f32, j as f32 / (ROWS - 1) as f32);
            *cell = light(background, &shapes, seed, (x, y));
        }
    }
    enlarge(&cells, picture);
}

fn shapes(background: &Background) -> [Shape; SHAPES] {
    let mut rng = Pcg32::seed_from_u64(background.seed);
    [(); SHAPES].map(|()| {
        let level = rng.random_range(0.01..0.7_f32);
        Shape {
            x: rng.random_range(0.0..1.0),
            y: rng.random_range(0.0..1.0),
            half_width: rng.random_range(0.05..0.3),
            half_height: rng.random_range(0.05..0.4),
            blur: rng.random_range(0.02..0.12),
            round: rng.random_bool(0.4),
            colour: [(); 3].map(|()| level * rng.random_range(0.6..1.4)),
        }
    })
}

fn light(background: &Background, shapes: &[Shape], seed: u32, (x, y): (f32, f32)) -> [f32; 3] {
    let mut c = mix3(background.top, background.bottom, y);
    for shape in shapes {
        c = mix3(c, shape.colour, background.clutter * shape.cover(x, y));
    }
    scale3(c, 0.85 + 0.3 * noise::cloud(x * 5.0, y * 5.0, seed))
}

impl Shape {
    fn cover(&self, x: f32, y: f32) -> f32 {
        let across = ((x - self.x) / self.half_width).abs();
        let down = ((y - self.y) / self.half_height).abs();
        let out = if self.round { across.hypot(down) } else { across.max(down) };
        let soft = self.blur / self.half_width.min(self.half_height);
        smoothstep(1.0 + soft, 1.0 - soft, out)
    }
}

fn enlarge(cells: &[[[f32; 3]; COLUMNS]; ROWS], picture: &mut Rgb) {
    let (width, height) = (picture.width as usize, picture.height as usize);
    for (y, line) in picture.data.chunks_exact_mut((3 * width).max(1)).enumerate() {
        let fy = (y as f32 + 0.5) / height as f32 * (ROWS - 1) as f32;
        let j = index(fy).min(ROWS - 2);
        for (x, pixel) in line.chunks_exact_mut(3).enumerate() {
            let fx = (x as f32 + 0.5) / width as f32 * (COLUMNS - 1) as f32;
            let i = index(fx).min(COLUMNS - 2);
            let (tx, ty) = (fx - i as f32, fy - j as f32);
            for (k, byte) in pixel.iter_mut().enumerate() {
                let top = mix(cells[j][i][k], cells[j][i + 1][k], tx);
                let bottom = mix(cells[j + 1][i][k], cells[j + 1][i + 1][k], tx);
                *byte = tone::encode(mix(top, bottom, ty));
            }
        }
    }
}
