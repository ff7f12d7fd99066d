//! Elements in another order, fewer of them, or more.

use burn::tensor::{
    Tensor,
    module::interpolate,
    ops::{InterpolateMode, InterpolateOptions, PadMode as BurnPad},
};
use mien_shared::graph::{Op, PadMode, Resample};

/// What operations that only move, repeat, leave out or resize elements make of `inputs`.
pub(super) fn moved(op: &Op, inputs: Vec<Tensor<4>>) -> Tensor<4> {
    if let Op::Concat | Op::ConcatOver { .. } = op {
        let axis = if let Op::ConcatOver { axis } = op { *axis as usize } else { 0 };
        return Tensor::cat(inputs, axis + 1);
    }
    let x = inputs[0].clone();
    let [_, channels, h, w] = x.dims();
    match op {
        Op::Flatten => x.reshape([1, channels * h * w, 1, 1]),
        Op::Reshape(dims) => {
            let [channels, h, w] = dims.map(|n| n as usize);
            x.reshape([1, channels, h, w])
        }
        Op::Transpose(order) => {
            let [first, second, third] = order.map(|axis| axis as usize + 1);
            x.permute([0, first, second, third])
        }
        Op::Slice { axis, start, length } => {
            x.narrow(*axis as usize + 1, *start as usize, *length as usize)
        }
        Op::Pad { pads, mode } => padded(x, *pads, *mode),
        Op::Upsample2 => resize(x, [2 * h, 2 * w], Resample::Nearest),
        Op::Resize { size, mode } => resize(x, size.map(|n| n as usize), *mode),
        _ => unreachable!("{} is executed elsewhere", op.name()),
    }
}

fn padded(x: Tensor<4>, pads: [u32; 4], mode: PadMode) -> Tensor<4> {
    let [top, left, bottom, right] = pads.map(|n| n as usize);
    let mode = match mode {
        PadMode::Constant(value) => BurnPad::Constant(value),
        PadMode::Reflect => BurnPad::Reflect,
        PadMode::Edge => BurnPad::Edge,
    };
    x.pad((left, right, top, bottom), mode)
}

fn resize(x: Tensor<4>, size: [usize; 2], mode: Resample) -> Tensor<4> {
    let kind = match mode {
        Resample::Nearest => InterpolateMode::Nearest,
        Resample::Bilinear | Resample::BilinearCorners => InterpolateMode::Bilinear,
    };
    let corners = mode == Resample::BilinearCorners;
    let options = InterpolateOptions::new(kind).with_align_corners(corners);
    interpolate(x, options.with_output_size(size))
}
