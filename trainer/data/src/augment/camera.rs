//! What a camera and a wire do to a picture: its lens, its sensor, its coding.
//!
//! Each effect has a probability and an amount; all are off by default. They come in the order of
//! light: lens (defocus, motion, vignette), then sensor (low light, mains flicker), then delivery
//! (interlaced fields, lost resolution, JPEG).

use rand::RngExt as _;
use rand_pcg::Pcg64;
use serde::{Deserialize, Serialize};

use super::{chance, check::Range, picture::Canvas};

pub(super) mod exposure;
mod jpeg;
mod lens;
mod resample;
mod sensor;
mod video;

pub(super) use exposure::Exposure;
pub(super) use lens::blur;
pub(super) use sensor::noise;

/// Which faults of cameras are played; probabilities are 0..=1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Camera {
    /// Probability of a picture out of focus.
    pub defocus: f32,
    /// Largest radius of the disc that a point becomes, in pixels, 0..=16.
    pub defocus_px: f32,
    /// Probability of a shaken picture.
    pub motion: f32,
    /// Longest way of the shake in pixels, 0..=32.
    pub motion_px: f32,
    /// Probability of dark borders.
    pub vignette: f32,
    /// Largest loss of light in the farthest corner, 0..=1.
    pub vignette_depth: f32,
    /// Probability of too little light.
    pub low_light: f32,
    /// Most missing light in stops (halvings), 0..=8.
    pub low_light_stops: f32,
    /// Probability of bands from a lamp that flickers under a rolling shutter.
    pub band: f32,
    /// Largest loss of light within a band, 0..=1.
    pub band_depth: f32,
    /// Probability of two fields taken at different times.
    pub interlace: f32,
    /// Largest shift between the fields in pixels, 0..=16.
    pub interlace_px: f32,
    /// Probability of lost resolution.
    pub shrink: f32,
    /// Largest factor between a pixel of before and of now, 1..=16.
    pub shrink_factor: f32,
    /// Probability of a JPEG round trip.
    pub jpeg: f32,
    /// Worst JPEG quality, 1..=95; qualities are drawn from it to 95.
    pub jpeg_quality: u8,
}

impl Camera {
    /// A perfect camera; the amounts are those of a cheap one, for whoever turns an effect on.
    pub const NONE: Self = Self {
        defocus: 0.0,
        defocus_px: 1.5,
        motion: 0.0,
        motion_px: 5.0,
        vignette: 0.0,
        vignette_depth: 0.5,
        low_light: 0.0,
        low_light_stops: 5.0,
        band: 0.0,
        band_depth: 0.3,
        interlace: 0.0,
        interlace_px: 2.0,
        shrink: 0.0,
        shrink_factor: 3.0,
        jpeg: 0.0,
        jpeg_quality: 20,
    };

    pub(super) fn ranges(&self) -> [Range; 16] {
        let share = |field, value| Range::up_to(field, value, 1.0);
        [
            share("camera.defocus", self.defocus),
            Range::up_to("camera.defocus_px", self.defocus_px, 16.0),
            share("camera.motion", self.motion),
            Range::up_to("camera.motion_px", self.motion_px, 32.0),
            share("camera.vignette", self.vignette),
            share("camera.vignette_depth", self.vignette_depth),
            share("camera.low_light", self.low_light),
            Range::up_to("camera.low_light_stops", self.low_light_stops, 8.0),
            share("camera.band", self.band),
            share("camera.band_depth", self.band_depth),
            share("camera.interlace", self.interlace),
            Range::up_to("camera.interlace_px", self.interlace_px, 16.0),
            share("camera.shrink", self.shrink),
            Range::up_to("camera.shrink_factor", self.shrink_factor, 16.0).from(1.0),
            share("camera.jpeg", self.jpeg),
            Range::up_to("camera.jpeg_quality", self.jpeg_quality.into(), 95.0).from(1.0),
        ]
    }

    /// Focus, shake and vignette.
    pub(super) fn lens<const N: usize>(&self, image: &mut Canvas<'_, N>, rng: &mut Pcg64) {
        if chance(rng, self.defocus) {
            lens::defocus(image, rng.random::<f32>() * self.defocus_px);
        }
        if chance(rng, self.motion) {
            let angle = rng.random::<f32>() * std::f32::consts::PI;
            lens::motion(image, rng.random::<f32>() * self.motion_px, angle);
        }
        if chance(rng, self.vignette) {
            // A face is a part of a picture: the lens looks at somewhere near it.
            let centre = [rng.random_range(0.1..0.9), rng.random_range(0.1..0.9)];
            lens::vignette(image, rng.random::<f32>() * self.vignette_depth, centre);
        }
    }

    /// Missing light and flicker.
    pub(super) fn sensor<const N: usize>(&self, image: &mut Canvas<'_, N>, rng: &mut Pcg64) {
        if chance(rng, self.band) {
            let band = sensor::Band {
                depth: rng.random::<f32>() * self.band_depth,
                period: rng.random_range(0.25..1.5) * image.height as f32,
                phase: rng.random(),
            };
            band.apply(image);
        }
        if chance(rng, self.low_light) {
            sensor::low_light(image, rng.random::<f32>() * self.low_light_stops, rng);
        }
    }

    /// Fields, resolution and coding.
    pub(super) fn delivery<const N: usize>(&self, image: &mut Canvas<'_, N>, rng: &mut Pcg64) {
        if chance(rng, self.interlace) {
            video::interlace(image, (2.0 * rng.random::<f32>() - 1.0) * self.interlace_px);
        }
        if chance(rng, self.shrink) {
            resample::lose(image, 1.0 + rng.random::<f32>() * (self.shrink_factor - 1.0));
        }
        if chance(rng, self.jpeg) {
            jpeg::round_trip(image, rng.random_range(self.jpeg_quality.min(95)..=95));
        }
    }
}

impl Default for Camera {
    fn default() -> Self {
        Self::NONE
    }
}
