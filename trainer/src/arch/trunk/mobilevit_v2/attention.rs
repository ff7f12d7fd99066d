//! Separable self-attention (arXiv 2206.02680, section 3.2, figure 4c) and the block around it.
//!
//! ```text
//! block      [N, C, H, W] ─ depthwise 3×3 ─ 1×1, C/2 ─ unfold ─ units ─ norm ─ fold ─ 1×1, C
//! unfold     patches of 2×2: [N, D, 4, M]; a place in its patch attends to that place in all M
//! unit       x + attention(norm(x)), then x + mlp(norm(x)), mlp twofold with SiLU
//! attention  q, k, v of 1, D, D channels;  relu(v) · Σ m  k · softmax m (q);  1×1, D
//! ```
//!
//! Its cost is linear in M. Norms are over a whole sample, a scale and a shift for each channel.

use burn::{
    module::Module,
    nn::{
        GroupNorm, GroupNormConfig,
        conv::{Conv2d, Conv2dConfig},
    },
    tensor::{
        Device, Tensor,
        activation::{relu, silu, softmax},
        module::interpolate,
        ops::{InterpolateMode, InterpolateOptions},
    },
};

use crate::{
    arch::blocks::{ConvBn, ConvBnConfig},
    ops::conv::conv2d,
};

/// Side of a patch.
const PATCH: usize = 2;

/// Local, then global mixing of a map.
#[derive(Module, Debug)]
pub(super) struct AttentionBlock {
    local: ConvBn,
    enter: Conv2d,
    units: Vec<Unit>,
    norm: GroupNorm,
    leave: ConvBn,
}

impl AttentionBlock {
    /// A block over `channels` channels with `depth` units, fresh weights.
    pub(super) fn new(channels: usize, depth: usize, device: &Device) -> Self {
        let width = channels / 2;
        Self {
            local: ConvBnConfig::new(channels, channels, 3).with_groups(channels).init(device),
            enter: Conv2dConfig::new([channels, width], [1, 1]).with_bias(false).init(device),
            units: (0..depth).map(|_| Unit::new(width, device)).collect(),
            norm: norm(width, device),
            leave: ConvBnConfig::new(width, channels, 1).init(device),
        }
    }

    /// # Shapes
    /// `[N, C, H, W] -> [N, C, H, W]`, an odd H or W resized to the next even one
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = even(x);
        let [_, _, height, width] = x.dims();
        let x = conv2d(&self.enter, silu(self.local.forward(x)));
        let x = self.units.iter().fold(unfolded(x), |x, unit| unit.forward(x));
        self.leave.forward(folded(self.norm.forward(x), [height, width]))
    }
}

/// A map with an even height and width.
fn even(x: Tensor<4>) -> Tensor<4> {
    let [_, _, height, width] = x.dims();
    let size = [height, width].map(|side| side.next_multiple_of(PATCH));
    if size == [height, width] {
        return x;
    }
    let bilinear = InterpolateOptions::new(InterpolateMode::Bilinear).with_align_corners(true);
    interpolate(x, bilinear.with_output_size(size))
}

/// `[N, C, H, W] -> [N, C, 4, H·W/4]`: a place in its patch, then the patch.
fn unfolded(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    let [rows, columns] = [height / PATCH, width / PATCH];
    let x: Tensor<6> = x.reshape([batch, channels, rows, PATCH, columns, PATCH]);
    x.permute([0, 1, 3, 5, 2, 4]).reshape([batch, channels, PATCH * PATCH, rows * columns])
}

/// The inverse of [`unfolded`].
fn folded(x: Tensor<4>, [height, width]: [usize; 2]) -> Tensor<4> {
    let [batch, channels, _, _] = x.dims();
    let [rows, columns] = [height / PATCH, width / PATCH];
    let x: Tensor<6> = x.reshape([batch, channels, PATCH, PATCH, rows, columns]);
    x.permute([0, 1, 4, 2, 5, 3]).reshape([batch, channels, height, width])
}

fn norm(width: usize, device: &Device) -> GroupNorm {
    GroupNormConfig::new(1, width).init(device)
}

fn pointwise(inputs: usize, outputs: usize, device: &Device) -> Conv2d {
    Conv2dConfig::new([inputs, outputs], [1, 1]).init(device)
}

/// Attention and a perceptron, each beside an identity.
#[derive(Module, Debug)]
struct Unit {
    before_attention: GroupNorm,
    attention: Attention,
    before_mlp: GroupNorm,
    widen: Conv2d,
    narrow: Conv2d,
}

impl Unit {
    fn new(width: usize, device: &Device) -> Self {
        Self {
            before_attention: norm(width, device),
            attention: Attention::new(width, device),
            before_mlp: norm(width, device),
            widen: pointwise(width, 2 * width, device),
            narrow: pointwise(2 * width, width, device),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = x.clone() + self.attention.forward(self.before_attention.forward(x));
        let wide = silu(conv2d(&self.widen, self.before_mlp.forward(x.clone())));
        x + conv2d(&self.narrow, wide)
    }
}

/// Separable self-attention.
#[derive(Module, Debug)]
struct Attention {
    /// To a query of one channel, a key and a value.
    project: Conv2d,
    leave: Conv2d,
}

impl Attention {
    fn new(width: usize, device: &Device) -> Self {
        Self {
            project: pointwise(width, 1 + 2 * width, device),
            leave: pointwise(width, width, device),
        }
    }

    /// # Shapes
    /// `[N, D, 4, M] -> [N, D, 4, M]`
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [_, width, _, _] = x.dims();
        let x = conv2d(&self.project, x);
        let query = x.clone().narrow(1, 0, 1);
        let key = x.clone().narrow(1, 1, width);
        let value = x.narrow(1, 1 + width, width);
        let context = (key * softmax(query, 3)).sum_dim(3);
        conv2d(&self.leave, relu(value) * context)
    }
}

/// timm's name of the tensor at `rest` in a block.
pub(super) fn timm_name(rest: &[&str]) -> String {
    match *rest {
        ["local", part, leaf] => format!("conv_kxk.{part}.{leaf}"),
        ["enter", leaf] => format!("conv_1x1.{leaf}"),
        ["leave", part, leaf] => format!("conv_proj.{part}.{leaf}"),
        ["units", u, "before_attention", leaf] => format!("transformer.{u}.norm1.{leaf}"),
        ["units", u, "before_mlp", leaf] => format!("transformer.{u}.norm2.{leaf}"),
        ["units", u, "attention", "project", leaf] => {
            format!("transformer.{u}.attn.qkv_proj.{leaf}")
        }
        ["units", u, "attention", _, leaf] => format!("transformer.{u}.attn.out_proj.{leaf}"),
        ["units", u, "widen", leaf] => format!("transformer.{u}.mlp.fc1.{leaf}"),
        ["units", u, "narrow", leaf] => format!("transformer.{u}.mlp.fc2.{leaf}"),
        _ => rest.join("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_hold_their_four_places_and_fold_back() {
        let device = Device::flex();
        let x = Tensor::<1>::from_floats([0., 1., 2., 3., 4., 5., 6., 7.], &device);
        let x: Tensor<4> = x.reshape([1, 1, 2, 4]);
        let patches: Vec<f32> = unfolded(x.clone()).into_data().iter().collect();
        assert_eq!(patches, [0., 2., 1., 3., 4., 6., 5., 7.]);
        assert_eq!(folded(unfolded(x.clone()), [2, 4]).into_data(), x.into_data());
    }

    #[test]
    fn a_flat_query_attends_to_the_mean_of_the_keys() {
        let device = Device::flex();
        let mut attention = Attention::new(1, &device);
        let set = |weights: &[f32], shape| {
            Tensor::<1>::from_floats(weights, &device).reshape::<4, _>(shape)
        };
        attention.project.weight =
            attention.project.weight.map(|_| set(&[0., 1., 1.], [3, 1, 1, 1]));
        attention.leave.weight = attention.leave.weight.map(|_| set(&[1.], [1, 1, 1, 1]));
        for layer in [&mut attention.project, &mut attention.leave] {
            layer.bias = layer.bias.take().map(|bias| bias.map(|bias| bias.zeros_like()));
        }
        // relu(v) of -1 and 3, times the mean key 1.
        let y = attention.forward(set(&[-1., 3.], [1, 1, 1, 2]));
        assert_eq!(y.into_data().iter::<f32>().collect::<Vec<_>>(), [0., 3.]);
    }
}
