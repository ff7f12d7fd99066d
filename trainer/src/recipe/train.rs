//! How a network is learned: optimiser, schedule, stages, averaging, when to stop.

use std::collections::BTreeMap;

use burn::optim::{
    AdamConfig, AdamWConfig, ModuleOptimizer, SgdConfig, decay::WeightDecayConfig,
    momentum::MomentumConfig,
};
use serde::{Deserialize, Serialize};

use super::schedule::Schedule;

/// How a network is learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainRecipe {
    /// Epochs of the whole run; with stages, the sum of theirs.
    pub epochs: u32,
    /// Samples per step.
    pub batch: usize,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Epochs of linear warm-up at the start of each stage, may be a fraction.
    #[serde(default)]
    pub warmup: f64,
    /// Weight decay: decoupled for `adamw`, added to the gradient for the others.
    #[serde(default)]
    pub weight_decay: f64,
    /// Largest norm of all gradients together, 0 for no limit (Pascanu et al. 2013, arXiv
    /// 1211.5063).
    #[serde(default)]
    pub clip: f64,
    /// Decay of the moving average of the weights, which is then what is judged and kept; 0 for
    /// none.
    #[serde(default)]
    pub average: f64,
    /// Stop after this many epochs without a better validation score.
    pub patience: u32,
    /// The optimiser.
    #[serde(default)]
    pub optimizer: Optimizer,
    /// How the learning rate falls.
    #[serde(default)]
    pub schedule: Schedule,
    /// Stages one after the other, each with a fresh optimiser; none for a single one.
    #[serde(default, rename = "stage", skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<Stage>,
}

/// The rule by which gradients move weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Optimizer {
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101).
    AdamW {
        /// Decay of the mean of gradients.
        #[serde(default = "beta_1")]
        beta_1: f32,
        /// Decay of the mean of their squares.
        #[serde(default = "beta_2")]
        beta_2: f32,
        /// Added to the root of that mean.
        #[serde(default = "epsilon")]
        epsilon: f32,
    },
    /// Adam (Kingma and Ba 2015, arXiv 1412.6980).
    Adam {
        /// Decay of the mean of gradients.
        #[serde(default = "beta_1")]
        beta_1: f32,
        /// Decay of the mean of their squares.
        #[serde(default = "beta_2")]
        beta_2: f32,
        /// Added to the root of that mean.
        #[serde(default = "epsilon")]
        epsilon: f32,
    },
    /// Stochastic gradient descent.
    Sgd {
        /// Weight of the earlier steps, 0 for none.
        #[serde(default)]
        momentum: f64,
        /// Whether the momentum looks ahead (Sutskever et al. 2013).
        #[serde(default)]
        nesterov: bool,
    },
}

fn beta_1() -> f32 {
    0.9
}

fn beta_2() -> f32 {
    0.999
}

fn epsilon() -> f32 {
    1e-5
}

impl Default for Optimizer {
    fn default() -> Self {
        Self::AdamW { beta_1: beta_1(), beta_2: beta_2(), epsilon: epsilon() }
    }
}

/// Some epochs with their own learning rate and frozen layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Its epochs.
    pub epochs: u32,
    /// Its peak learning rate; the run's where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,
    /// Parts of the paths of parameters that do not learn, for example `stem`; their batch norms
    /// use the running statistics.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freeze: Vec<String>,
    /// Factors of the learning rate for parameters whose path has that part; the last that fits,
    /// in the order of the alphabet, counts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rates: BTreeMap<String, f64>,
}

impl TrainRecipe {
    /// The stages; one of the whole run where the recipe names none.
    pub fn stages(&self) -> Vec<Stage> {
        if !self.stages.is_empty() {
            return self.stages.clone();
        }
        let whole = Stage {
            epochs: self.epochs,
            learning_rate: None,
            freeze: Vec::new(),
            rates: BTreeMap::new(),
        };
        vec![whole]
    }

    /// The number of the stage that epoch `epoch` (from 0) is in, and the stage's first epoch.
    pub fn stage_at(&self, epoch: u32) -> (usize, u32) {
        let mut first = 0;
        for (number, stage) in self.stages.iter().enumerate() {
            if epoch < first + stage.epochs {
                return (number, first);
            }
            first += stage.epochs;
        }
        (self.stages.len().saturating_sub(1), if self.stages.is_empty() { 0 } else { first })
    }

    /// Learning rate at `step` of `steps_per_epoch` per epoch, counted from the run's start.
    pub fn rate_at(&self, step: u64, steps_per_epoch: u64) -> f64 {
        let per_epoch = steps_per_epoch.max(1);
        let (number, first) = self.stage_at(u32::try_from(step / per_epoch).unwrap_or(u32::MAX));
        let stage = self.stages.get(number);
        let peak = stage.and_then(|stage| stage.learning_rate).unwrap_or(self.learning_rate);
        let epochs = f64::from(stage.map_or(self.epochs, |stage| stage.epochs));
        let at = step as f64 / per_epoch as f64 - f64::from(first);
        if at < self.warmup {
            return peak * (at + 1.0 / per_epoch as f64) / self.warmup;
        }
        peak * self.schedule.factor(at - self.warmup, epochs - self.warmup)
    }

    /// A fresh optimiser.
    pub fn optimizer(&self) -> ModuleOptimizer {
        #[expect(clippy::cast_possible_truncation, reason = "burn holds the decay in f32")]
        let decay = self.weight_decay as f32;
        let penalty = (decay > 0.0).then(|| WeightDecayConfig::new(decay));
        match self.optimizer {
            Optimizer::AdamW { beta_1, beta_2, epsilon } => AdamWConfig::new()
                .with_beta_1(beta_1)
                .with_beta_2(beta_2)
                .with_epsilon(epsilon)
                .with_weight_decay(decay)
                .init(),
            Optimizer::Adam { beta_1, beta_2, epsilon } => AdamConfig::new()
                .with_beta_1(beta_1)
                .with_beta_2(beta_2)
                .with_epsilon(epsilon)
                .with_weight_decay(penalty)
                .init(),
            Optimizer::Sgd { momentum, nesterov } => {
                let momentum = (momentum > 0.0).then_some(MomentumConfig {
                    momentum,
                    dampening: 0.0,
                    nesterov,
                });
                SgdConfig::new().with_momentum(momentum).with_weight_decay(penalty).init()
            }
        }
    }

    /// The first field out of range and its rule.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let sum: u64 = self.stages.iter().map(|stage| u64::from(stage.epochs)).sum();
        let positive = |rate: f64| rate > 0.0 && rate <= 10.0;
        let shortest = self.stages().iter().map(|stage| stage.epochs).min().unwrap_or(0);
        let rules = [
            (!(1..=10_000).contains(&self.epochs), "train.epochs", "1 to 10000"),
            (
                !self.stages.is_empty() && sum != u64::from(self.epochs),
                "train.epochs",
                "the sum of the stages' epochs",
            ),
            (shortest == 0, "train.stage.epochs", "at least 1"),
            (!(2..=65_536).contains(&self.batch), "train.batch", "2 to 65536"),
            (!positive(self.learning_rate), "train.learning_rate", "above 0, up to 10"),
            (
                self.stages.iter().filter_map(|s| s.learning_rate).any(|rate| !positive(rate)),
                "train.stage.learning_rate",
                "above 0, up to 10",
            ),
            (
                self.stages.iter().flat_map(|s| s.rates.values()).any(|f| !(0.0..=1e3).contains(f)),
                "train.stage.rates",
                "factors from 0 to 1000",
            ),
            (
                !(0.0..=f64::from(shortest)).contains(&self.warmup),
                "train.warmup",
                "0 to the epochs of the shortest stage",
            ),
            (!(0.0..=1.0).contains(&self.weight_decay), "train.weight_decay", "0 to 1"),
            (!(0.0..=1e6).contains(&self.clip), "train.clip", "0 to 1000000"),
            (!(0.0..1.0).contains(&self.average), "train.average", "0 to below 1"),
            (self.patience == 0, "train.patience", "at least 1"),
        ];
        let first = rules.into_iter().find(|rule| rule.0).map(|(_, field, rule)| (field, rule));
        first.or_else(|| self.optimizer.fault()).or_else(|| self.schedule.fault())
    }
}

impl Optimizer {
    fn fault(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::AdamW { beta_1, beta_2, epsilon } | Self::Adam { beta_1, beta_2, epsilon } => {
                let below = |beta: f32| (0.0..1.0).contains(&beta);
                if !below(beta_1) || !below(beta_2) {
                    return Some(("train.optimizer.beta_1 and beta_2", "0 to below 1"));
                }
                (!(epsilon > 0.0 && epsilon <= 1.0))
                    .then_some(("train.optimizer.epsilon", "above 0, up to 1"))
            }
            Self::Sgd { momentum, .. } => (!(0.0..1.0).contains(&momentum))
                .then_some(("train.optimizer.momentum", "0 to below 1")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe() -> TrainRecipe {
        TrainRecipe {
            epochs: 10,
            batch: 64,
            learning_rate: 1e-3,
            warmup: 1.0,
            weight_decay: 0.01,
            clip: 0.0,
            average: 0.0,
            patience: 5,
            optimizer: Optimizer::default(),
            schedule: Schedule::default(),
            stages: Vec::new(),
        }
    }

    #[test]
    fn the_rate_warms_up_then_falls_to_zero() {
        let train = recipe();
        assert!((train.rate_at(0, 100) - 1e-5).abs() < 1e-9);
        assert!((train.rate_at(100, 100) - 1e-3).abs() < 1e-9);
        assert!((train.rate_at(550, 100) - 5e-4).abs() < 1e-9);
        assert!(train.rate_at(1000, 100) < 1e-9);
    }

    #[test]
    fn each_stage_has_its_own_schedule() {
        let stage = |epochs, rate| Stage {
            epochs,
            learning_rate: Some(rate),
            freeze: Vec::new(),
            rates: BTreeMap::new(),
        };
        let train =
            TrainRecipe { warmup: 0.0, stages: vec![stage(4, 1e-2), stage(6, 1e-4)], ..recipe() };
        assert_eq!(train.fault(), None);
        assert!((train.rate_at(0, 10) - 1e-2).abs() < 1e-9);
        assert!((train.rate_at(20, 10) - 5e-3).abs() < 1e-9);
        assert!((train.rate_at(40, 10) - 1e-4).abs() < 1e-9);
        assert!((train.rate_at(70, 10) - 5e-5).abs() < 1e-9);
        assert_eq!(
            [0, 3, 4, 9].map(|epoch| train.stage_at(epoch)),
            [(0, 0), (0, 0), (1, 4), (1, 4)]
        );
        let wrong = TrainRecipe { epochs: 9, ..train };
        assert_eq!(wrong.fault(), Some(("train.epochs", "the sum of the stages' epochs")));
    }

    #[test]
    fn optimisers_are_read_from_a_table() {
        let read = |text: &str| toml::from_str::<Optimizer>(text);
        assert_eq!(read("kind = 'adamw'").unwrap(), Optimizer::default());
        let sgd = read("kind = 'sgd'\nmomentum = 0.9\nnesterov = true").unwrap();
        assert_eq!(sgd, Optimizer::Sgd { momentum: 0.9, nesterov: true });
        assert!(read("kind = 'sgd'\nbeta_1 = 0.9").is_err());
        assert!(Optimizer::Sgd { momentum: 1.0, nesterov: false }.fault().is_some());
    }
}
