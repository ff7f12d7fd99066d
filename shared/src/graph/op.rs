//! What a node computes, with its constants and parameters.
//!
//! A stored graph holds an operation by its position in [`Op`]: new ones are appended, and none
//! changes its fields. Axes are counted without the batch: 0 is C, 1 is H, 2 is W.

use serde::{Deserialize, Serialize};

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

/// A function of one number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Activation {
    /// `x` where it is positive, else `slope · x`.
    LeakyRelu {
        /// The slope.
        slope: f32,
    },
    /// `x` where it is positive, else `alpha · (exp(x) - 1)` (arXiv:1511.07289).
    Elu {
        /// What is lost at minus infinity.
        alpha: f32,
    },
    /// `tanh(x)`.
    Tanh,
    /// `min(max(x, low), high)`; ReLU6 is 0 to 6.
    Clip {
        /// The least value.
        low: f32,
        /// The largest value.
        high: f32,
    },
    /// `min(max(x / 6 + 1/2, 0), 1)` (arXiv:1905.02244).
    HardSigmoid,
    /// `x · hard_sigmoid(x)` (arXiv:1905.02244).
    HardSwish,
    /// `x / (1 + exp(-x))` (arXiv:1702.03118).
    Silu,
    /// `x · Φ(x)` with the normal distribution's Φ, not its tanh approximation (arXiv:1606.08415).
    Gelu,
    /// The natural logarithm of `x`, or of the smallest normal f32 where `x` is below it.
    Log,
}

impl Activation {
    /// Name for messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::LeakyRelu { .. } => "leaky relu",
            Self::Elu { .. } => "elu",
            Self::Tanh => "tanh",
            Self::Clip { .. } => "clip",
            Self::HardSigmoid => "hard sigmoid",
            Self::HardSwish => "hard swish",
            Self::Silu => "silu",
            Self::Gelu => "gelu",
            Self::Log => "log",
        }
    }
}

/// A function of two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Binary {
    /// `a + b` where one side may repeat; see [`Op::Add`] for equal shapes.
    Add,
    /// `a - b`.
    Sub,
    /// `a · b`.
    Mul,
    /// The larger of both.
    Max,
}

impl Binary {
    /// Name for messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Add => "repeating add",
            Self::Sub => "subtract",
            Self::Mul => "multiply",
            Self::Max => "maximum",
        }
    }
}

/// How pixels between pixels are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resample {
    /// Each pixel repeated; H' and W' are whole multiples of H and W.
    Nearest,
    /// Linear along H and W, pixel centres at half steps, borders repeated.
    Bilinear,
    /// Linear along H and W, the centres of the corner pixels on each other.
    BilinearCorners,
}

/// A normalisation by a value's own statistics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Norm {
    /// What shares a mean and a variance.
    pub over: NormOver,
    /// Added to the variance; positive.
    pub epsilon: f32,
    /// C values, or as many as the last axis has.
    pub scale: Vec<f32>,
    /// As many as `scale`.
    pub bias: Vec<f32>,
}

/// What shares a mean and a variance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NormOver {
    /// This many groups of neighbouring channels, all pixels (arXiv:1803.08494); C groups are
    /// instance normalisation. `scale` and `bias` go by channel.
    Groups(u32),
    /// The last axis (layer normalisation, arXiv:1607.06450); `scale` and `bias` go along it.
    LastAxis,
}

/// What padding holds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum PadMode {
    /// One number.
    Constant(f32),
    /// The map mirrored at its border pixels, which are not repeated.
    Reflect,
    /// The border pixels, repeated.
    Edge,
}
