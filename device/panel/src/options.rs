//! Options that several panels share.

use std::str::FromStr;

use mien_core::spec::Spec;

use crate::PanelError;

/// A quarter turn of the picture, clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Turn {
    #[default]
    None,
    Right,
    Over,
    Left,
}

impl Turn {
    /// Option `rotation` of `spec`: 0, 90, 180 or 270 degrees.
    pub(crate) fn parse(spec: &Spec) -> Result<Self, PanelError> {
        match spec.option::<u32>("rotation")? {
            None | Some(0) => Ok(Self::None),
            Some(90) => Ok(Self::Right),
            Some(180) => Ok(Self::Over),
            Some(270) => Ok(Self::Left),
            Some(_) => Err(bad(spec, "rotation", "0, 90, 180 or 270")),
        }
    }

    /// The size of a turned picture on a panel of `size`, and the other way round.
    pub(crate) fn size(self, (width, height): (u32, u32)) -> (u32, u32) {
        match self {
            Self::None | Self::Over => (width, height),
            Self::Right | Self::Left => (height, width),
        }
    }
}

/// `WIDTHxHEIGHT`, both at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u32, pub(crate) u32);

impl FromStr for Size {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (width, height) = text.split_once('x').ok_or(())?;
        let side =
            |text: &str| text.parse().ok().filter(|side| (1..=4096).contains(side)).ok_or(());
        Ok(Self(side(width)?, side(height)?))
    }
}

/// The refusal of an option's value.
pub(crate) fn bad(spec: &Spec, key: &'static str, expected: &'static str) -> PanelError {
    PanelError::BadValue { spec: spec.text().to_owned(), key, expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_two_numbers_within_reason() {
        assert_eq!("240x320".parse(), Ok(Size(240, 320)));
        for text in ["", "240", "0x1", "1x5000", "-1x5", "2x3x4"] {
            assert_eq!(text.parse::<Size>(), Err(()), "{text}");
        }
    }

    #[test]
    fn a_turn_is_a_multiple_of_a_right_angle() {
        let turn = |text: &str| Turn::parse(&Spec::parse(text).unwrap());
        assert_eq!(turn("fb:///dev/fb0?rotation=90").unwrap(), Turn::Right);
        let error = turn("fb:///dev/fb0?rotation=45").unwrap_err().to_string();
        assert!(error.contains("rotation must be 0, 90, 180 or 270"), "{error}");
    }
}
