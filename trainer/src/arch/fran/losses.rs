//! What keeps regions useful, apart and compact.
//!
//! ```text
//! L_region = (1/R) Σ_i alpha_i · CE(y, head(r_i))
//! L_div    = (2 / R(R-1)) Σ_{i<j} <A_i / |A_i|, A_j / |A_j|>
//! L_peak   = (1/R) Σ_i H(A_i) / log P              P places of a map
//! ```
//!
//! Own choice, all three. Without `L_div` every region ends on the mouth.

use burn::tensor::{Tensor, activation::log_softmax};

use crate::arch::faces::Faces;

/// Keeps a logarithm and a quotient finite.
const FLOOR: f32 = 1e-12;

/// `L_region`, a picture weighing as much as its classes do.
///
/// # Shapes
/// logits `[N, R, classes]`, alpha `[N, R] -> [1]`
pub fn region_cross_entropy(logits: Tensor<3>, alpha: Tensor<2>, faces: &Faces) -> Tensor<1> {
    let targets: Tensor<3> = faces.targets.clone().unsqueeze_dim(1);
    let each: Tensor<2> = (log_softmax(logits, 2) * targets).sum_dim(2).neg().squeeze_dim(2);
    faces.loss((each * alpha).mean_dim(1))
}

/// `L_div`: 1 where all maps are equal, 0 where no two share a place or there is but one.
///
/// By `Σ_{i≠j} <a_i, a_j> = |Σ a_i|² - Σ |a_i|²`.
///
/// # Shapes
/// `[N, R, P] -> [1]`
pub fn divergence(maps: Tensor<3>) -> Tensor<1> {
    let [_, regions, _] = maps.dims();
    if regions < 2 {
        return Tensor::zeros([1], &maps.device());
    }
    let length = maps.clone().square().sum_dim(2).sqrt().clamp_min(FLOOR);
    let unit = maps / length;
    let together = unit.clone().sum_dim(1).square().sum_dim(2);
    let alone = unit.square().sum_dim(2).sum_dim(1);
    (together - alone).mean() / (regions * (regions - 1)) as f64
}

/// `L_peak`: 1 where every map is uniform, 0 where each is a single place.
///
/// # Shapes
/// `[N, R, P] -> [1]`
pub fn peak(maps: Tensor<3>) -> Tensor<1> {
    let [_, _, places] = maps.dims();
    let logarithm = (maps.clone() + FLOOR).log();
    // A map of one place has no entropy to divide.
    (maps * logarithm).sum_dim(2).mean().neg() / (places.max(2) as f64).ln()
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    fn maps<const R: usize, const P: usize>(rows: [[f32; P]; R]) -> Tensor<3> {
        Tensor::<2>::from_floats(rows, &Device::flex()).unsqueeze()
    }

    fn value(loss: Tensor<1>) -> f32 {
        loss.into_scalar()
    }

    #[test]
    fn equal_maps_diverge_by_one_and_disjoint_ones_by_nothing() {
        let equal = maps([[0.1, 0.2, 0.7]; 4]);
        assert!((value(divergence(equal)) - 1.0).abs() < 1e-6);
        let disjoint = maps([[1.0, 0.0, 0.0], [0.0, 0.4, 0.0], [0.0, 0.0, 0.6]]);
        assert!(value(divergence(disjoint)).abs() < 1e-6);
        // Cosines 1, 0 and 0 of three pairs.
        let mixed = maps([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]);
        assert!((value(divergence(mixed)) - 1.0 / 3.0).abs() < 1e-6);
        assert!(value(divergence(maps([[0.5, 0.5]]))).abs() < 1e-9);
    }

    #[test]
    fn a_uniform_map_has_all_the_entropy_and_a_point_none() {
        assert!((value(peak(maps([[0.25; 4]; 2]))) - 1.0).abs() < 1e-6);
        assert!(value(peak(maps([[1.0, 0.0, 0.0, 0.0]]))).abs() < 1e-6);
        assert!((value(peak(maps([[0.5, 0.5, 0.0, 0.0]]))) - 0.5).abs() < 1e-6);
        assert!(value(peak(maps([[1.0]]))).abs() < 1e-6);
    }

    #[test]
    fn a_region_costs_as_much_as_it_is_attended_to() {
        let device = Device::flex();
        let faces = |class_weights| Faces {
            pixels: Tensor::zeros([2, 1, 1, 1], &device),
            targets: Tensor::from_floats([[1.0, 0.0], [0.0, 1.0]], &device),
            class_weights,
            row_weights: None,
            points: None,
            upright: None,
        };
        // Region 0 is undecided (log 2); region 1 is sure of class 0 by a factor of 3.
        let sure = 3.0_f32.ln();
        let logits = Tensor::<3>::from_floats([[[0.0, 0.0], [sure, 0.0]]; 2], &device);
        let alpha = Tensor::<2>::from_floats([[0.5, 0.5]; 2], &device);
        let [first, second] =
            [(4.0_f32 / 3.0).ln(), 4.0_f32.ln()].map(|ce| 0.25 * (2.0_f32.ln() + ce));
        let found = value(region_cross_entropy(logits.clone(), alpha.clone(), &faces(None)));
        assert!((found - 0.5 * (first + second)).abs() < 1e-6, "{found}");
        let weights = Tensor::from_floats([3.0, 1.0], &device);
        let found = value(region_cross_entropy(logits, alpha, &faces(Some(weights))));
        assert!((found - 0.25 * (3.0 * first + second)).abs() < 1e-6, "{found}");
    }
}
