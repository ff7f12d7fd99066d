//! What an expression recipe learns, and from what.

use mien_data::{augment::Augment, sampler::ClassWeights};
use serde::{Deserialize, Serialize};

use super::sampling::{Mixup, Sampling};

/// Expression classification of face crops.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpressionRecipe {
    /// Architecture, one of [`crate::arch::expression::NAMES`].
    pub arch: String,
    /// Data set, one of [`mien_data::ADAPTERS`] or [`mien_data::LISTS`].
    pub data: String,
    /// Share of FER2013's own label in what is learned, the votes having the rest; above 0 the
    /// run is judged by that label too.
    #[serde(default)]
    pub fer7: f32,
    /// Rendered faces learned from beside those of the data set.
    #[serde(default)]
    pub rendered: u64,
    /// Name of the run, in the same folder of runs, whose best weights are the start; or a
    /// safetensors file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// Names of runs, in the same folder of runs, whose mean opinion of each picture is learned
    /// too (Hinton et al. 2015, arXiv 1503.02531).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teachers: Vec<String>,
    /// Share of that opinion in what is learned, the labels having the rest.
    #[serde(default)]
    pub taught: f32,
    /// Whether pictures are decoded anew when their turn comes instead of kept in memory; for
    /// sets that are read from a list.
    #[serde(default)]
    pub stream: bool,
    /// Which pictures an epoch shows.
    #[serde(default)]
    pub sampling: Sampling,
    /// How much each class counts; all alike where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<ClassWeights>,
    /// Blends of the pictures of a batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mixup: Option<Mixup>,
    /// Random changes of the training pictures.
    #[serde(default)]
    pub augment: Augment,
}

impl ExpressionRecipe {
    /// An architecture on a data set, everything else as it is when a recipe does not say.
    pub fn new(arch: &str, data: &str) -> Self {
        Self {
            arch: arch.to_owned(),
            data: data.to_owned(),
            fer7: 0.0,
            rendered: 0,
            start: None,
            teachers: Vec::new(),
            taught: 0.0,
            stream: false,
            sampling: Sampling::default(),
            class_weights: None,
            mixup: None,
            augment: Augment::default(),
        }
    }

    /// The first field out of range and its rule.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let positive = |mixup: &Mixup| mixup.alpha > 0.0 && mixup.alpha <= 100.0;
        let rules = [
            (!(0.0..=1.0).contains(&self.fer7), "task.fer7", "0 to 1"),
            (!(0.0..=1.0).contains(&self.taught), "task.taught", "0 to 1"),
            (
                self.teachers.is_empty() != (self.taught == 0.0),
                "task.taught",
                "above 0 where teachers are named, and only there",
            ),
            (
                self.stream && self.taught > 0.0,
                "task.stream",
                "false where teachers are named: they judge pictures in memory",
            ),
            (
                self.stream && (self.rendered > 0 || self.fer7 > 0.0),
                "task.stream",
                "false where fer7 or rendered is set: those change pictures in memory",
            ),
            (!self.mixup.as_ref().is_none_or(positive), "task.mixup.alpha", "above 0, up to 100"),
        ];
        rules.into_iter().find(|rule| rule.0).map(|(_, field, rule)| (field, rule))
    }
}
