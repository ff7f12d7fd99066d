//! What a sensor adds: noise, the grain of too little light, bands of a flickering lamp.
//!
//! Low light follows the usual model of a sensor (EMVA 1288): the electrons of a pixel scatter as
//! their own square root, reading them adds a constant, and a gain brings both back up. Its noise
//! is white; a camera's own denoiser is not played.

use rand::Rng as _;
use rand_pcg::Pcg64;

use super::super::picture::{Canvas, byte};

/// Standard deviation of the sum of four random bytes.
const FOUR_BYTES_DEVIATION: f32 = 147.8;
/// Mean of the sum of four random bytes.
const FOUR_BYTES_MEAN: f32 = 510.0;
/// Electrons of a white pixel in fair light: a small phone or webcam sensor.
const FULL_WELL: f32 = 4000.0;
/// Standard deviation of reading a pixel, in electrons.
const READ_NOISE: f32 = 2.5;
/// Stops that the gain leaves dark, of each missing stop.
const LEFT_DARK: f32 = 0.3;
/// Exponent between sRGB values and light.
const GAMMA: f32 = 2.2;

/// Adds noise of standard deviation `level` grey levels, nearly normal.
pub(crate) fn noise<const N: usize>(image: &mut Canvas<'_, N>, level: f32, rng: &mut Pcg64) {
    let gain = level / FOUR_BYTES_DEVIATION;
    for value in image.pixels.as_flattened_mut() {
        *value = byte(f32::from(*value) + gain * scatter(rng));
    }
}

/// Takes the picture anew with `stops` less light and a gain that makes up for most of it.
pub(crate) fn low_light<const N: usize>(image: &mut Canvas<'_, N>, stops: f32, rng: &mut Pcg64) {
    let seen = dim(stops);
    for value in image.pixels.as_flattened_mut() {
        let [mean, gain] = seen[usize::from(*value)];
        *value = byte(mean + gain * scatter(rng));
    }
}

/// What each byte becomes with `stops` less light: its mean, and the gain of [`scatter`].
fn dim(stops: f32) -> [[f32; 2]; 256] {
    let white = FULL_WELL * (-stops).exp2();
    let gain = (-stops * LEFT_DARK).exp2();
    // The grain of a fair picture is in it already.
    let fair = (FULL_WELL, READ_NOISE / FULL_WELL);
    std::array::from_fn(|level| {
        let light = (level as f32 / 255.0).powf(GAMMA);
        let variance = light / white + (READ_NOISE / white).powi(2);
        let already = light / fair.0 + fair.1.powi(2);
        let deviation = gain * (variance - already).max(0.0).sqrt();
        let light = gain * light;
        // The slope of the tone curve, no steeper than where the noise itself takes the light.
        let slope = (light + deviation).powf(1.0 / GAMMA) - light.powf(1.0 / GAMMA);
        [255.0 * light.powf(1.0 / GAMMA), 255.0 * slope / FOUR_BYTES_DEVIATION]
    })
}

/// Light that goes up and down from row to row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Band {
    /// Loss in the darkest row, 0..=1.
    pub(crate) depth: f32,
    /// Rows from one dark row to the next.
    pub(crate) period: f32,
    /// Share of a period at the first row.
    pub(crate) phase: f32,
}

impl Band {
    /// Darkens the rows of `image`.
    pub(crate) fn apply<const N: usize>(self, image: &mut Canvas<'_, N>) {
        for (y, row) in (0_i32..).zip(image.rows()) {
            let turn = std::f32::consts::TAU * ((y as f32 + 0.5) / self.period + self.phase);
            let light = 1.0 - self.depth * (0.5 - 0.5 * turn.cos());
            for value in row.as_flattened_mut() {
                *value = byte(f32::from(*value) * light);
            }
        }
    }
}

/// A nearly normal number of mean 0 and deviation [`FOUR_BYTES_DEVIATION`].
fn scatter(rng: &mut Pcg64) -> f32 {
    let sum: u16 = rng.next_u32().to_le_bytes().into_iter().map(u16::from).sum();
    f32::from(sum) - FOUR_BYTES_MEAN
}

#[cfg(test)]
mod tests {
    use mien_shared::frame::Grey;

    use super::*;

    #[test]
    fn noise_has_the_level_asked_for() {
        let (mean, deviation) = taken(128, |canvas, rng| noise(canvas, 10.0, rng));
        assert!((mean - 128.0).abs() < 0.2, "{mean}");
        assert!((deviation - 10.0).abs() < 0.2, "{deviation}");
    }

    #[test]
    fn less_light_is_darker_and_grainier() {
        let take = |level, stops| taken(level, |canvas, rng| low_light(canvas, stops, rng));
        assert_eq!(take(128, 0.0), (128.0, 0.0));
        let (four, six) = (take(128, 4.0), take(128, 6.0));
        assert!(six.0 < four.0 && four.0 < 110.0, "{four:?} {six:?}");
        assert!(six.1 > four.1 && four.1 > 3.0, "{four:?} {six:?}");
    }

    #[test]
    fn bands_darken_half_a_period_away() {
        let mut image = Grey { width: 1, height: 4, data: vec![200; 4] };
        let band = Band { depth: 0.5, period: 4.0, phase: 0.125 };
        band.apply(&mut Canvas::of(&mut image).unwrap());
        assert_eq!(image.data, [150, 100, 150, 200]);
    }

    /// Mean and deviation of an even picture of that level after a change.
    fn taken(level: u8, change: impl Fn(&mut Canvas<'_, 1>, &mut Pcg64)) -> (f64, f64) {
        let mut image = Grey { width: 200, height: 200, data: vec![level; 40_000] };
        change(&mut Canvas::of(&mut image).unwrap(), &mut Pcg64::new(1, 2));
        let mean = image.data.iter().map(|&b| f64::from(b)).sum::<f64>() / 40_000.0;
        let square = image.data.iter().map(|&b| (f64::from(b) - mean).powi(2)).sum::<f64>();
        (mean, (square / 40_000.0).sqrt())
    }
}
