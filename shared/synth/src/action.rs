//! Facial action units (FACS): which there are, and how strongly each acts on each side.
//!
//! Intensities run from 0 (absent) to 1 (FACS "E", maximum). Every unit has a right and a left
//! value, the person's own sides, so that one-sided units such as contempt's can be told.

use mien_shared::label::Expression;
use rand::Rng;

pub mod prototype;

/// An action unit; the discriminant is its FACS number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Au {
    /// Inner brow raiser.
    InnerBrowRaiser = 1,
    /// Outer brow raiser.
    OuterBrowRaiser = 2,
    /// Brow lowerer.
    BrowLowerer = 4,
    /// Upper lid raiser.
    UpperLidRaiser = 5,
    /// Cheek raiser.
    CheekRaiser = 6,
    /// Lid tightener.
    LidTightener = 7,
    /// Nose wrinkler.
    NoseWrinkler = 9,
    /// Upper lip raiser.
    UpperLipRaiser = 10,
    /// Lip corner puller.
    LipCornerPuller = 12,
    /// Dimpler.
    Dimpler = 14,
    /// Lip corner depressor.
    LipCornerDepressor = 15,
    /// Chin raiser.
    ChinRaiser = 17,
    /// Lip stretcher.
    LipStretcher = 20,
    /// Lip tightener.
    LipTightener = 23,
    /// Lip pressor.
    LipPressor = 24,
    /// Lips part.
    LipsPart = 25,
    /// Jaw drop.
    JawDrop = 26,
    /// Eyes closed.
    EyesClosed = 43,
}

/// Number of action units the head knows.
pub const AUS: usize = 18;

impl Au {
    /// Every unit by rising number: the order of [`AuVector::to_array`].
    pub const ALL: [Self; AUS] = [
        Self::InnerBrowRaiser,
        Self::OuterBrowRaiser,
        Self::BrowLowerer,
        Self::UpperLidRaiser,
        Self::CheekRaiser,
        Self::LidTightener,
        Self::NoseWrinkler,
        Self::UpperLipRaiser,
        Self::LipCornerPuller,
        Self::Dimpler,
        Self::LipCornerDepressor,
        Self::ChinRaiser,
        Self::LipStretcher,
        Self::LipTightener,
        Self::LipPressor,
        Self::LipsPart,
        Self::JawDrop,
        Self::EyesClosed,
    ];

    /// The FACS number.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The unit of that FACS number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|au| au.number() == number)
    }

    /// Position in [`Au::ALL`].
    pub fn index(self) -> usize {
        Self::ALL.partition_point(|au| *au < self)
    }
}

/// One side of the face, as the person would say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The person's right: the picture's left.
    Right,
    /// The person's left: the picture's right.
    Left,
}

/// Intensity 0..=1 of every action unit on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AuVector {
    right: [f32; AUS],
    left: [f32; AUS],
}

impl AuVector {
    /// A natural performance of `expression`: an EMFACS-like prototype with one of its variants,
    /// per-unit scatter, slight asymmetry and faint unrelated activity, times `strength` 0..=1.
    pub fn of_expression(expression: Expression, strength: f32, rng: &mut impl Rng) -> Self {
        prototype::perform(expression, strength, rng)
    }

    /// Intensity of `au`: the stronger side.
    pub fn get(&self, au: Au) -> f32 {
        self.right[au.index()].max(self.left[au.index()])
    }

    /// Intensity of `au` on one side.
    pub fn side(&self, au: Au, side: Side) -> f32 {
        match side {
            Side::Right => self.right[au.index()],
            Side::Left => self.left[au.index()],
        }
    }

    /// Sets `au` on both sides, clamped to 0..=1.
    pub fn set(&mut self, au: Au, intensity: f32) {
        self.set_side(au, Side::Right, intensity);
        self.set_side(au, Side::Left, intensity);
    }

    /// Sets `au` on one side, clamped to 0..=1.
    pub fn set_side(&mut self, au: Au, side: Side, intensity: f32) {
        let value = intensity.clamp(0.0, 1.0);
        match side {
            Side::Right => self.right[au.index()] = value,
            Side::Left => self.left[au.index()] = value,
        }
    }

    /// The vector with `au` set on both sides.
    #[must_use]
    pub fn with(mut self, au: Au, intensity: f32) -> Self {
        self.set(au, intensity);
        self
    }

    /// Every intensity scaled by `strength`.
    #[must_use]
    pub fn scaled(mut self, strength: f32) -> Self {
        for value in self.right.iter_mut().chain(&mut self.left) {
            *value = (*value * strength).clamp(0.0, 1.0);
        }
        self
    }

    /// Intensities in the order of [`Au::ALL`], the stronger side each.
    pub fn to_array(&self) -> [f32; AUS] {
        Au::ALL.map(|au| self.get(au))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_stand_at_their_own_index() {
        for (i, au) in Au::ALL.into_iter().enumerate() {
            assert_eq!(au.index(), i);
            assert_eq!(Au::from_number(au.number()), Some(au));
        }
        assert_eq!(Au::from_number(3), None);
    }

    #[test]
    fn sides_are_kept_apart() {
        let mut aus = AuVector::default();
        aus.set_side(Au::LipCornerPuller, Side::Left, 0.7);
        assert!(aus.side(Au::LipCornerPuller, Side::Right).abs() < 1e-9);
        assert!((aus.get(Au::LipCornerPuller) - 0.7).abs() < 1e-9);
    }

    #[test]
    fn intensities_are_clamped() {
        let aus = AuVector::default().with(Au::JawDrop, 3.0);
        assert!((aus.get(Au::JawDrop) - 1.0).abs() < 1e-9);
    }
}
