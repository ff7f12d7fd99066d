//! The affinity loss: features near the centre of their class, centres far from each other.
//!
//! ```text
//! L_af = mean_n Σ_c t_nc · ‖f_n - m_c‖² / Σ_d Var_c(m_cd)
//! ```
//!
//! `f` are the trunk's mean features, `m` learned centres, drawn from N(0, 1) at first; the variance
//! is unbiased. For one label a picture this is the paper's (arXiv 2109.07270, equations 2 and 3).
//! Two things are our own choice: soft targets `t` weigh the distances to all centres, and the
//! variance is over the classes that occur in the batch. The centre of a class that never occurs
//! would only grow: it lowers the loss by its distance alone. A batch of one class takes all.

use burn::{
    module::{Module, Param},
    nn::Initializer,
    tensor::{Device, Tensor},
};

use crate::arch::faces::Faces;

/// The centres.
#[derive(Module, Debug)]
pub struct Affinity {
    /// `[classes, D]`
    centres: Param<Tensor<2>>,
}

impl Affinity {
    /// Random centres of features of `width` channels.
    pub fn new(classes: usize, width: usize, device: &Device) -> Self {
        let normal = Initializer::Normal { mean: 0.0, std: 1.0 };
        Self { centres: normal.init([classes, width], device) }
    }

    /// The loss of `features`, `[N, D] -> [1]`.
    pub fn loss(&self, features: Tensor<2>, faces: &Faces) -> Tensor<1> {
        let centres = self.centres.val();
        let apart: Tensor<3> = features.unsqueeze_dim::<3>(1) - centres.clone().unsqueeze_dim(0);
        let distances: Tensor<2> = apart.powi_scalar(2).sum_dim(2).flatten(1, 2);
        let own = (distances * faces.targets.clone()).sum_dim(1);
        faces.mean(own) / spread(centres, faces.targets.clone())
    }
}

/// The variance of the centres of classes that occur, summed over the channels, `[1]`.
fn spread(centres: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    let [classes, _] = centres.dims();
    let occurs: Tensor<2> = targets.sum_dim(0).greater_scalar(0.0).float();
    let alone = occurs.clone().sum_dim(1).lower_scalar(2.0).repeat_dim(1, classes);
    let occurs = occurs.mask_fill(alone, 1.0).swap_dims(0, 1);
    let count = occurs.clone().sum_dim(0);
    let mean = (centres.clone() * occurs.clone()).sum_dim(0) / count.clone();
    let squares = (centres - mean).powi_scalar(2) * occurs;
    (squares.sum_dim(0).sum_dim(1) / (count - 1.0)).flatten(0, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Centres (0, 0), (2, 0) and, of a class without pictures, (100, 100).
    fn centres(device: &Device) -> Affinity {
        let centres = Tensor::from_floats([[0.0, 0.0], [2.0, 0.0], [100.0, 100.0]], device);
        Affinity { centres: Param::from_tensor(centres) }
    }

    fn loss(features: [[f32; 2]; 2], targets: [[f32; 3]; 2]) -> f32 {
        let device = Device::flex();
        let pixels = Tensor::zeros([2, 1, 1, 1], &device);
        let faces = Faces::new(pixels, Tensor::from_floats(targets, &device));
        centres(&device).loss(Tensor::from_floats(features, &device), &faces).into_scalar()
    }

    #[test]
    fn features_at_their_centres_cost_nothing() {
        let cost = loss([[0.0, 0.0], [2.0, 0.0]], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]);
        assert!(cost.abs() < 1e-6, "{cost}");
    }

    #[test]
    fn the_centre_of_a_class_without_pictures_does_not_count() {
        // Distances 1 and 4, their mean over a variance of 2.
        let cost = loss([[0.0, 1.0], [2.0, 2.0]], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]);
        assert!((cost - 1.25).abs() < 1e-6, "{cost}");
    }

    #[test]
    fn a_soft_target_is_a_weighted_mean_of_the_distances() {
        // Rows of 0.25·0 + 0.75·4 and of 1, over 2.
        let cost = loss([[0.0, 0.0], [1.0, 0.0]], [[0.25, 0.75, 0.0], [0.5, 0.5, 0.0]]);
        assert!((cost - 1.0).abs() < 1e-6, "{cost}");
    }

    #[test]
    fn a_batch_of_one_class_takes_the_variance_of_all_centres() {
        // Means (34, 33.3): squares 1156 + 1024 + 4356 and 6666.7, over two.
        let cost = loss([[0.0, 1.0], [0.0, 1.0]], [[1.0, 0.0, 0.0]; 2]);
        assert!((cost - 2.0 / 13_202.667).abs() < 1e-7, "{cost}");
    }
}
