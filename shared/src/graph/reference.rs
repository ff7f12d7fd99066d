//! What a graph computes, with plain loops: the measure of every faster way.
//!
//! Integer steps follow [`affine`](super::affine) to the bit. Float steps add in no stated order,
//! so other ways agree with them up to rounding. Values are in `[C, H, W]` order.

use super::{
    Affine, Conv, Graph, GraphError, Op, Shape, Shapes, Step, Tensor, TensorData, Window,
    affine::bias_code,
};

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

    fn input(&self, i: usize) -> u32 {
        self.graph.nodes[self.step.node].inputs[i]
    }

    /// `[C, H, W]` of an input; a vector is a map of one pixel.
    fn shape(&self, i: usize) -> [usize; 3] {
        match self.shapes[self.input(i) as usize] {
            Shape::Map(dims) => dims.map(|d| d as usize),
            Shape::Vector([c]) => [c as usize, 1, 1],
        }
    }

    fn floats(&self, i: usize) -> Vec<f32> {
        let value = self.input(i);
        decode(self.graph.coding(value), &self.values[value as usize])
    }

    /// An input's codes less their zero; empty when it is not coded.
    fn offsets(&self, i: usize) -> (Affine, Vec<i32>) {
        let value = self.input(i);
        match (self.graph.coding(value), &self.values[value as usize]) {
            (Some(affine), Value::Codes(codes)) => {
                let zero = i32::from(affine.zero);
                (affine, codes.iter().map(|&c| i32::from(c) - zero).collect())
            }
            _ => (Affine { scale: 1.0, zero: 0 }, Vec::new()),
        }
    }

    fn float(&self) -> Vec<f32> {
        let x = self.floats(0);
        let [c, h, w] = self.shape(0);
        match self.op() {
            Op::Conv(conv) => {
                let weight = conv.weight.to_f32();
                convolve(conv, [c, h, w], |o, taps| {
                    conv.bias[o] + taps.iter().map(|t| weight[t.weight] * x[t.input]).sum::<f32>()
                })
            }
            Op::Linear { weight, bias } => {
                let matrix = weight.to_f32();
                let rows = matrix.chunks(x.len()).zip(bias);
                rows.map(|(row, b)| b + row.iter().zip(&x).map(|(w, v)| w * v).sum::<f32>())
                    .collect()
            }
            Op::MaxPool(window) => pool(window, [c, h, w], &x, f32::max),
            Op::Relu => x.iter().map(|v| v.max(0.0)).collect(),
            Op::Sigmoid => x.iter().map(|v| 1.0 / (1.0 + (-v).exp())).collect(),
            Op::Add => x.iter().zip(self.floats(1)).map(|(a, b)| a + b).collect(),
            Op::Concat => (0..self.graph.nodes[self.step.node].inputs.len())
                .flat_map(|i| self.floats(i))
                .collect(),
            Op::GlobalAveragePool => {
                x.chunks(h * w).map(|p| p.iter().sum::<f32>() / (h * w) as f32).collect()
            }
            Op::Upsample2 => enlarge(&x, [c, h, w]),
            Op::Softmax => softmax(&x, c),
        }
    }

    fn integer(&self) -> Value {
        let (from, x) = self.offsets(0);
        let shape = self.shape(0);
        match self.op() {
            Op::Conv(conv) => {
                let (scales, codes) = int8(&conv.weight);
                let sums = |o: usize, taps: &[Tap]| {
                    let products = taps.iter().map(|t| i32::from(codes[t.weight]) * x[t.input]);
                    let scale = from.scale * scales[o];
                    (bias_code(conv.bias[o], scale) + products.sum::<i32>(), scale)
                };
                self.rescaled(convolve(conv, shape, sums))
            }
            Op::Linear { weight, bias } => {
                let (scales, codes) = int8(weight);
                let row = |(o, row): (usize, &[i8])| {
                    let products = row.iter().zip(&x).map(|(&w, v)| i32::from(w) * v);
                    let scale = from.scale * scales[o];
                    (bias_code(bias[o], scale) + products.sum::<i32>(), scale)
                };
                self.rescaled(codes.chunks(x.len()).enumerate().map(row).collect())
            }
            Op::GlobalAveragePool => {
                let pixels = shape[1] * shape[2];
                let scale = from.scale / pixels as f32;
                self.rescaled(x.chunks(pixels).map(|p| (p.iter().sum(), scale)).collect())
            }
            Op::Add => self.add(),
            Op::Concat => self.concat(),
            Op::MaxPool(window) => Value::Codes(pool(window, shape, &self.codes(0), u8::max)),
            Op::Upsample2 => Value::Codes(enlarge(&self.codes(0), shape)),
            Op::Relu => Value::Codes(self.codes(0).into_iter().map(|c| c.max(from.zero)).collect()),
            Op::Softmax | Op::Sigmoid => Value::Floats(Vec::new()),
        }
    }

    fn codes(&self, i: usize) -> Vec<u8> {
        match &self.values[self.input(i) as usize] {
            Value::Codes(codes) => codes.clone(),
            Value::Floats(_) => Vec::new(),
        }
    }

    /// Sums with their scales as codes, or as numbers where the step's output has no codes.
    fn rescaled(&self, sums: Vec<(i32, f32)>) -> Value {
        let relu = self.step.relu;
        if let Some(to) = self.graph.coding(self.step.output) {
            let code = |(sum, scale): (i32, f32)| {
                to.requantize(sum as f32 * (scale / to.scale), to.low(relu))
            };
            return Value::Codes(sums.into_iter().map(code).collect());
        }
        let floor = if relu { 0.0 } else { f32::NEG_INFINITY };
        let number = |(sum, scale): (i32, f32)| (sum as f32 * scale).max(floor);
        Value::Floats(sums.into_iter().map(number).collect())
    }

    fn add(&self) -> Value {
        let Some(to) = self.graph.coding(self.step.output) else {
            return Value::Floats(Vec::new());
        };
        let ((a_from, a), (b_from, b)) = (self.offsets(0), self.offsets(1));
        let (ra, rb) = (a_from.scale / to.scale, b_from.scale / to.scale);
        let low = to.low(self.step.relu);
        let sum = |(&a, &b): (&i32, &i32)| to.requantize(a as f32 * ra + b as f32 * rb, low);
        Value::Codes(a.iter().zip(&b).map(sum).collect())
    }

    fn concat(&self) -> Value {
        let Some(to) = self.graph.coding(self.step.output) else {
            return Value::Floats(Vec::new());
        };
        let parts = (0..self.graph.nodes[self.step.node].inputs.len()).flat_map(|i| {
            let (from, codes) = self.offsets(i);
            let ratio = from.scale / to.scale;
            codes.into_iter().map(move |c| to.requantize(c as f32 * ratio, 0))
        });
        Value::Codes(parts.collect())
    }
}

fn int8(weight: &Tensor) -> (&[f32], &[i8]) {
    match &weight.data {
        TensorData::I8 { scales, codes } => (scales, codes),
        TensorData::F32(_) => (&[], &[]),
    }
}

/// A weight and the input element it meets, as positions.
#[derive(Debug, Clone, Copy)]
struct Tap {
    weight: usize,
    input: usize,
}

/// Calls `at` with the taps of each output element, channel by channel, row by row.
fn convolve<T>(
    conv: &Conv,
    [channels, h, w]: [usize; 3],
    at: impl Fn(usize, &[Tap]) -> T,
) -> Vec<T> {
    let outputs = conv.weight.shape[0] as usize;
    let per_group = channels / conv.groups as usize;
    let [kh, kw] = conv.window.kernel.map(|n| n as usize);
    let mut made = Vec::new();
    for o in 0..outputs {
        let first = o / (outputs / conv.groups as usize) * per_group;
        each_window(&conv.window, [h, w], |cells| {
            let tap = |i: usize, &(ky, kx, y, x): &Cell| Tap {
                weight: ((o * per_group + i) * kh + ky) * kw + kx,
                input: ((first + i) * h + y) * w + x,
            };
            let taps = (0..per_group).flat_map(|i| cells.iter().map(move |cell| tap(i, cell)));
            made.push(at(o, &taps.collect::<Vec<_>>()));
        });
    }
    made
}

/// A place of the kernel and the pixel under it: `(ky, kx, y, x)`.
type Cell = (usize, usize, usize, usize);

/// Calls `visit` per output position with the cells that lie in the picture.
fn each_window(window: &Window, [h, w]: [usize; 2], mut visit: impl FnMut(&[Cell])) {
    let [kh, kw] = window.kernel.map(|n| n as usize);
    let [sh, sw] = window.stride.map(|n| n as usize);
    let [top, left, bottom, right] = window.pads.map(|n| n as usize);
    for oy in 0..=(h + top + bottom - kh) / sh {
        for ox in 0..=(w + left + right - kw) / sw {
            let places = (0..kh).flat_map(|ky| (0..kw).map(move |kx| (ky, kx)));
            let inside = places.filter_map(|(ky, kx)| {
                let y = (oy * sh + ky).checked_sub(top).filter(|&y| y < h)?;
                let x = (ox * sw + kx).checked_sub(left).filter(|&x| x < w)?;
                Some((ky, kx, y, x))
            });
            visit(&inside.collect::<Vec<_>>());
        }
    }
}

fn pool<T: Copy>(
    window: &Window,
    [channels, h, w]: [usize; 3],
    x: &[T],
    largest: impl Fn(T, T) -> T,
) -> Vec<T> {
    let mut made = Vec::new();
    for plane in x.chunks(h * w).take(channels) {
        each_window(window, [h, w], |cells| {
            let values = cells.iter().map(|&(_, _, y, x)| plane[y * w + x]);
            made.extend(values.reduce(&largest));
        });
    }
    made
}

fn enlarge<T: Copy>(x: &[T], [channels, h, w]: [usize; 3]) -> Vec<T> {
    let pixel = |i: usize| {
        let (plane, row, column) = (i / (4 * h * w), i / (2 * w) % (2 * h), i % (2 * w));
        x[(plane * h + row / 2) * w + column / 2]
    };
    (0..4 * channels * h * w).map(pixel).collect()
}

/// Softmax over the first axis of `[C, positions]`.
fn softmax(x: &[f32], channels: usize) -> Vec<f32> {
    let positions = x.len() / channels;
    let mut made = vec![0.0; x.len()];
    for p in 0..positions {
        let column = || (0..channels).map(|c| x[c * positions + p]);
        let highest = column().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = column().map(|v| (v - highest).exp()).sum();
        for c in 0..channels {
            made[c * positions + p] = (x[c * positions + p] - highest).exp() / sum;
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Node, Output};

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
