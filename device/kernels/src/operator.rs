//! One step of a program.

pub(crate) mod add;
pub(crate) mod convert;
pub(crate) mod map;
pub(crate) mod mean;
pub(crate) mod pool;

use crate::{arena::Arena, conv::Geometry, simd::Isa};

/// A step over the values of an arena.
pub(crate) trait Operator<I: Isa>: std::fmt::Debug + Send + Sync {
    /// Computes the step's value.
    fn run(&self, isa: I, arena: &mut Arena);

    /// What it is, for a report.
    fn about(&self) -> About;
}

/// What an operator is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct About {
    /// Its name, with what is fused into it.
    pub(crate) name: String,
    /// Multiply-accumulates.
    pub(crate) macs: u64,
}

impl About {
    /// An operator without products.
    pub(crate) fn plain(name: impl Into<String>) -> Self {
        Self { name: name.into(), macs: 0 }
    }

    /// A convolution.
    pub(crate) fn conv(name: &str, geometry: &Geometry, residual: bool, relu: bool) -> Self {
        let [channels, rows, columns] = geometry.output.shape;
        let products = geometry.taps.len() * geometry.run * channels * rows * columns;
        let fused = [("+add", residual), ("+relu", relu)];
        let fused: String = fused.iter().filter(|(_, is)| *is).map(|(part, _)| *part).collect();
        Self { name: format!("{name}{fused}"), macs: products as u64 }
    }
}
