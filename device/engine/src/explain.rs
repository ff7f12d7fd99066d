//! What a plan is made of: every operator, whose it is, and what it multiplies.

use tract_core::internal::{Cost, TypedModel};
use tract_core::ops::konst::Const;
use tract_core::ops::source::TypedSource;

use mien_kernels::{Input, Isa, Program};
use mien_shared::graph::Graph;

use crate::{Engine, fused::Fused, plan::Plan};

/// One operator of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeInfo {
    /// Name, unique in the plan.
    pub name: String,
    /// What it computes: our operator with what is fused into it, or tract's.
    pub operator: String,
    /// The instructions of our kernel; nothing where the operator is tract's.
    pub isa: Option<Isa>,
    /// Multiply-accumulates for one input.
    pub macs: u64,
    /// Shortest time of a run in seconds; nothing where the operator is tract's.
    pub seconds: Option<f64>,
}

impl Engine {
    /// The operators of the plan in the order in which they run, ours timed over `runs` runs; an
    /// operator that stands for a whole graph is listed as its parts.
    pub fn explain(&mut self, runs: usize) -> Vec<NodeInfo> {
        match &mut self.plan {
            Plan::Kernels(kernels) => timed(&mut kernels.program, "", runs),
            Plan::Tract(tract) => {
                let model = tract.state.model();
                let order = model.eval_order().unwrap_or_else(|_| (0..model.nodes.len()).collect());
                order.into_iter().flat_map(|node| describe(model, node, runs)).collect()
            }
        }
    }
}

/// The operators of a program, each under `prefix`.
fn timed(program: &mut Program, prefix: &str, runs: usize) -> Vec<NodeInfo> {
    let isa = program.isa();
    let costs = program.profile(runs).into_iter();
    costs
        .map(|cost| NodeInfo {
            name: format!("{prefix}{}", cost.node),
            operator: cost.operator,
            isa: Some(isa),
            macs: cost.macs,
            seconds: (runs > 0).then_some(cost.seconds),
        })
        .collect()
}

/// One node of a plan; nothing for inputs and constants.
fn describe(model: &TypedModel, id: usize, runs: usize) -> Vec<NodeInfo> {
    let node = model.node(id);
    if node.op_is::<TypedSource>() || node.op_is::<Const>() {
        return Vec::new();
    }
    if let Some(fused) = node.op_as::<Fused>() {
        return parts(&node.name, fused.graph(), runs);
    }
    let (name, operator) = (node.name.clone(), node.op.name().into_owned());
    vec![NodeInfo { name, operator, isa: None, macs: macs(model, id), seconds: None }]
}

/// The parts of a fused operator, timed on a program of their own.
fn parts(name: &str, graph: &Graph, runs: usize) -> Vec<NodeInfo> {
    let Ok(mut program) = Program::new(graph, Isa::best()) else { return Vec::new() };
    let elements = graph.input.iter().map(|&n| n as usize).product();
    program.run(Input::Floats(&vec![0.0; elements]));
    timed(&mut program, &format!("{name}/"), runs)
}

/// What a node multiplies by tract's own account; zero where tract cannot say.
pub(crate) fn macs(model: &TypedModel, node: usize) -> u64 {
    let Ok(facts) = model.node_input_facts(node) else { return 0 };
    let costs = model.node(node).op.cost(&facts).unwrap_or_default();
    let products = costs.iter().filter(|(cost, _)| matches!(cost, Cost::FMA(_)));
    products.filter_map(|(_, count)| u64::try_from(count.to_i64().ok()?).ok()).sum()
}
