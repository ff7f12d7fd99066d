//! Environment maps: light and backdrop from a photographed surrounding.
//!
//! A Radiance `.hdr` picture in equirectangular layout, its middle in front of the head
//! (towards the viewer), becomes a [`Sky`] and a key light: what is brighter than six times
//! the mean goes to the key, whose direction is that light's centre; the rest is projected on
//! spherical harmonics.

use std::{
    f32::consts::{PI, TAU},
    path::Path,
};

use mien_shared::frame::Rgb;
use mien_synth::{
    Vec3,
    math::{index, mix3},
    tone,
};

use super::{Lighting, Sky, luminance};
use crate::{HeadError, texture};

/// Times the mean luminance above which light counts as the key light's.
const GLARE: f32 = 6.0;
/// Folded constants by polynomial: squared norm of the harmonic times the cosine lobe over π.
const FOLDED: [f32; 9] = [
    0.079_577, 0.159_155, 0.159_155, 0.159_155, 0.298_415, 0.298_415, 0.024_868, 0.298_415,
    0.074_604,
];

/// A surrounding.
#[derive(Debug, Clone)]
pub struct Environment {
    width: usize,
    height: usize,
    pixels: Vec<[f32; 3]>,
    sky: Sky,
    key: [f32; 3],
    towards: Vec3,
}

impl Environment {
    /// Reads every `*.hdr` map in `folder`, in the order of their names.
    ///
    /// # Errors
    /// When the folder cannot be listed, holds no map, or a map does not decode.
    pub fn open_all(folder: &Path) -> Result<Vec<Self>, HeadError> {
        let fault = |source| HeadError::Read { path: folder.to_owned(), source };
        let mut paths = std::fs::read_dir(folder)
            .map_err(fault)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(fault)?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "hdr"));
        paths.sort();
        if paths.is_empty() {
            let (path, what) = (folder.to_owned(), "*.hdr file".to_owned());
            let fix = "name a folder of equirectangular Radiance maps, or none";
            return Err(HeadError::Missing { path, what, fix });
        }
        paths.iter().map(|path| Self::open(path)).collect()
    }

    /// Reads one map.
    ///
    /// # Errors
    /// When it is missing, damaged or too large.
    pub fn open(path: &Path) -> Result<Self, HeadError> {
        let picture = texture::decode(path)?.into_rgb32f();
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let clean = |c: f32| if c.is_finite() { c.clamp(0.0, 1e5) } else { 0.0 };
        let pixels = picture.pixels().map(|p| p.0.map(clean)).collect();
        Ok(Self::new(width, height, pixels))
    }

    /// The surrounding whose map has these pixels, row by row from the zenith.
    ///
    /// # Panics
    /// When there are not `width * height` pixels.
    pub fn new(width: usize, height: usize, pixels: Vec<[f32; 3]>) -> Self {
        assert_eq!(pixels.len(), width * height, "pixels of an environment map");
        let mut map = Self {
            width,
            height,
            pixels,
            sky: Sky::default(),
            key: [0.0; 3],
            towards: Vec3::default(),
        };
        map.project();
        map
    }

    /// The light of the surrounding turned by `turn` radians.
    pub fn lighting(&self, turn: f32) -> Lighting {
        let (sin, cos) = turn.sin_cos();
        let d = self.towards;
        let towards = Vec3::new(cos * d.x + sin * d.z, d.y, cos * d.z - sin * d.x);
        Lighting { towards, key: self.key, sky: self.sky.turned(turn), exposure: 1.0 }
    }

    /// Paints what is behind the head, turned by `turn`, seen through an opening of `slope`
    /// (tangent of half its angle) under `exposure`.
    pub fn paint(&self, turn: f32, slope: f32, exposure: f32, out: &mut Rgb) {
        let (width, height) = (out.width.max(1) as usize, out.height as f32);
        let unit = 2.0 * slope / width as f32;
        for (i, pixel) in out.data.chunks_exact_mut(3).enumerate() {
            let right = ((i % width) as f32 + 0.5 - 0.5 * width as f32) * unit;
            let up = (0.5 * height - (i / width) as f32 - 0.5) * unit;
            let colour = self.seen(Vec3::new(right, up, -1.0), turn);
            pixel.copy_from_slice(&colour.map(|c| tone::encode(exposure * c)));
        }
    }

    /// The radiance from `direction` when the surrounding is turned by `turn`.
    fn seen(&self, direction: Vec3, turn: f32) -> [f32; 3] {
        let longitude = direction.x.atan2(direction.z) - turn;
        let latitude = direction.y.atan2(direction.x.hypot(direction.z));
        let lowest = self.height.saturating_sub(1);
        let x = ((longitude / TAU + 0.5) * self.width as f32 - 0.5).rem_euclid(self.width as f32);
        let y = ((0.5 - latitude / PI) * self.height as f32 - 0.5).clamp(0.0, lowest as f32);
        let pixel = |column: usize, row: usize| {
            let at = row.min(lowest) * self.width + column % self.width.max(1);
            self.pixels.get(at).copied().unwrap_or_default()
        };
        let (left, top) = (index(x), index(y));
        let line = |row| mix3(pixel(left, row), pixel(left + 1, row), x.fract());
        mix3(line(top), line(top + 1), y.fract())
    }

    fn project(&mut self) {
        let (mut total, mut solid) = (0.0_f32, 1e-9_f32);
        for (_, weight, colour) in self.directions() {
            total += weight * luminance(colour);
            solid += weight;
        }
        let glare = GLARE * total / solid;
        let mut moments = [[0.0_f32; 3]; 9];
        let (mut key, mut centre) = ([0.0_f32; 3], Vec3::default());
        for (d, weight, colour) in self.directions() {
            let over = (1.0 - glare / luminance(colour).max(1e-9)).max(0.0);
            let basis = super::polynomials(d);
            for k in 0..3 {
                key[k] += over * weight * colour[k] / PI;
                let soft = (1.0 - over) * weight * colour[k];
                moments.iter_mut().zip(basis).for_each(|(m, b)| m[k] += soft * b);
            }
            centre = centre + d * (over * weight * luminance(colour));
        }
        for (moment, folded) in moments.iter_mut().zip(FOLDED) {
            *moment = moment.map(|m| m * folded);
        }
        (self.sky, self.key, self.towards) = (Sky { coefficients: moments }, key, centre.unit());
    }

    /// Direction, solid angle and radiance of every pixel.
    fn directions(&self) -> impl Iterator<Item = (Vec3, f32, [f32; 3])> + '_ {
        let (across, down) = (self.width.max(1) as f32, self.height.max(1) as f32);
        self.pixels.iter().enumerate().map(move |(i, &colour)| {
            let longitude = ((i % self.width) as f32 + 0.5) / across * TAU - PI;
            let latitude = PI * (0.5 - ((i / self.width) as f32 + 0.5) / down);
            let (ring, weight) = (latitude.cos(), latitude.cos() * TAU / across * PI / down);
            let d = Vec3::new(ring * longitude.sin(), latitude.sin(), ring * longitude.cos());
            (d, weight, colour)
        })
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    fn map(radiance: impl Fn(Vec3) -> f32) -> Environment {
        let blank = Environment::new(64, 32, vec![[0.0; 3]; 64 * 32]);
        let pixels = blank.directions().map(|(d, _, _)| [radiance(d); 3]).collect();
        Environment::new(64, 32, pixels)
    }

    #[test]
    fn an_even_surrounding_lights_white_to_its_own_radiance() {
        let light = map(|_| 0.7).lighting(1.0);
        for n in [Vec3::new(0.0, 0.0, 1.0), Vec3::new(0.6, -0.8, 0.0)] {
            assert!((light.sky.at(n)[1] - 0.7).abs() < 0.01, "{:?}", light.sky.at(n));
        }
        assert_eq!(light.key, [0.0; 3]);
    }

    #[test]
    fn a_bright_half_lights_the_surface_that_faces_it() {
        // The irradiance of a hemisphere of radiance 1 is π on its pole.
        let light = map(|d| f32::from(u8::from(d.y > 0.0))).lighting(0.0);
        let up = light.sky.at(Vec3::new(0.0, 1.0, 0.0))[0];
        let side = light.sky.at(Vec3::new(1.0, 0.0, 0.0))[0];
        assert!((up - 1.0).abs() < 0.05 && (side - 0.5).abs() < 0.05, "{up} {side}");
    }

    #[test]
    fn a_sun_becomes_the_key_light_and_turns_with_the_surrounding() {
        let sun = Vec3::new(0.0, 0.6, 0.8);
        let environment = map(|d| if d.dot(sun) > 0.98 { 500.0 } else { 0.2 });
        let light = environment.lighting(0.0);
        assert!(light.towards.dot(sun) > 0.99 && light.key[0] > 1.0, "{light:?}");
        let turned = environment.lighting(std::f32::consts::FRAC_PI_2);
        assert!(turned.towards.x > 0.7 && turned.towards.z.abs() < 0.1, "{turned:?}");
    }

    #[test]
    fn the_backdrop_is_what_lies_behind() {
        let environment = map(|d| f32::from(u8::from(d.z < 0.0)));
        let mut picture = Rgb::new(8, 8);
        environment.paint(0.0, 0.5, 1.0, &mut picture);
        assert!(picture.data.iter().all(|&b| b == 255));
        environment.paint(PI, 0.5, 1.0, &mut picture);
        assert!(picture.data.iter().all(|&b| b == 0));
    }

    #[test]
    fn a_folder_without_maps_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let error = Environment::open_all(root.path()).unwrap_err().to_string();
        assert!(error.contains("has no *.hdr file"), "{error}");
    }
}
