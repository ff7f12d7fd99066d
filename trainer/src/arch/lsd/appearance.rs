//! The appearance branch: where the landmarks of an upright face are.
//!
//! ```text
//! L = Σ c · ((x - x̂)² + (y - ŷ)²) / 2 Σ c
//! ```
//!
//! over all landmarks of the batch, `c` their confidence: the mean squared error of a coordinate
//! where every landmark is sure. Those of no confidence, all of a picture whose landmarks are not
//! known, do not count (own choice: the paper's set has all of them).

use burn::{
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor},
};
use mien_shared::geometry::LANDMARKS;

use super::shared::{Norms, Shared};
use crate::arch::{
    blocks::{ConvBn, ConvBnConfig},
    faces::Upright,
    trunk::{Trunk, TrunkName, TrunkOptions, pooled},
};

/// Places are learned from the middle of the picture on, so that fresh weights see a face there.
const CENTRE: f32 = 0.5;

/// The branch.
#[derive(Module, Debug)]
pub struct Appearance {
    trunk: Trunk,
    reduce: ConvBn,
    norms: Norms,
    x: Linear,
    y: Linear,
}

impl Appearance {
    /// The branch over that trunk with fresh weights; the shared layers take rows of `width`.
    pub fn new(trunk: TrunkName, width: usize, device: &Device) -> Self {
        let trunk = Trunk::headless(trunk, TrunkOptions::default(), device);
        let coordinate = || LinearConfig::new(width / 4, LANDMARKS).init(device);
        Self {
            reduce: ConvBnConfig::new(trunk.width(), width, 1).with_bias(true).init(device),
            trunk,
            norms: Norms::new(width, device),
            x: coordinate(),
            y: coordinate(),
        }
    }

    /// The mean squared error of a coordinate, in squared sides, `[1]`.
    pub fn loss(&self, shared: &Shared, upright: &Upright) -> Tensor<1> {
        error(self.landmarks(shared, upright.pixels.clone()), upright.points.clone())
    }

    /// x and y of each landmark, in units of the side.
    ///
    /// # Shapes
    /// `[M, 1 or 3, S, S] -> [M, 68, 2]`
    pub fn landmarks(&self, shared: &Shared, x: Tensor<4>) -> Tensor<3> {
        let rows = pooled(self.reduce.forward_relu(self.trunk.last_map(x)));
        let rows = shared.forward(rows, &self.norms);
        Tensor::stack(vec![self.x.forward(rows.clone()), self.y.forward(rows)], 2) + CENTRE
    }
}

/// `[M, 68, 2]` against `[M, 68, 3] -> [1]`
fn error(found: Tensor<3>, points: Tensor<3>) -> Tensor<1> {
    let [places, confidence] = [points.clone().narrow(2, 0, 2), points.narrow(2, 2, 1)];
    let squares = (found - places).powi_scalar(2) * confidence.clone();
    // A batch without a single landmark has no error.
    squares.sum() / (confidence.sum() * 2.0).clamp_min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn landmarks_that_are_not_known_do_not_count() {
        let device = Device::flex();
        let found = Tensor::<3>::zeros([2, 68, 2], &device);
        let known = Tensor::<3>::ones([1, 68, 3], &device) * 0.5;
        let unknown = Tensor::<3>::from_floats([[[9.0, 9.0, 0.0]; 68]], &device);
        let points = Tensor::cat(vec![known, unknown.clone()], 0);
        let loss: f32 = error(found.clone(), points).into_scalar();
        assert!((loss - 0.25).abs() < 1e-6, "{loss}");
        let none: f32 = error(found, unknown.repeat_dim(0, 2)).into_scalar();
        assert!(none.abs() < 1e-9, "{none}");
    }
}
