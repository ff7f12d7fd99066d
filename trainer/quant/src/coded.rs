//! Runs coded graphs, exactly as [`mien_shared::graph::reference`] defines them. Whatever needs a
//! coded graph's numbers on the host asks [`run_coded`] or [`Sweep`].

mod dense;

use mien_shared::graph::{
    Graph, GraphError, Shapes, Step,
    reference::{Value, decode},
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
    let shapes = graph.validate()?;
    assert_eq!(input.len() as u64, shapes[0].elements(), "input length");
    let mut values = start(graph, shapes.len(), input);
    for step in graph.steps() {
        values[step.output as usize] = dense::step(graph, &shapes, &values, step);
    }
    let output = |value: u32| decode(graph.coding(value), &values[value as usize]);
    Ok(graph.outputs.iter().map(|o| output(o.value)).collect())
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
        let start = |input: &Vec<f32>| start(graph, shapes.len(), input);
        let values = inputs.iter().map(start).collect();
        Ok(Self { shapes, values })
    }

    /// Takes every input one step further; `graph` may differ from the one at the start in what
    /// later steps compute.
    pub(crate) fn advance(&mut self, graph: &Graph, step: Step) {
        for values in &mut self.values {
            let made = dense::step(graph, &self.shapes, values, step);
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
        let made =
            |values: &Vec<Value>| decode(None, &dense::step(&graph, &self.shapes, values, plain));
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

/// Room for every value, with the input in its place.
fn start(graph: &Graph, values: usize, input: &[f32]) -> Vec<Value> {
    let mut room = vec![Value::Floats(Vec::new()); values];
    room[0] = match graph.coding(0) {
        Some(affine) => Value::Codes(input.iter().map(|&x| affine.code(x)).collect()),
        None => Value::Floats(input.to_vec()),
    };
    room
}

#[cfg(test)]
mod tests {
    use mien_shared::{frame::Grey, graph::reference};

    use super::*;
    use crate::{
        Options, Quantiser,
        fixture::{net, noise, spec},
    };

    #[test]
    fn a_whole_net_is_the_references_to_the_bit() {
        let picture = Grey { width: 8, height: 8, data: (0..64).map(|i| 4 * i).collect() };
        let quantiser = Quantiser::new(&net(), spec(), &[picture], Options::default()).unwrap();
        for keep in [vec![], vec!["second".to_owned()]] {
            let coded = quantiser.coded(&keep).unwrap();
            for seed in 1..4 {
                let x = noise(64, seed);
                let wanted = reference::run(&coded, &x).unwrap().pop().unwrap();
                assert_eq!(Value::Floats(run_coded(&coded, &x).unwrap().concat()), wanted);
            }
        }
    }
}
