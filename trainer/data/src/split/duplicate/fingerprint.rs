//! What is kept of a picture to compare it: 48 × 48 grey pixels and their first two moments.

use image::{
    ImageBuffer, Luma,
    imageops::{self, FilterType},
};
use mien_shared::frame::Grey;

use super::{PIXELS, ROW, SIDE, outline::Outline};

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
                let small = imageops::resize(&source, SIDE, SIDE, FilterType::Triangle);
                pixels.iter_mut().zip(small.into_raw()).for_each(|(to, from)| *to = from);
            }
            _ => {}
        }
        Self::of_pixels(&pixels)
    }

    /// The correlation with another picture, straight or mirrored, whichever is higher; -1..=1,
    /// and 0 where either is flat.
    pub fn correlation(&self, other: &Self) -> f64 {
        let spread = self.spread as f64 * other.spread as f64;
        if spread == 0.0 {
            return 0.0;
        }
        let straight = product(self.pixels.iter().zip(&other.pixels));
        let rows = other.pixels.chunks_exact(ROW).flat_map(|row| row.iter().rev());
        let mirrored = product(self.pixels.iter().zip(rows));
        let covariance = i64::from(SIDE * SIDE) * straight.max(mirrored) - self.sum * other.sum;
        covariance as f64 / spread.sqrt()
    }

    pub(super) fn outline(&self) -> Outline {
        self.outline
    }

    fn of_pixels(pixels: &[u8; PIXELS]) -> Self {
        let sum = pixels.iter().map(|&pixel| i64::from(pixel)).sum();
        let spread = i64::from(SIDE * SIDE) * product(pixels.iter().zip(pixels)) - sum * sum;
        // The unit vector along the picture free of its mean, `(pixel - sum / n) / |…|`.
        let scale = if spread == 0 { 0.0 } else { (spread as f64 / PIXELS as f64).sqrt().recip() };
        let unit = |pixel| (f64::from(pixel) - sum as f64 / PIXELS as f64) * scale;
        Self { pixels: *pixels, sum, spread, outline: Outline::of(&pixels.map(unit)) }
    }
}

/// The sum of the products of pixels.
fn product<'a>(pairs: impl Iterator<Item = (&'a u8, &'a u8)>) -> i64 {
    // At most 2304 · 255² = 1.5e8.
    i64::from(pairs.map(|(&a, &b)| u32::from(a) * u32::from(b)).sum::<u32>())
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the values compared are rounded or exact")]
mod tests {
    use super::*;

    /// A picture that is bright where `bright` says so.
    fn drawn(side: u32, bright: fn(u32, u32) -> bool) -> Fingerprint {
        let pixel = |at| if bright(at % side, at / side) { 250 } else { 10 };
        let data = (0..side * side).map(pixel).collect();
        Fingerprint::of(&Grey { width: side, height: side, data })
    }

    #[test]
    fn correlations_have_their_known_values() {
        let left = drawn(48, |x, _| x < 24);
        let right = drawn(48, |x, _| x >= 24);
        let top = drawn(48, |_, y| y < 24);
        let quarter = drawn(48, |x, _| x < 12);
        let correlation = |a: &Fingerprint, b: &Fingerprint| (1e9 * a.correlation(b)).round() / 1e9;
        assert_eq!(correlation(&left, &left), 1.0);
        assert_eq!(correlation(&left, &right), 1.0);
        assert_eq!(correlation(&left, &top), 0.0);
        // Shares 1/2 and 1/4, both 1/4: (1/4 - 1/8) / sqrt(1/4 · 3/16).
        assert_eq!(correlation(&left, &quarter), 0.577_350_269);
        assert_eq!(correlation(&right, &quarter), 0.577_350_269);
        assert_eq!(correlation(&top, &drawn(48, |_, y| y >= 24)), -1.0);
    }

    #[test]
    fn size_and_exposure_do_not_matter() {
        let small = drawn(48, |x, y| x + y < 40);
        let large = drawn(480, |x, y| x + y < 400);
        assert!(small.correlation(&large) > 0.98, "{}", small.correlation(&large));
    }

    #[test]
    fn flat_empty_and_broken_pictures_correlate_with_nothing() {
        let left = drawn(48, |x, _| x < 24);
        let broken = Grey { width: 9, height: 9, data: vec![1, 2, 3] };
        for picture in [Grey::new(48, 48), Grey::default(), broken] {
            let flat = Fingerprint::of(&picture);
            assert_eq!((flat.correlation(&left), flat.correlation(&flat)), (0.0, 0.0));
        }
    }
}
