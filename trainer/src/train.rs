//! The training loop: one task, one network, epochs of seeded batches, the best one kept.
//!
//! ```text
//! loader thread: (seed, epoch, indices) -> Batch ──bounded──> step: loss, gradients, optimiser
//!                                                             epoch end: validate, checkpoint
//! ```
//!
//! A batch is a pure function of the seed, the epoch and the sample indices, and a checkpoint
//! holds weights, running statistics, optimiser state, average and progress: a run that was
//! stopped and resumed at any epoch ends in the same weights, bit for bit, as one that was not.

pub mod average;
pub mod checkpoint;
mod clip;
mod freeze;
pub mod inspect;
pub mod journal;
pub mod loss;
pub mod progress;
pub mod run;
mod trainer;

use std::path::PathBuf;

use burn::{module::Module, tensor::Device};
use mien_data::{
    DataError,
    sampler::{Sampler as _, Shuffled},
};
pub use mien_report::curve::{Epoch as EpochLog, Validation};
use mien_shared::{frame::Grey, store::StoreError};
use thiserror::Error;

use self::{checkpoint::CheckpointError, run::RunError};
pub use self::{loss::Loss, trainer::Trainer};

/// What a network learns: its data, its loss and how it is judged.
pub trait Task: Sync {
    /// The network.
    type Net: Module;
    /// Prepared samples, still on the host.
    type Batch: Send;

    /// The network with fresh weights.
    fn init(&self, device: &Device) -> Self::Net;

    /// Samples there are.
    fn samples(&self) -> usize;

    /// Indices of the samples of an epoch, in order: a pure function of its arguments.
    fn order(&self, seed: u64, epoch: u32) -> Vec<usize> {
        Shuffled { pictures: self.samples() }.epoch(seed, epoch)
    }

    /// Prepares the samples at `indices` for `epoch`: host work, run on a loader thread, a pure
    /// function of the task's seed and these arguments.
    ///
    /// # Errors
    /// When a sample cannot be read.
    fn batch(&self, epoch: u32, indices: &[usize]) -> Result<Self::Batch, DataError>;

    /// The loss of a batch.
    fn loss(&self, net: &Self::Net, batch: Self::Batch, device: &Device) -> Loss;

    /// Judges the network (in inference mode) on the validation split.
    fn validate(&self, net: &Self::Net, device: &Device) -> Validation;

    /// A sample as [`Self::batch`] prepares it, to look at when a loss is not a number.
    fn picture(&self, epoch: u32, index: usize) -> Option<Grey> {
        let _ = (epoch, index);
        None
    }
}

/// Why a run stopped.
#[derive(Debug, Error)]
pub enum TrainError {
    /// The loss is no longer a number.
    #[error(
        "the loss is not finite at step {step}: lower train.learning_rate in the recipe, or set \
         train.clip; the batch is in {batch}"
    )]
    Diverged {
        /// Steps done.
        step: u64,
        /// Folder with the samples of the step.
        batch: PathBuf,
    },
    /// A stage names parameters that the network does not have.
    #[error("train.stage names `{name}`, which is in no parameter's path; there are: {known}")]
    NoParameter {
        /// The name.
        name: String,
        /// Paths there are.
        known: String,
    },
    /// A sample cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The run folder cannot be written or read.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A checkpoint cannot be made or restored.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The batch to look at cannot be written.
    #[error(transparent)]
    Inspect(#[from] inspect::InspectError),
    /// A file cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}
