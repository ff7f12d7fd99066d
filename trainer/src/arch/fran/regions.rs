//! Region proposals: maps of where each region is, learned from the labels of whole pictures.
//!
//! ```text
//! features [N, C, H, W] ─ 1×1, R ─ softmax over the H·W places ─> maps [N, R, H·W]
//! r_i = Σ_p maps_ip · features_p                               ─> [N, R, C]
//! ```

use burn::{
    module::Module,
    nn::{
        Initializer,
        conv::{Conv2d, Conv2dConfig},
    },
    tensor::{Device, Tensor, activation::softmax},
};

use crate::ops::conv::conv2d;

/// The 1×1 convolution that proposes regions.
#[derive(Module, Debug)]
pub struct Regions {
    propose: Conv2d,
}

impl Regions {
    /// `count` regions over maps of `channels` channels, without bias: a softmax over places takes
    /// no notice of one. Fresh weights are those of other layers divided by the root of the
    /// channels, for a softmax that starts sharp never leaves its first place.
    pub fn new(channels: usize, count: usize, device: &Device) -> Self {
        let bound = 1.0 / channels as f64;
        let propose = Conv2dConfig::new([channels, count], [1, 1])
            .with_bias(false)
            .with_initializer(Initializer::Uniform { min: -bound, max: bound })
            .init(device);
        Self { propose }
    }

    /// The share of each place in each region.
    ///
    /// # Shapes
    /// `[N, C, H, W] -> [N, R, H·W]`; rows sum to 1
    pub fn maps(&self, features: Tensor<4>) -> Tensor<3> {
        softmax(conv2d(&self.propose, features).flatten(2, 3), 2)
    }

    /// The same regions in another order.
    #[cfg(test)]
    pub(super) fn reordered(mut self, order: Tensor<1, burn::tensor::Int>) -> Self {
        self.propose.weight = self.propose.weight.map(|w| w.select(0, order));
        self
    }

    /// Regions that are everywhere alike.
    #[cfg(test)]
    pub(super) fn uniform(mut self) -> Self {
        self.propose.weight = self.propose.weight.map(|w| w.zeros_like());
        self
    }
}

/// The features of each region: means of all places, weighted by the region's map.
///
/// # Shapes
/// features `[N, C, H, W]`, maps `[N, R, H·W] -> [N, R, C]`
pub fn pooled(features: Tensor<4>, maps: Tensor<3>) -> Tensor<3> {
    let places: Tensor<3> = features.flatten(2, 3);
    maps.matmul(places.swap_dims(1, 2))
}

#[cfg(test)]
mod tests {
    use burn::tensor::Distribution;

    use super::*;

    #[test]
    fn every_map_shares_out_one_whole_over_the_places() {
        let device = Device::flex();
        let features = Tensor::random([3, 8, 6, 6], Distribution::Normal(0.0, 4.0), &device);
        let maps = Regions::new(8, 5, &device).maps(features);
        assert_eq!(maps.dims(), [3, 5, 36]);
        let off = (maps.sum_dim(2) - 1.0).abs().max().into_scalar::<f32>();
        assert!(off < 1e-5, "{off}");
    }

    #[test]
    fn a_region_of_one_place_has_the_features_of_that_place() {
        let device = Device::flex();
        let features = Tensor::<4>::from_floats([[[[1.0, 2.0]], [[3.0, 4.0]]]], &device);
        let maps = Tensor::<3>::from_floats([[[0.0, 1.0], [0.5, 0.5]]], &device);
        let found: Vec<f32> = pooled(features, maps).into_data().iter::<f32>().collect();
        assert_eq!(found, [2.0, 4.0, 1.5, 3.5]);
    }
}
