//! `fn2en`: the expression network of `FaceNet2ExpNet` (Ding, Zhou & Chellappa 2017, arXiv
//! 1609.06591, section III), five convolutions whose first weights a face network shapes.
//!
//! ```text
//! slim, 16-32-64-128-128               full, 64-128-256-512-512
//! [N, 1, 48, 48]                       [N, 3, 224, 224]
//!   5 × 3×3; max 3×3/2 after 4         5 × 3×3; max 3×3/2 after each
//!   adapter 1×1, 128      3×3          adapter 1×1, 512      7×7    <- features
//!   linear 128; dropout 0.5            linear 256; dropout 0.5
//!   linear -> [N, classes]             linear -> [N, classes]
//! ```
//!
//! ReLU after every layer but the last. Pools round their size up, so that 224 pixels end in the
//! 7×7 map of a VGG-16; the adapter is what is held against such a map first
//! ([`crate::task::expression::guide`]), before all layers learn from labels. Only the paper's
//! baseline "from scratch" is batch normalised. ReLU after the adapter is an own choice: the map it
//! follows has no negative values either; so are the slim form's sizes.

use burn::{
    module::Module,
    nn::{
        BatchNorm, BatchNormConfig, Dropout, DropoutConfig, Initializer, Linear, LinearConfig,
        PaddingConfig2d,
        conv::{Conv2d, Conv2dConfig},
        pool::{MaxPool2d, MaxPool2dConfig},
    },
    tensor::{Device, Tensor, activation::relu},
};
use serde::{Deserialize, Serialize};

use crate::ops::{conv::conv2d, norm::batch_norm};

/// Convolutions before the adapter.
const LAYERS: usize = 5;
/// Largest number of channels or units a recipe may ask for.
const WIDEST: usize = 4096;
/// Side of a pool's window.
const POOL: usize = 3;
/// Standard deviation of fresh linear weights (the paper's).
const LINEAR_STD: f64 = 0.01;

/// Layers and their sizes; the slim form where a recipe does not say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fn2EnConfig {
    /// Channels of the picture: 1, or 3 over which a grey picture is repeated.
    pub planes: usize,
    /// Channels of the five convolutions.
    pub channels: [usize; LAYERS],
    /// How many of them, from the first on, are pooled: 5 shrink 224 pixels to 7, 4 shrink 48 to
    /// 3. The adapter's map has to be as large as the guide's.
    pub pools: usize,
    /// Channels of the adapter, as many as the guide's map has.
    pub adapter: usize,
    /// Units of the hidden linear layer.
    pub hidden: usize,
    /// Share of those units left out of a step.
    pub dropout: f64,
    /// Whether convolutions are batch normalised: the baseline without a guide.
    pub batch_norm: bool,
}

impl Default for Fn2EnConfig {
    fn default() -> Self {
        Self::SLIM
    }
}

impl Fn2EnConfig {
    /// For grey pictures of 48 × 48 pixels and a slim guide.
    pub const SLIM: Self = Self {
        planes: 1,
        channels: [16, 32, 64, 128, 128],
        pools: 4,
        adapter: 128,
        hidden: 128,
        dropout: 0.5,
        batch_norm: false,
    };
    /// The paper's, for pictures of 224 × 224 pixels and VGG-16.
    pub const FULL: Self = Self {
        planes: 3,
        channels: [64, 128, 256, 512, 512],
        pools: 5,
        adapter: 512,
        hidden: 256,
        dropout: 0.5,
        batch_norm: false,
    };

    /// Side in pixels of the pictures it is made for.
    pub fn side(&self) -> u32 {
        if self.planes == 1 { 48 } else { 224 }
    }

    /// The network with fresh weights, for pictures of `side` × `side` pixels.
    pub fn init(&self, classes: usize, side: u32, device: &Device) -> Fn2En {
        let mut inputs = self.planes;
        let mut layer = |width, kernel| {
            let channels = [inputs, width];
            inputs = width;
            Layer::new(channels, kernel, self.batch_norm, device)
        };
        let convs = self.channels.map(|width| layer(width, 3));
        let adapter = layer(self.adapter, 1);
        let side = self.map_side(side as usize).unwrap_or(1);
        let linear = |inputs, outputs| {
            let mut linear = LinearConfig::new(inputs, outputs)
                .with_initializer(Initializer::Normal { mean: 0.0, std: LINEAR_STD })
                .init(device);
            linear.bias = Some(Initializer::Zeros.init([outputs], device));
            linear
        };
        Fn2En {
            convs: convs.into(),
            pool: MaxPool2dConfig::new([POOL; 2]).with_strides([2, 2]).with_ceil_mode(true).init(),
            pools: self.pools,
            adapter,
            hidden: linear(self.adapter * side * side, self.hidden),
            dropout: DropoutConfig::new(self.dropout).init(),
            head: linear(self.hidden, classes),
        }
    }

    /// Side of the adapter's map for pictures of `side` pixels; `None` where a pool has no three
    /// pixels to read.
    fn map_side(&self, side: usize) -> Option<usize> {
        (0..self.pools).try_fold(side, |side, _| (side >= POOL).then(|| (side - 1).div_ceil(2)))
    }

    /// The first field out of range for pictures of `side` pixels, and its rule.
    pub fn fault(&self, side: u32) -> Option<(&'static str, &'static str)> {
        let wide = |width: usize| !(1..=WIDEST).contains(&width);
        let rules = [
            (![1, 3].contains(&self.planes), "task.arch.fn2en.planes", "1 or 3"),
            (self.channels.into_iter().any(wide), "task.arch.fn2en.channels", "1 to 4096 each"),
            (self.pools > LAYERS, "task.arch.fn2en.pools", "0 to 5"),
            (
                self.map_side(side as usize).is_none(),
                "task.arch.fn2en.pools",
                "few enough that each reads three pixels of its map or more",
            ),
            (wide(self.adapter), "task.arch.fn2en.adapter", "1 to 4096"),
            (wide(self.hidden), "task.arch.fn2en.hidden", "1 to 4096"),
            (!(0.0..1.0).contains(&self.dropout), "task.arch.fn2en.dropout", "0 to below 1"),
        ];
        rules.into_iter().find(|rule| rule.0).map(|(_, field, rule)| (field, rule))
    }
}

/// The network.
#[derive(Module, Debug)]
pub struct Fn2En {
    convs: Vec<Layer>,
    pool: MaxPool2d,
    pools: usize,
    adapter: Layer,
    hidden: Linear,
    dropout: Dropout,
    head: Linear,
}

impl Fn2En {
    /// The adapter's map.
    ///
    /// # Shapes
    /// `[N, 1, side, side] -> [N, adapter, H, W]`
    pub fn features(&self, x: Tensor<4>) -> Tensor<4> {
        let [_, planes, _, _] = self.convs.first().map_or([1; 4], |layer| layer.conv.weight.dims());
        let mut x = if x.dims()[1] == planes { x } else { x.repeat_dim(1, planes) };
        for (at, layer) in self.convs.iter().enumerate() {
            x = layer.forward(x);
            if at < self.pools {
                x = self.pool.forward(x);
            }
        }
        self.adapter.forward(x)
    }

    /// Logits.
    ///
    /// # Shapes
    /// `[N, 1, side, side] -> [N, classes]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let flat: Tensor<2> = self.features(x).flatten(1, 3);
        self.head.forward(self.dropout.forward(relu(self.hidden.forward(flat))))
    }
}

/// A convolution, normalised or not, and a ReLU.
#[derive(Module, Debug)]
struct Layer {
    conv: Conv2d,
    bn: Option<BatchNorm>,
}

impl Layer {
    /// He-initialised (arXiv 1502.01852), padded to keep the size.
    fn new(channels: [usize; 2], kernel: usize, normalised: bool, device: &Device) -> Self {
        let p = kernel / 2;
        let he = Initializer::KaimingNormal { gain: 2.0_f64.sqrt(), fan_out_only: false };
        let mut conv = Conv2dConfig::new(channels, [kernel; 2])
            .with_padding(PaddingConfig2d::Explicit(p, p, p, p))
            .with_initializer(he)
            .init(device);
        conv.bias = Some(Initializer::Zeros.init([channels[1]], device));
        let bn = normalised.then(|| BatchNormConfig::new(channels[1]).init(device));
        Self { conv, bn }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = conv2d(&self.conv, x);
        match &self.bn {
            Some(bn) => batch_norm(bn, y, true),
            None => relu(y),
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::{
        module::{ModuleVisitor, Param},
        tensor::Distribution,
    };

    use super::*;

    /// Counts parameters without making them.
    struct Count(usize);

    impl ModuleVisitor for Count {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0 += param.lazy_shape().num_elements();
        }
    }

    fn noise(side: usize, device: &Device) -> Tensor<4> {
        Tensor::random([2, 1, side, side], Distribution::Uniform(-1.0, 1.0), device)
    }

    #[test]
    fn the_paper_s_network_has_its_number_of_parameters() {
        for (classes, parameters) in [(8, 10_598_280), (6, 10_597_766)] {
            let mut count = Count(0);
            Fn2EnConfig::FULL.init(classes, 224, &Device::flex()).visit(&mut count);
            assert_eq!(count.0, parameters);
        }
    }

    #[test]
    fn pools_round_up_to_the_map_of_a_vgg16() {
        let device = Device::flex();
        // The paper's side and pools with few channels: sizes do not depend on those.
        let thin = Fn2EnConfig { channels: [1; 5], adapter: 2, ..Fn2EnConfig::FULL };
        let net = thin.init(8, 224, &device);
        assert_eq!(net.features(noise(224, &device)).dims(), [2, 2, 7, 7]);
        assert_eq!(net.forward(noise(224, &device)).dims(), [2, 8]);
        let wide: Vec<_> = Fn2EnConfig::FULL.init(8, 224, &device).hidden.weight.dims().into();
        assert_eq!(wide, [512 * 7 * 7, 256]);
    }

    #[test]
    fn the_slim_map_is_that_of_a_slim_trunk_and_every_layer_learns() {
        let device = Device::flex().autodiff();
        device.seed(3);
        for batch_norm in [false, true] {
            let config = Fn2EnConfig { batch_norm, dropout: 0.0, ..Fn2EnConfig::SLIM };
            let net = config.init(8, 48, &device);
            assert_eq!(net.features(noise(48, &device)).dims(), [2, 128, 3, 3]);
            let gradients = net.forward(noise(48, &device)).powi_scalar(2).sum().backward();
            let layers = net.convs.iter().chain([&net.adapter]);
            let reached = |w: Option<Tensor<4>>| w.unwrap().abs().sum().into_scalar::<f32>() > 0.0;
            assert!(layers.map(|l| l.conv.weight.val().grad(&gradients)).all(reached));
            assert!(net.head.weight.val().grad(&gradients).is_some());
        }
    }

    #[test]
    fn another_side_has_its_own_linear_layer() {
        let device = Device::flex();
        let net = Fn2EnConfig { pools: 3, ..Fn2EnConfig::SLIM }.init(7, 45, &device);
        assert_eq!(net.features(noise(45, &device)).dims(), [2, 128, 5, 5]);
        assert_eq!(net.forward(noise(45, &device)).dims(), [2, 7]);
    }

    #[test]
    fn a_layer_without_channels_or_pixels_is_refused() {
        let config = Fn2EnConfig { channels: [16, 0, 64, 128, 128], ..Fn2EnConfig::SLIM };
        assert_eq!(config.fault(48).map(|(field, _)| field), Some("task.arch.fn2en.channels"));
        assert_eq!(Fn2EnConfig::FULL.fault(224), None);
        let small = Fn2EnConfig::FULL.fault(32);
        assert_eq!(small.map(|(field, _)| field), Some("task.arch.fn2en.pools"));
        assert!(toml::from_str::<Fn2EnConfig>("chanels = 3").is_err());
    }
}
