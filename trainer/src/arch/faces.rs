//! A batch as networks learn from it.

use burn::tensor::Tensor;

use crate::loss::soft_cross_entropy;

/// Prepared crops and what is known of them.
#[derive(Debug, Clone)]
pub struct Faces {
    /// Grey crops, scaled to ±1, `[N, 1, side, side]`.
    pub pixels: Tensor<4>,
    /// Share of each class in what is right, `[N, classes]`; rows sum to 1.
    pub targets: Tensor<2>,
    /// How much each class counts, `[classes]`; `None` for all alike.
    pub class_weights: Option<Tensor<1>>,
    /// How much each row counts, `[N]`; `None` for all alike.
    pub row_weights: Option<Tensor<1>>,
    /// The 68 landmarks of each crop, `[N, 68, 3]`: x and y in units of the side, confidence
    /// 0..=1; there for networks that read points ([`super::expression::Arch::reads_points`]).
    pub points: Option<Tensor<3>>,
    /// Copies whose geometry is as it was; there for networks that read them
    /// ([`super::expression::Arch::reads_upright`]).
    pub upright: Option<Upright>,
}

/// Crops changed in light and colour only: one for each picture of the batch, which are fewer than
/// its crops where blends stand beside them.
#[derive(Debug, Clone)]
pub struct Upright {
    /// As [`Faces::pixels`], `[M, 1, side, side]`.
    pub pixels: Tensor<4>,
    /// As [`Faces::points`], `[M, 68, 3]`.
    pub points: Tensor<3>,
}

impl Faces {
    /// Crops and their targets, of which nothing else is known and all count alike.
    pub fn new(pixels: Tensor<4>, targets: Tensor<2>) -> Self {
        Self {
            pixels,
            targets,
            class_weights: None,
            row_weights: None,
            points: None,
            upright: None,
        }
    }

    /// The (weighted) cross-entropy of `logits`, `[N, classes]`, against the targets.
    pub fn cross_entropy(&self, logits: Tensor<2>) -> Tensor<1> {
        self.loss(soft_cross_entropy::of_rows(logits, self.targets.clone()))
    }

    /// The mean of a loss of each row, `[N, 1] -> [1]`, by the weights of classes and rows.
    pub fn loss(&self, losses: Tensor<2>) -> Tensor<1> {
        match self.weights() {
            Some(weights) => (losses * weights.clone()).sum() / weights.sum(),
            None => losses.mean(),
        }
    }

    /// The mean of a value of each row, `[N, 1] -> [1]`; rows count as much as their weights.
    pub fn mean(&self, values: Tensor<2>) -> Tensor<1> {
        match &self.row_weights {
            Some(weights) => {
                let weights: Tensor<2> = weights.clone().unsqueeze_dim(1);
                (values * weights.clone()).sum() / weights.sum()
            }
            None => values.mean(),
        }
    }

    /// What class and row weights make of each row, `[N, 1]`; `None` where all count alike.
    fn weights(&self) -> Option<Tensor<2>> {
        let of_class = |weights: &Tensor<1>| {
            soft_cross_entropy::row_weights(self.targets.clone(), weights.clone())
        };
        let of_row = |weights: &Tensor<1>| weights.clone().unsqueeze_dim(1);
        let weights =
            [self.class_weights.as_ref().map(of_class), self.row_weights.as_ref().map(of_row)];
        weights.into_iter().flatten().reduce(|a, b| a * b)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn a_row_counts_as_much_as_it_weighs() {
        let device = Device::flex();
        let targets = Tensor::from_floats([[1.0, 0.0], [0.0, 1.0]], &device);
        let faces = Faces {
            row_weights: Some(Tensor::from_floats([2.0, 1.0], &device)),
            ..Faces::new(Tensor::zeros([2, 1, 1, 1], &device), targets)
        };
        let mean = faces.mean(Tensor::from_floats([[3.0], [9.0]], &device));
        assert!((mean.into_scalar::<f32>() - 5.0).abs() < 1e-6);
        let logits = Tensor::<2>::from_floats([[2.0, 0.0], [2.0, 0.0]], &device);
        let [right, wrong] = [(1.0 + (-2.0_f32).exp()).ln(), 2.0 + (1.0 + (-2.0_f32).exp()).ln()];
        let loss: f32 = faces.cross_entropy(logits.clone()).into_scalar();
        assert!((loss - (2.0 * right + wrong) / 3.0).abs() < 1e-5, "{loss}");
        let faces =
            Faces { class_weights: Some(Tensor::from_floats([1.0, 4.0], &device)), ..faces };
        let loss: f32 = faces.cross_entropy(logits.clone()).into_scalar();
        assert!((loss - (2.0 * right + 4.0 * wrong) / 6.0).abs() < 1e-5, "{loss}");
        let even = Faces {
            row_weights: None,
            class_weights: Some(Tensor::from_floats([2.0, 2.0], &device)),
            ..faces
        };
        let loss: f32 = even.cross_entropy(logits).into_scalar();
        assert!((loss - f32::midpoint(right, wrong)).abs() < 1e-5, "{loss}");
    }
}
