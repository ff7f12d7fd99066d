//! What cheap optics, wrong exposure, a noisy sensor and things in front of a face do to a crop.

use mien_shared::frame::Grey;
use rand::{Rng as _, RngExt as _};
use rand_pcg::Pcg64;

/// Standard deviation of the sum of four random bytes.
const FOUR_BYTES_DEVIATION: f32 = 147.8;
/// Mean of the sum of four random bytes.
const FOUR_BYTES_MEAN: f32 = 510.0;

/// How a picture is exposed and lit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exposure {
    /// Added, in units of full scale.
    pub(super) brightness: f32,
    /// Factor about mid-grey.
    pub(super) contrast: f32,
    /// Exponent.
    pub(super) gamma: f32,
    /// Relative change of brightness across the picture along x and y.
    pub(super) light: [f32; 2],
}

impl Exposure {
    /// Exposes `image` anew.
    pub(super) fn apply(self, image: &mut Grey) {
        let tone = self.tone();
        let [along_x, along_y] = self.light;
        let (width, height) = (image.width as f32, image.height as f32);
        let step = along_x / width;
        for (y, row) in image.data.chunks_exact_mut(image.width as usize).enumerate() {
            let start = 1.0 + along_y * ((y as f32 + 0.5) / height - 0.5) - along_x / 2.0;
            for (x, pixel) in row.iter_mut().enumerate() {
                let light = start + (x as f32 + 0.5) * step;
                *pixel = byte(tone[usize::from(*pixel)] * light);
            }
        }
    }

    /// The level each byte gets, 0 to 255.
    fn tone(self) -> [f32; 256] {
        std::array::from_fn(|level| {
            let level = (level as f32 / 255.0).powf(self.gamma);
            255.0 * ((level - 0.5) * self.contrast + 0.5 + self.brightness).clamp(0.0, 1.0)
        })
    }
}

/// Blurs with the kernel 1 2 1 along both axes.
pub(super) fn blur(image: &mut Grey) {
    let width = image.width as usize;
    for row in image.data.chunks_exact_mut(width) {
        let mut before = row[0];
        for x in 0..width {
            let after = row[(x + 1).min(width - 1)];
            let here = row[x];
            row[x] = smooth(before, here, after);
            before = here;
        }
    }
    let mut before = image.data[..width].to_vec();
    for at in 0..image.data.len() {
        let here = image.data[at];
        let after = image.data.get(at + width).copied().unwrap_or(here);
        image.data[at] = smooth(before[at % width], here, after);
        before[at % width] = here;
    }
}

/// Adds noise of standard deviation `level` grey levels, nearly normal.
pub(super) fn noise(image: &mut Grey, level: f32, rng: &mut Pcg64) {
    let gain = level / FOUR_BYTES_DEVIATION;
    for pixel in &mut image.data {
        let sum: u16 = rng.next_u32().to_le_bytes().into_iter().map(u16::from).sum();
        *pixel = byte(f32::from(*pixel) + gain * (f32::from(sum) - FOUR_BYTES_MEAN));
    }
}

/// Paints a rectangle of up to `side` of the picture's sides in one grey.
pub(super) fn erase(image: &mut Grey, side: f32, rng: &mut Pcg64) {
    let [left, right] = span(image.width as usize, side, rng);
    let [top, bottom] = span(image.height as usize, side, rng);
    let grey = rng.random();
    for row in image.data.chunks_exact_mut(image.width as usize).take(bottom).skip(top) {
        row[left..right].fill(grey);
    }
}

/// A random interval within `0..length`, up to `share` of it long.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a length is clamped to that length"
)]
fn span(length: usize, share: f32, rng: &mut Pcg64) -> [usize; 2] {
    let long = ((rng.random::<f32>() * share * length as f32).round() as usize).min(length);
    let start = rng.random_range(0..=length - long);
    [start, start + long]
}

/// The weighted mean of three neighbours.
#[expect(clippy::cast_possible_truncation, reason = "a mean of bytes is a byte")]
fn smooth(before: u8, here: u8, after: u8) -> u8 {
    ((u16::from(before) + 2 * u16::from(here) + u16::from(after) + 2) / 4) as u8
}

/// The nearest byte.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, which is what a sensor does"
)]
fn byte(level: f32) -> u8 {
    (level + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAIR: Exposure = Exposure { brightness: 0.0, contrast: 1.0, gamma: 1.0, light: [0.0; 2] };

    #[test]
    fn fair_exposure_changes_nothing() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(exposed(FAIR, 16, &bytes), bytes);
    }

    #[test]
    fn tone_follows_brightness_contrast_and_gamma() {
        let brighter = Exposure { brightness: 0.2, ..FAIR };
        assert_eq!(exposed(brighter, 3, &[0, 100, 250]), [51, 151, 255]);
        let flatter = Exposure { contrast: 0.5, ..FAIR };
        assert_eq!(exposed(flatter, 3, &[0, 127, 255]), [64, 127, 191]);
        let darker = Exposure { gamma: 2.0, ..FAIR };
        assert_eq!(exposed(darker, 3, &[0, 128, 255]), [0, 64, 255]);
    }

    #[test]
    fn side_light_leaves_the_middle_and_saturates() {
        let lit = Exposure { light: [0.6, 0.0], ..FAIR };
        assert_eq!(exposed(lit, 3, &[100, 100, 100]), [80, 100, 120]);
        let lit = Exposure { light: [0.0, 0.6], ..FAIR };
        assert_eq!(exposed(lit, 1, &[100, 100, 250]), [80, 100, 255]);
    }

    #[test]
    fn blur_spreads_a_point_as_one_two_one_both_ways() {
        let mut image = Grey::new(5, 5);
        image.data[12] = 160;
        blur(&mut image);
        assert_eq!(image.data[6..9], [10, 20, 10]);
        assert_eq!(image.data[11..14], [20, 40, 20]);
        assert_eq!(image.data[16..19], [10, 20, 10]);
        assert_eq!(image.data[0..5], [0; 5]);
    }

    #[test]
    fn noise_has_the_level_asked_for() {
        let mut image = Grey { width: 200, height: 200, data: vec![128; 40_000] };
        noise(&mut image, 10.0, &mut Pcg64::new(1, 2));
        let mean = image.data.iter().map(|&b| f64::from(b)).sum::<f64>() / 40_000.0;
        let square = image.data.iter().map(|&b| (f64::from(b) - mean).powi(2)).sum::<f64>();
        assert!((mean - 128.0).abs() < 0.2, "{mean}");
        assert!(((square / 40_000.0).sqrt() - 10.0).abs() < 0.2, "{square}");
    }

    #[test]
    fn an_erased_patch_is_no_larger_than_asked_for() {
        for seed in 0..100 {
            let mut image = Grey { width: 10, height: 10, data: (0..100).collect() };
            erase(&mut image, 0.4, &mut Pcg64::new(seed, 0));
            let changed = (0..100).zip(&image.data).filter(|(at, byte)| at != *byte).count();
            assert!(changed <= 16, "{changed}");
        }
    }

    fn exposed(exposure: Exposure, width: u32, data: &[u8]) -> Vec<u8> {
        let mut image = Grey {
            width,
            height: (data.len() / width as usize).try_into().unwrap(),
            data: data.to_vec(),
        };
        exposure.apply(&mut image);
        image.data
    }
}
