//! One tract node as a rule sees it, and what a rule makes of it.

use std::sync::Arc;

use mien_shared::graph::Shape;
use tract_core::internal::{Tensor, TypedModel, TypedNode};
use tract_core::ops::nn::DataFormat;

use super::segment::{Kind, Segment};
use super::view::View;

/// A node whose inputs are constants and values of one segment.
pub(super) struct Draft<'a> {
    /// The model it belongs to.
    pub(super) model: &'a TypedModel,
    /// The node.
    pub(super) node: &'a TypedNode,
    /// What it reads, in its order.
    pub(super) inputs: Vec<Input>,
    /// The segment that may take it in.
    pub(super) segment: &'a mut Segment,
}

/// What a node reads.
#[derive(Debug, Clone)]
pub(super) enum Input {
    /// A constant.
    Constant(Arc<Tensor>),
    /// A value of the segment.
    Value(Found),
}

/// A value and how a tensor holds it.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// The value's number in its segment.
    pub(super) value: usize,
    /// The tensor's axes.
    pub(super) view: View,
}

impl Draft<'_> {
    /// The only value read, when there is one and no constant.
    pub(super) fn only(&self) -> Option<Found> {
        match self.inputs.as_slice() {
            [Input::Value(found)] => Some(found.clone()),
            _ => None,
        }
    }

    /// A value and a constant, and whether the constant comes first.
    pub(super) fn with_constant(&self) -> Option<(Found, Arc<Tensor>, bool)> {
        match self.inputs.as_slice() {
            [Input::Value(found), Input::Constant(c)] => {
                Some((found.clone(), Arc::clone(c), false))
            }
            [Input::Constant(c), Input::Value(found)] => Some((found.clone(), Arc::clone(c), true)),
            _ => None,
        }
    }

    /// Every input, when all are values.
    pub(super) fn values(&self) -> Option<Vec<Found>> {
        let value = |input: &Input| match input {
            Input::Value(found) => Some(found.clone()),
            Input::Constant(_) => None,
        };
        self.inputs.iter().map(value).collect()
    }

    /// The extents of the node's output.
    pub(super) fn output_shape(&self) -> Option<Vec<usize>> {
        Some(self.node.outputs.first()?.fact.shape.as_concrete()?.to_vec())
    }

    /// The extents of an input.
    pub(super) fn input_shape(&self, input: usize) -> Option<Vec<usize>> {
        let fact = self.model.outlet_fact(*self.node.inputs.get(input)?).ok()?;
        Some(fact.shape.as_concrete()?.to_vec())
    }

    /// `[C, H, W]` of a value, when its tensor has the layout `format`.
    pub(super) fn map(&self, found: &Found, format: DataFormat) -> Option<[usize; 3]> {
        let dims = self.segment.dims(found.value);
        (found.view == layout(format, dims)?).then_some(dims)
    }

    /// Adds a value named after the node.
    pub(super) fn push(&mut self, kind: Kind, inputs: &[usize], shape: Shape) -> usize {
        self.segment.push(&self.node.name, kind, inputs, shape)
    }
}

/// The view of a tensor laid out as `format` says, with a batch axis.
pub(super) fn layout(format: DataFormat, dims: [usize; 3]) -> Option<View> {
    match format {
        DataFormat::NCHW => Some(View::nchw(dims)),
        DataFormat::NHWC => Some(View::nhwc(dims)),
        DataFormat::CHW | DataFormat::HWC => None,
    }
}

/// A tensor's f32 elements.
pub(super) fn floats(tensor: &Tensor) -> Option<&[f32]> {
    tensor.try_as_plain_ram().ok()?.as_slice::<f32>().ok()
}

/// A map's shape; `None` when an extent leaves u32.
pub(super) fn map_shape(dims: [usize; 3]) -> Option<Shape> {
    let [c, h, w] = dims.map(u32::try_from);
    Some(Shape::Map([c.ok()?, h.ok()?, w.ok()?]))
}
