//! How often pictures are seen, how much they weigh, and how they are blended.

use mien_data::{
    augment::mixup::Shares,
    sampler::{Balanced, Level, Sampler, Shuffled},
};
use serde::{Deserialize, Serialize};

/// Which pictures an epoch shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sampling {
    /// Each once.
    #[default]
    Shuffled,
    /// As many of every class: those of small classes several times, large ones in part.
    Balanced,
    /// As many of every class as the largest has: no picture is left out.
    Oversampled,
}

impl Sampling {
    /// The sampler for pictures of these classes.
    pub fn sampler(self, classes: &[usize]) -> Box<dyn Sampler> {
        match self {
            Self::Shuffled => Box::new(Shuffled { pictures: classes.len() }),
            Self::Balanced => Box::new(Balanced::new(classes, Level::Mean)),
            Self::Oversampled => Box::new(Balanced::new(classes, Level::Largest)),
        }
    }
}

/// Blends of the pictures of a batch (see [`mien_data::augment::mixup`]).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mixup {
    /// Both parameters of the Beta distribution that shares are drawn from, above 0.
    pub alpha: f32,
    /// Whether one share is drawn for a whole batch.
    #[serde(default)]
    pub per_batch: bool,
    /// Whether the pictures themselves are learned from beside their blends, twice as much: the
    /// loss of `MixAugment`, divided by 3.
    #[serde(default)]
    pub keep_originals: bool,
}

impl Mixup {
    /// How shares are drawn.
    pub fn shares(self) -> Shares {
        if self.per_batch { Shares::PerBatch } else { Shares::PerSample }
    }
}
