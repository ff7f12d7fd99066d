//! The model bundle: one file with all that a device needs to run a network and to trust it.
//!
//! ```text
//! offset  bytes  what
//!      0      8  magic "MIENBNDL"
//!      8      2  format version, little endian (this file: 2)
//!     10      2  flags, zero
//!     12      4  manifest length   JSON, at most 64 KiB
//!     16      4  graph length      postcard `Graph`, at most 64 MiB
//!     20      4  goldens length    postcard `Vec<Golden>`, at most 4 MiB
//!     24      4  signature length  0 (unsigned) or 64 (Ed25519 over the digest)
//!     28     32  SHA-256 over bytes 0..28 and the manifest, graph and goldens
//!     60         manifest, graph, goldens, signature, and nothing after them
//! ```
//!
//! A bundle has one byte form: a file that decodes but would be written differently is refused,
//! so a digest stands for what the bundle does. Reading trusts nothing: every length is checked
//! against its limit and the file before any memory is spent on it.

mod check;
mod digest;
mod error;
mod file;
#[cfg(test)]
mod fixture;

use std::path::Path;

use serde::{Deserialize, Serialize, Serializer};

pub use self::{digest::Digest, error::BundleError};
use crate::{
    bounded::at_most,
    geometry::FivePoints,
    graph::{Graph, MAX_OUTPUTS},
    input::InputSpec,
    label::Expression,
};

/// Most goldens a bundle may carry.
pub const MAX_GOLDENS: usize = 256;
/// Bytes of an Ed25519 signature.
pub const SIGNATURE_BYTES: usize = 64;

/// A model bundle in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Bundle {
    /// What the network is and how to feed it.
    pub manifest: Manifest,
    /// The network.
    pub graph: Graph,
    /// Inputs with the outputs the exporter saw for them.
    pub goldens: Vec<Golden>,
    /// Ed25519 signature over the digest, kept as it is; this crate does not judge it.
    pub signature: Option<[u8; SIGNATURE_BYTES]>,
}

impl Bundle {
    /// Reads a bundle from a file's content.
    ///
    /// # Errors
    /// A [`BundleError`] for the first rule of the format or of [`Bundle::validate`] it breaks.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BundleError> {
        file::decode(bytes)
    }

    /// The file's content.
    ///
    /// # Errors
    /// A [`BundleError`] when the bundle breaks a rule of [`Bundle::validate`] or a section is
    /// too long.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BundleError> {
        file::encode(self)
    }

    /// Reads the bundle at `path`.
    ///
    /// # Errors
    /// As [`Bundle::from_bytes`], with the file named; or the file cannot be read.
    pub fn read(path: &Path) -> Result<Self, BundleError> {
        file::read(path)
    }

    /// Writes the bundle to `path`, all of it or nothing.
    ///
    /// # Errors
    /// As [`Bundle::to_bytes`] and [`crate::store::write_atomically`].
    pub fn write(&self, path: &Path) -> Result<(), BundleError> {
        let bytes = self.to_bytes().map_err(|fault| fault.at(path))?;
        Ok(crate::store::write_atomically(path, &bytes)?)
    }

    /// What identifies the bundle: the digest its file states.
    ///
    /// It covers everything but the signature's bytes. Whether a signature is present is covered,
    /// so give the bundle a blank one before signing.
    ///
    /// # Errors
    /// As [`Bundle::to_bytes`].
    pub fn digest(&self) -> Result<Digest, BundleError> {
        file::digest(self)
    }

    /// Checks that the manifest, the graph and the goldens are sound and fit each other.
    ///
    /// # Errors
    /// A [`BundleError`] for the first thing that is wrong.
    pub fn validate(&self) -> Result<(), BundleError> {
        check::bundle(self)
    }
}

/// What the network is, how to feed it, where it came from and what was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `family_size.data_precision`, for example `plain_s.ferplus_int8`.
    pub name: String,
    /// What the outputs mean.
    pub task: Task,
    /// How weights are stored and arithmetic is done.
    pub precision: Precision,
    /// How the network wants its picture.
    pub input: InputSpec,
    /// How the bundle was made.
    pub provenance: Provenance,
    /// What was measured, on what.
    pub metrics: Vec<Metric>,
}

/// What a network's outputs mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Task {
    /// A face detector; output `cells` is `[1, 15, H, W]` (see the device's `face::detect`).
    Detect {
        /// Input pixels per output cell.
        stride: u32,
        /// Lowest score worth reporting, 0..=1.
        min_score: f32,
        /// Boxes overlapping a better one by more than this `IoU` are dropped.
        max_overlap: f32,
    },
    /// An expression classifier; output `logits` is `[1, labels.len()]`.
    Expression {
        /// The expression each logit stands for.
        labels: Vec<Expression>,
        /// Where the five points lie in the crop, in units of its side (0..=1).
        template: FivePoints,
        /// Logits are divided by this before the softmax.
        temperature: f32,
    },
}

/// How weights are stored and arithmetic is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// f32 weights, f32 arithmetic.
    F32,
    /// Per-channel int8 weights, widened at load; f32 arithmetic.
    WeightsInt8,
    /// Per-channel int8 weights and eight-bit values; integer arithmetic.
    Int8,
}

impl Precision {
    /// The name a bundle's name ends in.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::WeightsInt8 => "weights_int8",
            Self::Int8 => "int8",
        }
    }
}

/// How a bundle was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The recipe's file name.
    pub recipe: String,
    /// Training data in words.
    pub data: String,
    /// Seed of the run.
    pub seed: u64,
    /// Version of the trainer.
    pub trainer: String,
    /// Rights in words.
    pub rights: String,
}

/// One measured figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// What was measured, for example `accuracy`.
    pub name: String,
    /// The figure; fifteen significant digits travel.
    #[serde(serialize_with = "fifteen_digits")]
    pub value: f64,
    /// Data set and protocol.
    pub data: String,
    /// Split.
    pub split: String,
    /// Number of samples.
    pub n: u64,
}

/// An input with the outputs the exporter saw for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Golden {
    /// The picture before normalisation, `[H, W]` luma bytes.
    pub input: Vec<u8>,
    /// Each output's values, in the graph's output order.
    #[serde(deserialize_with = "at_most::<_, _, MAX_OUTPUTS>")]
    pub outputs: Vec<Vec<f32>>,
}

/// Rounds to as many digits as every JSON reader returns unchanged.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde calls")]
fn fifteen_digits<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
    let rounded = format!("{value:.14e}").parse().unwrap_or(*value);
    to.serialize_f64(rounded)
}
