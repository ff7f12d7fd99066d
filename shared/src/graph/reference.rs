//! What a graph computes, with plain loops: the measure of every faster way.
//!
//! Integer steps follow [`affine`](super::affine) to the bit. Float steps add in no stated order,
//! so other ways agree with them up to rounding. Values are in `[C, H, W]` order.

mod elementwise;
mod float;
mod integer;
mod layout;
mod norm;
mod resize;
mod window;

use super::{Affine, Graph, GraphError, Op, Shape, Shapes, Step};

/// A computed value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Eight-bit codes.
    Codes(Vec<u8>),
    /// Plain numbers.
    Floats(Vec<f32>),
}

/// Runs `graph` on `input`, `[C, H, W]`; returns every value by number. The value that a relu
/// clips in the same step is empty.
///
/// # Errors
/// When the graph is not valid.
///
/// # Panics
/// When `input` has another length than the graph's input.
pub fn run(graph: &Graph, input: &[f32]) -> Result<Vec<Value>, GraphError> {
    let shapes = graph.validate()?;
    assert_eq!(input.len() as u64, shapes[0].elements(), "input length");
    let mut values = vec![Value::Floats(Vec::new()); shapes.len()];
    values[0] = encode(graph.coding(0), input.to_vec());
    for step in graph.steps() {
        values[step.output as usize] = self::step(graph, &shapes, &values, step);
    }
    Ok(values)
}

/// The graph's outputs in its output order, decoded.
///
/// # Errors
/// When the graph is not valid.
///
/// # Panics
/// As [`run`].
pub fn outputs(graph: &Graph, input: &[f32]) -> Result<Vec<Vec<f32>>, GraphError> {
    let values = run(graph, input)?;
    let decoded = |value: u32| decode(graph.coding(value), &values[value as usize]);
    Ok(graph.outputs.iter().map(|output| decoded(output.value)).collect())
}

/// What one step of a valid graph makes of the values before it, given by number.
pub fn step(graph: &Graph, shapes: &Shapes, values: &[Value], step: Step) -> Value {
    Run { graph, shapes, values, step }.step()
}

/// The numbers a value stands for.
pub fn decode(coding: Option<Affine>, value: &Value) -> Vec<f32> {
    match (coding, value) {
        (Some(affine), Value::Codes(codes)) => codes.iter().map(|&c| affine.value(c)).collect(),
        (_, Value::Floats(floats)) => floats.clone(),
        (None, Value::Codes(_)) => Vec::new(),
    }
}

fn encode(coding: Option<Affine>, floats: Vec<f32>) -> Value {
    match coding {
        Some(affine) => Value::Codes(floats.into_iter().map(|v| affine.code(v)).collect()),
        None => Value::Floats(floats),
    }
}

/// One step over the values before it.
struct Run<'a> {
    graph: &'a Graph,
    shapes: &'a Shapes,
    values: &'a [Value],
    step: Step,
}

impl Run<'_> {
    fn step(&self) -> Value {
        if self.graph.is_integer(self.step, self.shapes) {
            return self.integer();
        }
        let mut made = self.float();
        if self.step.relu {
            for v in &mut made {
                *v = v.max(0.0);
            }
        }
        encode(self.graph.coding(self.step.output), made)
    }

    fn op(&self) -> &Op {
        &self.graph.nodes[self.step.node].op
    }

    fn inputs(&self) -> &[u32] {
        &self.graph.nodes[self.step.node].inputs
    }

    /// The extents of an input.
    fn dims(&self, i: usize) -> Vec<usize> {
        let shape = self.shapes[self.inputs()[i] as usize];
        shape.dims().iter().map(|&extent| extent as usize).collect()
    }

    /// `[C, H, W]` of an input; a vector is a map of one pixel.
    fn map(&self, i: usize) -> [usize; 3] {
        match self.shapes[self.inputs()[i] as usize] {
            Shape::Map(dims) => dims.map(|extent| extent as usize),
            Shape::Vector([c]) => [c as usize, 1, 1],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Conv, Node, Output, Tensor, TensorData, Window};

    fn graph(input: [u32; 3], ops: Vec<(Op, Vec<u32>)>, codes: Vec<Option<Affine>>) -> Graph {
        let value = u32::try_from(ops.len()).unwrap();
        let node = |(i, (op, inputs))| Node { name: format!("n{i}"), op, inputs };
        Graph {
            input,
            nodes: ops.into_iter().enumerate().map(node).collect(),
            outputs: vec![Output { name: "y".into(), value }],
            codes,
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "as a graph holds it")]
    fn coding(scale: f32, zero: u8) -> Option<Affine> {
        Some(Affine { scale, zero })
    }

    /// A 1×2 kernel of int8 weights `[2, -3]`, scale 0.25, bias 1, one column of padding left.
    fn conv() -> Op {
        let data = TensorData::I8 { scales: vec![0.25], codes: vec![2, -3] };
        let window = Window { kernel: [1, 2], stride: [1, 1], pads: [0, 1, 0, 0] };
        let weight = Tensor { shape: vec![1, 1, 1, 2], data };
        Op::Conv(Conv { weight, bias: vec![1.0], window, groups: 1 })
    }

    #[test]
    fn an_integer_convolution_adds_exactly_and_rounds_once() {
        // Offsets from zero 4: 6, -4. Bias in steps of 0.5 · 0.25: 8.
        // Sums: 8 - 3·6 = -10; 8 + 2·6 - 3·(-4) = 32. Multiplier 0.125 / 0.25 = 0.5.
        let net = graph([1, 1, 2], vec![(conv(), vec![0])], vec![coding(0.5, 4), coding(0.25, 7)]);
        let values = run(&net, &[3.0, -2.0]).unwrap();
        assert_eq!(values[0], Value::Codes(vec![10, 0]));
        assert_eq!(values[1], Value::Codes(vec![2, 23]));
    }

    #[test]
    fn a_relu_joins_and_clips_at_the_code_of_zero() {
        let ops = vec![(conv(), vec![0]), (Op::Relu, vec![1])];
        let net = graph([1, 1, 2], ops, vec![coding(0.5, 4), None, coding(0.25, 7)]);
        let values = run(&net, &[3.0, -2.0]).unwrap();
        assert_eq!(values[1..], [Value::Floats(vec![]), Value::Codes(vec![7, 23])]);
    }

    #[test]
    fn sums_without_codes_leave_as_numbers() {
        let net = graph([1, 1, 2], vec![(conv(), vec![0])], vec![coding(0.5, 4), None]);
        assert_eq!(run(&net, &[3.0, -2.0]).unwrap()[1], Value::Floats(vec![-1.25, 4.0]));
    }

    #[test]
    fn a_sum_brings_both_sides_to_its_own_scale() {
        let codes = vec![coding(0.5, 4), coding(1.0, 100), coding(0.25, 7)];
        let step = vec![(conv(), vec![0]), (Op::Add, vec![0, 1])];
        // Convolution codes: -1.25 -> 99, 4.0 -> 104. Sums: 6·2 - 1·4 = 8, -4·2 + 4·4 = 8.
        let values = run(&graph([1, 1, 2], step, codes), &[3.0, -2.0]).unwrap();
        assert_eq!(values[1], Value::Codes(vec![99, 104]));
        assert_eq!(values[2], Value::Codes(vec![15, 15]));
    }

    #[test]
    fn a_mean_of_codes_rounds_ties_to_even() {
        let codes = vec![coding(1.0, 0), coding(1.0, 0)];
        let net = graph([1, 1, 2], vec![(Op::GlobalAveragePool, vec![0])], codes);
        assert_eq!(run(&net, &[2.0, 3.0]).unwrap()[1], Value::Codes(vec![2]));
        assert_eq!(run(&net, &[4.0, 3.0]).unwrap()[1], Value::Codes(vec![4]));
    }

    #[test]
    fn a_float_step_reads_decoded_values_and_codes_what_it_makes() {
        let net =
            graph([1, 1, 2], vec![(Op::Sigmoid, vec![0])], vec![coding(1.0, 8), coding(0.5, 0)]);
        assert_eq!(run(&net, &[0.2, 7.4]).unwrap()[1], Value::Codes(vec![1, 2]));
    }
}
