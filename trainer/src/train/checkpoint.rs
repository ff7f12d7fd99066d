//! A run's state between two epochs, as one file: progress, weights, optimiser state.
//!
//! ```text
//! 0   8  magic "MIENCKP2"
//! 8   4  CRC-32 of what follows, little endian
//! 12     postcard: Progress, model, optimiser, averaged model (burnpack bytes, the last may be
//!        empty)
//! ```

use std::{
    fs,
    path::{Path, PathBuf},
};

use burn::{module::Module, optim::ModuleOptimizer, store::ModuleRecord, tensor::Bytes};
use mien_shared::store::{self, StoreError};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Validation;
use crate::recipe::Schedule;

const MAGIC: &[u8; 8] = b"MIENCKP2";

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Epochs done.
    pub epoch: u32,
    /// Optimiser steps done.
    pub step: u64,
    /// Best validation score and the epochs done when it was seen.
    pub best: Option<(f64, u32)>,
    /// Epochs since then.
    pub stale: u32,
    /// Epochs since then or since a plateau's last fall of the learning rate.
    pub waited: u32,
    /// What such falls have left of the learning rate.
    pub scale: f64,
}

impl Default for Progress {
    fn default() -> Self {
        Self { epoch: 0, step: 0, best: None, stale: 0, waited: 0, scale: 1.0 }
    }
}

impl Progress {
    /// Takes note of an epoch's judgement; true when it is the best so far.
    pub fn judge(&mut self, validation: &Validation, schedule: &Schedule) -> bool {
        let better = self.best.is_none_or(|(score, _)| validation.score > score);
        if better {
            self.best = Some((validation.score, self.epoch));
            (self.stale, self.waited) = (0, 0);
        } else {
            self.stale += 1;
            self.waited += 1;
        }
        if let Some(factor) = schedule.after_wait(self.waited) {
            self.scale *= factor;
            self.waited = 0;
        }
        better
    }
}

/// A run's state between two epochs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// How far the run has come.
    pub progress: Progress,
    model: Vec<u8>,
    optimizer: Vec<u8>,
    average: Vec<u8>,
}

impl Checkpoint {
    /// The state of a network, of its average where there is one, and of `optimizer`.
    ///
    /// # Errors
    /// When burn cannot serialise them.
    pub fn take<M: Module>(
        (net, average): (&M, Option<&M>),
        optimizer: &ModuleOptimizer,
        progress: Progress,
    ) -> Result<Self, CheckpointError> {
        let bytes =
            |net: &M| net.clone().into_record().into_bytes().map(|b| b.to_vec()).map_err(burn);
        Ok(Self {
            progress,
            model: bytes(net)?,
            optimizer: optimizer.into_bytes().map_err(burn)?.to_vec(),
            average: average.map_or(Ok(Vec::new()), bytes)?,
        })
    }

    /// `net` and `optimizer` in the state they were taken in.
    ///
    /// # Errors
    /// When the state is of another network.
    pub fn restore<M: Module>(
        &self,
        net: M,
        optimizer: ModuleOptimizer,
    ) -> Result<(M, ModuleOptimizer), CheckpointError> {
        let record = ModuleRecord::from_bytes(bytes(&self.model)).map_err(burn)?;
        let net = net.try_load_record(record).map_err(burn)?;
        let optimizer = optimizer.from_bytes(bytes(&self.optimizer)).map_err(burn)?;
        Ok((net, optimizer))
    }

    /// The weights and running statistics, for [`load_weights`].
    pub fn weights(&self) -> &[u8] {
        &self.model
    }

    /// The averaged weights, for [`load_weights`]; empty where the run has none.
    pub fn average(&self) -> &[u8] {
        &self.average
    }

    /// Writes the checkpoint; an earlier one stays whole until this one is.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), CheckpointError> {
        let body =
            postcard::to_stdvec(self).map_err(|source| CheckpointError::Encode { source })?;
        let sum = crc32fast::hash(&body).to_le_bytes();
        Ok(store::write_atomically(path, &[MAGIC, sum.as_slice(), body.as_slice()].concat())?)
    }

    /// Reads a checkpoint.
    ///
    /// # Errors
    /// When the file cannot be read or is not a checkpoint.
    pub fn read(path: &Path) -> Result<Self, CheckpointError> {
        let bytes =
            fs::read(path).map_err(|source| CheckpointError::Read { path: path.into(), source })?;
        let body = bytes
            .strip_prefix(MAGIC)
            .ok_or_else(|| CheckpointError::Foreign { path: path.into() })?;
        let damaged = || CheckpointError::Damaged { path: path.into() };
        let (sum, body) = body.split_first_chunk::<4>().ok_or_else(damaged)?;
        if crc32fast::hash(body).to_le_bytes() != *sum {
            return Err(damaged());
        }
        postcard::from_bytes(body).map_err(|_inconsistent| damaged())
    }
}

/// Why a checkpoint cannot be used.
#[derive(Debug, Error)]
pub enum CheckpointError {
    /// The file cannot be read.
    #[error("cannot read checkpoint {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is something else.
    #[error("{path} is not a Mien checkpoint; give a run folder made by `mien-trainer train`")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file is cut short or altered.
    #[error("checkpoint {path} is damaged; train again into another folder")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The state before cannot be kept.
    #[error("cannot write {path}: {source}; make room on the disk, then --resume")]
    Keep {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The state has no byte form.
    #[error("cannot encode a checkpoint: {source}")]
    Encode {
        /// The encoder's reason.
        source: postcard::Error,
    },
    /// The network has no form that a device runs.
    #[error(
        "`{arch}` is for the host alone and has no bundle: let a network that a device runs learn \
         from it (task.teachers)"
    )]
    HostOnly {
        /// The architecture.
        arch: &'static str,
    },
    /// The weights do not fit the recipe's network.
    #[error("the stored weights do not fit the recipe's network: {reason}")]
    Mismatch {
        /// burn's reason.
        reason: String,
    },
    /// The file cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A module's weights from the bytes of [`Module::into_record`].
///
/// # Errors
/// When they are of another network.
pub fn load_weights<M: Module>(net: M, weights: &[u8]) -> Result<M, CheckpointError> {
    let record = ModuleRecord::from_bytes(bytes(weights)).map_err(burn)?;
    net.try_load_record(record).map_err(burn)
}

fn bytes(slice: &[u8]) -> Bytes {
    Bytes::from_bytes_vec(slice.to_vec())
}

#[expect(clippy::needless_pass_by_value, reason = "the signature map_err wants")]
fn burn(error: burn::store::RecordError) -> CheckpointError {
    CheckpointError::Mismatch { reason: error.to_string() }
}
