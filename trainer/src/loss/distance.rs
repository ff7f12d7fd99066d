//! The likelihood of how far points are off, when each says how far it expects to be.
//!
//! `L = mean(r / b + ln b)`: the distance `r` of a point from where it should be is taken to be
//! Laplace-distributed, of which distances, having no sign, are the half `exp(-r / b) / b`. The
//! least is at `b` = the mean of `r`. Kendall and Gal 2017, arXiv 1703.04977, equation 8, with
//! Laplace's distribution for Gauss's, whose tails suit hidden points better.

use burn::tensor::Tensor;

/// Added to squared distances, whose root has no gradient at 0: a thousandth of the unit.
const LEAST: f32 = 1e-6;

/// The loss, averaged over points and faces; `unit` is the length in which errors are counted.
///
/// # Shapes
/// places and truth `[N, P, 2]`, logarithms of the expected errors `[N, P]` `-> [1]`
pub fn likelihood(
    places: Tensor<3>,
    log_errors: Tensor<2>,
    truth: Tensor<3>,
    unit: f32,
) -> Tensor<1> {
    let gaps = (places - truth) / unit;
    let squares: Tensor<2> = gaps.square().sum_dim(2).squeeze_dim(2);
    let distances = (squares + LEAST).sqrt();
    (distances * log_errors.clone().neg().exp() + log_errors).mean()
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn an_error_costs_its_share_of_the_expected_one_and_the_logarithm_of_that() {
        let device = Device::flex();
        let places = Tensor::from_floats([[[0.5, 0.5], [0.1, 0.1]]], &device);
        let truth = Tensor::from_floats([[[0.8, 0.9], [0.1, 0.1]]], &device);
        let errors = Tensor::<2>::from_floats([[0.5, 0.25]], &device);
        let loss: f32 = likelihood(places, errors.log(), truth, 0.5).into_scalar();
        // Off by 1.0 and 0.001 units.
        let wanted = f32::midpoint(1.0 / 0.5 + 0.5_f32.ln(), 0.001 / 0.25 + 0.25_f32.ln());
        assert!((loss - wanted).abs() < 1e-4, "{loss} {wanted}");
    }

    #[test]
    fn it_costs_least_to_expect_the_error_there_is() {
        let device = Device::flex();
        let loss = |error: f32| -> f32 {
            let places = Tensor::<3>::from_floats([[[0.3, 0.0]]], &device);
            let errors = Tensor::<2>::from_floats([[error]], &device);
            likelihood(places.clone(), errors.log(), places.zeros_like(), 1.0).into_scalar()
        };
        assert!(loss(0.3) < loss(0.27) && loss(0.3) < loss(0.33));
    }
}
