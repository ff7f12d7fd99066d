//! What a camera does to a rendered picture: gamma and noise.

use mien_shared::frame::Rgb;
use mien_synth::math::index;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64;

/// A camera's response.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sensor {
    /// Exponent on the picture's values, 0..=1 each; above 1 darkens.
    pub gamma: f32,
    /// Standard deviation of the noise in grey levels.
    pub noise: f32,
    /// Decides the noise.
    pub seed: u64,
}

impl Sensor {
    /// A camera that changes nothing.
    pub const IDEAL: Self = Self { gamma: 1.0, noise: 0.0, seed: 0 };

    /// Changes `picture` in place.
    pub fn apply(&self, picture: &mut Rgb) {
        let curve: [f32; 256] =
            std::array::from_fn(|i| 255.0 * (i as f32 / 255.0).powf(self.gamma));
        let mut rng = Pcg64::seed_from_u64(self.seed);
        for byte in &mut picture.data {
            let noise = if self.noise > 0.0 { self.noise * gaussian(rng.random()) } else { 0.0 };
            *byte = level(curve[usize::from(*byte)] + noise);
        }
    }
}

/// About normally distributed: the sum of eight bytes, of mean 0 and deviation 1.
fn gaussian(bits: u64) -> f32 {
    let sum: u16 = bits.to_le_bytes().iter().map(|&b| u16::from(b)).sum();
    (f32::from(sum) - 1020.0) / 209.02
}

fn level(x: f32) -> u8 {
    u8::try_from(index(x + 0.5)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey() -> Rgb {
        let mut picture = Rgb::new(64, 64);
        picture.data.fill(100);
        picture
    }

    #[test]
    fn an_ideal_sensor_changes_nothing() {
        let mut picture = grey();
        Sensor::IDEAL.apply(&mut picture);
        assert_eq!(picture, grey());
    }

    #[test]
    fn noise_has_its_deviation_and_the_seed_decides_it() {
        let sensor = Sensor { noise: 4.0, seed: 5, ..Sensor::IDEAL };
        let (mut a, mut b) = (grey(), grey());
        sensor.apply(&mut a);
        sensor.apply(&mut b);
        assert_eq!(a, b);
        let square: f32 = a.data.iter().map(|&v| (f32::from(v) - 100.0).powi(2)).sum();
        let deviation = (square / a.data.len() as f32).sqrt();
        assert!((deviation - 4.0).abs() < 0.2, "{deviation}");
    }

    #[test]
    fn a_gamma_above_one_darkens() {
        let mut picture = grey();
        Sensor { gamma: 1.2, ..Sensor::IDEAL }.apply(&mut picture);
        assert_eq!(picture.data[0], 83);
    }
}
