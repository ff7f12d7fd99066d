//! A study file: which systems are compared, on what, and what was claimed of them.
//!
//! ```toml
//! name = "dan"
//! question = "Do affinity and partition losses beat cross-entropy alone?"
//! source = "Wen et al. 2023, arXiv 2109.07270"
//! seeds = [1, 2, 3]
//! recipe = "../dan/ferplus.toml"           # relative to the study file
//!
//! [[variant]]
//! name = "cross-entropy"
//! set = { "task.arch.dan.affinity" = 0.0 } # dotted keys, in quotes, into the recipe
//! [[variant]]
//! name = "face net"
//! recipe = "../fn2en/face.toml"            # of its own
//! hidden = true                            # a step for others, not compared
//! one_seed = true                          # trained from the first seed only
//! [[variant]]
//! name = "fine-tuned"
//! set = { "task.start" = "{face net}" }    # that variant's run of the same seed, or its one run
//!
//! [[vote]]
//! name = "ensemble"
//! of = "fine-tuned"                        # groups of `size` seeds of one variant;
//! size = 3                                 # or `of = ["a", "b"]`: those variants, seed by seed
//! by = "probabilities"                     # or "best": the best member's figures
//!
//! [[test]]
//! name = "clean"
//! data = "ferplus"                         # that of the recipe where not given
//! split = "valid"
//! protocol = "ferplus8"
//! crop = "whole"                           # that of each network's recipe where not given
//! classes = ["anger", "happiness"]         # only pictures of these, and only these to choose from
//! [[test]]
//! name = "occluded"
//! augment = { occlude = { probability = 1.0 } }  # the same for every network
//! [[test]]
//! name = "turned"
//! only = "turned"                          # or "hidden"
//! points = "landmarks"                     # a variant whose run finds the landmarks for that
//! [[test]]
//! name = "drop"
//! of = ["clean", "occluded"]               # the first minus the second: less is better
//!
//! [[claim]]
//! metric = "accuracy"                      # balanced_accuracy, macro_f1, recall:disgust
//! test = "clean"
//! order = ["fine-tuned", "cross-entropy"]  # claimed better first
//! ```

use std::{
    fmt::Display,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use mien_data::augment::Augment;
use mien_metric::protocol::Protocol;
use mien_shared::label::Expression;
use serde::{Deserialize, Serialize};

use super::{StudyError, check, vote::By};
use crate::recipe::CropName;

/// Largest study file read.
const MOST_BYTES: u64 = 1 << 20;

/// What is compared.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StudyFile {
    pub(super) name: String,
    pub(super) question: String,
    #[serde(default)]
    pub(super) source: String,
    #[serde(default)]
    pub(super) note: String,
    pub(super) seeds: Vec<u64>,
    /// The recipe of the variants that name none, relative to the study file.
    pub(super) recipe: Option<PathBuf>,
    #[serde(rename = "variant")]
    pub(super) variants: Vec<Variant>,
    #[serde(default, rename = "vote")]
    pub(super) votes: Vec<VoteOf>,
    #[serde(rename = "test")]
    pub(super) tests: Vec<Test>,
    #[serde(default, rename = "claim")]
    pub(super) claims: Vec<Claim>,
}

/// A system, or a step towards others.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Variant {
    pub(super) name: String,
    pub(super) recipe: Option<PathBuf>,
    #[serde(default)]
    pub(super) set: toml::Table,
    #[serde(default)]
    pub(super) hidden: bool,
    #[serde(default)]
    pub(super) one_seed: bool,
}

/// Runs that vote.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VoteOf {
    pub(super) name: String,
    pub(super) of: Members,
    /// Seeds of a group, where the members are runs of one variant.
    pub(super) size: Option<usize>,
    #[serde(default)]
    pub(super) by: By,
}

/// Whose runs vote.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Members {
    /// Runs of one variant, from several seeds.
    Seeds(String),
    /// Runs of several variants, from the same seed.
    Variants(Vec<String>),
}

impl Members {
    /// The variants they are of.
    pub(super) fn variants(&self) -> &[String] {
        match self {
            Self::Seeds(variant) => std::slice::from_ref(variant),
            Self::Variants(variants) => variants,
        }
    }
}

/// What systems are tested on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Test {
    pub(super) name: String,
    /// Data set; that of the first variant that is compared where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<String>,
    #[serde(default = "valid")]
    pub(super) split: String,
    #[serde(default = "ferplus8")]
    pub(super) protocol: Protocol,
    /// How pictures are cut; as each network's recipe says where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) crop: Option<CropName>,
    /// The classes that count; none for those of the protocol.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) classes: Vec<Expression>,
    /// What is done to the pictures; what is not named is nothing.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub(super) augment: toml::Table,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) only: Option<Only>,
    /// The variant whose one run finds the landmarks that `only` goes by; those of the data where
    /// not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) points: Option<String>,
    /// Two other tests whose difference this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) of: Option<[String; 2]>,
}

fn valid() -> String {
    "valid".to_owned()
}

fn ferplus8() -> Protocol {
    Protocol::Ferplus8
}

/// Which pictures of a split are tested on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Only {
    /// Heads turned aside.
    Turned,
    /// Faces of which a part is hidden.
    Hidden,
}

impl Test {
    /// What is done to each picture.
    ///
    /// # Errors
    /// When a field is unknown or out of range.
    pub(super) fn augment(&self) -> Result<Augment, String> {
        let fault = |why: &dyn Display| format!("test '{}', augment: {why}", self.name);
        let mut all = toml::Table::try_from(Augment::NONE).map_err(|e| fault(&e))?;
        all.extend(self.augment.clone());
        let augment: Augment = all.try_into().map_err(|e| fault(&e))?;
        augment.check().map_err(|e| fault(&e))?;
        Ok(augment)
    }
}

/// An order of systems.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claim {
    pub(super) metric: String,
    pub(super) test: String,
    pub(super) order: Vec<String>,
}

impl StudyFile {
    /// Reads the study at `path` and checks that its names hold together.
    ///
    /// # Errors
    /// When the file cannot be read, is no study, or names what is not in it.
    pub(super) fn read(path: &Path) -> Result<Self, StudyError> {
        let failed = |source| StudyError::Read { path: path.into(), source };
        let mut text = String::new();
        let file = File::open(path).map_err(failed)?;
        file.take(MOST_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
        if text.len() as u64 > MOST_BYTES {
            return Err(failed(io::Error::other("too large for a study file")));
        }
        Self::parse(&text, path)
    }

    /// Parses a study's text; `path` names it in errors.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(super) fn parse(text: &str, path: &Path) -> Result<Self, StudyError> {
        let study: Self = toml::from_str(text)
            .map_err(|source| StudyError::Syntax { path: path.into(), source: source.into() })?;
        check::check(&study).map_err(|why| StudyError::File { path: path.into(), why })?;
        Ok(study)
    }

    /// The variant of that name.
    pub(super) fn variant(&self, name: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.name == name)
    }
}
