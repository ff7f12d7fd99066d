//! What a face is read as: the eight expressions in Mien's one canonical order, and how each data
//! set's own labels map onto them.

mod map;
mod tables;

use serde::{Deserialize, Serialize};

pub use self::map::{Entry, LabelMap, UnknownLabel};

/// A facial expression; the discriminant is the canonical index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Expression {
    /// No marked expression.
    Neutral,
    /// Lowered brows, tightened lips or lids.
    Anger,
    /// One lip corner tightened.
    Contempt,
    /// Wrinkled nose, raised upper lip.
    Disgust,
    /// Raised and drawn-together brows, wide eyes, stretched lips.
    Fear,
    /// Raised lip corners and cheeks.
    Happiness,
    /// Raised inner brows, lowered lip corners.
    Sadness,
    /// Raised brows, wide eyes, dropped jaw.
    Surprise,
}

impl Expression {
    /// Every expression in canonical order.
    pub const ALL: [Self; 8] = [
        Self::Neutral,
        Self::Anger,
        Self::Contempt,
        Self::Disgust,
        Self::Fear,
        Self::Happiness,
        Self::Sadness,
        Self::Surprise,
    ];

    /// Position in canonical order.
    pub fn index(self) -> usize {
        self as usize
    }

    /// The expression at a canonical position.
    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    /// Canonical lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Anger => "anger",
            Self::Contempt => "contempt",
            Self::Disgust => "disgust",
            Self::Fear => "fear",
            Self::Happiness => "happiness",
            Self::Sadness => "sadness",
            Self::Surprise => "surprise",
        }
    }

    /// The expression of that canonical name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|e| e.name() == name)
    }
}

impl std::fmt::Display for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}
