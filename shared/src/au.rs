//! Facial action units: the muscle movements of the Facial Action Coding System (FACS).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A FACS action unit by its number, for example 12 for the lip corner puller.
///
/// Only the numbers of [`ActionUnit::ALL`] exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct ActionUnit(u8);

/// Number and FACS name of every unit, by number.
const NAMES: [(u8, &str); 24] = [
    (1, "inner brow raiser"),
    (2, "outer brow raiser"),
    (4, "brow lowerer"),
    (5, "upper lid raiser"),
    (6, "cheek raiser"),
    (7, "lid tightener"),
    (9, "nose wrinkler"),
    (10, "upper lip raiser"),
    (12, "lip corner puller"),
    (14, "dimpler"),
    (15, "lip corner depressor"),
    (16, "lower lip depressor"),
    (17, "chin raiser"),
    (18, "lip pucker"),
    (20, "lip stretcher"),
    (22, "lip funneler"),
    (23, "lip tightener"),
    (24, "lip pressor"),
    (25, "lips part"),
    (26, "jaw drop"),
    (27, "mouth stretch"),
    (28, "lip suck"),
    (43, "eyes closed"),
    (45, "blink"),
];

impl ActionUnit {
    /// Every unit, by number.
    pub const ALL: [Self; NAMES.len()] = {
        let mut all = [Self(0); NAMES.len()];
        let mut index = 0;
        while index < all.len() {
            all[index] = Self(NAMES[index].0);
            index += 1;
        }
        all
    };

    /// The unit of that FACS number.
    pub fn new(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.0 == number)
    }

    /// FACS number.
    pub fn number(self) -> u8 {
        self.0
    }

    /// FACS name in lower case.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(number, _)| *number == self.0).map_or("", |(_, name)| name)
    }
}

impl fmt::Display for ActionUnit {
    /// `AU01`, `AU12`: the column names of the field's tables.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("AU{:02}", self.0))
    }
}

impl TryFrom<u8> for ActionUnit {
    type Error = UnknownActionUnit;

    fn try_from(number: u8) -> Result<Self, UnknownActionUnit> {
        Self::new(number).ok_or(UnknownActionUnit(number))
    }
}

impl From<ActionUnit> for u8 {
    fn from(unit: ActionUnit) -> Self {
        unit.0
    }
}

/// A number that is no action unit of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not the number of a known action unit, such as 1, 4 or 12")]
pub struct UnknownActionUnit(pub u8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_units_are_these() {
        assert_eq!(
            ActionUnit::ALL.map(ActionUnit::number),
            [
                1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 16, 17, 18, 20, 22, 23, 24, 25, 26, 27, 28,
                43, 45
            ]
        );
    }

    #[test]
    fn units_carry_their_facs_names() {
        let name = |number| ActionUnit::new(number).map(ActionUnit::name);
        assert_eq!(name(4), Some("brow lowerer"));
        assert_eq!(name(12), Some("lip corner puller"));
        assert_eq!(name(45), Some("blink"));
        assert_eq!(name(3), None);
    }

    #[test]
    fn a_unit_prints_as_a_table_column() {
        assert_eq!(ActionUnit::ALL[0].to_string(), "AU01");
        assert_eq!(ActionUnit::ALL[8].to_string(), "AU12");
    }

    #[test]
    fn a_unit_travels_as_its_number() {
        assert_eq!(serde_json::to_string(&ActionUnit::ALL[8]).unwrap(), "12");
        assert_eq!(serde_json::from_str::<ActionUnit>("12").unwrap(), ActionUnit::ALL[8]);
        let error = serde_json::from_str::<ActionUnit>("3").unwrap_err().to_string();
        assert!(error.contains("3 is not the number of a known action unit"), "{error}");
    }
}
