//! A segment under construction: what a run of recognised nodes computes from its only input.
//!
//! Values are numbered as they are made; value 0 is the input. Beside the operations of a
//! [`Graph`](mien_shared::graph::Graph) a segment holds scales and shifts per channel and zero
//! borders, which [`emit`](super::emit) folds into convolutions or spells out as convolutions.

use mien_shared::graph::{Op, Shape};
use tract_core::internal::OutletId;

use super::view::View;

/// How far a scale may lie from one and count as one.
const UNIT: f32 = 1e-6;

/// What a run of nodes computes from one tensor.
#[derive(Debug)]
pub(super) struct Segment {
    /// The tensor it reads.
    pub(super) root: OutletId,
    /// How that tensor holds value 0.
    pub(super) view: View,
    /// Everything it computes; the first is the input.
    pub(super) values: Vec<Value>,
    /// The tract nodes it stands for.
    pub(super) nodes: Vec<usize>,
}

/// A value and how it is made.
#[derive(Debug)]
pub(super) struct Value {
    /// Unique name.
    pub(super) name: String,
    /// Its shape.
    pub(super) shape: Shape,
    /// What makes it.
    pub(super) kind: Kind,
    /// What that reads.
    pub(super) inputs: Vec<usize>,
}

/// What makes a value.
#[derive(Debug)]
pub(super) enum Kind {
    /// It comes from outside.
    Input,
    /// An operation of the graph.
    Op(Op),
    /// `scale[c] · x + shift[c]`.
    Affine(Affine),
    /// A border of zeros: top, left, bottom, right.
    Pad([u32; 4]),
}

/// A scale and a shift per channel.
#[derive(Debug, Clone)]
pub(super) struct Affine {
    /// One factor per channel.
    pub(super) scale: Vec<f32>,
    /// One summand per channel, added after the scale.
    pub(super) shift: Vec<f32>,
}

impl Affine {
    /// This after `first`.
    fn after(&self, first: &Self) -> Self {
        let scale = self.scale.iter().zip(&first.scale).map(|(a, b)| a * b).collect();
        let shifts = self.scale.iter().zip(&first.shift).zip(&self.shift);
        Self { scale, shift: shifts.map(|((scale, first), own)| scale * first + own).collect() }
    }

    fn is_identity(&self) -> bool {
        self.scale.iter().all(|s| (s - 1.0).abs() < UNIT) && self.shift.iter().all(|&s| s == 0.0)
    }
}

impl Segment {
    /// A segment that computes nothing yet.
    pub(super) fn new(root: OutletId, view: View, shape: Shape) -> Self {
        let input = Value { name: String::new(), shape, kind: Kind::Input, inputs: Vec::new() };
        Self { root, view, values: vec![input], nodes: Vec::new() }
    }

    /// Adds a value and returns its number.
    pub(super) fn push(&mut self, name: &str, kind: Kind, inputs: &[usize], shape: Shape) -> usize {
        let name = name.to_owned();
        self.values.push(Value { name, shape, kind, inputs: inputs.to_vec() });
        self.values.len() - 1
    }

    /// Adds a scale and shift after `value`; two in a row become one, and none is made for nothing.
    pub(super) fn affine(&mut self, name: &str, value: usize, affine: Affine) -> usize {
        let (value, affine) = match &self.values[value] {
            Value { kind: Kind::Affine(first), inputs, .. } => (inputs[0], affine.after(first)),
            _ => (value, affine),
        };
        if affine.is_identity() {
            return value;
        }
        let shape = self.values[value].shape;
        self.push(name, Kind::Affine(affine), &[value], shape)
    }

    /// `[C, H, W]` of a value; a vector is a map of one pixel.
    pub(super) fn dims(&self, value: usize) -> [usize; 3] {
        match self.values[value].shape {
            Shape::Map(dims) => dims.map(|d| d as usize),
            Shape::Vector([c]) => [c as usize, 1, 1],
        }
    }

    /// Whether a value is a vector.
    pub(super) fn is_vector(&self, value: usize) -> bool {
        matches!(self.values[value].shape, Shape::Vector(_))
    }
}
