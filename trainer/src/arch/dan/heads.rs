//! Heads side by side, and the two losses that shape them.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{affinity::Affinity, head::Head, partition::partition};
use crate::{
    arch::{faces::Faces, trunk::pooled},
    train::Loss,
};

/// How many, and what their losses weigh.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeadsConfig {
    /// Heads.
    pub count: usize,
    /// Weight of the affinity loss, 0 for none.
    pub affinity: f32,
    /// Weight of the partition loss, 0 for none.
    pub partition: f32,
}

impl HeadsConfig {
    /// The heads over maps of `width` channels with fresh weights.
    pub fn init(self, [width, classes]: [usize; 2], device: &Device) -> Heads {
        Heads {
            each: (0..self.count).map(|_| Head::new(width, device)).collect(),
            affinity: (self.affinity > 0.0).then(|| Affinity::new(classes, width, device)),
            affinity_weight: self.affinity,
            partition_weight: self.partition,
        }
    }
}

/// The heads.
#[derive(Module, Debug)]
pub struct Heads {
    each: Vec<Head>,
    affinity: Option<Affinity>,
    affinity_weight: f32,
    partition_weight: f32,
}

impl Heads {
    /// What each head sees.
    ///
    /// # Shapes
    /// `[N, D, H, W] -> [N, K, D]`
    pub fn forward(&self, maps: &Tensor<4>) -> Tensor<3> {
        Tensor::stack(self.each.iter().map(|head| head.forward(maps.clone())).collect(), 1)
    }

    /// Adds the losses of `maps`, `[N, D, H, W]`, and of what the heads make of them, `[N, K, D]`.
    pub fn learn(&self, loss: Loss, maps: Tensor<4>, heads: Tensor<3>, faces: &Faces) -> Loss {
        let loss = match &self.affinity {
            Some(affinity) => {
                loss.and("affinity", self.affinity_weight, affinity.loss(pooled(maps), faces))
            }
            None => loss,
        };
        if self.partition_weight > 0.0 && self.each.len() > 1 {
            loss.and("partition", self.partition_weight, partition(heads, faces))
        } else {
            loss
        }
    }
}
