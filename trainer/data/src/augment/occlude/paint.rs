//! Draws a thing pixel by pixel, with a soft border and a contact shadow around it.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::{
    super::picture::{Canvas, byte, luma},
    frame::FaceFrame,
    shape::{Vec2, mix, step},
};

/// Mean level of a fairly lit picture, in which things have the colours they are given.
const FAIR: f32 = 115.0;

/// Something in front of a face.
pub(super) trait Thing {
    /// What there is at a place of the face (see [`FaceFrame`]).
    fn touch(&self, at: Vec2) -> Touch;

    /// The dark around it.
    fn shadow(&self) -> Shadow {
        Shadow { depth: 0.3, reach: 0.2 }
    }
}

/// A thing at one place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Touch {
    /// Signed distance from its border in units of the face, negative inside.
    pub(super) distance: f32,
    /// Its colour in fair light, 0..=255.
    pub(super) colour: [f32; 3],
    /// How much it hides, 0..=1.
    pub(super) opacity: f32,
}

impl Touch {
    /// No part of a thing, more than a pixel away from it.
    pub(super) fn beside(distance: f32) -> Self {
        Self { distance, colour: [0.0; 3], opacity: 0.0 }
    }

    /// A thing that lets nothing through.
    pub(super) fn solid(distance: f32, colour: [f32; 3]) -> Self {
        Self { distance, colour, opacity: 1.0 }
    }
}

/// Light that a thing keeps from what is next to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shadow {
    /// Loss at the border, 0..=1.
    pub(super) depth: f32,
    /// How far it goes, in units of the face.
    pub(super) reach: f32,
}

impl Shadow {
    /// Loss at a place beside or behind `thing`: what is above it keeps the light away.
    fn at(self, thing: &dyn Thing, [u, v]: Vec2) -> f32 {
        let above = thing.touch([u - 0.2 * self.reach, v - 0.5 * self.reach]);
        self.depth * (1.0 - step(-0.4 * self.reach, self.reach, above.distance))
    }
}

/// The light and sharpness of a picture, which a thing in it shares.
#[derive(Debug, Clone, Copy)]
pub(super) struct Light {
    gain: f32,
    border_px: f32,
}

impl Light {
    /// The light of `image`; borders are `border_px` wide.
    pub(super) fn of<const N: usize>(image: &Canvas<'_, N>, border_px: f32) -> Self {
        let bytes = image.pixels.as_flattened();
        let sum: f32 = bytes.iter().map(|&level| f32::from(level)).sum();
        Self { gain: (sum / bytes.len() as f32 / FAIR).clamp(0.4, 1.15), border_px }
    }

    /// Width of a border in pixels.
    pub(super) fn border_px(self) -> f32 {
        self.border_px
    }

    /// What is of colour `seen` in this light, as it is in fair light.
    pub(super) fn undone(self, seen: [f32; 3]) -> [f32; 3] {
        shaded(seen, 1.0 / self.gain)
    }
}

/// Draws `thing` over `image`.
pub(super) fn paint<const N: usize>(
    thing: &dyn Thing,
    frame: &FaceFrame,
    light: Light,
    image: &mut Canvas<'_, N>,
) {
    let shadow = thing.shadow();
    let sharpness = frame.unit() / light.border_px;
    let limit = 2.0 * shadow.reach.max(1.0 / sharpness);
    for (y, row) in (0_i32..).zip(image.rows()) {
        let mut next = 0.0;
        for (x, pixel) in (0_i32..).zip(row) {
            let x = x as f32;
            if x < next {
                continue;
            }
            let place = frame.place(x + 0.5, y as f32 + 0.5);
            let touch = thing.touch(place);
            if touch.distance > limit {
                // Half the distance: some are longer than they should be.
                next = x + 0.5 * (touch.distance - limit) * frame.narrow();
                continue;
            }
            let cover = touch.opacity * (0.5 - touch.distance * sharpness).clamp(0.0, 1.0);
            let dark = if cover < 1.0 { shadow.at(thing, place) } else { 0.0 };
            let colour: [f32; N] = channels(touch.colour);
            *pixel = std::array::from_fn(|i| {
                let seen = f32::from(pixel[i]) * (1.0 - dark * (1.0 - cover));
                byte(mix(seen, light.gain * colour[i], cover))
            });
        }
    }
}

/// `colour` with its brightness times `factor`.
pub(super) fn shaded(colour: [f32; 3], factor: f32) -> [f32; 3] {
    colour.map(|level| level * factor)
}

/// Between two colours.
pub(super) fn blended(a: [f32; 3], b: [f32; 3], t: f32) -> [f32; 3] {
    std::array::from_fn(|i| mix(a[i], b[i], t))
}

/// One of `palette`, a little varied.
pub(super) fn dyed(palette: &[[f32; 3]], rng: &mut Pcg64) -> [f32; 3] {
    let colour = palette[rng.random_range(0..palette.len())];
    shaded(colour, rng.random_range(0.85..1.15))
}

fn channels<const N: usize>(colour: [f32; 3]) -> [f32; N] {
    if N == 1 { [luma(colour); N] } else { std::array::from_fn(|i| colour[i % 3]) }
}
