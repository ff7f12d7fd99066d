//! Shape inference: what each operation makes of the shapes it reads, and what that costs.

mod fault;
mod layout;
mod window;

pub use self::fault::ShapeFault;
use super::{MAX_EXTENT, Norm, NormOver, Op, Shape, Tensor};

impl Op {
    /// The shape this operation makes of the shapes it reads.
    pub(super) fn infer(&self, inputs: &[Shape]) -> Result<Shape, ShapeFault> {
        self.check_count(inputs.len())?;
        let made = match inputs {
            [map @ Shape::Map(dims)] => match self.of_map(*dims) {
                Some(made) => made?,
                None => self.of_any(*map)?,
            },
            [vector] => self.of_any(*vector)?,
            _ => self.of_many(inputs)?,
        };
        match made.dims().iter().find(|&&extent| extent == 0 || extent > MAX_EXTENT) {
            Some(_) => Err(ShapeFault::Extent { dims: made.dims().to_vec() }),
            None => Ok(made),
        }
    }

    /// What operations on one map alone make of it; `None` for every other operation.
    fn of_map(&self, dims @ [c, h, w]: [u32; 3]) -> Option<Result<Shape, ShapeFault>> {
        let sides = |made: Result<[u32; 2], ShapeFault>| made.map(|[h, w]| [c, h, w]);
        let made = match self {
            Self::Conv(conv) => conv.infer(dims, [1, 1]),
            Self::DilatedConv { conv, dilation } => conv.infer(dims, *dilation),
            Self::ConvTranspose(conv) => conv.infer_transposed(dims),
            Self::MaxPool(window) | Self::AveragePool(window) => {
                sides(window.infer([h, w], [1, 1]))
            }
            Self::Upsample2 => Ok([c, h * 2, w * 2]),
            Self::Resize { size, mode } => sides(layout::resize([h, w], *size, *mode)),
            Self::Pad { pads, mode } => sides(layout::pad([h, w], *pads, *mode)),
            Self::Transpose(order) => layout::transpose(dims, *order),
            Self::GlobalAveragePool | Self::GlobalMaxPool => {
                return Some(Ok(Shape::Vector([c])));
            }
            _ => return None,
        };
        Some(made.map(Shape::Map))
    }

    /// What operations on one value of either rank make of it.
    fn of_any(&self, shape: Shape) -> Result<Shape, ShapeFault> {
        match self {
            Self::Relu | Self::Sigmoid | Self::Softmax | Self::Activation(_) => Ok(shape),
            Self::PRelu { slope } => {
                counts("slopes", slope.len(), shape.channels()).map(|()| shape)
            }
            Self::Norm(norm) => norm.infer(shape),
            Self::L2Normalize { axis, .. } | Self::SoftmaxOver { axis } => {
                layout::extent(shape, *axis).map(|_| shape)
            }
            Self::Flatten => Ok(layout::flatten(shape)),
            Self::Reshape(dims) => layout::reshape(shape, *dims),
            Self::Slice { axis, start, length } => layout::slice(shape, *axis, [*start, *length]),
            Self::Linear { weight, .. } => match shape {
                Shape::Vector([c]) => Ok(Shape::Vector([linear(weight, c)?])),
                Shape::Map(_) => Err(ShapeFault::Rank { dims: shape.dims().to_vec() }),
            },
            _ => Err(ShapeFault::Rank { dims: shape.dims().to_vec() }),
        }
    }

    /// What operations on several values make of them.
    fn of_many(&self, inputs: &[Shape]) -> Result<Shape, ShapeFault> {
        match (self, inputs) {
            (Self::Add, [a, b]) if a == b => Ok(*a),
            (Self::Add, [a, b]) => Err(ShapeFault::Differ { a: *a, b: *b }),
            (Self::Binary(_), [a, b]) => layout::repeat(*a, *b),
            (Self::MatMul, [a, b]) => layout::product(*a, *b),
            (Self::ConcatOver { axis }, _) => layout::concat(inputs, *axis),
            _ => layout::concat(inputs, 0),
        }
    }

    /// Multiply-accumulates to make a value of shape `made` of a first input of shape `read`.
    pub(super) fn macs(&self, read: Shape, made: Shape) -> u64 {
        let per_output = |weight: &Tensor| -> u64 {
            weight.shape.iter().skip(1).map(|&extent| u64::from(extent)).product()
        };
        match self {
            Self::Conv(conv) | Self::DilatedConv { conv, .. } => {
                made.elements() * per_output(&conv.weight)
            }
            Self::ConvTranspose(conv) => {
                let weights = conv.weight.elements() as u64;
                read.elements() / u64::from(read.channels()) * weights
            }
            Self::Linear { weight, .. } => weight.elements() as u64,
            Self::MatMul => made.elements() * read.dims().last().map_or(0, |&k| u64::from(k)),
            _ => 0,
        }
    }

    /// Number of weights and biases.
    pub(super) fn parameters(&self) -> u64 {
        let own = match self {
            Self::PRelu { slope } => slope.len(),
            Self::Norm(norm) => norm.scale.len() + norm.bias.len(),
            _ => self.weight().map_or(0, Tensor::elements) + self.bias().len(),
        };
        own as u64
    }

    /// The operation reads as many values as it is given.
    fn check_count(&self, given: usize) -> Result<(), ShapeFault> {
        let (fits, wanted) = match self {
            Self::Add | Self::Binary(_) | Self::MatMul => (given == 2, "two values"),
            Self::Concat | Self::ConcatOver { .. } => (given >= 2, "two or more values"),
            _ => (given == 1, "one value"),
        };
        if fits { Ok(()) } else { Err(ShapeFault::Arity { wanted, given }) }
    }
}

impl Norm {
    fn infer(&self, shape: Shape) -> Result<Shape, ShapeFault> {
        let wanted = match (self.over, shape) {
            (NormOver::LastAxis, _) => shape.dims().last().copied().unwrap_or(0),
            (NormOver::Groups(groups), Shape::Map([c, ..])) => {
                if c.checked_rem(groups) != Some(0) {
                    return Err(ShapeFault::Groups { groups, channels: c, out: c });
                }
                c
            }
            (NormOver::Groups(_), Shape::Vector(_)) => {
                return Err(ShapeFault::Rank { dims: shape.dims().to_vec() });
            }
        };
        counts("scales", self.scale.len(), wanted)?;
        counts("biases", self.bias.len(), wanted)?;
        Ok(shape)
    }
}

/// There is one constant per index of an axis.
fn counts(what: &'static str, given: usize, wanted: u32) -> Result<(), ShapeFault> {
    if given == wanted as usize { Ok(()) } else { Err(ShapeFault::Count { what, wanted, given }) }
}

/// `O` from a vector of `channels`.
fn linear(weight: &Tensor, channels: u32) -> Result<u32, ShapeFault> {
    match *weight.shape.as_slice() {
        [out, given] if given == channels => Ok(out),
        [_, given] => Err(ShapeFault::Channels { wanted: channels, given }),
        _ => Err(ShapeFault::Rank { dims: weight.shape.clone() }),
    }
}
