//! How the learning rate falls, as a factor of its peak.

use serde::{Deserialize, Serialize};

/// A schedule; `e` is the epochs since the warm-up, a fraction within an epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Schedule {
    /// Half a cosine down to `floor` at the end (Loshchilov and Hutter 2017, arXiv 1608.03983).
    Cosine {
        /// What is left at the end, as a share of the peak.
        #[serde(default)]
        floor: f64,
    },
    /// Always the peak.
    Constant,
    /// Times `factor` every `every` epochs.
    Step {
        /// Epochs between two falls.
        every: f64,
        /// What each leaves.
        factor: f64,
    },
    /// Times `factor` at each of some epochs.
    Milestones {
        /// Those epochs.
        at: Vec<f64>,
        /// What each leaves.
        factor: f64,
    },
    /// Times `factor` with every epoch, steadily.
    Exponential {
        /// What an epoch leaves.
        factor: f64,
    },
    /// Times `factor` whenever the validation score has not risen for `patience` epochs.
    Plateau {
        /// What each fall leaves.
        factor: f64,
        /// Epochs to wait for a better score.
        patience: u32,
    },
}

impl Default for Schedule {
    fn default() -> Self {
        Self::Cosine { floor: 0.0 }
    }
}

impl Schedule {
    /// The factor after `epochs` of `total`; 1 throughout for a plateau, whose falls depend on
    /// the run ([`Self::after_wait`]).
    pub fn factor(&self, epochs: f64, total: f64) -> f64 {
        match self {
            Self::Cosine { floor } => {
                let progress = (epochs / total.max(1e-9)).min(1.0);
                floor + (1.0 - floor) * 0.5 * (1.0 + (std::f64::consts::PI * progress).cos())
            }
            Self::Constant | Self::Plateau { .. } => 1.0,
            Self::Step { every, factor } => factor.powf((epochs / every).floor()),
            Self::Milestones { at, factor } => {
                at.iter().filter(|&&at| at <= epochs).map(|_| factor).product()
            }
            Self::Exponential { factor } => factor.powf(epochs),
        }
    }

    /// The factor to apply after `waited` epochs without a better score; `None` for none.
    pub fn after_wait(&self, waited: u32) -> Option<f64> {
        match self {
            Self::Plateau { factor, patience } => (waited >= *patience).then_some(*factor),
            _ => None,
        }
    }

    /// The first field out of range and its rule.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let share = |value: f64| value > 0.0 && value <= 1.0;
        match self {
            Self::Cosine { floor } => {
                (!(0.0..=1.0).contains(floor)).then_some(("train.schedule.floor", "0 to 1"))
            }
            Self::Constant => None,
            Self::Step { every, .. } if !(*every > 0.0 && every.is_finite()) => {
                Some(("train.schedule.every", "above 0"))
            }
            Self::Plateau { patience: 0, .. } => Some(("train.schedule.patience", "at least 1")),
            Self::Milestones { at, .. } if at.iter().any(|at| !at.is_finite()) => {
                Some(("train.schedule.at", "finite epochs"))
            }
            Self::Step { factor, .. }
            | Self::Milestones { factor, .. }
            | Self::Exponential { factor }
            | Self::Plateau { factor, .. } => {
                (!share(*factor)).then_some(("train.schedule.factor", "above 0, up to 1"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, wanted: f64) {
        assert!((found - wanted).abs() < 1e-12, "{found}, wanted {wanted}");
    }

    #[test]
    fn each_schedule_falls_by_its_rule() {
        close(Schedule::default().factor(5.0, 10.0), 0.5);
        close(Schedule::Cosine { floor: 0.1 }.factor(10.0, 10.0), 0.1);
        close(Schedule::Constant.factor(7.3, 10.0), 1.0);
        let step = Schedule::Step { every: 3.0, factor: 0.1 };
        close(step.factor(2.9, 10.0), 1.0);
        close(step.factor(6.0, 10.0), 0.01);
        let milestones = Schedule::Milestones { at: vec![2.0, 4.0], factor: 0.5 };
        close(milestones.factor(1.9, 10.0), 1.0);
        close(milestones.factor(4.0, 10.0), 0.25);
        close(Schedule::Exponential { factor: 0.9 }.factor(2.0, 10.0), 0.81);
    }

    #[test]
    fn a_plateau_falls_after_its_patience() {
        let plateau = Schedule::Plateau { factor: 0.1, patience: 3 };
        assert_eq!(plateau.after_wait(2), None);
        assert_eq!(plateau.after_wait(3), Some(0.1));
        assert_eq!(Schedule::Constant.after_wait(99), None);
    }

    #[test]
    fn a_factor_that_raises_the_rate_is_refused() {
        assert!(Schedule::Exponential { factor: 1.1 }.fault().is_some());
        assert!(Schedule::Plateau { factor: 0.5, patience: 0 }.fault().is_some());
        assert_eq!(Schedule::default().fault(), None);
    }
}
