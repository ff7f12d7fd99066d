//! Puts our operators where a tract model lets them: each maximal run of nodes that a
//! [`Graph`] can express and that reads one tensor becomes one [`Fused`] operator.
//!
//! ```text
//! typed model -> constants folded -> nodes recognised -> segments -> graphs -> fused operators
//! ```
//!
//! The pass runs before tract declutters, while convolutions still look as ONNX wrote them.
//! Nodes that no rule recognises stay as they are. What a graph has no operation for ends a run:
//! dilated and transposed convolutions, activations with an upper bound or a slope, products of
//! two values.

mod activation;
mod affine;
mod axes;
#[cfg(test)]
pub(crate) mod bench;
mod conv;
mod draft;
mod emit;
mod join;
mod linear;
mod pad;
mod partition;
mod pool;
mod resize;
mod segment;
pub(crate) mod view;

use mien_shared::graph::Graph;
use tract_core::internal::{OutletId, TractResult, TypedModel, TypedModelPatch, TypedNode};
use tract_core::ops::konst::Const;
use tract_core::ops::source::TypedSource;
use tract_core::optim::Optimizer;

use self::draft::Found;
use self::emit::emit;
use self::partition::{Layout, Partition};
use self::segment::Segment;
use crate::explain::macs;
use crate::fused::{Compile, Fused, Port};

/// What a rewrite took over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Coverage {
    /// Number of fused operators.
    pub(crate) segments: usize,
    /// Nodes of the typed model that they replace.
    pub(crate) nodes: usize,
    /// Their multiply-accumulates, by tract's account.
    pub(crate) macs: u64,
    /// Nodes of the typed model, its inputs and constants left out.
    pub(crate) all_nodes: usize,
    /// Multiply-accumulates of all of them.
    pub(crate) all_macs: u64,
}

impl Coverage {
    /// Nothing covered of a model.
    fn none(model: &TypedModel) -> Self {
        let counts = |node: &&TypedNode| !node.op_is::<TypedSource>() && !node.op_is::<Const>();
        let nodes = || model.nodes.iter().filter(counts);
        let all_macs = nodes().map(|node| macs(model, node.id)).sum();
        Self { all_nodes: nodes().count(), all_macs, ..Self::default() }
    }
}

/// Replaces what `compile` can execute; the model computes the same.
///
/// # Errors
/// When tract finds the model inconsistent.
pub(crate) fn rewrite(model: &mut TypedModel, compile: Compile) -> TractResult<Coverage> {
    Optimizer::prop_consts().optimize(model)?;
    let plans = [Layout::Nchw, Layout::Nhwc].map(|layout| plan(model, layout));
    let [nchw, nhwc] = plans;
    let (nchw, nhwc) = (nchw?, nhwc?);
    let gain = |plan: &[Planned]| {
        let macs: u64 = plan.iter().map(|planned| planned.macs).sum();
        (macs, plan.iter().map(|planned| planned.nodes).sum::<usize>())
    };
    let best = if gain(&nhwc) > gain(&nchw) { nhwc } else { nchw };
    let mut coverage = Coverage::none(model);
    for planned in best {
        let (nodes, macs) = (planned.nodes, planned.macs);
        if planned.apply(model, compile)? {
            coverage.segments += 1;
            coverage.nodes += nodes;
            coverage.macs += macs;
        }
    }
    model.compact()?;
    Ok(coverage)
}

/// A segment worth replacing.
struct Planned {
    root: OutletId,
    graph: Graph,
    input: Port,
    /// The tensors to replace, with the port of each; one for each output of the graph.
    outputs: Vec<(OutletId, Port)>,
    /// Nodes of the model that it replaces.
    nodes: usize,
    /// What those multiply.
    macs: u64,
}

impl Planned {
    /// Puts the segment's operator into the model; false when nothing can execute its graph.
    fn apply(self, model: &mut TypedModel, compile: Compile) -> TractResult<bool> {
        let (outlets, ports): (Vec<_>, Vec<_>) = self.outputs.into_iter().unzip();
        let Some(fused) = Fused::new(self.graph, self.input, ports, compile) else {
            return Ok(false);
        };
        let mut patch = TypedModelPatch::new("fuse a segment");
        let tap = patch.tap_model(model, self.root)?;
        let name = format!("{}.fused", model.node(outlets[0].node).name);
        let made = patch.wire_node(name, fused, &[tap])?;
        for (&outlet, &by) in outlets.iter().zip(&made) {
            patch.shunt_outside(model, outlet, by)?;
        }
        patch.apply(model)?;
        Ok(true)
    }
}

fn plan(model: &TypedModel, layout: Layout) -> TractResult<Vec<Planned>> {
    let partition = Partition::of(model, layout)?;
    let leaving = (0..partition.segments.len()).map(|s| leaving(model, &partition, s));
    Ok(partition.segments.iter().zip(leaving).filter_map(|(s, l)| planned(model, s, &l?)).collect())
}

/// The tensors of a segment that nodes outside of it read, or that leave the model.
fn leaving(
    model: &TypedModel,
    partition: &Partition,
    segment: usize,
) -> Option<Vec<(OutletId, Found)>> {
    let own = &partition.segments[segment];
    let mut leaving = Vec::new();
    for &node in &own.nodes {
        let outlet = OutletId::new(node, 0);
        let (_, found) = partition.seats.get(&outlet)?;
        let outside = |reader: usize| !own.nodes.contains(&reader);
        let read = model.outlet_successors(outlet).iter().any(|inlet| outside(inlet.node));
        let output = model.output_outlets().ok()?.contains(&outlet);
        // The root under another shape needs no operator of ours.
        if (read || output) && found.value != 0 {
            leaving.push((outlet, found.clone()));
        }
    }
    (!leaving.is_empty()).then_some(leaving)
}

fn planned(
    model: &TypedModel,
    segment: &Segment,
    leaving: &[(OutletId, Found)],
) -> Option<Planned> {
    let macs = segment.nodes.iter().map(|&node| macs(model, node)).sum();
    // Without products there is nothing to gain from leaving tract.
    if macs == 0 {
        return None;
    }
    let wanted: Vec<usize> = leaving.iter().map(|(_, found)| found.value).collect();
    let graph = emit(segment, &wanted)?;
    let port = |outlet: OutletId, found: &Found| {
        let shape = model.outlet_fact(outlet).ok()?.shape.as_concrete()?.to_vec();
        let dims = segment.dims(found.value);
        let fits = shape.iter().product::<usize>() == dims.iter().product::<usize>();
        fits.then(|| Port::new(shape, dims, &found.view.order()))
    };
    let input = port(segment.root, &Found { value: 0, view: segment.view.clone() })?;
    let output = |(outlet, found): &(OutletId, Found)| Some((*outlet, port(*outlet, found)?));
    let outputs = leaving.iter().map(output).collect::<Option<Vec<_>>>()?;
    Some(Planned { root: segment.root, graph, input, outputs, nodes: segment.nodes.len(), macs })
}
