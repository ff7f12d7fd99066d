//! Whether a stored tensor can be what a network has at one place, and as which values.

use std::fmt::{self, Display, Formatter};

use burn::{
    store::burn_pack::Tensor,
    tensor::{bf16, f16},
};
use safetensors::{Dtype, tensor::TensorView};

/// A stored tensor as a network takes it.
#[derive(Debug, PartialEq)]
pub(super) enum Fit {
    /// As it is.
    Whole(Vec<f32>),
    /// A convolution over RGB as one over grey: the sum of its planes.
    Summed(Vec<f32>),
    /// Of a head with another number of outputs: of no use.
    OtherHead,
}

/// What is wrong with a tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TensorFault {
    /// Another shape.
    Shape {
        /// The file's.
        found: Vec<usize>,
        /// The network's, as PyTorch has it.
        wanted: Vec<usize>,
    },
    /// Not of floating point.
    Kind {
        /// What it holds.
        found: String,
    },
    /// Infinite values or values that are no numbers.
    NotFinite {
        /// How many.
        count: usize,
    },
    /// A variance below zero.
    NegativeVariance,
}

impl Display for TensorFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape { found, wanted } => write!(
                f,
                "is {found:?} where the network has {wanted:?}; choose the architecture the file \
                 was made for"
            ),
            Self::Kind { found } => {
                write!(f, "holds {found}; write it as f32, f16, bf16 or f64")
            }
            Self::NotFinite { count } => write!(
                f,
                "holds {count} values that are not finite; take weights from before training \
                 diverged"
            ),
            Self::NegativeVariance => {
                f.write_str("holds a variance below zero; the file is damaged")
            }
        }
    }
}

/// Whether the place at `path` is in a layer called `head`.
pub(super) fn in_head(path: &str) -> bool {
    path.rsplit('.').nth(1) == Some("head")
}

/// The values of `tensor` for `place`.
pub(super) fn fit(tensor: &TensorView<'_>, place: &Tensor) -> Result<Fit, TensorFault> {
    let (found, wanted) = (tensor.shape(), &place.shape[..]);
    let values = || checked(tensor, place.name.ends_with("running_var"));
    match (found, wanted) {
        (found, wanted) if found == wanted => values().map(Fit::Whole),
        ([o, 3, h, w], wanted) if wanted == [*o, 1, *h, *w] => {
            values().map(|values| Fit::Summed(summed(&values, h * w)))
        }
        ([_, found @ ..], [_, wanted @ ..]) if found == wanted && in_head(&place.name) => {
            Ok(Fit::OtherHead)
        }
        _ => Err(TensorFault::Shape { found: found.into(), wanted: wanted.into() }),
    }
}

/// The sum of every three planes of `area` values.
fn summed(values: &[f32], area: usize) -> Vec<f32> {
    let filter = |rgb: &[f32]| -> Vec<f32> {
        let planes = rgb.chunks_exact(area);
        (0..area).map(|i| planes.clone().map(|plane| plane[i]).sum()).collect()
    };
    values.chunks_exact(3 * area).flat_map(filter).collect()
}

fn checked(tensor: &TensorView<'_>, variance: bool) -> Result<Vec<f32>, TensorFault> {
    let values = single(tensor.dtype(), tensor.data())?;
    let count = values.iter().filter(|value| !value.is_finite()).count();
    if count > 0 {
        return Err(TensorFault::NotFinite { count });
    }
    if variance && values.iter().any(|&value| value < 0.0) {
        return Err(TensorFault::NegativeVariance);
    }
    Ok(values)
}

/// Little-endian values of any floating-point type in single precision.
fn single(dtype: Dtype, bytes: &[u8]) -> Result<Vec<f32>, TensorFault> {
    #[expect(clippy::cast_possible_truncation, reason = "what is too large becomes infinite")]
    let narrow = |value: f64| value as f32;
    Ok(match dtype {
        Dtype::F32 => each(bytes, f32::from_le_bytes),
        Dtype::F64 => each(bytes, |bytes| narrow(f64::from_le_bytes(bytes))),
        Dtype::F16 => each(bytes, |bytes| f16::from_le_bytes(bytes).to_f32()),
        Dtype::BF16 => each(bytes, |bytes| bf16::from_le_bytes(bytes).to_f32()),
        other => return Err(TensorFault::Kind { found: format!("{other:?}") }),
    })
}

fn each<const N: usize>(bytes: &[u8], value: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    bytes.as_chunks::<N>().0.iter().map(|&chunk| value(chunk)).collect()
}
