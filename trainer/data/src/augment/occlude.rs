//! Things in front of a face: a hand, sunglasses, a mask, a scarf, hair, a hat, a phone, a
//! microphone.
//!
//! Everything is drawn by rule from a generator: shapes are signed distances in the face's own
//! coordinates ([`frame`]), so that they follow its size, place, tilt and turn; borders are
//! anti-aliased, surfaces textured and shaded, contact shadows laid around them ([`paint`]). Hands
//! take the colour of the face, everything takes the picture's brightness. Nothing is behind the
//! face and nothing casts a shadow of a lamp.

use mien_shared::geometry::{FivePoints, Point};
use rand::{RngExt as _, seq::IndexedRandom as _};
use rand_pcg::Pcg64;
use serde::{Deserialize, Serialize};

use self::{
    frame::FaceFrame,
    paint::{Light, Thing, paint},
    texture::Detail,
};
use super::{check::Range, picture::Canvas};

mod frame;
mod hair;
mod hand;
mod hat;
mod mask;
mod microphone;
mod paint;
mod phone;
mod scarf;
mod shape;
mod sunglasses;
mod texture;

/// Makes one kind of thing for a face.
type Maker = fn(&Setting, &mut Pcg64) -> Box<dyn Thing>;

/// Where an aligned crop has its five points, in units of its sides: the mean place in crops of
/// FER2013, to which the shipped networks align.
const USUAL: [[f32; 2]; 5] =
    [[0.323, 0.381], [0.677, 0.381], [0.5, 0.575], [0.348, 0.767], [0.652, 0.767]];

/// What a thing has to suit.
struct Setting {
    /// Colour of the face in fair light.
    skin: [f32; 3],
    /// Sharpness of the picture.
    detail: Detail,
}

/// How often something covers the face, and what.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Occlude {
    /// Probability of one thing in front of the face, 0..=1.
    pub probability: f32,
    /// How often it is a hand, relative to the other things, 0..=100.
    pub hand: f32,
    /// The same for sunglasses.
    pub sunglasses: f32,
    /// The same for a mask over mouth and nose.
    pub mask: f32,
    /// The same for a scarf.
    pub scarf: f32,
    /// The same for strands of hair.
    pub hair: f32,
    /// The same for a hat.
    pub hat: f32,
    /// The same for a phone.
    pub phone: f32,
    /// The same for a microphone.
    pub microphone: f32,
}

impl Occlude {
    /// Nothing; turned on, each thing is equally likely.
    pub const NONE: Self = Self {
        probability: 0.0,
        hand: 1.0,
        sunglasses: 1.0,
        mask: 1.0,
        scarf: 1.0,
        hair: 1.0,
        hat: 1.0,
        phone: 1.0,
        microphone: 1.0,
    };

    fn makers(&self) -> [(Maker, f32); 8] {
        [
            (hand::make, self.hand),
            (sunglasses::make, self.sunglasses),
            (mask::make, self.mask),
            (scarf::make, self.scarf),
            (hair::make, self.hair),
            (hat::make, self.hat),
            (phone::make, self.phone),
            (microphone::make, self.microphone),
        ]
    }

    pub(super) fn ranges(&self) -> [Range; 10] {
        let weight = |field, value| Range::up_to(field, value, 100.0);
        let sum = self.makers().iter().map(|(_, weight)| weight).sum();
        let least = if self.probability > 0.0 { 0.001 } else { 0.0 };
        [
            Range::up_to("occlude.probability", self.probability, 1.0),
            weight("occlude.hand", self.hand),
            weight("occlude.sunglasses", self.sunglasses),
            weight("occlude.mask", self.mask),
            weight("occlude.scarf", self.scarf),
            weight("occlude.hair", self.hair),
            weight("occlude.hat", self.hat),
            weight("occlude.phone", self.phone),
            weight("occlude.microphone", self.microphone),
            Range::up_to("occlude: the sum of the weights", sum, 800.0).from(least),
        ]
    }

    /// Draws one thing or none over the face at `face`, in pixels; none where the points do not
    /// span a face.
    pub(super) fn apply<const N: usize>(
        &self,
        image: &mut Canvas<'_, N>,
        face: &FivePoints,
        rng: &mut Pcg64,
    ) {
        if !super::chance(rng, self.probability) {
            return;
        }
        let makers = self.makers();
        let (Some(frame), Ok((make, _))) =
            (FaceFrame::of(face), makers.choose_weighted(rng, |(_, weight)| *weight))
        else {
            return;
        };
        let light = Light::of(image, rng.random_range(0.8..1.6));
        let setting = Setting {
            skin: light.undone(frame.skin(image)),
            detail: Detail { pixel: light.border_px() / frame.unit() },
        };
        let thing = make(&setting, rng);
        paint(thing.as_ref(), &frame, light, image);
    }
}

impl Default for Occlude {
    fn default() -> Self {
        Self::NONE
    }
}

/// The five points of a face in an aligned crop of that size, in pixels.
pub fn usual_points([width, height]: [u32; 2]) -> FivePoints {
    let [width, height] = [width, height].map(|side| side as f32);
    FivePoints::from_array(USUAL.map(|[x, y]| Point { x: x * width, y: y * height }))
}

#[cfg(test)]
mod tests {
    use mien_shared::frame::{Grey, Rgb};

    use super::*;

    #[test]
    fn each_thing_covers_a_part_of_the_face_that_is_its_own() {
        // Least and most share of the crop that changes, and rows where it does most.
        let expected: [(f32, f32); 8] = [
            (0.1, 0.9),
            (0.08, 0.5),
            (0.15, 0.8),
            (0.1, 0.8),
            (0.01, 0.8),
            (0.05, 0.9),
            (0.05, 0.8),
            (0.02, 0.6),
        ];
        for (kind, (least, most)) in expected.into_iter().enumerate() {
            let mut shares = 0.0;
            for seed in 0..30 {
                shares += changed(&only(kind), seed) / 30.0;
            }
            assert!((least..most).contains(&shares), "{kind}: {shares}");
        }
    }

    #[test]
    fn sunglasses_hide_the_eyes_and_a_mask_the_mouth() {
        let dark = |kind, [x, y]: [usize; 2]| {
            let mut image = grey();
            draw(&only(kind), &mut image, 3);
            image.data[y * 96 + x] != 150
        };
        assert!(dark(1, [31, 37]) && dark(1, [65, 37]) && !dark(1, [48, 80]));
        assert!(dark(2, [48, 74]) && !dark(2, [31, 34]));
    }

    #[test]
    fn a_colour_picture_gets_coloured_things() {
        let mut image = Rgb { width: 96, height: 96, data: vec![150; 3 * 96 * 96] };
        let mut coloured = 0;
        for seed in 0..20 {
            draw(&Occlude { probability: 1.0, ..Occlude::NONE }, &mut image, seed);
            coloured += image.data.chunks(3).filter(|p| p[0].abs_diff(p[2]) > 10).count();
        }
        assert!(coloured > 1000, "{coloured}");
    }

    #[test]
    fn a_face_without_extent_stays_bare() {
        let mut image = grey();
        let point = Point { x: 40.0, y: 40.0 };
        for point in [point, Point { x: f32::NAN, ..point }] {
            let face = FivePoints::from_array([point; 5]);
            let all = Occlude { probability: 1.0, ..Occlude::NONE };
            all.apply(&mut Canvas::of(&mut image).unwrap(), &face, &mut Pcg64::new(1, 1));
            assert_eq!(image, grey());
        }
    }

    #[test]
    fn weights_that_leave_nothing_to_draw_are_refused() {
        let nothing = Occlude {
            probability: 0.5,
            hand: 0.0,
            sunglasses: 0.0,
            mask: 0.0,
            scarf: 0.0,
            hair: 0.0,
            hat: 0.0,
            phone: 0.0,
            microphone: 0.0,
        };
        let check = |occlude: Occlude| occlude.ranges().into_iter().try_for_each(Range::check);
        assert!(check(nothing).unwrap_err().to_string().contains("the sum of the weights is 0"));
        assert_eq!(check(Occlude { probability: 0.0, ..nothing }), Ok(()));
        assert_eq!(check(Occlude { hat: 0.5, ..nothing }), Ok(()));
    }

    fn only(kind: usize) -> Occlude {
        let on = |of: usize| if of == kind { 1.0 } else { 0.0 };
        Occlude {
            probability: 1.0,
            hand: on(0),
            sunglasses: on(1),
            mask: on(2),
            scarf: on(3),
            hair: on(4),
            hat: on(5),
            phone: on(6),
            microphone: on(7),
        }
    }

    fn draw<const N: usize>(
        occlude: &Occlude,
        image: &mut impl super::super::Picture<N>,
        seed: u64,
    ) {
        let face = usual_points(image.size());
        occlude.apply(&mut Canvas::of(image).unwrap(), &face, &mut Pcg64::new(seed.into(), 0));
    }

    /// Share of the pixels that a thing changes.
    fn changed(occlude: &Occlude, seed: u64) -> f32 {
        let mut image = grey();
        draw(occlude, &mut image, seed);
        image.data.iter().filter(|&&level| level != 150).count() as f32 / (96.0 * 96.0)
    }

    fn grey() -> Grey {
        Grey { width: 96, height: 96, data: vec![150; 96 * 96] }
    }
}
