//! What a node computes, with its constants and parameters.
//!
//! A stored graph holds an operation by its position in [`Op`]: new ones are appended, and none
//! changes its fields. Axes are counted without the batch: 0 is C, 1 is H, 2 is W.

mod parameter;

use serde::{Deserialize, Serialize};

pub use self::parameter::{Activation, Binary, Norm, NormOver, PadMode, Resample};
use super::Tensor;

/// What a node computes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Op {
    /// 2-D convolution; `weight` is `[O, I / groups, KH, KW]`, `bias` holds O values.
    Conv(Conv),
    /// `max(x, 0)`.
    Relu,
    /// Elementwise sum of two values of the same shape.
    Add,
    /// Largest value under the window; padding never wins.
    MaxPool(Window),
    /// Mean over H and W: `[N, C, H, W] -> [N, C]`.
    GlobalAveragePool,
    /// Nearest-neighbour enlargement of H and W by two.
    Upsample2,
    /// Concatenation along C.
    Concat,
    /// `x · weightᵀ + bias`; `weight` is `[O, I]`, `bias` holds O values.
    Linear {
        /// The matrix, `[O, I]`.
        weight: Tensor,
        /// O values.
        bias: Vec<f32>,
    },
    /// Softmax over C.
    Softmax,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// A function of each element alone.
    Activation(Activation),
    /// `x` where it is positive, else `slope[c] · x`.
    PRelu {
        /// C values.
        slope: Vec<f32>,
    },
    /// A function of each pair of elements of two values of one rank; an extent of 1 repeats.
    Binary(Binary),
    /// The transpose of a strided convolution (Dumoulin and Visin, arXiv:1603.07285, chapter 4):
    /// `H' = (H - 1) · stride + kernel - top - bottom`. `weight` is `[O, I / groups, KH, KW]`.
    ConvTranspose(Conv),
    /// A convolution whose kernel places lie `dilation` pixels apart along H and W.
    DilatedConv {
        /// Weights, window and groups as for [`Op::Conv`].
        conv: Conv,
        /// Distance of the kernel's places along H and W.
        dilation: [u32; 2],
    },
    /// Mean of the values under the window; padding does not count.
    AveragePool(Window),
    /// Largest value over H and W: `[N, C, H, W] -> [N, C]`.
    GlobalMaxPool,
    /// H and W to another size.
    Resize {
        /// `[H', W']`.
        size: [u32; 2],
        /// Between which pixels, and how.
        mode: Resample,
    },
    /// `scale · (x - μ) / √(σ² + ε) + bias`, with μ and σ² of the value itself.
    Norm(Norm),
    /// `x / max(‖x‖₂, ε)` along one axis.
    L2Normalize {
        /// The axis.
        axis: u32,
        /// The least divisor; positive.
        epsilon: f32,
    },
    /// Softmax along any axis.
    SoftmaxOver {
        /// The axis.
        axis: u32,
    },
    /// The matrix product `[B, M, K] · [B, K, N] -> [B, M, N]`, B times.
    MatMul,
    /// The axes in another order: axis `i` of the result is axis `order[i]` of the value.
    Transpose([u32; 3]),
    /// The elements as `[C]`, in their order.
    Flatten,
    /// The elements as `[C, H, W]`, in their order.
    Reshape([u32; 3]),
    /// A range along one axis.
    Slice {
        /// The axis.
        axis: u32,
        /// First index.
        start: u32,
        /// Number of indices.
        length: u32,
    },
    /// Concatenation along any axis.
    ConcatOver {
        /// The axis.
        axis: u32,
    },
    /// Pixels around H and W.
    Pad {
        /// How many: top, left, bottom, right.
        pads: [u32; 4],
        /// What they hold.
        mode: PadMode,
    },
}

impl Op {
    /// Name for messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Conv(_) => "conv",
            Self::Relu => "relu",
            Self::Add => "add",
            Self::MaxPool(_) => "max pool",
            Self::GlobalAveragePool => "global average pool",
            Self::Upsample2 => "upsample",
            Self::Concat => "concat",
            Self::Linear { .. } => "linear",
            Self::Softmax => "softmax",
            Self::Sigmoid => "sigmoid",
            Self::Activation(activation) => activation.name(),
            Self::PRelu { .. } => "prelu",
            Self::Binary(binary) => binary.name(),
            Self::ConvTranspose(_) => "transposed conv",
            Self::DilatedConv { .. } => "dilated conv",
            Self::AveragePool(_) => "average pool",
            Self::GlobalMaxPool => "global max pool",
            Self::Resize { .. } => "resize",
            Self::Norm(_) => "norm",
            Self::L2Normalize { .. } => "l2 normalize",
            Self::SoftmaxOver { .. } => "softmax over an axis",
            Self::MatMul => "matrix product",
            Self::Transpose(_) => "transpose",
            Self::Flatten => "flatten",
            Self::Reshape(_) => "reshape",
            Self::Slice { .. } => "slice",
            Self::ConcatOver { .. } => "concat over an axis",
            Self::Pad { .. } => "pad",
        }
    }

    /// The weight, with output channels first, of an operation that has one.
    pub fn weight(&self) -> Option<&Tensor> {
        match self {
            Self::Conv(conv) | Self::ConvTranspose(conv) | Self::DilatedConv { conv, .. } => {
                Some(&conv.weight)
            }
            Self::Linear { weight, .. } => Some(weight),
            _ => None,
        }
    }

    /// The bias that belongs to [`Op::weight`].
    pub(super) fn bias(&self) -> &[f32] {
        match self {
            Self::Conv(conv) | Self::ConvTranspose(conv) | Self::DilatedConv { conv, .. } => {
                &conv.bias
            }
            Self::Linear { bias, .. } => bias,
            _ => &[],
        }
    }
}

/// A 2-D convolution's parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conv {
    /// `[O, I / groups, KH, KW]`.
    pub weight: Tensor,
    /// O values.
    pub bias: Vec<f32>,
    /// Steps along H and W, and the padding.
    pub window: Window,
    /// Number of groups; I for a depthwise convolution.
    pub groups: u32,
}

/// A sliding window over H and W.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Window size along H and W.
    pub kernel: [u32; 2],
    /// Step along H and W.
    pub stride: [u32; 2],
    /// Zero padding: top, left, bottom, right.
    pub pads: [u32; 4],
}
