//! Random changes to an expression crop that leave its expression as it is.
//!
//! Geometry (mirror, rotation, scale, shift: one warp), then optics (blur), exposure (contrast,
//! brightness, gamma and side light), sensor noise, and at last an erased patch. Everything is
//! a pure function of the picture and a generator, and [`rng`] makes that generator from
//! (recipe seed, epoch, sample id): a resumed or re-ordered run sees the same pictures.

use mien_shared::frame::Grey;
use rand::RngExt as _;
use rand_pcg::Pcg64;
use serde::{Deserialize, Serialize};

mod camera;
mod warp;

/// The generator of one sample in one epoch.
pub fn rng(seed: u64, epoch: u32, id: u64) -> Pcg64 {
    let [low, high] = [mix(seed), mix(seed ^ mix(id))];
    let stream = mix(id ^ mix(u64::from(epoch)));
    Pcg64::new(u128::from(high) << 64 | u128::from(low ^ stream), u128::from(stream))
}

/// How much a crop is changed; every amount is the largest change either way, drawn uniformly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Augment {
    /// Probability of a mirrored picture, 0..=1.
    pub flip: f32,
    /// Rotation about the centre in degrees, 0..=180.
    pub rotate_deg: f32,
    /// Relative change of size, 0..=0.9.
    pub scale: f32,
    /// Shift along each axis in pixels.
    pub shift_px: f32,
    /// Change of brightness in units of full scale, 0..=1.
    pub brightness: f32,
    /// Relative change of contrast about mid-grey, 0..=1.
    pub contrast: f32,
    /// Change of the logarithm (base 2) of gamma, 0..=3.
    pub gamma: f32,
    /// Relative change of brightness from one border to the opposite one, 0..=1.
    pub side_light: f32,
    /// Probability of a blurred picture, 0..=1.
    pub blur: f32,
    /// Probability of a noisy picture, 0..=1.
    pub noise: f32,
    /// Standard deviation of the strongest noise in grey levels, 0..=64.
    pub noise_level: f32,
    /// Probability of an erased patch, 0..=1.
    pub erase: f32,
    /// Longest side of an erased patch relative to the picture, 0..=1.
    pub erase_side: f32,
}

impl Augment {
    /// No change at all.
    pub const NONE: Self = Self {
        flip: 0.0,
        rotate_deg: 0.0,
        scale: 0.0,
        shift_px: 0.0,
        brightness: 0.0,
        contrast: 0.0,
        gamma: 0.0,
        side_light: 0.0,
        blur: 0.0,
        noise: 0.0,
        noise_level: 0.0,
        erase: 0.0,
        erase_side: 0.0,
    };

    /// Writes a changed copy of `image` to `out`, which takes its size.
    pub fn apply(&self, image: &Grey, rng: &mut Pcg64, out: &mut Grey) {
        out.resize(image.width, image.height);
        if out.data.is_empty() {
            return;
        }
        self.warp(rng).apply(image, out);
        if chance(rng, self.blur) {
            camera::blur(out);
        }
        let exposure = camera::Exposure {
            brightness: either_way(rng, self.brightness),
            contrast: 1.0 + either_way(rng, self.contrast),
            gamma: either_way(rng, self.gamma).exp2(),
            light: [either_way(rng, self.side_light), either_way(rng, self.side_light)],
        };
        exposure.apply(out);
        if chance(rng, self.noise) {
            camera::noise(out, rng.random::<f32>() * self.noise_level, rng);
        }
        if chance(rng, self.erase) {
            camera::erase(out, self.erase_side, rng);
        }
    }

    /// Checks that every amount is within its range.
    ///
    /// # Errors
    /// Names the first field that is not.
    pub fn check(&self) -> Result<(), AugmentError> {
        let ranges = [
            ("flip", self.flip, 1.0),
            ("rotate_deg", self.rotate_deg, 180.0),
            ("scale", self.scale, 0.9),
            ("shift_px", self.shift_px, 1024.0),
            ("brightness", self.brightness, 1.0),
            ("contrast", self.contrast, 1.0),
            ("gamma", self.gamma, 3.0),
            ("side_light", self.side_light, 1.0),
            ("blur", self.blur, 1.0),
            ("noise", self.noise, 1.0),
            ("noise_level", self.noise_level, 64.0),
            ("erase", self.erase, 1.0),
            ("erase_side", self.erase_side, 1.0),
        ];
        match ranges.into_iter().find(|&(_, value, most)| !(0.0..=most).contains(&value)) {
            Some((field, value, most)) => Err(AugmentError { field, value, most }),
            None => Ok(()),
        }
    }

    fn warp(&self, rng: &mut Pcg64) -> warp::Warp {
        warp::Warp {
            mirror: chance(rng, self.flip),
            angle: either_way(rng, self.rotate_deg).to_radians(),
            scale: 1.0 + either_way(rng, self.scale),
            shift: [either_way(rng, self.shift_px), either_way(rng, self.shift_px)],
        }
    }
}

impl Default for Augment {
    fn default() -> Self {
        Self {
            flip: 0.5,
            rotate_deg: 12.0,
            scale: 0.12,
            shift_px: 4.0,
            brightness: 0.12,
            contrast: 0.25,
            gamma: 0.4,
            side_light: 0.25,
            blur: 0.15,
            noise: 0.3,
            noise_level: 8.0,
            erase: 0.25,
            erase_side: 0.4,
        }
    }
}

/// An amount out of its range.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("augment.{field} is {value}: use a number from 0 to {most}")]
pub struct AugmentError {
    /// The field.
    pub field: &'static str,
    /// What it holds.
    pub value: f32,
    /// The most it may hold.
    pub most: f32,
}

/// A draw from -`most`..`most`.
fn either_way(rng: &mut Pcg64, most: f32) -> f32 {
    (2.0 * rng.random::<f32>() - 1.0) * most
}

/// Whether something of that probability happens.
fn chance(rng: &mut Pcg64, probability: f32) -> bool {
    rng.random::<f32>() < probability
}

/// `SplitMix64`'s finaliser: neighbouring seeds and ids give unrelated generators.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_epoch_and_id_give_the_same_picture() {
        let (mut once, mut again) = (Grey::default(), Grey::default());
        let all = Augment { flip: 0.5, blur: 0.5, noise: 0.5, erase: 0.5, ..Augment::default() };
        for id in 0..50 {
            all.apply(&ramp(), &mut rng(1, 2, id), &mut once);
            all.apply(&ramp(), &mut rng(1, 2, id), &mut again);
            assert_eq!(once, again);
        }
    }

    #[test]
    fn seed_epoch_and_id_each_change_the_draw() {
        let draw = |seed, epoch, id| rng(seed, epoch, id).random::<u64>();
        let mut draws = Vec::new();
        for seed in 0..8 {
            for epoch in 0..8 {
                draws.extend((0..8).map(|id| draw(seed, epoch, id)));
            }
        }
        draws.sort_unstable();
        draws.dedup();
        assert_eq!(draws.len(), 512);
    }

    #[test]
    fn no_augmentation_leaves_the_picture_alone() {
        let mut out = Grey::default();
        Augment::NONE.apply(&ramp(), &mut rng(1, 2, 3), &mut out);
        assert_eq!(out, ramp());
    }

    #[test]
    fn a_certain_flip_mirrors_the_picture() {
        let mut out = Grey::default();
        Augment { flip: 1.0, ..Augment::NONE }.apply(&ramp(), &mut rng(1, 2, 3), &mut out);
        for (row, mirrored) in ramp().data.chunks(48).zip(out.data.chunks(48)) {
            assert!(row.iter().rev().eq(mirrored));
        }
    }

    #[test]
    fn an_empty_picture_stays_empty() {
        let mut out = ramp();
        Augment::default().apply(&Grey::default(), &mut rng(1, 2, 3), &mut out);
        assert_eq!(out, Grey::default());
    }

    #[test]
    fn pictures_of_any_shape_are_taken() {
        let all =
            Augment { blur: 1.0, noise: 1.0, erase: 1.0, erase_side: 1.0, ..Augment::default() };
        let mut out = Grey::default();
        for (width, height) in [(1, 1), (1, 9), (9, 1), (2, 3)] {
            for id in 0..20 {
                all.apply(&Grey::new(width, height), &mut rng(0, 0, id), &mut out);
            }
            assert_eq!((out.width, out.height), (width, height));
        }
    }

    #[test]
    fn amounts_out_of_range_and_unknown_fields_are_refused() {
        assert_eq!(Augment::default().check(), Ok(()));
        assert_eq!(Augment::NONE.check(), Ok(()));
        let error = Augment { scale: 1.0, ..Augment::NONE }.check().unwrap_err();
        assert_eq!(error.to_string(), "augment.scale is 1: use a number from 0 to 0.9");
        assert!(Augment { flip: f32::NAN, ..Augment::NONE }.check().is_err());
        let read: Augment = toml::from_str("flip = 0.0\nrotate_deg = 3.0").unwrap();
        assert_eq!(read, Augment { flip: 0.0, rotate_deg: 3.0, ..Augment::default() });
        assert!(toml::from_str::<Augment>("flop = 0.5").is_err());
    }

    #[test]
    fn pictures_of_earlier_recipes_keep_their_bytes() {
        let recipe = Augment { shift_px: 3.0, noise: 0.2, erase_side: 0.35, ..Augment::default() };
        let certain = Augment { blur: 1.0, noise: 1.0, erase: 1.0, ..Augment::default() };
        let check = |augment: &Augment, picture: &Grey| {
            let mut hasher = crc32fast::Hasher::new();
            let mut out = Grey::default();
            for id in 0..24 {
                augment.apply(picture, &mut rng(1, 2, id), &mut out);
                hasher.update(&out.data);
            }
            hasher.finalize()
        };
        let found = [
            check(&recipe, &weave(48, 48)),
            check(&certain, &weave(48, 48)),
            check(&certain, &weave(33, 20)),
        ];
        assert_eq!(found, [0x5be2_285a, 0xcaeb_61c6, 0xcb50_c0e7], "{found:#x?}");
    }

    /// A picture with detail everywhere.
    fn weave(width: u32, height: u32) -> Grey {
        let value = |at: u32| (at % width * 37 + at / width * 91 + at * at / 7) % 251;
        let data = (0..width * height).map(|at| u8::try_from(value(at)).unwrap()).collect();
        Grey { width, height, data }
    }

    fn ramp() -> Grey {
        let data = (0..48).flat_map(|y| (0..48).map(move |x| 4 * x + y)).collect();
        Grey { width: 48, height: 48, data }
    }
}
