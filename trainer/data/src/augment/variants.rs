//! Fixed changes instead of random ones: a picture's crops, turns and mirror images in order.
//!
//! A [`Scheme`] lists them. [`Scheme::DE_GAN`] is the offline augmentation of DE-GAN (Ali and
//! Hughes 2019), which makes 110 pictures of one: the middle and the four corners at 96 × 96 pixels, each upright and turned by ±3°, ±6°, ±9°, ±12° and ±15°, each of
//! those mirrored. The size of what is cropped is not given there; 108 × 108 is ours. A turned
//! crop shows the source where there is one, and beyond it the source's border. Only the middle
//! crop is used for testing. Split by subject first and vary afterwards: a picture's variants
//! belong to its subject.

use super::{
    crop::Place,
    labels::Change,
    picture::{Canvas, Picture},
    warp::Warp,
};

/// Crops, turns and mirror images, all combinations of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scheme {
    /// Side of a crop in pixels.
    pub side: u32,
    /// Where the crops lie.
    pub places: &'static [Place],
    /// Rotations in degrees, from the x axis towards the y axis.
    pub turns_deg: &'static [f32],
    /// Whether each comes mirrored too.
    pub mirror: bool,
}

impl Scheme {
    /// 110 pictures of 96 × 96 pixels.
    pub const DE_GAN: Self = Self {
        side: 96,
        places: &Place::ALL,
        turns_deg: &[0.0, -15.0, -12.0, -9.0, -6.0, -3.0, 3.0, 6.0, 9.0, 12.0, 15.0],
        mirror: true,
    };

    /// The ten crops over which predictions are averaged: middle and corners, mirrored too
    /// (Krizhevsky et al. 2012, section 4.1).
    pub const fn ten_crops(side: u32) -> Self {
        Self { side, places: &Place::ALL, turns_deg: &[0.0], mirror: true }
    }

    /// The middle alone.
    pub const fn centre(side: u32) -> Self {
        Self { side, places: &[Place::Centre], turns_deg: &[0.0], mirror: false }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.places.len() * self.turns_deg.len() * if self.mirror { 2 } else { 1 }
    }

    /// The variants of `image` with their changes, place by place, turn by turn, upright before
    /// mirrored.
    pub fn of<'a, const N: usize, P: Picture<N> + Default>(
        &'a self,
        image: &'a P,
    ) -> impl Iterator<Item = (Change, P)> + 'a {
        let mirrors: &[bool] = if self.mirror { &[false, true] } else { &[false] };
        self.places.iter().flat_map(move |&place| {
            self.turns_deg.iter().flat_map(move |turn| {
                mirrors
                    .iter()
                    .map(move |&mirror| self.variant(image, place, turn.to_radians(), mirror))
            })
        })
    }

    fn variant<const N: usize, P: Picture<N> + Default>(
        &self,
        image: &P,
        place: Place,
        angle: f32,
        mirror: bool,
    ) -> (Change, P) {
        let window = place.window(image.size(), self.side);
        let warp = Warp { mirror, angle, ..Warp::about(&window) };
        let mut out = P::default();
        out.resize(window.size);
        if let Some(mut canvas) = Canvas::of(&mut out) {
            warp.apply(image, &mut canvas);
        }
        (warp.change(), out)
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::{
        frame::{Grey, Rgb},
        geometry::Point,
    };

    use super::*;

    #[test]
    fn de_gan_makes_exactly_110_different_pictures_of_one() {
        let image = blot();
        let variants: Vec<Grey> = Scheme::DE_GAN.of(&image).map(|(_, picture)| picture).collect();
        assert_eq!(variants.len(), 110);
        assert_eq!(Scheme::DE_GAN.count(), 110);
        for (at, variant) in variants.iter().enumerate() {
            assert_eq!((variant.width, variant.height), (96, 96));
            assert!(!variants[..at].contains(variant), "{at}");
        }
    }

    #[test]
    fn the_first_variant_is_the_middle_and_the_second_its_mirror_image() {
        let image = blot();
        let mut variants = Scheme::DE_GAN.of(&image);
        let ((_, first), (change, second)) = (variants.next().unwrap(), variants.next().unwrap());
        assert_eq!(first.data[..96], image.data[6 * 108 + 6..][..96]);
        for (row, mirrored) in first.data.chunks(96).zip(second.data.chunks(96)) {
            assert!(row.iter().rev().eq(mirrored));
        }
        assert!(change.is_mirrored());
        assert_eq!(change.point(Point { x: 6.0, y: 6.0 }), Point { x: 96.0, y: 0.0 });
    }

    #[test]
    fn ten_crops_are_ten_and_the_centre_is_one() {
        let image = Rgb::new(20, 30);
        assert_eq!(Scheme::ten_crops(16).of(&image).count(), 10);
        let middle: Vec<_> = Scheme::centre(16).of(&image).collect();
        assert_eq!(middle.len(), 1);
        assert_eq!((middle[0].1.width, middle[0].1.height), (16, 16));
    }

    /// A picture with detail everywhere.
    fn blot() -> Grey {
        let value = |at: u32| (at % 108 * 37 + at / 108 * 91 + at * at / 7) % 251;
        let data = (0..108 * 108).map(|at| u8::try_from(value(at)).unwrap()).collect();
        Grey { width: 108, height: 108, data }
    }
}
