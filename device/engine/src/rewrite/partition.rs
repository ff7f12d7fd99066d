//! Which nodes of a model form segments.
//!
//! Every tensor that no segment makes may be the root of one: all recognised nodes that depend on
//! nothing but that root and constants belong to it. Such a set is convex, since a way out of it
//! and back would bring a second input, and segments cannot wait for each other, since each needs
//! its root alone.

use std::collections::HashMap;
use std::sync::Arc;

use tract_core::internal::{Datum as _, OutletId, TractResult, TypedModel, TypedNode};
use tract_core::ops::source::TypedSource;

use super::draft::{Draft, Found, Input, map_shape};
use super::segment::Segment;
use super::view::{Axis, View};
use super::{activation, affine, axes, conv, join, linear, pad, pool, resize};

/// Every rule, in the order in which they are asked.
const RULES: [fn(&mut Draft<'_>) -> Option<Found>; 15] = [
    axes::axes,
    axes::identity,
    conv::conv,
    activation::relu,
    affine::affine,
    join::add,
    join::concat,
    pool::max_pool,
    pool::average_pool,
    pool::reduce,
    linear::linear,
    activation::softmax,
    activation::sigmoid,
    pad::pad,
    resize::resize,
];

/// How the model's own inputs of four axes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// `[1, C, H, W]`.
    Nchw,
    /// `[1, H, W, C]`.
    Nhwc,
}

/// The segments of a model, and which tensors they make.
#[derive(Debug, Default)]
pub(super) struct Partition {
    /// The segments in the order of their roots.
    pub(super) segments: Vec<Segment>,
    /// For each tensor a segment makes, the segment and the value.
    pub(super) seats: HashMap<OutletId, (usize, Found)>,
}

impl Partition {
    /// The segments of `model`, its inputs laid out as `layout` says.
    pub(super) fn of(model: &TypedModel, layout: Layout) -> TractResult<Self> {
        let mut partition = Self::default();
        for id in model.eval_order()? {
            let node = model.node(id);
            let Some((segment, inputs)) = partition.inputs(model, node, layout) else { continue };
            let open = &mut partition.segments[segment];
            let mut draft = Draft { model, node, inputs, segment: open };
            if let Some(found) = RULES.iter().find_map(|rule| rule(&mut draft)) {
                open.nodes.push(id);
                partition.seats.insert(OutletId::new(id, 0), (segment, found));
            }
        }
        Ok(partition)
    }

    /// What a node reads, when it has one output of f32 and reads one segment alone.
    fn inputs(
        &mut self,
        model: &TypedModel,
        node: &TypedNode,
        layout: Layout,
    ) -> Option<(usize, Vec<Input>)> {
        let [output] = node.outputs.as_slice() else { return None };
        if output.fact.datum_type != f32::datum_type() || output.fact.konst.is_some() {
            return None;
        }
        let mut segment = None;
        let mut inputs = Vec::with_capacity(node.inputs.len());
        for &outlet in &node.inputs {
            if let Some(constant) = &model.outlet_fact(outlet).ok()?.konst {
                inputs.push(Input::Constant(Arc::clone(constant)));
                continue;
            }
            let (own, found) = self.seat(model, outlet, layout)?;
            if *segment.get_or_insert(own) != own {
                return None;
            }
            inputs.push(Input::Value(found));
        }
        Some((segment?, inputs))
    }

    /// The segment and value behind a tensor; a tensor that nothing has claimed becomes a root.
    fn seat(
        &mut self,
        model: &TypedModel,
        outlet: OutletId,
        layout: Layout,
    ) -> Option<(usize, Found)> {
        if let Some(seat) = self.seats.get(&outlet) {
            return Some(seat.clone());
        }
        let fact = model.outlet_fact(outlet).ok()?;
        let source = model.node(outlet.node).op_is::<TypedSource>();
        let layout = if source { layout } else { Layout::Nchw };
        let shape = fact.shape.as_concrete()?;
        let (dims, view) = reading(shape, layout)?;
        if fact.datum_type != f32::datum_type() {
            return None;
        }
        let segment = Segment::new(outlet, view.clone(), map_shape(dims)?);
        self.segments.push(segment);
        let seat = (self.segments.len() - 1, Found { value: 0, view });
        self.seats.insert(outlet, seat.clone());
        Some(seat)
    }
}

/// How a tensor from outside is read: the value's `[C, H, W]` and the tensor's view of it.
fn reading(shape: &[usize], layout: Layout) -> Option<([usize; 3], View)> {
    let c = Some(Axis::C);
    let (dims, axes) = match (shape, layout) {
        (&[1, c, h, w], Layout::Nchw) => ([c, h, w], View::nchw([c, h, w])),
        (&[1, h, w, c], Layout::Nhwc) => ([c, h, w], View::nhwc([c, h, w])),
        (&[1, channels, h], _) => {
            let dims = [channels, h, 1];
            (dims, View::new(&[None, c, Some(Axis::H)], dims))
        }
        (&[1, channels], _) => ([channels, 1, 1], View::new(&[None, c], [channels, 1, 1])),
        _ => return None,
    };
    dims.iter().all(|&d| d > 0).then_some((dims, axes))
}
