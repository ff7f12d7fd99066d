//! What an identity recipe learns, and from whom.

use mien_data::augment::Augment;
use serde::{Deserialize, Serialize};

use super::sampling::Sampling;
use crate::arch::trunk::TrunkName;

/// Telling people apart by a trunk, as a start for networks that read their expressions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityRecipe {
    /// The trunk.
    pub trunk: TrunkName,
    /// Data sets of [`mien_data::LISTS`] whose pictures say who is shown; copies of one are told
    /// apart by what follows an `@`, as in `synth_folder@ict`.
    pub data: Vec<String>,
    /// Side of the square pictures in pixels; that of the trunk where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<u32>,
    /// Fewest pictures a person is learned from and recognised in, together.
    #[serde(default = "least")]
    pub least: usize,
    /// Share of each person's pictures that is held out, of which there is one at least.
    #[serde(default = "held_out")]
    pub held_out: f64,
    /// How many people that makes: counted when a run begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<usize>,
    /// Name of the run, in the same folder of runs, whose best weights are the start; or a
    /// safetensors file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// The parts of the network to take from there, as the paths of their tensors begin; all where
    /// none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub start_parts: Vec<String>,
    /// Which pictures an epoch shows; its classes are the people.
    #[serde(default)]
    pub sampling: Sampling,
    /// Random changes of the training pictures.
    #[serde(default)]
    pub augment: Augment,
}

fn least() -> usize {
    4
}

fn held_out() -> f64 {
    0.2
}

impl IdentityRecipe {
    /// Side of the square pictures in pixels.
    pub fn side(&self) -> u32 {
        self.side.unwrap_or_else(|| self.trunk.side())
    }

    /// The first field out of range and its rule.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let once = |name: &String| self.data.iter().filter(|other| *other == name).count() == 1;
        let rules = [
            (self.data.is_empty(), "task.data", "one data set or more"),
            (!self.data.iter().all(once), "task.data", "a list that names each data set once"),
            (!(16..=1024).contains(&self.side()), "task.side", "16 to 1024 pixels"),
            (!(2..=1000).contains(&self.least), "task.least", "2 to 1000 pictures"),
            (!(0.0..=0.5).contains(&self.held_out), "task.held_out", "0 to 0.5"),
            (self.people.is_some_and(|people| people < 2), "task.people", "2 or more"),
            (
                !self.start_parts.is_empty() && self.start.is_none(),
                "task.start_parts",
                "absent where nothing is started from",
            ),
        ];
        rules.into_iter().find(|rule| rule.0).map(|(_, field, rule)| (field, rule))
    }
}
