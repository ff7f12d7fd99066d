//! The occlusion-adaptive deep network: one trunk, a branch that looks where landmarks are seen and
//! one that must read the expression off every quarter of the face.
//!
//! ```text
//! [N, 1, S, S] -> trunk, last stage not halved -> F [N, C, H, W]
//!   attention  A [N, 24, H·W] about the visible points (`maps`, `points`)
//!              F Aᵀ / H·W [N, C, 24], largest of the 24 [N, C]; head -> [N, classes]
//!   regions    2 × 2 blocks of F, mean of each [N, C]; a head each -> 4 × [N, classes]
//! head         linear, ReLU, linear
//! ```
//!
//! `L = λ · CE(attention) + (1 - λ) · Σ_blocks CE(block)`; the network answers with the mean of
//! the blocks' probabilities, or with both branches' weighted by λ. Ding et al. 2020, arXiv
//! 2005.06040. The paper pools 24 copies of F, each times its map, which is the one matrix product
//! here; by its mean over all places a point's features are some hundredth of the regions', which
//! few steps from fresh weights do not make up for, so that [`Pooling::Point`] (own choice) takes the
//! mean under the map. T, σ and λ as in the re-implementation 1980x/SCAN-CCI-FER, whose regions share
//! a head; here each has its own.

pub mod maps;
pub mod points;

use burn::{
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{
        Device, Tensor,
        activation::{relu, softmax},
    },
};
use mien_shared::geometry::LANDMARKS;
use serde::{Deserialize, Serialize};

use self::{
    maps::{attention_maps, mass},
    points::interest_points,
};
use super::{
    faces::Faces,
    trunk::{Trunk, TrunkName, TrunkOptions, pooled},
};
use crate::train::Loss;

/// Blocks along each axis.
const BLOCKS: usize = 2;

/// Least probability whose logarithm is given as a logit.
const LEAST: f32 = 1e-30;

/// Settings of the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OadnConfig {
    /// The trunk.
    pub trunk: TrunkName,
    /// λ, share of the attention branch in what is learned, 0..=1: 0 for the regions alone, 1 for
    /// attention alone.
    pub lambda: f64,
    /// T, least confidence of a visible point, 0..=1.
    pub threshold: f64,
    /// Over what a point's features are averaged.
    pub pooling: Pooling,
    /// Hidden units of each head.
    pub hidden: usize,
    /// Which branches answer; where not given, the regions if they learn (λ < 1), else attention.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inference: Option<Inference>,
}

/// Over what a point's features are averaged: the same but for a factor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    /// All places of the map, as in the paper.
    #[default]
    Map,
    /// What the Gaussian about a point weighs, were all of it on the map.
    Point,
}

/// Which branches answer. Both rules read the same weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inference {
    /// The mean of the regions' probabilities; needs no landmarks.
    Regions,
    /// Both branches' probabilities, weighted by λ; needs landmarks.
    Both,
}

impl Default for OadnConfig {
    fn default() -> Self {
        Self {
            trunk: TrunkName::Resnet18S,
            lambda: 0.2,
            threshold: 0.6,
            pooling: Pooling::Map,
            hidden: 256,
            inference: None,
        }
    }
}

impl OadnConfig {
    /// The network with fresh weights.
    pub fn init(&self, classes: usize, device: &Device) -> Oadn {
        let options = TrunkOptions { wide_end: true };
        let trunk = Trunk::headless(self.trunk, options, device);
        let head = || Head::new([trunk.width(), self.hidden, classes], device);
        Oadn {
            attention: head(),
            regions: (0..BLOCKS * BLOCKS).map(|_| head()).collect(),
            trunk,
            lambda: self.lambda,
            threshold: self.threshold,
            under_points: self.pooling == Pooling::Point,
            attention_share: self.attention_share(),
        }
    }

    /// Share of the attention branch in the answer.
    fn attention_share(&self) -> f64 {
        match self.inference {
            Some(Inference::Both) => self.lambda,
            None if self.lambda >= 1.0 => 1.0,
            Some(Inference::Regions) | None => 0.0,
        }
    }

    /// Least side in pixels at which each block has a place.
    fn least_side(&self) -> u32 {
        if self.trunk.is_slim() { 32 } else { 64 }
    }

    /// The first setting out of range for pictures of that side, and its rule.
    pub fn fault(&self, side: u32) -> Option<(&'static str, &'static str)> {
        let blind = self.lambda >= 1.0 && self.inference == Some(Inference::Regions);
        let rules = [
            (!(0.0..=1.0).contains(&self.lambda), "task.arch.oadn.lambda", "0 to 1"),
            (!(0.0..=1.0).contains(&self.threshold), "task.arch.oadn.threshold", "0 to 1"),
            (!(1..=4096).contains(&self.hidden), "task.arch.oadn.hidden", "1 to 4096"),
            (blind, "task.arch.oadn.inference", "\"both\" where lambda is 1: no region learns"),
            (
                side < self.least_side(),
                "task.side",
                "32 or more for a slim trunk of oadn, 64 for another",
            ),
        ];
        rules.into_iter().find(|rule| rule.0).map(|(_, field, rule)| (field, rule))
    }
}

/// The network.
#[derive(Module, Debug)]
pub struct Oadn {
    /// The trunk.
    pub trunk: Trunk,
    attention: Head,
    regions: Vec<Head>,
    lambda: f64,
    threshold: f64,
    under_points: bool,
    attention_share: f64,
}

impl Oadn {
    /// Whether it needs landmarks to answer.
    pub fn reads_points(&self) -> bool {
        self.attention_share > 0.0
    }

    /// The same network, answering with both branches; `None` where it does already or where one
    /// of them has not learned.
    pub fn answering_with_both(&self) -> Option<Self> {
        let both = self.lambda > 0.0 && self.lambda < 1.0 && !self.reads_points();
        both.then(|| Self { attention_share: self.lambda, ..self.clone() })
    }

    /// Logarithms of class probabilities; without `points` none is visible, and the attention
    /// branch answers with its biases.
    ///
    /// # Shapes
    /// `[N, 1, S, S]`, points `[N, 68, 3]` `-> [N, classes]`
    pub fn forward(&self, x: Tensor<4>, points: Option<Tensor<3>>) -> Tensor<2> {
        let map = self.trunk.last_map(x);
        let share = self.attention_share;
        let regions = |map| {
            let blocks = self.region_logits(&map).into_iter().map(|logits| softmax(logits, 1));
            Tensor::stack::<3>(blocks.collect(), 0).mean_dim(0).squeeze_dim::<2>(0)
        };
        let attention = |map| softmax(self.attention_logits(map, points), 1);
        let probabilities = if share <= 0.0 {
            regions(map)
        } else if share >= 1.0 {
            attention(map)
        } else {
            attention(map.clone()) * share + regions(map) * (1.0 - share)
        };
        probabilities.clamp_min(LEAST).log()
    }

    /// The weighted losses of the branches; one of no weight is left out.
    pub fn learn(&self, faces: &Faces) -> Loss {
        let map = self.trunk.last_map(faces.pixels.clone());
        let [attention, regions] = [self.lambda, 1.0 - self.lambda].map(weight);
        if self.lambda <= 0.0 {
            return Loss::weighted("regions", regions, self.regions_loss(&map, faces));
        }
        let loss = Loss::weighted("attention", attention, self.attention_loss(map.clone(), faces));
        if self.lambda >= 1.0 {
            loss
        } else {
            loss.and("regions", regions, self.regions_loss(&map, faces))
        }
    }

    fn attention_loss(&self, map: Tensor<4>, faces: &Faces) -> Tensor<1> {
        faces.cross_entropy(self.attention_logits(map, faces.points.clone()))
    }

    /// The sum of the blocks' losses.
    fn regions_loss(&self, map: &Tensor<4>, faces: &Faces) -> Tensor<1> {
        let losses = self.region_logits(map).into_iter().map(|logits| faces.cross_entropy(logits));
        Tensor::cat(losses.collect(), 0).sum()
    }

    /// # Shapes
    /// map `[N, C, H, W]`, points `[N, 68, 3]` `-> [N, classes]`
    fn attention_logits(&self, map: Tensor<4>, points: Option<Tensor<3>>) -> Tensor<2> {
        let [count, _, rows, columns] = map.dims();
        let points = points.unwrap_or_else(|| Tensor::zeros([count, LANDMARKS, 3], &map.device()));
        let grid = [rows, columns];
        let maps = attention_maps(&interest_points(&points), grid, self.threshold);
        let weight = if self.under_points { mass(grid) } else { (rows * columns) as f32 };
        self.attention.forward(attended(map, maps, weight))
    }

    /// The logits of each block, row by row.
    ///
    /// # Shapes
    /// `[N, C, H, W] -> 4 × [N, classes]`
    fn region_logits(&self, map: &Tensor<4>) -> Vec<Tensor<2>> {
        let blocks = blocks(map).into_iter().zip(&self.regions);
        blocks.map(|(block, head)| head.forward(pooled(block))).collect()
    }
}

/// A share as losses are weighted.
#[expect(clippy::cast_possible_truncation, reason = "losses are in f32")]
fn weight(share: f64) -> f32 {
    share as f32
}

/// For each channel the largest, over the points, of the sum of the map times the point's, over
/// `weight`.
///
/// # Shapes
/// map `[N, C, H, W]`, attention maps `[N, P, H · W]` `-> [N, C]`
fn attended(map: Tensor<4>, attention: Tensor<3>, weight: f32) -> Tensor<2> {
    let [count, channels, rows, columns] = map.dims();
    let cells = rows * columns;
    let map: Tensor<3> = map.reshape([count, channels, cells]);
    let means = map.matmul(attention.swap_dims(1, 2)) / weight;
    means.max_dim(2).squeeze_dim(2)
}

/// The 2 × 2 blocks of a map, row by row; of an odd side the later block has the middle, a side of
/// one cell is in both.
fn blocks(map: &Tensor<4>) -> Vec<Tensor<4>> {
    let [count, channels, rows, columns] = map.dims();
    let halves = |side: usize| [0..(side / BLOCKS).max(1), side / BLOCKS..side];
    let places =
        halves(rows).into_iter().flat_map(|down| halves(columns).map(|x| (down.clone(), x)));
    places.map(|(down, across)| map.clone().slice([0..count, 0..channels, down, across])).collect()
}

/// Linear, ReLU, linear.
#[derive(Module, Debug)]
struct Head {
    hidden: Linear,
    output: Linear,
}

impl Head {
    fn new([inputs, hidden, classes]: [usize; 3], device: &Device) -> Self {
        Self {
            hidden: LinearConfig::new(inputs, hidden).init(device),
            output: LinearConfig::new(hidden, classes).init(device),
        }
    }

    /// # Shapes
    /// `[N, C] -> [N, classes]`
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.output.forward(relu(self.hidden.forward(x)))
    }
}

#[cfg(test)]
mod tests;
