//! Constant tensors: size, widened values, and whether the stored numbers make sense.

use std::borrow::Cow;

use super::{Tensor, TensorData};

impl Tensor {
    /// Number of stored elements.
    pub fn elements(&self) -> usize {
        match &self.data {
            TensorData::F32(values) => values.len(),
            TensorData::I8 { codes, .. } => codes.len(),
        }
    }

    /// The values in f32, last axis fastest; int8 codes times their channel's scale.
    pub fn to_f32(&self) -> Cow<'_, [f32]> {
        match &self.data {
            TensorData::F32(values) => Cow::Borrowed(values),
            TensorData::I8 { scales, codes } => {
                let per_channel = (codes.len() / scales.len().max(1)).max(1);
                let channels = codes.chunks(per_channel).zip(scales);
                let widen = |(channel, &scale): (&[i8], &f32)| -> Vec<f32> {
                    channel.iter().map(|&code| f32::from(code) * scale).collect()
                };
                Cow::Owned(channels.flat_map(widen).collect())
            }
        }
    }

    /// Checks sizes and values, given how many axes the tensor must have.
    pub(super) fn check(&self, axes: usize) -> Result<(), TensorFault> {
        if self.shape.len() != axes {
            return Err(TensorFault::Axes { axes, shape: self.shape.clone() });
        }
        let size = self.shape.iter().try_fold(1_u64, |n, &d| n.checked_mul(u64::from(d)));
        if self.shape.contains(&0) || size != Some(self.elements() as u64) {
            return Err(TensorFault::Size { stored: self.elements(), shape: self.shape.clone() });
        }
        match &self.data {
            TensorData::F32(values) => check_finite(values),
            TensorData::I8 { scales, codes } => self.check_codes(scales, codes),
        }
    }

    /// One positive scale per channel and symmetric codes.
    fn check_codes(&self, scales: &[f32], codes: &[i8]) -> Result<(), TensorFault> {
        let channels = self.shape.first().map_or(0, |&o| o as usize);
        if scales.len() != channels {
            return Err(TensorFault::ScaleCount { scales: scales.len(), channels });
        }
        let bad = |scale: &f32| !(scale.is_finite() && *scale > 0.0);
        if let Some(index) = scales.iter().position(bad) {
            return Err(TensorFault::Scale { index, scale: scales[index] });
        }
        match codes.iter().position(|&code| code == i8::MIN) {
            Some(index) => Err(TensorFault::Code { index }),
            None => Ok(()),
        }
    }
}

/// What is wrong with a tensor.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TensorFault {
    /// Another number of axes than the operation needs.
    #[error("the shape {shape:?} should have {axes} axes")]
    Axes {
        /// Axes the operation needs.
        axes: usize,
        /// Stated shape.
        shape: Vec<u32>,
    },
    /// The shape and the number of elements disagree, or an extent is zero.
    #[error("{stored} elements do not fill the shape {shape:?}")]
    Size {
        /// Elements stored.
        stored: usize,
        /// Stated shape.
        shape: Vec<u32>,
    },
    /// A weight or bias is NaN or infinite.
    #[error("element {index} is {value}, not a finite number")]
    NotFinite {
        /// Position in the data.
        index: usize,
        /// The value.
        value: f32,
    },
    /// Not one scale per output channel.
    #[error("{scales} scales for {channels} output channels")]
    ScaleCount {
        /// Scales stored.
        scales: usize,
        /// Extent of the first axis.
        channels: usize,
    },
    /// A scale that is zero, negative, NaN or infinite.
    #[error("scale {index} is {scale}; it must be positive and finite")]
    Scale {
        /// Output channel.
        index: usize,
        /// The scale.
        scale: f32,
    },
    /// A code of -128, which symmetric int8 does not use.
    #[error("code {index} is -128; symmetric codes lie in -127..=127")]
    Code {
        /// Position in the data.
        index: usize,
    },
    /// Another number of biases than output channels.
    #[error("{biases} biases for {channels} output channels")]
    BiasCount {
        /// Biases stored.
        biases: usize,
        /// Output channels.
        channels: u32,
    },
}

/// Checks that there is one finite bias per output channel.
pub(super) fn check_bias(bias: &[f32], channels: u32) -> Result<(), TensorFault> {
    if bias.len() != channels as usize {
        return Err(TensorFault::BiasCount { biases: bias.len(), channels });
    }
    check_finite(bias)
}

/// Refuses NaN and infinity.
pub(super) fn check_finite(values: &[f32]) -> Result<(), TensorFault> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(TensorFault::NotFinite { index, value: values[index] }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int8(shape: &[u32], scales: &[f32], codes: &[i8]) -> Tensor {
        let data = TensorData::I8 { scales: scales.to_vec(), codes: codes.to_vec() };
        Tensor { shape: shape.to_vec(), data }
    }

    #[test]
    fn codes_widen_with_their_own_channels_scale() {
        let tensor = int8(&[2, 3], &[0.5, 2.0], &[1, -2, 3, 4, 5, -127]);
        assert_eq!(tensor.to_f32().as_ref(), [0.5, -1.0, 1.5, 8.0, 10.0, -254.0]);
        assert_eq!(tensor.elements(), 6);
        assert_eq!(tensor.check(2), Ok(()));
    }

    #[test]
    fn plain_values_are_borrowed() {
        let tensor = Tensor { shape: vec![2], data: TensorData::F32(vec![1.0, 2.0]) };
        assert!(matches!(tensor.to_f32(), Cow::Borrowed([1.0, 2.0])));
    }

    #[test]
    fn every_fault_has_its_own_name() {
        use TensorFault::*;
        let check = |tensor: Tensor| tensor.check(2).unwrap_err();
        let f32s = |shape: &[u32], values: &[f32]| Tensor {
            shape: shape.to_vec(),
            data: TensorData::F32(values.to_vec()),
        };
        assert_eq!(check(f32s(&[2], &[1.0; 2])), Axes { axes: 2, shape: vec![2] });
        assert_eq!(check(f32s(&[2, 2], &[1.0; 3])), Size { stored: 3, shape: vec![2, 2] });
        assert_eq!(check(f32s(&[0, 2], &[])), Size { stored: 0, shape: vec![0, 2] });
        let inf = f32::INFINITY;
        assert_eq!(check(f32s(&[1, 2], &[0.0, inf])), NotFinite { index: 1, value: inf });
        assert_eq!(check(int8(&[1, 1], &[1.0; 2], &[0])), ScaleCount { scales: 2, channels: 1 });
        assert_eq!(check(int8(&[1, 1], &[0.0], &[0])), Scale { index: 0, scale: 0.0 });
        assert_eq!(check(int8(&[1, 1], &[-1.0], &[0])), Scale { index: 0, scale: -1.0 });
        assert_eq!(check(int8(&[1, 2], &[1.0], &[0, -128])), Code { index: 1 });
        assert_eq!(check_bias(&[0.0], 2), Err(BiasCount { biases: 1, channels: 2 }));
    }

    #[test]
    fn a_shape_whose_product_overflows_is_refused() {
        let tensor = int8(&[u32::MAX, u32::MAX, u32::MAX], &[], &[]);
        assert!(matches!(tensor.check(3), Err(TensorFault::Size { .. })));
    }

    #[test]
    fn widening_a_tensor_with_no_or_too_many_scales_does_not_panic() {
        assert!(int8(&[1, 1], &[], &[1]).to_f32().is_empty());
        assert_eq!(int8(&[1, 1], &[2.0, 3.0], &[1]).to_f32().as_ref(), [2.0]);
    }
}
