//! The held-out data a quantised network is judged on, and the gate.

use std::path::Path;

use mien_data as data;
use mien_metric::protocol::Protocol;
use mien_shared::bundle::{Bundle, Task};

use super::super::CommandError;
use crate::{
    judge::{detect, expression},
    recipe::{Recipe, TaskRecipe},
    task::{detect::Judge, expression::protocol},
};

/// False boxes per 100 face-free pictures that the detector's lowest score aims at.
const FALSE_PER_100: f64 = 0.5;

/// Composed scenes of the validation part, half of which are face-free and set that score.
const CALIBRATION_SCENES: usize = 4000;

/// The held-out data a recipe's bundle is judged on.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) name: String,
    pub(super) split: &'static str,
    /// What is right there; a detector has no use for it.
    pub(super) protocol: Protocol,
}

impl Held {
    /// # Errors
    /// When networks of the recipe have no bundle.
    pub(super) fn of(recipe: &Recipe) -> Result<Self, CommandError> {
        Ok(match &recipe.task {
            TaskRecipe::Expression(recipe) => {
                Self { name: recipe.data.clone(), split: "valid", protocol: protocol(recipe) }
            }
            TaskRecipe::Identity(_) | TaskRecipe::Landmarks(_) => {
                return Err(CommandError::HostOnly { name: recipe.name.clone() });
            }
            TaskRecipe::Detect { .. } => {
                Self { name: "lfw".to_owned(), split: "test", protocol: Protocol::Ferplus8 }
            }
        })
    }

    /// Sets what a bundle needs beside weights: a classifier's temperature, from every second
    /// validation picture; a detector's lowest score, from face-free validation scenes.
    pub(super) fn fit(&self, bundle: &mut Bundle, root: &Path) -> Result<(), CommandError> {
        match &bundle.manifest.task {
            Task::Expression { .. } => {
                let mut samples = data::open(&self.name, root, self.split)?.samples;
                samples.retain(|sample| sample.id % 2 == 0 && !sample.leaks);
                let fitted = expression::temperature(bundle, &samples, self.protocol)?;
                if let Task::Expression { temperature, .. } = &mut bundle.manifest.task {
                    *temperature = fitted;
                }
            }
            Task::Detect { .. } => {
                let judge = Judge::open(root, data::split::Part::Valid, CALIBRATION_SCENES)?;
                let empty = detect::judged(bundle, &judge.empty)?;
                let lowest = empty.at_false_per_100(FALSE_PER_100).min_score;
                if let Task::Detect { min_score, .. } = &mut bundle.manifest.task {
                    *min_score = lowest;
                }
            }
        }
        Ok(())
    }
}

/// Refuses to lose more than `allowed` points between the two scores, 0..=1.
///
/// # Errors
/// [`CommandError::Gate`] when it does.
pub(super) fn gate([before, after]: [f64; 2], allowed: f64) -> Result<(), CommandError> {
    let [before, after] = [before, after].map(|score| 100.0 * score);
    let lost = before - after;
    if lost > allowed {
        return Err(CommandError::Gate { lost, before, after, allowed });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_refuses_a_larger_drop_and_says_what_was_lost() {
        let error = gate([0.8641, 0.8581], 0.5).unwrap_err();
        assert_eq!(
            error.to_string(),
            "eight bits lose 0.60 points (86.41 -> 85.81), more than --max-drop 0.5: nothing \
             written; add --tune-epochs, keep layers in float with --keep-float, or allow more"
        );
    }

    #[test]
    fn a_gain_or_an_allowed_drop_passes() {
        assert!(gate([0.8641, 0.8700], 0.0).is_ok());
        assert!(gate([0.8641, 0.8600], 0.5).is_ok());
    }
}
