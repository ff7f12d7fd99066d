//! What is kept of a picture to compare it: 48 × 48 grey pixels and their first two moments.

use image::{
    ImageBuffer, Luma,
    imageops::{self, FilterType},
};
use mien_shared::frame::Grey;

use super::{PIXELS, SIDE, outline::Outline};

/// A picture to compare with others.
#[derive(Debug, Clone, PartialEq)]
pub struct Fingerprint {
    pixels: [u8; PIXELS],
    /// Sum of the pixels.
    sum: i64,
    /// [`PIXELS`]² times the variance of the pixels.
    spread: i64,
    outline: Outline,
}

impl Fingerprint {
    /// Shrinks (or enlarges) a picture to 48 × 48 pixels by a triangle filter, whatever its
    /// proportions; one of that size is taken as it is, one without pixels as flat.
    pub fn of(picture: &Grey) -> Self {
        let mut pixels = [0; PIXELS];
        let source =
            ImageBuffer::<Luma<u8>, &[u8]>::from_raw(picture.width, picture.height, &picture.data);
        match source {
            Some(source) if !picture.data.is_empty() => {
                let side = SIDE as u32;
                let small = imageops::resize(&source, side, side, FilterType::Triangle);
                pixels.iter_mut().zip(small.into_raw()).for_each(|(to, from)| *to = from);
            }
            _ => {}
        }
        Self::of_pixels(pixels)
    }

    /// The correlation with another picture, straight or mirrored, whichever is higher; -1..=1,
    /// and 0 where either is flat.
    pub fn correlation(&self, other: &Self) -> f64 {
        let spread = self.spread as f64 * other.spread as f64;
        if spread == 0.0 {
            return 0.0;
        }
        let straight = product(self.pixels.iter().zip(&other.pixels));
        let rows = other.pixels.chunks_exact(SIDE).flat_map(|row| row.iter().rev());
        let mirrored = product(self.pixels.iter().zip(rows));
        let covariance = PIXELS as i64 * straight.max(mirrored) - self.sum * other.sum;
        covariance as f64 / spread.sqrt()
    }

    pub(super) fn outline(&self) -> Outline {
        self.outline
    }

    fn of_pixels(pixels: [u8; PIXELS]) -> Self {
        let sum = pixels.iter().map(|&pixel| i64::from(pixel)).sum();
        let spread = PIXELS as i64 * product(pixels.iter().zip(&pixels)) - sum * sum;
        // The unit vector along the picture free of its mean, `(pixel - sum / n) / |…|`.
        let scale = if spread == 0 { 0.0 } else { (spread as f64 / PIXELS as f64).sqrt().recip() };
        let unit = |pixel| (f64::from(pixel) - sum as f64 / PIXELS as f64) * scale;
        Self { pixels, sum, spread, outline: Outline::of(&pixels.map(unit)) }
    }
}

/// The sum of the products of pixels.
fn product<'a>(pairs: impl Iterator<Item = (&'a u8, &'a u8)>) -> i64 {
    // At most 2304 · 255² = 1.5e8.
    i64::from(pairs.map(|(&a, &b)| u32::from(a) * u32::from(b)).sum::<u32>())
}
