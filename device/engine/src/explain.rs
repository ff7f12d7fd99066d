//! What a plan is made of: every operator, whose it is, and what it multiplies.

use tract_core::internal::{Cost, TypedModel};
use tract_core::ops::konst::Const;
use tract_core::ops::source::TypedSource;

use crate::Engine;
#[cfg(feature = "onnx")]
use crate::fused::Fused;

/// One operator of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeInfo {
    /// Name, unique in the plan.
    pub name: String,
    /// What it computes: a graph's operation where it is ours, else tract's operator.
    pub operator: String,
    /// Whether it is ours; else it is tract's.
    pub covered: bool,
    /// Multiply-accumulates for one input.
    pub macs: u64,
}

impl Engine {
    /// The operators of the optimised plan in the order in which they run; an operator that stands
    /// for a whole graph is listed as the graph's nodes.
    pub fn explain(&self) -> Vec<NodeInfo> {
        let model = self.state.model();
        let order = model.eval_order().unwrap_or_else(|_| (0..model.nodes.len()).collect());
        order.into_iter().flat_map(|node| describe(model, node)).collect()
    }
}

/// One node of a plan; nothing for inputs and constants.
fn describe(model: &TypedModel, id: usize) -> Vec<NodeInfo> {
    let node = model.node(id);
    if node.op_is::<TypedSource>() || node.op_is::<Const>() {
        return Vec::new();
    }
    #[cfg(feature = "onnx")]
    if let Some(fused) = node.op_as::<Fused>() {
        return steps(&node.name, fused);
    }
    let operator = node.op.name().into_owned();
    vec![NodeInfo { name: node.name.clone(), operator, covered: false, macs: macs(model, id) }]
}

/// The nodes of a fused operator's graph.
#[cfg(feature = "onnx")]
fn steps(name: &str, fused: &Fused) -> Vec<NodeInfo> {
    let graph = fused.graph();
    let each = graph.node_macs().into_iter().zip(&graph.nodes);
    each.map(|(macs, node)| NodeInfo {
        name: format!("{name}/{}", node.name),
        operator: node.op.name().to_owned(),
        covered: true,
        macs,
    })
    .collect()
}

/// What a node multiplies by tract's own account; zero where tract cannot say.
pub(crate) fn macs(model: &TypedModel, node: usize) -> u64 {
    let Ok(facts) = model.node_input_facts(node) else { return 0 };
    let costs = model.node(node).op.cost(&facts).unwrap_or_default();
    let products = costs.iter().filter(|(cost, _)| matches!(cost, Cost::FMA(_)));
    products.filter_map(|(_, count)| u64::try_from(count.to_i64().ok()?).ok()).sum()
}
