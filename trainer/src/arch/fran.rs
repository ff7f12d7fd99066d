//! A region-attention network for faces that are not aligned: an own design named after the title
//! in the publication list.
//!
//! Ding, Zheng and Chellappa, "Facial Region-based Attention Network for Unaligned Expression
//! Recognition" (submitted 2020), is known by its title only; this is no reproduction of it. It
//! joins regions found from class labels alone with a fusion of region and whole-face features,
//! and needs no landmarks.
//!
//! ```text
//! [N, 1, S, S]
//!   trunk, wide end                     F [N, C, H, W]
//!   1×1, R; softmax over the places     A [N, R, H·W]
//!   r_i = Σ_p A_ip F_p                    [N, R, C] ── region head (shared) ── [N, R, classes]
//!   alpha = softmax(w · tanh(W r_i))      [N, R]
//!   [Σ_i alpha_i r_i, mean of F]          [N, 2C]
//!   dropout; linear                       [N, classes]
//! ```
//!
//! `L = CE + 0.5 L_region + 0.1 L_div + 0.01 L_peak` (see [`losses`]). While learning, blocks hide
//! the peaks of some regions (see [`cover`]). With the default slim trunk of 48 × 48 pixels: maps
//! of 128 channels at 6 × 6 places.

pub mod attention;
pub mod cover;
pub mod losses;
pub mod regions;

use burn::{
    module::Module,
    nn::{Dropout, DropoutConfig, Linear, LinearConfig},
    tensor::{Device, Tensor},
};
use serde::{Deserialize, Serialize};

use self::{attention::RegionAttention, cover::Covered, regions::Regions};
use super::{
    faces::Faces,
    trunk::{Trunk, TrunkName, TrunkOptions, pooled},
};
use crate::train::Loss;

/// Settings of the network and of its loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FranConfig {
    /// The network below the regions.
    pub trunk: TrunkName,
    /// Whether the trunk's last stage keeps the size of its maps.
    pub wide_end: bool,
    /// Regions, R.
    pub regions: usize,
    /// Units of the attention.
    pub hidden: usize,
    /// Probability that a fused feature is dropped while learning.
    pub dropout: f64,
    /// Weight of the regions' own cross-entropy.
    pub region_weight: f32,
    /// Weight of the overlap of regions.
    pub divergence_weight: f32,
    /// Weight of the entropy of a region's map.
    pub peak_weight: f32,
    /// Share of what is right that is spread over all classes (Szegedy et al. 2016, arXiv
    /// 1512.00567).
    pub smoothing: f32,
    /// Probability that a picture loses the peak of one of its regions while learning.
    pub cover: f32,
    /// Side of the block that hides it, relative to the picture.
    pub cover_side: f32,
}

impl Default for FranConfig {
    fn default() -> Self {
        Self {
            trunk: TrunkName::Resnet18S,
            wide_end: true,
            regions: 6,
            hidden: 128,
            dropout: 0.4,
            region_weight: 0.5,
            divergence_weight: 0.1,
            peak_weight: 0.01,
            smoothing: 0.1,
            cover: 0.2,
            cover_side: 1.0 / 7.0,
        }
    }
}

impl FranConfig {
    /// The network with fresh weights.
    pub fn init(&self, classes: usize, device: &Device) -> Fran {
        let trunk = Trunk::headless(self.trunk, TrunkOptions { wide_end: self.wide_end }, device);
        let width = trunk.width();
        Fran {
            trunk,
            regions: Regions::new(width, self.regions, device),
            attention: RegionAttention::new(width, self.hidden, device),
            dropout: DropoutConfig::new(self.dropout).init(),
            head: LinearConfig::new(2 * width, classes).init(device),
            region_head: LinearConfig::new(width, classes).init(device),
            weights: [self.region_weight, self.divergence_weight, self.peak_weight],
            smoothing: self.smoothing,
            cover: [self.cover, self.cover_side],
        }
    }

    /// The first field out of range and its rule.
    pub fn fault(&self) -> Option<(&'static str, &'static str)> {
        let share = |value: f32| (0.0..=1.0).contains(&value);
        let weight = |value: f32| (0.0..=100.0).contains(&value);
        let rules = [
            (!(1..=64).contains(&self.regions), "task.arch.fran.regions", "1 to 64"),
            (!(1..=4096).contains(&self.hidden), "task.arch.fran.hidden", "1 to 4096"),
            (!(0.0..1.0).contains(&self.dropout), "task.arch.fran.dropout", "0 to below 1"),
            (!weight(self.region_weight), "task.arch.fran.region_weight", "0 to 100"),
            (!weight(self.divergence_weight), "task.arch.fran.divergence_weight", "0 to 100"),
            (!weight(self.peak_weight), "task.arch.fran.peak_weight", "0 to 100"),
            (!(0.0..1.0).contains(&self.smoothing), "task.arch.fran.smoothing", "0 to below 1"),
            (!share(self.cover), "task.arch.fran.cover", "0 to 1"),
            (!share(self.cover_side), "task.arch.fran.cover_side", "0 to 1"),
        ];
        rules.into_iter().find(|rule| rule.0).map(|(_, field, rule)| (field, rule))
    }
}

/// The network.
#[derive(Module, Debug)]
pub struct Fran {
    trunk: Trunk,
    regions: Regions,
    attention: RegionAttention,
    dropout: Dropout,
    head: Linear,
    region_head: Linear,
    weights: [f32; 3],
    smoothing: f32,
    cover: [f32; 2],
}

/// What the network makes of a batch.
struct Reading {
    /// `[N, R, H·W]`
    maps: Tensor<3>,
    /// Features of the regions, `[N, R, C]`.
    regions: Tensor<3>,
    /// `[N, R]`
    alpha: Tensor<2>,
    /// Features of the whole face, `[N, C]`.
    whole: Tensor<2>,
}

impl Fran {
    /// Logits.
    ///
    /// # Shapes
    /// `[N, 1, S, S] -> [N, classes]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        self.classify(self.features(x))
    }

    /// The trunk's last maps.
    ///
    /// # Shapes
    /// `[N, 1, S, S] -> [N, C, H, W]`
    pub fn features(&self, x: Tensor<4>) -> Tensor<4> {
        self.trunk.last_map(x)
    }

    /// Logits from the trunk's last maps.
    ///
    /// # Shapes
    /// `[N, C, H, W] -> [N, classes]`
    pub fn classify(&self, features: Tensor<4>) -> Tensor<2> {
        self.fuse(&self.read(features))
    }

    /// The loss of a batch.
    pub fn learn(&self, faces: &Faces) -> Loss {
        let faces = self.smoothed(faces);
        let reading = self.read(self.features(self.covered(faces.pixels.clone())));
        let logits = self.region_head.forward(reading.regions.clone());
        let [region, divergence, peak] = self.weights;
        let of_regions = losses::region_cross_entropy(logits, reading.alpha.clone(), &faces);
        Loss::new("cross_entropy", faces.cross_entropy(self.fuse(&reading)))
            .and("region", region, of_regions)
            .and("divergence", divergence, losses::divergence(reading.maps.clone()))
            .and("peak", peak, losses::peak(reading.maps))
    }

    fn read(&self, features: Tensor<4>) -> Reading {
        let maps = self.regions.maps(features.clone());
        let regions = regions::pooled(features.clone(), maps.clone());
        let alpha = self.attention.forward(regions.clone());
        Reading { maps, regions, alpha, whole: pooled(features) }
    }

    fn fuse(&self, reading: &Reading) -> Tensor<2> {
        let alpha: Tensor<3> = reading.alpha.clone().unsqueeze_dim(2);
        let attended: Tensor<2> = (reading.regions.clone() * alpha).sum_dim(1).squeeze_dim(1);
        let fused = Tensor::cat(vec![attended, reading.whole.clone()], 1);
        self.head.forward(self.dropout.forward(fused))
    }

    fn smoothed(&self, faces: &Faces) -> Faces {
        let [_, classes] = faces.targets.dims();
        let spread = self.smoothing / classes as f32;
        let targets = faces.targets.clone() * (1.0 - self.smoothing) + spread;
        Faces { targets, ..faces.clone() }
    }

    /// `pixels` with the peaks of some regions hidden, as the network in inference mode has them.
    fn covered(&self, pixels: Tensor<4>) -> Tensor<4> {
        let [probability, side] = self.cover;
        if probability <= 0.0 || !pixels.device().is_autodiff() {
            return pixels;
        }
        let covered = Covered::draw(&pixels, probability);
        if covered.pictures.is_empty() {
            return pixels;
        }
        let shown = self.valid();
        let maps = shown.regions.maps(shown.features(covered.of(pixels.clone()).inner()));
        covered.hide(pixels, maps, side)
    }
}

#[cfg(test)]
mod tests {
    use burn::{
        module::{ModuleVisitor, Param},
        optim::GradientsParams,
        tensor::{Distribution, Int},
    };

    use super::*;

    fn tiny(regions: usize) -> FranConfig {
        FranConfig { regions, hidden: 4, ..FranConfig::default() }
    }

    fn noise(shape: [usize; 4], device: &Device) -> Tensor<4> {
        Tensor::random(shape, Distribution::Uniform(-1.0, 1.0), device)
    }

    fn gap(a: Tensor<2>, b: Tensor<2>) -> f32 {
        (a - b).abs().max().into_scalar()
    }

    #[test]
    fn the_slim_network_reads_six_by_six_places() {
        let device = Device::flex();
        let net = FranConfig::default().init(8, &device);
        let features = net.features(noise([2, 1, 48, 48], &device));
        assert_eq!(features.dims(), [2, 128, 6, 6]);
        assert_eq!(net.classify(features).dims(), [2, 8]);
    }

    #[test]
    fn the_order_of_the_regions_does_not_matter() {
        let device = Device::flex();
        let mut net = tiny(3).init(8, &device);
        let features = noise([2, 128, 6, 6], &device);
        let before = net.classify(features.clone());
        let order = Tensor::<1, Int>::from_ints([2, 0, 1], &device);
        net.regions = net.regions.reordered(order);
        assert!(gap(before, net.classify(features)) < 1e-5);
    }

    #[test]
    fn one_uniform_region_is_the_mean_and_a_linear_layer() {
        let device = Device::flex();
        let mut net = tiny(1).init(8, &device);
        net.regions = net.regions.uniform();
        let features = noise([2, 128, 6, 6], &device);
        let mean = pooled(features.clone());
        let [upper, lower] = [0, 128].map(|row| net.head.weight.val().narrow(0, row, 128));
        let bias = net.head.bias.as_ref().map(Param::val).unwrap();
        let expected = mean.matmul(upper + lower) + bias.unsqueeze();
        assert!(gap(net.classify(features), expected) < 1e-5);
    }

    #[test]
    fn the_loss_reaches_every_layer() {
        let device = Device::flex().autodiff();
        device.seed(3);
        let net = FranConfig { cover: 1.0, ..tiny(2) }.init(8, &device);
        let faces = Faces {
            pixels: noise([4, 1, 32, 32], &device),
            targets: Tensor::ones([4, 8], &device) / 8.0,
            class_weights: None,
            row_weights: None,
            points: None,
            upright: None,
        };
        let gradients = GradientsParams::from_grads(net.learn(&faces).total().backward(), &net);
        let mut reached = Reached { gradients, with: 0, without: 0 };
        net.visit(&mut reached);
        // A convolution, scale and shift of 12 layers; one of regions, two of attention, four of
        // heads.
        assert_eq!((reached.with, reached.without), (3 * 12 + 7, 0));
    }

    /// Parameters that learn, by whether they have a gradient.
    struct Reached {
        gradients: GradientsParams,
        with: usize,
        without: usize,
    }

    impl ModuleVisitor for Reached {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let found = self.gradients.get::<D>(param.id).is_some();
            let learns = param.is_require_grad();
            self.with += usize::from(learns && found);
            self.without += usize::from(learns && !found);
        }
    }

    #[test]
    fn targets_are_smoothed_by_the_share_asked_for() {
        let device = Device::flex();
        let net = FranConfig { smoothing: 0.2, ..tiny(1) }.init(2, &device);
        let faces = Faces {
            pixels: Tensor::zeros([1, 1, 1, 1], &device),
            targets: Tensor::from_floats([[1.0, 0.0]], &device),
            class_weights: None,
            row_weights: None,
            points: None,
            upright: None,
        };
        let targets: Vec<f32> = net.smoothed(&faces).targets.into_data().iter::<f32>().collect();
        assert!((targets[0] - 0.9).abs() < 1e-6 && (targets[1] - 0.1).abs() < 1e-6);
    }

    #[test]
    fn settings_out_of_range_are_refused_by_name() {
        assert_eq!(FranConfig::default().fault(), None);
        let none = FranConfig { regions: 0, ..FranConfig::default() };
        assert_eq!(none.fault(), Some(("task.arch.fran.regions", "1 to 64")));
        let nan = FranConfig { peak_weight: f32::NAN, ..FranConfig::default() };
        assert!(nan.fault().is_some());
    }
}
