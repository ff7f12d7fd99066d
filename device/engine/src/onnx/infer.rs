//! The shapes of a model's values, each measured before anything of that size is made.
//!
//! tract evaluates whatever depends on constants alone while it infers shapes, so a small file can
//! ask for a tensor of any size. Here each node's shape is inferred first, without evaluation, and
//! only a node whose output fits goes on.

use tract_onnx::tract_hir::infer::{Factoid as _, InferenceFact, InferenceModel};
use tract_onnx::tract_hir::internal::{
    InferenceOp, OutletId, TVec, TractError, TractResult, ensure,
};

use super::attribute::{Rank, Ranks};
use super::check::too_many;
use super::{Limits, OnnxError};
use crate::EngineError;

/// Infers every shape of a model whose nodes are sorted.
///
/// # Errors
/// [`OnnxError::Dynamic`] for a shape that stays open, [`OnnxError::TooLarge`] for values beyond
/// the limits, [`OnnxError::Node`] when an operator refuses what it is given.
pub(super) fn infer(
    model: &mut InferenceModel,
    ranks: &Ranks,
    limits: &Limits,
) -> Result<(), EngineError> {
    let mut total = 0_u64;
    for id in 0..model.nodes.len() {
        let name = model.nodes[id].name.clone();
        let mut op = model.nodes[id].op.clone();
        let fault = |error: TractError| OnnxError::Node {
            node: name.clone(),
            operator: model.nodes[id].op.name().into_owned(),
            reason: format!("{error:#}"),
        };
        let facts = Facts::of(model, id).map_err(fault)?;
        if let Some(rank) = ranks.get(&name) {
            facts.check_rank(*rank).map_err(fault)?;
        }
        let made = facts.outputs(&mut op, false).map_err(fault)?;
        for fact in &made {
            let shape = fact.shape.concretize();
            let extents: Option<Vec<u64>> = shape
                .and_then(|s| s.iter().map(|d| u64::try_from(d.to_i64().ok()?).ok()).collect());
            let extents = extents.ok_or_else(|| OnnxError::Dynamic { node: name.clone() })?;
            let size = extents.iter().try_fold(1_u64, |n, &d| n.checked_mul(d));
            total = total.saturating_add(size.unwrap_or(u64::MAX));
            too_many(&format!("elements of all values up to node {name:?}"), total, limits.values)?;
        }
        let evaluated = facts.outputs(&mut op, true).map_err(fault)?;
        for (slot, fact) in evaluated.into_iter().enumerate() {
            model.set_outlet_fact(OutletId::new(id, slot), fact)?;
        }
    }
    Ok(())
}

/// What is known of a node's inputs and outputs.
struct Facts {
    inputs: Vec<InferenceFact>,
    outputs: Vec<InferenceFact>,
    observed: Vec<InferenceFact>,
}

impl Facts {
    fn of(model: &InferenceModel, id: usize) -> TractResult<Self> {
        let (inputs, outputs) = model.node_facts(id)?;
        let node = model.node(id);
        let observed = node.op.observe_outlets(model, node)?;
        let observed = observed.into_iter().map(|outlet| model.outlet_fact(outlet).cloned());
        Ok(Self {
            inputs: inputs.into_iter().cloned().collect(),
            outputs: outputs.into_iter().cloned().collect(),
            observed: observed.collect::<TractResult<_>>()?,
        })
    }

    /// The first input has as many axes as the node's attributes need.
    fn check_rank(&self, Rank { least, most }: Rank) -> TractResult<()> {
        let rank = self.inputs.first().and_then(|fact| fact.shape.rank().concretize());
        let rank = rank.unwrap_or(0);
        ensure!(rank >= least, "its input has {rank} axes and needs {least}");
        ensure!(rank <= most, "its input has {rank} axes but only {most} are meant");
        Ok(())
    }

    /// What `op` knows of its outputs, by its rules alone or by evaluation too.
    fn outputs(
        &self,
        op: &mut Box<dyn InferenceOp>,
        evaluate: bool,
    ) -> TractResult<TVec<InferenceFact>> {
        let [inputs, outputs, observed] =
            [&self.inputs, &self.outputs, &self.observed].map(|facts| facts.iter().collect());
        let inferred = if evaluate {
            op.infer(inputs, outputs, observed)
        } else {
            op.infer_facts(inputs, outputs, observed)
        };
        Ok(inferred?.1)
    }
}
