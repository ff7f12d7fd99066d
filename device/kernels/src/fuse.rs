//! Which steps run as one operator: a convolution takes the sum that alone reads it with it.

use mien_shared::graph::{Graph, Op, Shapes, Step};

use crate::conv::is_depthwise;

/// A step of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fused {
    /// The step whose node is computed: of the convolution, where there is a residual.
    pub(crate) step: Step,
    /// The other summand, when the step ends in a sum.
    pub(crate) residual: Option<u32>,
    /// The value that leaves.
    pub(crate) output: u32,
    /// Whether a relu clips it.
    pub(crate) relu: bool,
    /// Whether it runs in integers.
    pub(crate) integer: bool,
}

/// The steps of a valid graph, fused, in execution order: a fused convolution runs where its sum
/// stands, when the other summand is there.
pub(crate) fn fuse(graph: &Graph, shapes: &Shapes) -> Vec<Fused> {
    let steps = graph.steps();
    let plain = |&step: &Step| Fused {
        step,
        residual: None,
        output: step.output,
        relu: step.relu,
        integer: graph.is_integer(step, shapes),
    };
    let mut fused: Vec<Option<Fused>> = steps.iter().map(plain).map(Some).collect();
    for (at, &sum) in steps.iter().enumerate() {
        let Some((conv, residual)) = summand(graph, &steps, sum, shapes) else { continue };
        let integer = graph.is_integer(sum, shapes);
        let (output, relu) = (sum.output, sum.relu);
        fused[at] =
            Some(Fused { step: steps[conv], residual: Some(residual), output, relu, integer });
        fused[conv] = None;
    }
    fused.into_iter().flatten().collect()
}

/// The convolution that `sum` can take in, the later of two, with the other summand.
fn summand(graph: &Graph, steps: &[Step], sum: Step, shapes: &Shapes) -> Option<(usize, u32)> {
    let &[a, b] = graph.nodes[sum.node].inputs.as_slice() else { return None };
    if !matches!(graph.nodes[sum.node].op, Op::Add) || a == b {
        return None;
    }
    let conv = |value: u32| {
        let at = steps.iter().position(|step| step.output == value)?;
        let step = steps[at];
        let Op::Conv(conv) = &graph.nodes[step.node].op else { return None };
        let integer = graph.is_integer(sum, shapes);
        let same =
            graph.is_integer(step, shapes) == integer && graph.coding(value).is_some() == integer;
        (same && !step.relu && !is_depthwise(conv) && is_read_once(graph, value)).then_some(at)
    };
    let candidates = [(conv(a), b), (conv(b), a)];
    candidates.into_iter().filter_map(|(at, other)| at.map(|at| (at, other))).max()
}

/// Whether one node alone reads `value` and it does not leave the graph.
fn is_read_once(graph: &Graph, value: u32) -> bool {
    let reads = graph.nodes.iter().flat_map(|node| &node.inputs).filter(|&&v| v == value).count();
    reads == 1 && graph.outputs.iter().all(|output| output.value != value)
}
