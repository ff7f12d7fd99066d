//! Shape inference: what each operation makes of the shapes it reads, and what that costs.

use super::{Conv, MAX_EXTENT, Op, Shape, Tensor, Window};

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
        }
    }

    /// The shape this operation makes of the shapes it reads.
    pub(super) fn infer(&self, inputs: &[Shape]) -> Result<Shape, ShapeFault> {
        use Shape::{Map, Vector};
        let made = match (self, inputs) {
            (Self::Relu | Self::Sigmoid | Self::Softmax, [any]) => *any,
            (Self::Conv(conv), [Map(map)]) => Map(conv.infer(*map)?),
            (Self::MaxPool(window), [Map([c, h, w])]) => {
                let [h, w] = window.infer([*h, *w])?;
                Map([*c, h, w])
            }
            (Self::GlobalAveragePool, [Map([c, ..])]) => Vector([*c]),
            (Self::Upsample2, [Map([c, h, w])]) => Map([*c, h * 2, w * 2]),
            (Self::Linear { weight, .. }, [Vector([c])]) => Vector([linear(weight, *c)?]),
            (Self::Add, [a, b]) if a == b => *a,
            (Self::Add, [a, b]) => return Err(ShapeFault::Differ { a: *a, b: *b }),
            (Self::Concat, [_, _, ..]) => concat(inputs)?,
            _ => return Err(self.misfit(inputs)),
        };
        match made.dims().iter().find(|&&extent| extent == 0 || extent > MAX_EXTENT) {
            Some(_) => Err(ShapeFault::Extent { dims: made.dims().to_vec() }),
            None => Ok(made),
        }
    }

    /// Multiply-accumulates to make a value of shape `made`.
    pub(super) fn macs(&self, made: Shape) -> u64 {
        match self {
            Self::Conv(Conv { weight, .. }) => {
                let per_output: u64 = weight.shape.iter().skip(1).map(|&n| u64::from(n)).product();
                made.elements() * per_output
            }
            Self::Linear { weight, .. } => weight.elements() as u64,
            _ => 0,
        }
    }

    /// Number of weights and biases.
    pub(super) fn parameters(&self) -> u64 {
        match self {
            Self::Conv(Conv { weight, bias, .. }) | Self::Linear { weight, bias } => {
                (weight.elements() + bias.len()) as u64
            }
            _ => 0,
        }
    }

    /// Why this operation cannot read `inputs`: their number or their kind.
    fn misfit(&self, inputs: &[Shape]) -> ShapeFault {
        let wanted = match self {
            Self::Add => "two values",
            Self::Concat => "two or more values",
            _ => "one value",
        };
        let count_fits = match self {
            Self::Add => inputs.len() == 2,
            Self::Concat => inputs.len() >= 2,
            _ => inputs.len() == 1,
        };
        if count_fits {
            return ShapeFault::Rank { dims: inputs[0].dims().to_vec() };
        }
        ShapeFault::Arity { wanted, given: inputs.len() }
    }
}

impl Conv {
    /// `[O, H', W']` from `[I, H, W]`; the weight has four axes.
    fn infer(&self, [channels, h, w]: [u32; 3]) -> Result<[u32; 3], ShapeFault> {
        let &[out, per_group, kh, kw] = self.weight.shape.as_slice() else {
            return Err(ShapeFault::Rank { dims: self.weight.shape.clone() });
        };
        let divides = |n: u32| n.checked_rem(self.groups) == Some(0);
        if !divides(channels) || !divides(out) {
            return Err(ShapeFault::Groups { groups: self.groups, channels, out });
        }
        let wanted = channels / self.groups;
        if per_group != wanted {
            return Err(ShapeFault::Channels { wanted, given: per_group });
        }
        if self.window.kernel != [kh, kw] {
            return Err(ShapeFault::Kernel { window: self.window.kernel, weight: [kh, kw] });
        }
        let [h, w] = self.window.infer([h, w])?;
        Ok([out, h, w])
    }
}

impl Window {
    /// `[H', W']` from `[H, W]`: `(extent + pads - kernel) / stride + 1`, rounded down.
    fn infer(&self, sides: [u32; 2]) -> Result<[u32; 2], ShapeFault> {
        let [top, left, bottom, right] = self.pads;
        let pads = [(top, bottom), (left, right)];
        let mut made = [0; 2];
        for axis in 0..2 {
            made[axis] = steps(sides[axis], self.kernel[axis], self.stride[axis], pads[axis])
                .ok_or(ShapeFault::Window { window: *self, sides })?;
        }
        Ok(made)
    }
}

/// What is wrong with an operation's shapes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShapeFault {
    /// Another number of inputs than the operation reads.
    #[error("it reads {wanted} but is given {given}")]
    Arity {
        /// What it reads, in words.
        wanted: &'static str,
        /// Inputs given.
        given: usize,
    },
    /// A vector where a map is needed or the reverse.
    #[error("it cannot read a value of shape {dims:?}")]
    Rank {
        /// The shape.
        dims: Vec<u32>,
    },
    /// Two values to be added differ in shape.
    #[error("the shapes {:?} and {:?} differ", a.dims(), b.dims())]
    Differ {
        /// First shape.
        a: Shape,
        /// Second shape.
        b: Shape,
    },
    /// The groups do not divide the channels, or are zero.
    #[error("{groups} groups do not divide {channels} input and {out} output channels")]
    Groups {
        /// Stated groups.
        groups: u32,
        /// Channels read.
        channels: u32,
        /// Channels made.
        out: u32,
    },
    /// The weight is made for another number of channels.
    #[error("its weight reads {given} channels per group where the value has {wanted}")]
    Channels {
        /// Channels per group the value has.
        wanted: u32,
        /// Channels per group the weight has.
        given: u32,
    },
    /// The weight's and the window's kernel differ.
    #[error("its window is {window:?} but its weight {weight:?}")]
    Kernel {
        /// The window's kernel.
        window: [u32; 2],
        /// The weight's last two axes.
        weight: [u32; 2],
    },
    /// A zero kernel or stride, padding as large as the kernel, or a kernel larger than the map.
    #[error(
        "kernel {:?}, stride {:?} and pads {:?} do not fit a map of {sides:?}",
        window.kernel, window.stride, window.pads
    )]
    Window {
        /// The window.
        window: Window,
        /// Height and width of the map.
        sides: [u32; 2],
    },
    /// A value with an empty or too large axis.
    #[error("it makes a value of shape {dims:?}; extents lie in 1..={MAX_EXTENT}")]
    Extent {
        /// The shape.
        dims: Vec<u32>,
    },
}

/// Number of windows along one axis, or `None` when the window does not fit.
fn steps(extent: u32, kernel: u32, stride: u32, (before, after): (u32, u32)) -> Option<u32> {
    if before >= kernel || after >= kernel {
        return None;
    }
    let padded = extent.checked_add(before)?.checked_add(after)?;
    padded.checked_sub(kernel)?.checked_div(stride)?.checked_add(1)
}

/// `O` from a vector of `channels`.
fn linear(weight: &Tensor, channels: u32) -> Result<u32, ShapeFault> {
    match *weight.shape.as_slice() {
        [out, given] if given == channels => Ok(out),
        [_, given] => Err(ShapeFault::Channels { wanted: channels, given }),
        _ => Err(ShapeFault::Rank { dims: weight.shape.clone() }),
    }
}

/// The shape of two or more values joined along C.
fn concat(inputs: &[Shape]) -> Result<Shape, ShapeFault> {
    let first = inputs[0];
    let mut channels = 0_u32;
    for &shape in inputs {
        if shape.dims()[1..] != first.dims()[1..] {
            return Err(ShapeFault::Differ { a: first, b: shape });
        }
        channels = channels.saturating_add(shape.channels());
    }
    Ok(match first {
        Shape::Map([_, h, w]) => Shape::Map([channels, h, w]),
        Shape::Vector(_) => Shape::Vector([channels]),
    })
}
