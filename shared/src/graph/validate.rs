//! The rules a graph keeps, checked in execution order.

mod constant;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use super::{
    Affine, Graph, MAX_ELEMENTS, MAX_EXTENT, MAX_NODES, MAX_OUTPUTS, Node, Shape, ShapeFault,
    Shapes, TensorFault,
};

/// Which rule a graph breaks.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GraphError {
    /// The input is empty or too large.
    #[error("the input shape {input:?} is empty or too large; extents lie in 1..={MAX_EXTENT}")]
    Input {
        /// Stated input shape.
        input: [u32; 3],
    },
    /// Too many nodes or outputs.
    #[error("{count} {what}, but at most {limit} are allowed")]
    TooMany {
        /// `nodes` or `outputs`.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Two nodes or two outputs share a name, or one has none.
    #[error("the {what} name {name:?} is empty or used twice")]
    Name {
        /// `node` or `output`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A node reads a value that comes later or not at all.
    #[error("node {node:?} reads value {value}, which is not made before it")]
    Order {
        /// The node.
        node: String,
        /// The value's number.
        value: u32,
    },
    /// A node's weight or bias is wrong.
    #[error("node {node:?} has a bad {part}: {fault}")]
    Tensor {
        /// The node.
        node: String,
        /// `weight`, `bias`, `scale` or `slope`.
        part: &'static str,
        /// What is wrong.
        fault: TensorFault,
    },
    /// A node's parameter is NaN, infinite or out of its range.
    #[error("node {node:?}: {parameter} is {value}; it must be {rule}")]
    Parameter {
        /// The node.
        node: String,
        /// The parameter.
        parameter: &'static str,
        /// Its value.
        value: f32,
        /// What it must be.
        rule: &'static str,
    },
    /// A node cannot read the shapes it is given.
    #[error("node {node:?} ({op}) does not fit its inputs: {fault}")]
    Shape {
        /// The node.
        node: String,
        /// The operation.
        op: &'static str,
        /// What is wrong.
        fault: ShapeFault,
    },
    /// All values together are too large.
    #[error("the values up to node {node:?} hold more than {MAX_ELEMENTS} elements")]
    TooLarge {
        /// The node that crosses the limit.
        node: String,
    },
    /// An output names a value that does not exist.
    #[error("output {output:?} is value {value}, but the last value is {last}")]
    Output {
        /// The output.
        output: String,
        /// The value's number.
        value: u32,
        /// Number of the last value.
        last: usize,
    },
    /// Neither no codings nor one per value.
    #[error("{codings} codings for {values} values; give none, or one or nothing per value")]
    CodingCount {
        /// Codings stated.
        codings: usize,
        /// Values of the graph.
        values: usize,
    },
    /// A coding whose scale is zero, negative, NaN or infinite.
    #[error("value {value} is coded with scale {scale}; it must be positive and finite")]
    Coding {
        /// The value's number.
        value: usize,
        /// The scale.
        scale: f32,
    },
    /// Nothing leaves the graph.
    #[error("the graph has no outputs")]
    NoOutputs,
}

/// See [`Graph::validate`].
pub(super) fn graph(graph: &Graph) -> Result<Shapes, GraphError> {
    check_counts(graph)?;
    check_names("node", graph.nodes.iter().map(|node| &node.name))?;
    check_names("output", graph.outputs.iter().map(|output| &output.name))?;
    let mut shapes = vec![Shape::Map(graph.input)];
    let mut elements = shapes[0].elements();
    for node in &graph.nodes {
        let made = infer(node, &shapes)?;
        elements += made.elements();
        if elements > MAX_ELEMENTS {
            return Err(GraphError::TooLarge { node: node.name.clone() });
        }
        shapes.push(made);
    }
    check_outputs(graph)?;
    check_codes(&graph.codes, shapes.len())?;
    Ok(shapes)
}

/// The input's extents and the number of nodes and outputs.
fn check_counts(graph: &Graph) -> Result<(), GraphError> {
    let input = graph.input;
    if input.iter().any(|&extent| extent == 0 || extent > MAX_EXTENT)
        || Shape::Map(input).elements() > MAX_ELEMENTS
    {
        return Err(GraphError::Input { input });
    }
    let lists =
        [("nodes", graph.nodes.len(), MAX_NODES), ("outputs", graph.outputs.len(), MAX_OUTPUTS)];
    match lists.into_iter().find(|(_, count, limit)| count > limit) {
        Some((what, count, limit)) => Err(GraphError::TooMany { what, count, limit }),
        None => Ok(()),
    }
}

/// Names are neither empty nor used twice.
fn check_names<'a>(
    what: &'static str,
    names: impl Iterator<Item = &'a String>,
) -> Result<(), GraphError> {
    let mut seen = HashSet::new();
    for name in names {
        if name.is_empty() || !seen.insert(name) {
            return Err(GraphError::Name { what, name: name.clone() });
        }
    }
    Ok(())
}

/// Checks one node against the values before it and returns the shape it makes.
fn infer(node: &Node, shapes: &[Shape]) -> Result<Shape, GraphError> {
    let read = |&value: &u32| {
        let order = || GraphError::Order { node: node.name.clone(), value };
        shapes.get(value as usize).copied().ok_or_else(order)
    };
    let inputs: Vec<Shape> = node.inputs.iter().map(read).collect::<Result<_, _>>()?;
    constant::check(node)?;
    node.op.infer(&inputs).map_err(|fault| GraphError::Shape {
        node: node.name.clone(),
        op: node.op.name(),
        fault,
    })
}

/// There are outputs and each is a value of the graph.
fn check_outputs(graph: &Graph) -> Result<(), GraphError> {
    let last = graph.nodes.len();
    if graph.outputs.is_empty() {
        return Err(GraphError::NoOutputs);
    }
    match graph.outputs.iter().find(|output| output.value as usize > last) {
        Some(output) => {
            Err(GraphError::Output { output: output.name.clone(), value: output.value, last })
        }
        None => Ok(()),
    }
}

/// Codings are none, or one or nothing per value, with sound scales.
fn check_codes(codes: &[Option<Affine>], values: usize) -> Result<(), GraphError> {
    if !codes.is_empty() && codes.len() != values {
        return Err(GraphError::CodingCount { codings: codes.len(), values });
    }
    let bad = |c: &Option<Affine>| c.is_some_and(|c| !(c.scale.is_finite() && c.scale > 0.0));
    match codes.iter().position(bad) {
        Some(value) => {
            let scale = codes[value].map_or(0.0, |c| c.scale);
            Err(GraphError::Coding { value, scale })
        }
        None => Ok(()),
    }
}
