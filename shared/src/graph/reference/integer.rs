//! Integer steps, to the bit as [`affine`](crate::graph::affine) states them.

use super::{
    Run, Value, resize,
    window::{self, Tap},
};
use crate::graph::{Affine, Op, Tensor, TensorData, affine::bias_code};

impl Run<'_> {
    /// What the step makes; [`Graph::is_integer`](crate::graph::Graph::is_integer) holds.
    pub(super) fn integer(&self) -> Value {
        let (from, x) = self.offsets(0);
        let map @ [_, h, w] = self.map(0);
        match self.op() {
            Op::Conv(conv) => {
                let (scales, codes) = int8(&conv.weight);
                let sums = |o: usize, taps: &[Tap]| {
                    let products = taps.iter().map(|t| i32::from(codes[t.weight]) * x[t.input]);
                    let scale = from.scale * scales[o];
                    (bias_code(conv.bias[o], scale) + products.sum::<i32>(), scale)
                };
                self.rescaled(window::convolve(conv, [1, 1], map, sums))
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
                let scale = from.scale / (h * w) as f32;
                self.rescaled(x.chunks(h * w).map(|p| (p.iter().sum(), scale)).collect())
            }
            Op::Add => self.sum(),
            Op::Concat => self.requantized(),
            Op::MaxPool(window) => {
                let largest = |codes: &[u8]| codes.iter().copied().max().unwrap_or(0);
                Value::Codes(window::pool(window, map, &self.codes(0), largest))
            }
            Op::Upsample2 => Value::Codes(resize::enlarge(&self.codes(0), map, [2 * h, 2 * w])),
            Op::Relu => Value::Codes(self.codes(0).into_iter().map(|c| c.max(from.zero)).collect()),
            _ => Value::Floats(Vec::new()),
        }
    }

    fn codes(&self, i: usize) -> Vec<u8> {
        match &self.values[self.inputs()[i] as usize] {
            Value::Codes(codes) => codes.clone(),
            Value::Floats(_) => Vec::new(),
        }
    }

    /// An input's codes less their zero; empty when it is not coded.
    fn offsets(&self, i: usize) -> (Affine, Vec<i32>) {
        let affine = self.graph.coding(self.inputs()[i]).unwrap_or(Affine { scale: 1.0, zero: 0 });
        let offset = |code: u8| i32::from(code) - i32::from(affine.zero);
        (affine, self.codes(i).into_iter().map(offset).collect())
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

    fn sum(&self) -> Value {
        let Some(to) = self.graph.coding(self.step.output) else {
            return Value::Floats(Vec::new());
        };
        let ((a_from, a), (b_from, b)) = (self.offsets(0), self.offsets(1));
        let (ra, rb) = (a_from.scale / to.scale, b_from.scale / to.scale);
        let low = to.low(self.step.relu);
        let sum = |(&a, &b): (&i32, &i32)| to.requantize(a as f32 * ra + b as f32 * rb, low);
        Value::Codes(a.iter().zip(&b).map(sum).collect())
    }

    /// All inputs' codes in the output's coding, one after another.
    fn requantized(&self) -> Value {
        let Some(to) = self.graph.coding(self.step.output) else {
            return Value::Floats(Vec::new());
        };
        let parts = (0..self.inputs().len()).flat_map(|i| {
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
