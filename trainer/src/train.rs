//! The training loop: one task, one network, epochs of seeded batches, the best one kept.
//!
//! ```text
//! loader thread: (seed, epoch, index) -> Batch ──bounded──> step: loss, gradients, AdamW
//!                                                            epoch end: validate, checkpoint
//! ```
//!
//! A batch is a pure function of the seed, the epoch and the sample indices, and a checkpoint
//! holds weights, running statistics, optimiser state and progress: a run that was stopped and
//! resumed at any epoch ends in the same weights, bit for bit, as one that was not.

pub mod average;
pub mod checkpoint;
pub mod progress;
pub mod run;

use std::{sync::mpsc::sync_channel, thread};

use burn::{
    module::Module,
    optim::{AdamWConfig, GradientsParams, ModuleOptimizer},
    tensor::{Device, Tensor},
};
use rand::seq::SliceRandom as _;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use self::{
    average::Average,
    checkpoint::{Checkpoint, CheckpointError, Progress, load_weights},
    progress::Bar,
    run::{Run, RunError},
};
use mien_data::augment;

use crate::recipe::TrainRecipe;

/// Batches prepared ahead of the step.
const AHEAD: usize = 4;

/// What a network learns: its data, its loss and how it is judged.
pub trait Task: Sync {
    /// The network.
    type Net: Module;
    /// Prepared samples, still on the host.
    type Batch: Send;

    /// The network with fresh weights.
    fn init(&self, device: &Device) -> Self::Net;

    /// Samples per epoch.
    fn samples(&self) -> usize;

    /// Prepares the samples at `indices` for `epoch`: host work, run on a loader thread, a pure
    /// function of the task's seed and these arguments.
    fn batch(&self, epoch: u32, indices: &[usize]) -> Self::Batch;

    /// The loss of a batch, a scalar.
    ///
    /// # Shapes
    /// `-> [1]`
    fn loss(&self, net: &Self::Net, batch: Self::Batch, device: &Device) -> Tensor<1>;

    /// Judges the network (in inference mode) on the validation split.
    fn validate(&self, net: &Self::Net, device: &Device) -> Validation;
}

/// How good a network is on the validation split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// What the best epoch is chosen by; higher is better.
    pub score: f64,
    /// Named figures for the log.
    pub values: Vec<(String, f64)>,
}

/// One line of a run's log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochLog {
    /// Epochs done.
    pub epoch: u32,
    /// Mean training loss.
    pub loss: f64,
    /// Learning rate at the epoch's end.
    pub rate: f64,
    /// Training samples per second.
    pub samples_per_s: f64,
    /// The judgement.
    pub validation: Validation,
}

/// A run in progress.
pub struct Trainer<'a, T: Task> {
    task: &'a T,
    recipe: TrainRecipe,
    seed: u64,
    device: Device,
    net: T::Net,
    optimizer: ModuleOptimizer,
    average: Option<Average>,
    progress: Progress,
    stop_after: u32,
}

impl<'a, T: Task> Trainer<'a, T> {
    /// A run at its start; `device` is without autodiff.
    pub fn new(task: &'a T, recipe: TrainRecipe, seed: u64, device: &Device) -> Self {
        let device = device.clone().autodiff();
        device.seed(seed);
        let net = task.init(&device);
        let trainer = Self {
            task,
            recipe,
            seed,
            net,
            optimizer: optimizer(&recipe),
            average: None,
            device,
            progress: Progress::default(),
            stop_after: recipe.epochs,
        };
        trainer.averaged()
    }

    /// The run with its average, where the recipe wants one, starting from the present weights.
    fn averaged(self) -> Self {
        let decay = self.recipe.average;
        Self { average: (decay > 0.0).then(|| Average::of(&self.net.valid(), decay)), ..self }
    }

    /// Continues from `checkpoint` instead of from the start.
    ///
    /// # Errors
    /// When the checkpoint is not of this network.
    pub fn resume(mut self, checkpoint: &Checkpoint) -> Result<Self, CheckpointError> {
        (self.net, self.optimizer) = checkpoint.restore(self.net, self.optimizer)?;
        self.progress = checkpoint.progress;
        if let Some(average) = &mut self.average {
            *average = Average::of(
                &load_weights(self.net.valid(), checkpoint.average())?,
                self.recipe.average,
            );
        }
        Ok(self)
    }

    /// Starts from the weights of another run instead of fresh ones.
    ///
    /// # Errors
    /// When they are of another network.
    pub fn start_from(mut self, weights: &[u8]) -> Result<Self, CheckpointError> {
        self.net = load_weights(self.net, weights)?;
        Ok(self.averaged())
    }

    /// Stops when `epochs` are done, to be resumed later; the schedule stays the recipe's.
    #[must_use]
    pub fn stop_after(self, epochs: u32) -> Self {
        Self { stop_after: epochs, ..self }
    }

    /// Trains to the last epoch or until patience runs out, writing into `run`.
    ///
    /// # Errors
    /// When the loss is not finite or the run folder cannot be written.
    pub fn fit(mut self, run: &Run) -> Result<Progress, TrainError> {
        while !self.finished() {
            let log = self.epoch()?;
            run.log(&log)?;
            if self.progress.judge(&log.validation) {
                run.save_best(self.judged().into_record())?;
            }
            let average = self.average.is_some().then(|| self.judged());
            run.save_last(&Checkpoint::take(
                (&self.net, average.as_ref()),
                &self.optimizer,
                self.progress,
            )?)?;
        }
        Ok(self.progress)
    }

    /// The network to judge and to keep: the averaged one where there is one.
    fn judged(&self) -> T::Net {
        let net = self.net.valid();
        match &self.average {
            Some(average) => average.apply(net),
            None => net,
        }
    }

    fn finished(&self) -> bool {
        self.progress.epoch >= self.recipe.epochs.min(self.stop_after)
            || self.progress.stale >= self.recipe.patience
    }

    fn epoch(&mut self) -> Result<EpochLog, TrainError> {
        let epoch = self.progress.epoch;
        let order = order(self.task.samples(), self.seed, epoch);
        // A last batch of one sample has no variance to normalise by; it joins the next epoch.
        let batches: Vec<_> = order.chunks(self.recipe.batch).filter(|b| b.len() > 1).collect();
        let bar = Bar::new(epoch + 1, self.recipe.epochs, batches.len());
        let task = self.task;
        let loss = thread::scope(|scope| {
            let (sender, receiver) = sync_channel(AHEAD);
            let prepared = batches.iter().map(|indices| task.batch(epoch, indices));
            // A closed channel means that the step failed: nobody wants the rest.
            scope.spawn(move || prepared.map(|b| sender.send(b)).all(|sent| sent.is_ok()));
            self.steps(receiver.into_iter(), batches.len() as u64, &bar)
        })?;
        let samples_per_s = bar.rate() * self.recipe.batch as f64;
        let validation = self.task.validate(&self.judged(), &self.device.clone().inner());
        bar.finish(loss, &validation);
        self.progress.epoch += 1;
        let rate = self.recipe.rate_at(self.progress.step, batches.len() as u64);
        Ok(EpochLog { epoch: self.progress.epoch, loss, rate, samples_per_s, validation })
    }

    fn steps(
        &mut self,
        batches: impl Iterator<Item = T::Batch>,
        per_epoch: u64,
        bar: &Bar,
    ) -> Result<f64, TrainError> {
        let mut sum = 0.0;
        for batch in batches {
            // Dropout draws from the device: reseeding per step keeps a resumed run identical.
            self.device
                .seed(self.seed ^ (self.progress.step + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let loss = self.task.loss(&self.net, batch, &self.device);
            let value = f64::from(loss.clone().into_scalar::<f32>());
            if !value.is_finite() {
                return Err(TrainError::Diverged { step: self.progress.step });
            }
            let gradients = GradientsParams::from_grads(loss.backward(), &self.net);
            let rate = self.recipe.rate_at(self.progress.step, per_epoch);
            self.net = self.optimizer.step(rate, self.net.clone(), gradients);
            self.progress.step += 1;
            if let Some(average) = &mut self.average {
                average.update(&self.net.valid(), self.progress.step);
            }
            sum += value;
            bar.step(value);
        }
        Ok(sum / per_epoch.max(1) as f64)
    }
}

/// Why a run stopped.
#[derive(Debug, Error)]
pub enum TrainError {
    /// The loss is no longer a number.
    #[error("the loss is not finite at step {step}: lower train.learning_rate in the recipe")]
    Diverged {
        /// Steps done.
        step: u64,
    },
    /// The run folder cannot be written or read.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A checkpoint cannot be made or restored.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

fn optimizer(recipe: &TrainRecipe) -> ModuleOptimizer {
    #[expect(clippy::cast_possible_truncation, reason = "burn holds the decay in f32")]
    let decay = recipe.weight_decay as f32;
    AdamWConfig::new().with_weight_decay(decay).init()
}

fn order(samples: usize, seed: u64, epoch: u32) -> Vec<usize> {
    let mut order: Vec<usize> = (0..samples).collect();
    order.shuffle(&mut augment::rng(seed, epoch, u64::MAX));
    order
}
