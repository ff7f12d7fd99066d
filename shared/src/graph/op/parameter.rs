//! What operations are told beside their weights.

use serde::{Deserialize, Serialize};

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
    /// `a + b` where one side may repeat; see [`Op::Add`](super::Op::Add) for equal shapes.
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
