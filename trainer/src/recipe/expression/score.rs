//! What makes one epoch of a run better than another.

use mien_metric::classify::Confusion;
use serde::{Deserialize, Serialize};

/// The figure by which the best epoch is chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Score {
    /// The share of pictures read right.
    #[default]
    Accuracy,
    /// The mean of the classes' F1, in which a rare expression counts as much as a common one.
    MacroF1,
}

impl Score {
    /// Its value, 0..=1.
    pub fn of(self, confusion: &Confusion) -> f64 {
        match self {
            Self::Accuracy => confusion.accuracy(),
            Self::MacroF1 => confusion.macro_f1(),
        }
    }

    /// Whether recipes leave it out.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    pub(super) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_class_counts_in_one_figure_as_much_as_a_common_one() {
        let mut confusion = Confusion::new(2);
        (0..9).for_each(|_| confusion.add(0, 0));
        confusion.add(1, 0);
        assert!((Score::Accuracy.of(&confusion) - 0.9).abs() < 1e-9);
        // F1 of 18/19 and of 0.
        assert!((Score::MacroF1.of(&confusion) - 9.0 / 19.0).abs() < 1e-9);
    }
}
