//! Float steps: what each operation makes of decoded values.

use super::{Run, decode, elementwise, layout, norm, resize, window};
use crate::graph::{Conv, Op};

impl Run<'_> {
    /// What the step's node makes, before a relu.
    pub(super) fn float(&self) -> Vec<f32> {
        let x = self.floats(0);
        let map @ [c, h, w] = self.map(0);
        match self.op() {
            Op::Conv(conv) => convolution(conv, [1, 1], map, &x),
            Op::DilatedConv { conv, dilation } => convolution(conv, *dilation, map, &x),
            Op::ConvTranspose(conv) => window::scatter(conv, map, &x),
            Op::Linear { weight, bias } => {
                let matrix = weight.to_f32();
                let rows = matrix.chunks(x.len()).zip(bias);
                rows.map(|(row, b)| b + row.iter().zip(&x).map(|(w, v)| w * v).sum::<f32>())
                    .collect()
            }
            Op::MaxPool(window) => window::pool(window, map, &x, largest),
            Op::AveragePool(window) => window::pool(window, map, &x, mean),
            Op::GlobalAveragePool => x.chunks(h * w).map(mean).collect(),
            Op::GlobalMaxPool => x.chunks(h * w).map(largest).collect(),
            Op::Relu => x.iter().map(|v| v.max(0.0)).collect(),
            Op::Sigmoid => x.iter().map(|v| 1.0 / (1.0 + (-v).exp())).collect(),
            Op::Activation(activation) => {
                x.iter().map(|&v| elementwise::activate(*activation, v)).collect()
            }
            Op::PRelu { slope } => {
                let planes = x.chunks(x.len() / c).zip(slope);
                let sloped = |(plane, &slope)| elementwise::sloped(plane, slope);
                planes.flat_map(sloped).collect()
            }
            _ => self.several(&x, map),
        }
    }

    /// Operations on several values, along axes, and on the order of elements.
    fn several(&self, x: &[f32], map @ [c, h, w]: [usize; 3]) -> Vec<f32> {
        let dims = self.dims(0);
        match self.op() {
            Op::Add => x.iter().zip(self.floats(1)).map(|(a, b)| a + b).collect(),
            Op::Binary(binary) => {
                elementwise::pairs(*binary, (x, map), (&self.floats(1), self.map(1)))
            }
            Op::MatMul => {
                let [_, _, columns] = self.map(1);
                elementwise::products((x, [h, w]), (&self.floats(1), columns), c)
            }
            Op::Softmax => norm::softmax(x, &dims, 0),
            Op::SoftmaxOver { axis } => norm::softmax(x, &dims, *axis as usize),
            Op::L2Normalize { axis, epsilon } => {
                norm::unit_length(x, &dims, *axis as usize, *epsilon)
            }
            Op::Norm(norm) => norm::norm(x, norm, &dims),
            Op::Concat => self.joined(0),
            Op::ConcatOver { axis } => self.joined(*axis as usize),
            Op::Slice { axis, start, length } => {
                layout::slice(x, &dims, *axis as usize, [*start as usize, *length as usize])
            }
            Op::Transpose(order) => layout::transpose(x, map, order.map(|axis| axis as usize)),
            Op::Pad { pads, mode } => layout::pad(x, map, pads.map(|n| n as usize), *mode),
            Op::Upsample2 => resize::enlarge(x, map, [2 * h, 2 * w]),
            Op::Resize { size, mode } => {
                resize::resize(x, map, size.map(|side| side as usize), *mode)
            }
            Op::Flatten | Op::Reshape(_) => x.to_vec(),
            _ => Vec::new(),
        }
    }

    fn floats(&self, i: usize) -> Vec<f32> {
        let value = self.inputs()[i];
        decode(self.graph.coding(value), &self.values[value as usize])
    }

    fn joined(&self, axis: usize) -> Vec<f32> {
        let parts = 0..self.inputs().len();
        let parts: Vec<_> = parts.map(|i| (self.floats(i), self.dims(i))).collect();
        layout::concat(&parts, axis)
    }
}

fn convolution(conv: &Conv, dilation: [u32; 2], map: [usize; 3], x: &[f32]) -> Vec<f32> {
    let weight = conv.weight.to_f32();
    window::convolve(conv, dilation, map, |o, taps| {
        conv.bias[o] + taps.iter().map(|t| weight[t.weight] * x[t.input]).sum::<f32>()
    })
}

fn largest(values: &[f32]) -> f32 {
    values.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len() as f32
}
