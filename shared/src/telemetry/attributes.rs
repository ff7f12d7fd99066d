//! What can be seen on a face: the forty yes-or-no attributes of `CelebA` (Liu et al. 2015,
//! arXiv 1411.7766), in its order and with its names.
//!
//! Several of them judge or classify a person (`Attractive`, `Male`, `Young`, …). A device reads
//! none of them unless a bundle with such a head is installed; whether an owner may do that is a
//! question of the law of the place.

use serde::{Deserialize, Serialize};

use super::array;

/// `CelebA`'s names of the attributes, in its order.
pub const ATTRIBUTES: [&str; 40] = [
    "5_o_Clock_Shadow",
    "Arched_Eyebrows",
    "Attractive",
    "Bags_Under_Eyes",
    "Bald",
    "Bangs",
    "Big_Lips",
    "Big_Nose",
    "Black_Hair",
    "Blond_Hair",
    "Blurry",
    "Brown_Hair",
    "Bushy_Eyebrows",
    "Chubby",
    "Double_Chin",
    "Eyeglasses",
    "Goatee",
    "Gray_Hair",
    "Heavy_Makeup",
    "High_Cheekbones",
    "Male",
    "Mouth_Slightly_Open",
    "Mustache",
    "Narrow_Eyes",
    "No_Beard",
    "Oval_Face",
    "Pale_Skin",
    "Pointy_Nose",
    "Receding_Hairline",
    "Rosy_Cheeks",
    "Sideburns",
    "Smiling",
    "Straight_Hair",
    "Wavy_Hair",
    "Wearing_Earrings",
    "Wearing_Hat",
    "Wearing_Lipstick",
    "Wearing_Necklace",
    "Wearing_Necktie",
    "Young",
];

/// The code of an attribute that is not read.
const ABSENT: u8 = u8::MAX;

/// The code of probability 1.
const CERTAIN: u8 = 254;

/// One of `CelebA`'s forty attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attribute(u8);

impl Attribute {
    /// Every attribute in `CelebA`'s order.
    pub const ALL: [Self; ATTRIBUTES.len()] = {
        let mut all = [Self(0); ATTRIBUTES.len()];
        let mut number: u8 = 0;
        while (number as usize) < all.len() {
            all[number as usize] = Self(number);
            number += 1;
        }
        all
    };

    /// The attribute of `CelebA`'s name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attribute| attribute.name() == name)
    }

    /// The attribute at that position of `CelebA`'s list, from 0.
    pub(super) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// Position in `CelebA`'s list, from 0.
    pub fn number(self) -> u8 {
        self.0
    }

    /// `CelebA`'s name.
    pub fn name(self) -> &'static str {
        ATTRIBUTES[usize::from(self.0)]
    }
}

/// Probabilities of [`Attribute`]s in steps of 1/254; any may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes(#[serde(with = "array")] [u8; ATTRIBUTES.len()]);

impl Attributes {
    /// No attribute is read.
    pub const NONE: Self = Self([ABSENT; ATTRIBUTES.len()]);

    /// The attributes that are read, in order, with their probabilities, 0..=1.
    pub fn iter(&self) -> impl Iterator<Item = (Attribute, f32)> {
        self.codes().map(|(attribute, code)| (attribute, f32::from(code) / f32::from(CERTAIN)))
    }

    /// Takes `probability` (0..=1, NaN for "not read") for `attribute`.
    pub fn set(&mut self, attribute: Attribute, probability: f32) {
        let steps = (probability.clamp(0.0, 1.0) * f32::from(CERTAIN)).round();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0..=254")]
        let code = if steps.is_nan() { ABSENT } else { steps as u8 };
        self.set_code(attribute, code);
    }

    /// The attributes that are read with their codes, probability · 254.
    pub(super) fn codes(&self) -> impl Iterator<Item = (Attribute, u8)> {
        Attribute::ALL.into_iter().zip(self.0).filter(|(_, code)| *code != ABSENT)
    }

    /// Takes a code of the wire.
    pub(super) fn set_code(&mut self, attribute: Attribute, code: u8) {
        self.0[usize::from(attribute.0)] = code;
    }
}

impl Default for Attributes {
    fn default() -> Self {
        Self::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_celebas_order() {
        let number = |name| Attribute::from_name(name).map(Attribute::number);
        assert_eq!(number("5_o_Clock_Shadow"), Some(0));
        assert_eq!(number("Eyeglasses"), Some(15));
        assert_eq!(number("Young"), Some(39));
        assert_eq!(number("glasses"), None);
        assert!(Attribute::from_number(40).is_none());
    }

    #[test]
    fn what_is_set_is_listed_in_steps_and_the_rest_is_not() {
        let mut attributes = Attributes::NONE;
        let [glasses, smiling, hat] = [15, 31, 35].map(|n| Attribute::ALL[n]);
        attributes.set(smiling, 1.0);
        attributes.set(glasses, 0.5);
        attributes.set(hat, f32::NAN);
        let listed: Vec<_> = attributes.iter().collect();
        assert_eq!(listed, [(glasses, 0.5), (smiling, 1.0)]);
    }

    #[test]
    fn a_probability_beyond_its_range_is_its_nearest_end() {
        let mut attributes = Attributes::NONE;
        attributes.set(Attribute::ALL[0], 7.0);
        attributes.set(Attribute::ALL[1], -7.0);
        assert_eq!(attributes.iter().map(|(_, p)| p).collect::<Vec<_>>(), [1.0, 0.0]);
    }
}
