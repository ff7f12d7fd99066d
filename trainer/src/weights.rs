//! Weights in and out as safetensors files, the exchange format of PyTorch's world.
//!
//! A file holds PyTorch's tensors, whoever wrote it: linear weights are `[O, I]`, a normalisation
//! has `weight` and `bias`. [`Layout`] says how its names relate to a network's. What may differ:
//!
//! * a layer called `head`, as a classifier's last one is here, may have another number of outputs
//!   and then keeps its fresh weights;
//! * a first convolution over RGB, `[O, 3, H, W]`, fits one over grey as the sum of its three
//!   planes, which answers a grey picture exactly as the three did;
//! * f16, bf16 and f64 become f32.
//!
//! Everything else is refused. Files are taken for hostile: sizes are checked before memory is
//! asked for, and a value that is not finite is an error. Pickled files (`.pt`, `.pth`) are not
//! read: they are programs.

mod file;
mod fit;
mod report;
mod start;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use burn::{
    module::Module,
    store::{
        BurnToPyTorchAdapter, ModuleSnapshot as _, PyTorchToBurnAdapter, bridge, burn_pack::Tensor,
    },
    tensor::TensorData,
};
use mien_shared::store::StoreError;
use safetensors::tensor::TensorView;
use thiserror::Error;

use self::fit::Fit;
pub use self::{
    fit::TensorFault,
    report::Report,
    start::{Start, start_from_net, start_from_safetensors},
};

/// How a file names a network's tensors.
#[derive(Debug, Clone, Copy)]
pub enum Layout {
    /// By their path in the network, as [`save`] does for Mien's own.
    Own,
    /// By what this function makes of that path.
    Renamed(fn(&str) -> String),
}

impl Layout {
    /// The file's name of the tensor at `path`.
    pub fn name(self, path: &str) -> String {
        match self {
            Self::Own => path.to_owned(),
            Self::Renamed(rename) => rename(path),
        }
    }
}

/// Gives `net` the weights in the file at `path`, as far as both have them; the report says what
/// became of every tensor.
///
/// # Errors
/// When the file is no safetensors file, holds nothing of this network, or a tensor does not fit;
/// `net` is then as it was.
pub fn load<M: Module>(net: &mut M, path: &Path, layout: Layout) -> Result<Report, WeightsError> {
    let bytes = file::read(path)?;
    take(net, file::tensors(&bytes, path)?, path, |place| Some(layout.name(place)))
}

/// Gives `net` the tensors of `stored`, which came from `path`: for each place the one of the name
/// that `name` tells, none where it tells none.
fn take<M: Module>(
    net: &mut M,
    mut stored: BTreeMap<String, TensorView<'_>>,
    path: &Path,
    name: impl Fn(&str) -> Option<String>,
) -> Result<Report, WeightsError> {
    let (mut report, mut fitted) = (Report::default(), Vec::new());
    for place in places(net) {
        let Some(name) = name(&place.name) else {
            report.kept.push(place.name);
            continue;
        };
        let Some(tensor) = stored.remove(&name) else {
            report.missing.push(place.name);
            continue;
        };
        let fit = fit::fit(&tensor, &place).map_err(|fault| WeightsError::Tensor {
            path: path.into(),
            tensor: name,
            fault,
        })?;
        match fit {
            Fit::Whole(values) => fitted.push(filled(&place, values)),
            Fit::Summed(values) => {
                report.reshaped.push(place.name.clone());
                fitted.push(filled(&place, values));
            }
            Fit::OtherHead => report.skipped.push(place.name),
        }
    }
    if fitted.is_empty() {
        return Err(WeightsError::Foreign { path: path.into() });
    }
    report.unused = stored.into_keys().filter(|name| !file::is_counter(name)).collect();
    apply(net, fitted, &mut report)?;
    Ok(report)
}

/// Writes the weights of `net` to a file at `path`, all of it or nothing.
///
/// # Errors
/// When the file cannot be written.
pub fn save<M: Module>(net: &M, path: &Path, layout: Layout) -> Result<(), WeightsError> {
    file::write(path, &named(net, layout)?)
}

/// The tensors of `net` under their names.
fn named<M: Module>(net: &M, layout: Layout) -> Result<Vec<(String, TensorData)>, WeightsError> {
    let named = |tensor: Tensor| {
        let name = layout.name(&tensor.name);
        bridge::into_data(tensor).map(|data| (name, data)).map_err(|e| refused(&e))
    };
    places(net).into_iter().map(named).collect()
}

/// The tensors of `net` in PyTorch's orientation, in the network's order.
fn places<M: Module>(net: &M) -> Vec<Tensor> {
    net.collect(None, Some(Box::new(BurnToPyTorchAdapter)), true)
}

fn filled(place: &Tensor, values: Vec<f32>) -> Tensor {
    bridge::from_data(TensorData::new(values, place.shape.clone()), place.name.clone(), None)
}

fn apply<M: Module>(
    net: &mut M,
    fitted: Vec<Tensor>,
    report: &mut Report,
) -> Result<(), WeightsError> {
    let result = net.apply(fitted, None, Some(Box::new(PyTorchToBurnAdapter)), true);
    report.loaded = result.applied.len();
    result.errors.first().map_or(Ok(()), |error| Err(refused(error)))
}

fn refused(reason: &impl ToString) -> WeightsError {
    WeightsError::Refused { reason: reason.to_string() }
}

/// Why weights cannot be read or written.
#[derive(Debug, Error)]
pub enum WeightsError {
    /// The file cannot be read.
    #[error("cannot read weights {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is larger than any network here.
    #[error("weights {path}: {bytes} bytes are more than the {limit} a weights file may have")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
        /// Largest size.
        limit: u64,
    },
    /// The file is something else, or damaged.
    #[error(
        "{path} is not a whole safetensors file ({reason}); write one with \
         safetensors.torch.save_file(model.state_dict(), …)"
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A tensor cannot be what the network has there.
    #[error("weights {path}: tensor '{tensor}' {fault}")]
    Tensor {
        /// The file.
        path: PathBuf,
        /// The tensor's name in the file.
        tensor: String,
        /// What is wrong with it.
        fault: TensorFault,
    },
    /// No tensor of the file is one of the network's.
    #[error(
        "weights {path}: no tensor has a name of this network's; choose the architecture the file \
         was made for"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A part that is asked for is in none or only one of the two networks.
    #[error(
        "weights {path}: nothing of `{part}` can be taken: this network has {own}, that one \
         {theirs}; name parts that both have"
    )]
    NoPart {
        /// The file, or the folder of the other run.
        path: PathBuf,
        /// The part.
        part: String,
        /// What this network consists of.
        own: String,
        /// What the other consists of.
        theirs: String,
    },
    /// Something is missing that training cannot start without.
    #[error(
        "weights {path}: {missing} tensors are missing, '{tensor}' among them; choose the \
         architecture the file was made for"
    )]
    Incomplete {
        /// The file.
        path: PathBuf,
        /// The first one's name in a file.
        tensor: String,
        /// How many.
        missing: usize,
    },
    /// burn refuses a tensor that fits.
    #[error("burn refuses weights: {reason}")]
    Refused {
        /// burn's reason.
        reason: String,
    },
    /// The file cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests;
