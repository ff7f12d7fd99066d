//! Light: a directional key over a sky in spherical harmonics up to the second order.
//!
//! A [`Sky`] gives the light a white surface sends back by its normal, after Ramamoorthi &
//! Hanrahan, "An Efficient Representation for Irradiance Environment Maps" (2001), with the
//! cosine lobe and all constants folded into nine colours over the polynomials
//! `1, x, y, z, xy, yz, 3y² - 1, xz, z² - x²`. Light is linear RGB, 1 being what makes white
//! paper white.

use mien_synth::{Light, Vec3};
use rand::{Rng, RngExt as _};

pub mod environment;

pub use environment::Environment;

/// Strength of the random second-order terms relative to the mean.
const SECOND_ORDER: f32 = 0.22;

/// The least share of the key light that exposure reckons with.
const RIM: f32 = 0.35;

/// Ambient light by the normal of the surface it falls on.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sky {
    /// One colour for each polynomial.
    pub coefficients: [[f32; 3]; 9],
}

impl Sky {
    /// The light a white surface of normal `n` sends back, never negative.
    pub fn at(&self, n: Vec3) -> [f32; 3] {
        let basis = polynomials(n);
        std::array::from_fn(|k| {
            let sum: f32 = self.coefficients.iter().zip(basis).map(|(c, b)| c[k] * b).sum();
            sum.max(0.0)
        })
    }

    /// The sky turned about the vertical by `angle` radians, from z towards x.
    #[must_use]
    pub fn turned(&self, angle: f32) -> Self {
        let c = &self.coefficients;
        let (once, twice) = (angle.sin_cos(), (2.0 * angle).sin_cos());
        let mix = |a: usize, b: usize, (s, t): (f32, f32)| -> [f32; 3] {
            std::array::from_fn(|k| s * c[a][k] + t * c[b][k])
        };
        Self {
            coefficients: [
                c[0],
                mix(1, 3, (once.1, once.0)),
                c[2],
                mix(1, 3, (-once.0, once.1)),
                mix(4, 5, (once.1, once.0)),
                mix(4, 5, (-once.0, once.1)),
                c[6],
                mix(7, 8, (twice.1, 2.0 * twice.0)),
                mix(7, 8, (-0.5 * twice.0, twice.1)),
            ],
        }
    }
}

/// All light of a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lighting {
    /// From the head towards the key light.
    pub towards: Vec3,
    /// Linear RGB of the key light.
    pub key: [f32; 3],
    /// Light from everywhere.
    pub sky: Sky,
    /// Multiplies everything lit.
    pub exposure: f32,
}

impl Lighting {
    /// A scene's key light under its ambient light, the sky's second order drawn from `rng`.
    pub fn drawn(light: &Light, rng: &mut impl Rng) -> Self {
        let by = |share: f32| light.ambient.map(|a| a * share);
        let g = light.gradient;
        let mut coefficients = [[0.0; 3]; 9];
        for (c, share) in coefficients.iter_mut().zip([1.0, g.x, g.y, g.z]) {
            *c = by(share);
        }
        for c in &mut coefficients[4..] {
            *c = by(SECOND_ORDER * rng.random_range(-1.0..1.0_f32));
        }
        Self {
            towards: light.direction,
            key: light.key,
            sky: Sky { coefficients },
            exposure: light.exposure,
        }
    }

    /// The same light, exposed so that a white surface turned to the viewer shows `level`; under
    /// light from behind less, so that rims are not all glare.
    #[must_use]
    pub fn exposed(mut self, level: f32) -> Self {
        let n = Vec3::new(0.0, 0.2, 1.0).unit();
        let facing = n.dot(self.towards).max(RIM);
        let sky = self.sky.at(n);
        let seen = luminance(std::array::from_fn(|k| sky[k] + facing * self.key[k]));
        self.exposure = level / seen.max(1e-4);
        self
    }
}

impl From<&Light> for Lighting {
    fn from(light: &Light) -> Self {
        let g = light.gradient;
        let mut coefficients = [[0.0; 3]; 9];
        for (c, share) in coefficients.iter_mut().zip([1.0, g.x, g.y, g.z]) {
            *c = light.ambient.map(|a| a * share);
        }
        let sky = Sky { coefficients };
        Self { towards: light.direction, key: light.key, sky, exposure: light.exposure }
    }
}

/// Rec. 709 luminance.
pub(crate) fn luminance([r, g, b]: [f32; 3]) -> f32 {
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn polynomials(n: Vec3) -> [f32; 9] {
    let Vec3 { x, y, z } = n;
    [1.0, x, y, z, x * y, y * z, 3.0 * y * y - 1.0, x * z, z * z - x * x]
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use rand::SeedableRng as _;
    use rand_pcg::Pcg64;

    use super::*;

    fn some_sky() -> Sky {
        let mut rng = Pcg64::seed_from_u64(3);
        let mut coefficients = [[0.0; 3]; 9];
        for c in coefficients.iter_mut().flatten() {
            *c = rng.random_range(-0.1..0.1);
        }
        coefficients[0] = [2.0; 3];
        Sky { coefficients }
    }

    #[test]
    fn a_turned_sky_shows_a_turned_surface_the_same_light() {
        let sky = some_sky();
        for (n, angle) in
            [((0.3, 0.5, 0.8), 0.7_f32), ((-0.8, 0.1, 0.2), 2.0), ((0.0, -0.6, -0.7), -1.1)]
        {
            let n = Vec3::new(n.0, n.1, n.2).unit();
            let (sin, cos) = angle.sin_cos();
            let turned = Vec3::new(cos * n.x + sin * n.z, n.y, cos * n.z - sin * n.x);
            let (here, there) = (sky.at(n), sky.turned(angle).at(turned));
            let alike = here.iter().zip(there).all(|(a, b)| (a - b).abs() < 1e-5);
            assert!(alike, "{here:?} {there:?}");
        }
    }

    #[test]
    fn exposure_brings_the_front_to_its_level() {
        let light = Lighting { sky: some_sky(), ..Lighting::from(&Light::default()) }.exposed(0.8);
        let n = Vec3::new(0.0, 0.2, 1.0).unit();
        let sky = light.sky.at(n);
        let facing = n.dot(light.towards);
        let seen: [f32; 3] =
            std::array::from_fn(|k| light.exposure * (sky[k] + facing * light.key[k]));
        assert!((luminance(seen) - 0.8).abs() < 1e-4);
    }

    #[test]
    fn light_is_never_negative() {
        let mut sky = some_sky();
        sky.coefficients[0] = [-1.0; 3];
        assert_eq!(sky.at(Vec3::new(0.0, 0.0, 1.0)), [0.0; 3]);
    }
}
