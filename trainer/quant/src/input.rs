//! The input of an integer network: pixel bytes are its codes.
//!
//! A network reads `x = (byte - mean) / std`. Coded with scale `1 / std` and zero `mean`, a byte is
//! its own code, so the first convolution reads the picture as it is. That needs an integer mean.
//! Another one moves to `m = ceil(mean)`, and the first convolutions' biases take up the
//! difference: `x = x' + d` with `d = (m - mean) / std`, so `b' = b + d Σ w`. Where a kernel
//! reaches over the border the padding then means `m` instead of `mean`, at most one grey level
//! of difference.

use mien_shared::{
    graph::{Affine, Graph, Op},
    input::InputSpec,
};

use crate::{QuantError, layer};

/// `graph` and `spec` with an integer mean; unchanged where it is one.
///
/// # Errors
/// [`QuantError::InputSpec`] when the mean is no grey level or the deviation not positive,
/// [`QuantError::InputReader`] when the input is read by something without a bias.
pub fn integer_mean(graph: &Graph, spec: InputSpec) -> Result<(Graph, InputSpec), QuantError> {
    coding(spec)?;
    let moved = InputSpec { mean: spec.mean.ceil(), ..spec };
    let difference = (moved.mean - spec.mean) / spec.std;
    let mut graph = graph.clone();
    if difference == 0.0 {
        return Ok((graph, spec));
    }
    let readers: Vec<usize> = layer::readers(&graph, 0).collect();
    for reader in readers {
        let node = &mut graph.nodes[reader];
        let Op::Conv(conv) = &mut node.op else {
            return Err(QuantError::InputReader { node: node.name.clone(), mean: spec.mean });
        };
        let weight = conv.weight.to_f32();
        let channels = weight.chunks_exact((weight.len() / conv.bias.len()).max(1));
        for (bias, channel) in conv.bias.iter_mut().zip(channels) {
            *bias += difference * channel.iter().sum::<f32>();
        }
    }
    Ok((graph, moved))
}

/// How the input is coded: a byte is its own code once the mean is an integer.
///
/// # Errors
/// [`QuantError::InputSpec`] when the mean is no grey level or the deviation not positive.
#[expect(clippy::cast_possible_truncation, reason = "checked to lie in 0..=255")]
#[expect(clippy::cast_sign_loss, reason = "checked to lie in 0..=255")]
pub fn coding(spec: InputSpec) -> Result<Affine, QuantError> {
    let InputSpec { mean, std, .. } = spec;
    let scale = 1.0 / std;
    let usable = (0.0..=255.0).contains(&mean) && scale.is_finite() && scale > 0.0;
    if !usable {
        return Err(QuantError::InputSpec { mean, std });
    }
    Ok(Affine { scale, zero: mean.round() as u8 })
}

#[cfg(test)]
mod tests {
    use mien_shared::{frame::Grey, input::Color};

    use super::*;
    use crate::fixture::{conv, graph, node};

    fn spec(mean: f32, std: f32) -> InputSpec {
        InputSpec { width: 2, height: 1, color: Color::Grey, mean, std }
    }

    #[test]
    fn a_half_grey_level_goes_to_the_bias() {
        let net = graph([1, 1, 2], vec![node("a", conv([1, 1, 1, 2], &[3.0, -1.0]), &[0])]);
        let (moved, input) = integer_mean(&net, spec(127.5, 2.0)).unwrap();
        assert_eq!(input, spec(128.0, 2.0));
        let Op::Conv(conv) = &moved.nodes[0].op else { panic!() };
        // A quarter of a unit times the sum of weights.
        assert_eq!(conv.bias, [0.5]);
    }

    #[test]
    fn an_integer_mean_stays() {
        let net = graph([1, 1, 2], vec![node("a", conv([1, 1, 1, 2], &[3.0, -1.0]), &[0])]);
        assert_eq!(integer_mean(&net, spec(128.0, 64.0)).unwrap(), (net, spec(128.0, 64.0)));
    }

    #[test]
    fn a_relu_on_the_input_has_no_bias() {
        let net = graph([1, 1, 2], vec![node("r", Op::Relu, &[0])]);
        let error = integer_mean(&net, spec(127.5, 2.0)).unwrap_err();
        assert!(matches!(error, QuantError::InputReader { node, .. } if node == "r"));
    }

    #[test]
    fn means_and_deviations_without_codes_are_refused() {
        for (mean, std) in [(-1.0, 1.0), (256.0, 1.0), (f32::NAN, 1.0), (0.0, 0.0), (0.0, -1.0)] {
            assert!(matches!(coding(spec(mean, std)), Err(QuantError::InputSpec { .. })));
        }
    }

    #[test]
    fn every_byte_is_its_own_code() {
        for input in [spec(128.0, 127.5), spec(128.0, 64.0), spec(0.0, 255.0)] {
            let affine = coding(input).unwrap();
            for byte in 0..=255 {
                let mut x = [0.0; 2];
                input.normalize(&Grey { width: 2, height: 1, data: vec![byte; 2] }, &mut x);
                assert_eq!(affine.code(x[0]), byte);
            }
        }
    }
}
