//! CASIA-Net (Yi et al. 2014, "Learning face representation from scratch", arXiv 1411.7923, table
//! 1), made for grey faces of 100 × 100 pixels.
//!
//! ```text
//! [N, 1, H, W]
//!   pair 1   3×3, 32;  3×3, 64;  max 2×2/2   H/2
//!   pair 2   3×3, 64;  3×3, 128; max 2×2/2   H/4
//!   pair 3   3×3, 96;  3×3, 192; max 2×2/2   H/8
//!   pair 4   3×3, 128; 3×3, 256; max 2×2/2   H/16
//!   pair 5   3×3, 160; 3×3, 320              H/16
//!   mean over H, W; dropout 0.4; linear -> [N, classes]
//! ```
//!
//! A ReLU follows every convolution but the last, whose means are the face's description. Poolings
//! round up, as Caffe does: 100, 50, 25, 13, 7. A wide end leaves the last one out. The slim variant
//! (own choice) has a quarter of the channels, normalised. No public weights are known.

use burn::{
    module::Module,
    nn::{
        Dropout, DropoutConfig, Linear, LinearConfig,
        pool::{MaxPool2d, MaxPool2dConfig},
    },
    tensor::{Device, Tensor},
};

use super::{
    headed,
    layer::{Form, Layer},
    pooled,
};

/// Layers and their sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CasiaNetConfig {
    pairs: [[usize; 2]; 5],
    form: Form,
    /// Pairs with a pooling behind them.
    pools: usize,
}

impl CasiaNetConfig {
    /// The paper's network.
    pub const PUBLISHED: Self = Self {
        pairs: [[32, 64], [64, 128], [96, 192], [128, 256], [160, 320]],
        form: Form::Plain,
        pools: 4,
    };
    /// Slim: a quarter of the channels, normalised.
    pub const SLIM: Self = Self {
        pairs: [[8, 16], [16, 32], [24, 48], [32, 64], [40, 80]],
        form: Form::Unbiased,
        pools: 4,
    };

    /// The same without its last pooling, or with it.
    #[must_use]
    pub fn with_wide_end(self, wide_end: bool) -> Self {
        Self { pools: self.pools - usize::from(wide_end), ..self }
    }

    /// The network with fresh weights; `classes` of `None` leaves its head out.
    pub fn init(self, classes: Option<usize>, device: &Device) -> CasiaNet {
        let mut inputs = 1;
        let pairs = self.pairs.map(|widths| {
            widths.map(|width| {
                let layer = Layer::new([inputs, width], self.form, device);
                inputs = width;
                layer
            })
        });
        let pool = MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).with_ceil_mode(true);
        CasiaNet {
            pairs,
            pool: pool.init(),
            dropout: DropoutConfig::new(0.4).init(),
            head: classes.map(|classes| LinearConfig::new(inputs, classes).init(device)),
            widths: self.pairs.map(|[_, width]| width),
            pools: self.pools,
        }
    }
}

/// The network.
#[derive(Module, Debug)]
pub struct CasiaNet {
    pairs: [[Layer; 2]; 5],
    pool: MaxPool2d,
    dropout: Dropout,
    head: Option<Linear>,
    widths: [usize; 5],
    pools: usize,
}

impl CasiaNet {
    /// Channels of the picture.
    pub fn channels(&self) -> usize {
        1
    }

    /// Channels of each map of [`Self::features`].
    pub fn widths(&self) -> [usize; 5] {
        self.widths
    }

    /// Pixels of the picture a step in each map of [`Self::features`] covers.
    pub fn strides(&self) -> [usize; 5] {
        [1, 2, 3, 4, 5].map(|pair| 1 << self.pools.min(pair))
    }

    /// The map each of the five pairs ends in, pooled.
    ///
    /// # Shapes
    /// `[N, 1, H, W] -> [N, widths[i], ⌈H / strides[i]⌉, ⌈W / strides[i]⌉]`
    pub fn features(&self, mut x: Tensor<4>) -> [Tensor<4>; 5] {
        [0, 1, 2, 3, 4].map(|i| {
            let [first, second] = &self.pairs[i];
            let y = first.forward(x.clone());
            let y = if i < 4 { second.forward(y) } else { second.forward_linear(y) };
            x = if i < self.pools { self.pool.forward(y) } else { y };
            x.clone()
        })
    }

    /// Logits.
    ///
    /// # Shapes
    /// `[N, 1, H, W] -> [N, classes]`
    ///
    /// # Panics
    /// Without a head.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let [.., x] = self.features(x);
        headed(self.head.as_ref(), self.dropout.forward(pooled(x)))
    }
}
