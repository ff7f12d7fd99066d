//! Why a bundle is refused.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{Digest, MAX_GOLDENS};
use crate::{graph::GraphError, label::Expression, store::StoreError};

/// Why a bundle is refused.
///
/// Messages say what to do and include their cause; [`BundleError::At`] adds the file's name.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Any of the others, in a file.
    #[error("{}: {fault}", path.display())]
    At {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: Box<BundleError>,
    },
    /// The system could not read the file.
    #[error("the bundle cannot be read: {cause}; check the path and its permissions")]
    Read {
        /// What the system said.
        cause: io::Error,
    },
    /// The bundle could not be written; the message names the file.
    #[error(transparent)]
    Write(#[from] StoreError),
    /// Too short, or it starts with other bytes than a bundle does.
    #[error("this is not a model bundle; give a file that `mien-trainer export` wrote")]
    NotABundle,
    /// Another format version.
    #[error(
        "the bundle has format version {found}, this program reads version {supported}; \
         export it again or install a matching release"
    )]
    Version {
        /// The file's version.
        found: u16,
        /// The version this program reads.
        supported: u16,
    },
    /// A flag no version 2 bundle has.
    #[error("the bundle sets unknown flags {0:#06x}; install a newer release or export it again")]
    Flags(
        /// The flags.
        u16,
    ),
    /// A section longer than its limit.
    #[error(
        "the bundle's {section} has {length} bytes, at most {limit} are allowed; export it again"
    )]
    SectionLength {
        /// `manifest`, `graph`, `goldens` or `signature`.
        section: &'static str,
        /// Stated or needed length.
        length: u64,
        /// Longest allowed.
        limit: u64,
    },
    /// The file ends too early.
    #[error("the bundle holds {given} of {needed} bytes; it was cut off, copy it again")]
    Truncated {
        /// Bytes its header needs.
        needed: u64,
        /// Bytes given.
        given: u64,
    },
    /// Bytes behind the end.
    #[error("the bundle has {extra} bytes behind its end; copy it again")]
    Trailing {
        /// Bytes too many.
        extra: u64,
    },
    /// The content is not what was written.
    #[error(
        "the bundle is damaged: its digest is {computed}, its header says {stated}; copy it again"
    )]
    DigestMismatch {
        /// What its bytes give.
        computed: Digest,
        /// What its header says.
        stated: Digest,
    },
    /// The manifest is no JSON of the right form.
    #[error("the bundle's manifest cannot be read: {0}; export the bundle again")]
    Manifest(
        /// What the JSON reader said, with field, line and column.
        serde_json::Error,
    ),
    /// The graph or the goldens are not in their binary form.
    #[error("the bundle's {section} cannot be read: {cause}; export the bundle again")]
    Section {
        /// `graph` or `goldens`.
        section: &'static str,
        /// What the reader said.
        cause: postcard::Error,
    },
    /// A section decodes but is not in its one byte form.
    #[error("the bundle is not in canonical form; export it again")]
    NotCanonical,
    /// A manifest field holds a value that makes no sense.
    #[error("manifest field `{field}` is {value}; it must be {rule}")]
    Field {
        /// The field, with dots.
        field: &'static str,
        /// The value.
        value: String,
        /// What it must be.
        rule: &'static str,
    },
    /// An expression task without labels.
    #[error("manifest field `task.labels` is empty; name the expression of each logit")]
    NoLabels,
    /// A label named twice.
    #[error("manifest field `task.labels` names {0} twice; each logit needs its own")]
    DuplicateLabel(
        /// The label.
        Expression,
    ),
    /// A template that holds NaN, leaves the crop, or collapses to a point.
    #[error("manifest field `task.template` must be five separate points within 0..=1")]
    Template,
    /// The stated precision and the stored weights disagree.
    #[error("manifest field `precision` is {stated} but the graph holds {found}")]
    Precision {
        /// The manifest's precision.
        stated: &'static str,
        /// What the weights are.
        found: &'static str,
    },
    /// The graph is broken.
    #[error("the bundle's graph is broken: {0}; export the bundle again")]
    Graph(
        /// Which rule it breaks.
        GraphError,
    ),
    /// The graph reads another input than the manifest describes.
    #[error("the graph reads {graph:?} but the manifest's input is {manifest:?}")]
    InputShape {
        /// `[C, H, W]` of the graph.
        graph: [u32; 3],
        /// `[C, H, W]` of the manifest.
        manifest: [u32; 3],
    },
    /// The task's output is missing.
    #[error("the graph has no output named {name:?}, which its task needs")]
    MissingOutput {
        /// The name.
        name: &'static str,
    },
    /// The task's output has another shape than the manifest implies.
    #[error("the graph's output {name:?} has shape {found:?}, the manifest implies {wanted:?}")]
    OutputShape {
        /// The output.
        name: &'static str,
        /// Its shape.
        found: Vec<u32>,
        /// The shape the manifest implies.
        wanted: Vec<u32>,
    },
    /// More goldens than a bundle may carry.
    #[error("{0} goldens, at most {MAX_GOLDENS} are allowed; keep fewer")]
    TooManyGoldens(
        /// How many there are.
        usize,
    ),
    /// A golden that does not fit the graph.
    #[error("golden {index} has {found} {what}, the graph has {wanted}; export the bundle again")]
    Golden {
        /// Its position.
        index: usize,
        /// What is counted.
        what: String,
        /// How many it has.
        found: u64,
        /// How many the graph has.
        wanted: u64,
    },
    /// A golden output that is NaN or infinite.
    #[error("golden {index} expects a value that is not finite; export the bundle again")]
    GoldenNotFinite {
        /// Its position.
        index: usize,
    },
}

impl BundleError {
    /// Names the file, unless the message already does.
    pub(super) fn at(self, path: &Path) -> Self {
        match self {
            Self::At { .. } | Self::Write(_) => self,
            fault => Self::At { path: path.into(), fault: Box::new(fault) },
        }
    }

    /// What is wrong, without the file's name.
    pub fn fault(&self) -> &Self {
        match self {
            Self::At { fault, .. } => fault.fault(),
            fault => fault,
        }
    }
}
