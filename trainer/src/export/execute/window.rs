//! Convolutions, their transpose, and pools.

use burn::tensor::{
    Tensor,
    module::{avg_pool2d, conv_transpose2d, conv2d, max_pool2d},
    ops::{AvgPoolOptions, ConvOptions, ConvTransposeOptions, MaxPoolOptions},
};
use mien_shared::graph::{Conv, Window};

use super::Step;
use crate::export::channels::swapped;

impl Step<'_> {
    pub(super) fn convolve(&self, x: Tensor<4>, conv: &Conv, dilation: [u32; 2]) -> Tensor<4> {
        let shape = [0, 1, 2, 3].map(|i| conv.weight.shape[i] as usize);
        let weight = self.constant(conv.weight.to_f32().to_vec(), shape);
        let [stride, dilation] = [conv.window.stride, dilation].map(|a| a.map(|n| n as usize));
        let options = ConvOptions::new(stride, [0, 0], dilation, conv.groups as usize);
        let x = padded(x, &conv.window, 0.0);
        conv2d(x, weight, Some(self.vector(&conv.bias)), options)
    }

    /// Made without padding, then cropped: burn pads both ends alike.
    pub(super) fn convolve_transposed(&self, x: Tensor<4>, conv: &Conv) -> Tensor<4> {
        let [outputs, inputs, kh, kw] = [0, 1, 2, 3].map(|axis| conv.weight.shape[axis] as usize);
        let groups = conv.groups as usize;
        let (outputs, shape) = (outputs / groups, [groups * inputs, outputs / groups, kh, kw]);
        let swapped = swapped(&conv.weight.to_f32(), [groups, outputs, inputs]);
        let weight = self.constant(swapped, shape);
        let stride = conv.window.stride.map(|n| n as usize);
        let options = ConvTransposeOptions::new(stride, [0, 0], [0, 0], [1, 1], groups);
        let whole = conv_transpose2d(x, weight, Some(self.vector(&conv.bias)), options);
        let [top, left, bottom, right] = conv.window.pads.map(|n| n as usize);
        let [_, _, h, w] = whole.dims();
        whole.narrow(2, top, h - top - bottom).narrow(3, left, w - left - right)
    }
}

pub(super) fn max_pool(x: Tensor<4>, window: &Window) -> Tensor<4> {
    let [kernel, stride] = [window.kernel, window.stride].map(|a| a.map(|n| n as usize));
    max_pool2d(padded(x, window, f32::MIN), MaxPoolOptions::new(kernel).with_stride(stride))
}

pub(super) fn average_pool(x: Tensor<4>, window: &Window) -> Tensor<4> {
    let [top, left, bottom, right] = window.pads.map(|n| n as usize);
    let options = AvgPoolOptions {
        kernel_size: window.kernel.map(|n| n as usize),
        stride: window.stride.map(|n| n as usize),
        padding: [(top, bottom), (left, right)],
        count_include_pad: false,
        ceil_mode: false,
    };
    avg_pool2d(x, options)
}

pub(crate) fn padded(x: Tensor<4>, window: &Window, value: f32) -> Tensor<4> {
    let [top, left, bottom, right] = window.pads.map(|n| n as usize);
    x.pad((left, right, top, bottom), value)
}
