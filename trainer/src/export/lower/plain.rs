//! Operations without weights.

use mien_shared::graph::{Activation, Binary, Op, PadMode, Resample, Window};

use super::{Builder, Value};

impl Builder {
    /// A function of each element alone.
    pub fn activation(&mut self, name: &str, activation: Activation, x: Value) -> Value {
        self.push(name, Op::Activation(activation), &[x])
    }

    /// `1 / (1 + exp(-x))`.
    pub fn sigmoid(&mut self, name: &str, x: Value) -> Value {
        self.push(name, Op::Sigmoid, &[x])
    }

    /// Softmax along an axis; 0 is C.
    pub fn softmax(&mut self, name: &str, axis: u32, x: Value) -> Value {
        let op = if axis == 0 { Op::Softmax } else { Op::SoftmaxOver { axis } };
        self.push(name, op, &[x])
    }

    /// A function of pairs; an extent of 1 on either side repeats.
    pub fn binary(&mut self, name: &str, binary: Binary, a: Value, b: Value) -> Value {
        self.push(name, Op::Binary(binary), &[a, b])
    }

    /// `[B, M, K] · [B, K, N]`.
    pub fn mat_mul(&mut self, name: &str, a: Value, b: Value) -> Value {
        self.push(name, Op::MatMul, &[a, b])
    }

    /// Mean under a window; padding does not count.
    pub fn average_pool(&mut self, name: &str, window: Window, x: Value) -> Value {
        self.push(name, Op::AveragePool(window), &[x])
    }

    /// Largest value over H and W.
    pub fn global_max_pool(&mut self, name: &str, x: Value) -> Value {
        self.push(name, Op::GlobalMaxPool, &[x])
    }

    /// H and W to another size.
    pub fn resize(&mut self, name: &str, size: [u32; 2], mode: Resample, x: Value) -> Value {
        self.push(name, Op::Resize { size, mode }, &[x])
    }

    /// `x / max(‖x‖₂, ε)` along an axis.
    pub fn l2_normalize(&mut self, name: &str, axis: u32, epsilon: f32, x: Value) -> Value {
        self.push(name, Op::L2Normalize { axis, epsilon }, &[x])
    }

    /// Axis `i` of the result is axis `order[i]` of the value.
    pub fn transpose(&mut self, name: &str, order: [u32; 3], x: Value) -> Value {
        self.push(name, Op::Transpose(order), &[x])
    }

    /// The elements as one axis.
    pub fn flatten(&mut self, name: &str, x: Value) -> Value {
        self.push(name, Op::Flatten, &[x])
    }

    /// The elements as `[C, H, W]`.
    pub fn reshape(&mut self, name: &str, dims: [u32; 3], x: Value) -> Value {
        self.push(name, Op::Reshape(dims), &[x])
    }

    /// `length` indices of an axis from `start` on.
    pub fn slice(&mut self, name: &str, axis: u32, [start, length]: [u32; 2], x: Value) -> Value {
        self.push(name, Op::Slice { axis, start, length }, &[x])
    }

    /// Concatenation along any axis.
    pub fn concat_over(&mut self, name: &str, axis: u32, parts: &[Value]) -> Value {
        self.push(name, Op::ConcatOver { axis }, parts)
    }

    /// Pixels around H and W: top, left, bottom, right.
    pub fn pad(&mut self, name: &str, pads: [u32; 4], mode: PadMode, x: Value) -> Value {
        self.push(name, Op::Pad { pads, mode }, &[x])
    }
}
