//! Weights and parameters: there, finite, and within what their operation allows.

use super::GraphError;
use crate::graph::{
    Activation, Node, Op, PadMode,
    tensor::{check_bias, check_finite},
};

/// Checks a node's weight, bias and other constants.
pub(super) fn check(node: &Node) -> Result<(), GraphError> {
    let fails = |part| move |fault| GraphError::Tensor { node: node.name.clone(), part, fault };
    if let Some(weight) = node.op.weight() {
        let axes = if matches!(node.op, Op::Linear { .. }) { 2 } else { 4 };
        weight.check(axes).map_err(fails("weight"))?;
        check_bias(node.op.bias(), weight.shape[0]).map_err(fails("bias"))?;
    }
    match &node.op {
        Op::PRelu { slope } => check_finite(slope).map_err(fails("slope")),
        Op::Norm(norm) => {
            check_finite(&norm.scale).map_err(fails("scale"))?;
            check_finite(&norm.bias).map_err(fails("bias"))?;
            check_parameter(node, "epsilon", norm.epsilon, POSITIVE)
        }
        Op::L2Normalize { epsilon, .. } => check_parameter(node, "epsilon", *epsilon, POSITIVE),
        Op::Pad { mode: PadMode::Constant(value), .. } => {
            check_parameter(node, "padding", *value, FINITE)
        }
        Op::Activation(activation) => check_activation(node, *activation),
        _ => Ok(()),
    }
}

/// Checks an activation's parameters.
fn check_activation(node: &Node, activation: Activation) -> Result<(), GraphError> {
    match activation {
        Activation::LeakyRelu { slope } => check_parameter(node, "slope", slope, FINITE),
        Activation::Elu { alpha } => check_parameter(node, "alpha", alpha, FINITE),
        Activation::Clip { low, high } => {
            check_parameter(node, "low", low, FINITE)?;
            check_parameter(node, "high", high, FINITE)?;
            check_parameter(node, "high less low", high - low, NOT_NEGATIVE)
        }
        _ => Ok(()),
    }
}

/// What a parameter must be.
#[derive(Clone, Copy)]
struct Rule {
    holds: fn(f32) -> bool,
    words: &'static str,
}

const FINITE: Rule = Rule { holds: f32::is_finite, words: "a finite number" };
const POSITIVE: Rule =
    Rule { holds: |value| value.is_finite() && value > 0.0, words: "positive and finite" };
const NOT_NEGATIVE: Rule = Rule { holds: |value| value >= 0.0, words: "at least 0" };

/// Checks one parameter of a node.
fn check_parameter(
    node: &Node,
    parameter: &'static str,
    value: f32,
    rule: Rule,
) -> Result<(), GraphError> {
    if (rule.holds)(value) {
        return Ok(());
    }
    Err(GraphError::Parameter { node: node.name.clone(), parameter, value, rule: rule.words })
}
