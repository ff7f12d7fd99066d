//! Runs coded graphs. Everything here that needs a coded graph's numbers asks [`run_coded`] or
//! [`Sweep`], both plain and exact by [`mien_shared::graph::reference`].

use mien_shared::graph::{
    Graph, GraphError, Shapes, Step,
    reference::{self, Value, decode},
};

use crate::QuantError;

/// The outputs of a coded graph, in its output order, for one input `[C, H, W]`.
///
/// # Errors
/// When the graph is not valid.
///
/// # Panics
/// When `input` has another length than the graph's input.
pub fn run_coded(graph: &Graph, input: &[f32]) -> Result<Vec<Vec<f32>>, GraphError> {
    let values = reference::run(graph, input)?;
    let output = |value: u32| decode(graph.coding(value), &values[value as usize]);
    Ok(graph.outputs.iter().map(|output_| output(output_.value)).collect())
}

/// Many inputs on their way through a coded graph together, one step at a time, so that what is
/// learned from a step can change it before the next.
#[derive(Debug)]
pub(crate) struct Sweep {
    shapes: Shapes,
    /// Every value so far, by input and by number.
    values: Vec<Vec<Value>>,
}

impl Sweep {
    pub(crate) fn new(graph: &Graph, inputs: &[Vec<f32>]) -> Result<Self, QuantError> {
        let shapes = graph.validate()?;
        let wanted = shapes[0].elements();
        let wrong = |input: &Vec<f32>| input.len() as u64 != wanted;
        if let Some(index) = inputs.iter().position(wrong) {
            return Err(QuantError::Input { index, given: inputs[index].len(), wanted });
        }
        let coding = graph.coding(0);
        let start = |input: &Vec<f32>| {
            let mut values = vec![Value::Floats(Vec::new()); shapes.len()];
            values[0] = match coding {
                Some(affine) => Value::Codes(input.iter().map(|&x| affine.code(x)).collect()),
                None => Value::Floats(input.clone()),
            };
            values
        };
        let values = inputs.iter().map(start).collect();
        Ok(Self { shapes, values })
    }

    /// Takes every input one step further; `graph` may differ from the one at the start in what
    /// later steps compute.
    pub(crate) fn advance(&mut self, graph: &Graph, step: Step) {
        for values in &mut self.values {
            let made = reference::step(graph, &self.shapes, values, step);
            values[step.output as usize] = made;
        }
    }

    /// What the node of `step` would make, before its relu and before it is coded, by input.
    pub(crate) fn before_relu(&self, graph: &Graph, step: Step) -> Vec<Vec<f32>> {
        let mut graph = graph.clone();
        if let Some(coding) = graph.codes.get_mut(step.output as usize) {
            *coding = None;
        }
        let plain = Step { relu: false, ..step };
        let made = |values: &Vec<Value>| {
            decode(None, &reference::step(&graph, &self.shapes, values, plain))
        };
        self.values.iter().map(made).collect()
    }

    /// The numbers that `value` stands for, by input.
    pub(crate) fn numbers(&self, graph: &Graph, value: u32) -> impl Iterator<Item = Vec<f32>> {
        let coding = graph.coding(value);
        self.values.iter().map(move |values| decode(coding, &values[value as usize]))
    }

    pub(crate) fn shapes(&self) -> &Shapes {
        &self.shapes
    }
}
