//! `[models]`: which networks read, and how.

use std::path::PathBuf;

use crate::{
    field::{Effect, Field, Part, field},
    value::{Named, OneOf, Paths},
};

/// Which networks read, and how.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Models {
    /// A folder with a `catalog.toml`, or bundle files; empty is what is built in.
    pub paths: Vec<PathBuf>,
    /// Their arithmetic.
    pub precision: Precision,
}

/// The arithmetic of networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// What was measured to be faster here, else as the network was made.
    #[default]
    Auto,
    /// f32.
    F32,
    /// int8.
    Int8,
}

impl Named for Precision {
    const NAMES: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("f32", Self::F32), ("int8", Self::Int8)];
}

impl Models {
    pub(crate) fn fields(&mut self) -> Vec<Field<'_>> {
        let fields = vec![
            field(
                "paths",
                "A folder with a catalog.toml, or bundle files; [] is what is built in.",
                Paths(&mut self.paths),
            ),
            field(
                "precision",
                "The networks' arithmetic: auto, f32 or int8.",
                OneOf(&mut self.precision),
            ),
        ];
        fields.into_iter().map(|field| field.needs(Effect::Part(Part::Models))).collect()
    }
}
