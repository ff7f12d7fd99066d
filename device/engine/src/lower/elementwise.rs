//! Functions of single elements and of pairs.

use mien_shared::graph::{Activation, Binary, Shape};
use tract_core::internal::{OutletId, TractResult};
use tract_core::ops::{
    math,
    nn::{hard_swish, leaky_relu, sigmoid},
};

use super::Lowering;

impl Lowering<'_> {
    pub(super) fn activation(
        &mut self,
        name: &str,
        activation: Activation,
        shape: Shape,
        x: OutletId,
    ) -> TractResult<OutletId> {
        match activation {
            Activation::LeakyRelu { slope } => self.wire(name, leaky_relu(slope), &[x]),
            Activation::Elu { alpha } => self.elu(name, alpha, shape, x),
            Activation::Tanh => self.wire(name, math::tanh(), &[x]),
            Activation::Clip { low, high } => self.clip(name, [low, high], shape, x),
            Activation::HardSigmoid => {
                let sixth = self.scaled(&format!("{name}.sixth"), 1.0 / 6.0, shape, x)?;
                let half =
                    self.with_constant(&format!("{name}.half"), math::add(), sixth, (0.5, shape))?;
                self.clip(name, [0.0, 1.0], shape, half)
            }
            Activation::HardSwish => self.wire(name, hard_swish(), &[x]),
            Activation::Silu => {
                let gate = self.wire(&format!("{name}.gate"), sigmoid(), &[x])?;
                self.wire(name, math::mul(), &[x, gate])
            }
            Activation::Gelu => self.gelu(name, shape, x),
            Activation::Log => {
                let least = (f32::MIN_POSITIVE, shape);
                let positive =
                    self.with_constant(&format!("{name}.positive"), math::max(), x, least)?;
                self.wire(name, math::ln(), &[positive])
            }
        }
    }

    /// `max(x, 0) + alpha · (exp(min(x, 0)) - 1)`.
    fn elu(&mut self, name: &str, alpha: f32, shape: Shape, x: OutletId) -> TractResult<OutletId> {
        let part = |part: &str| format!("{name}.{part}");
        let above = self.with_constant(&part("above"), math::max(), x, (0.0, shape))?;
        let below = self.with_constant(&part("below"), math::min(), x, (0.0, shape))?;
        let power = self.wire(&part("power"), math::exp(), &[below])?;
        let bent = self.with_constant(&part("bent"), math::sub(), power, (1.0, shape))?;
        let bent = self.scaled(&part("alpha"), alpha, shape, bent)?;
        self.wire(name, math::add(), &[above, bent])
    }

    /// `x · (1 + erf(x / √2)) / 2`.
    fn gelu(&mut self, name: &str, shape: Shape, x: OutletId) -> TractResult<OutletId> {
        let part = |part: &str| format!("{name}.{part}");
        let narrow = self.scaled(&part("narrow"), std::f32::consts::FRAC_1_SQRT_2, shape, x)?;
        let erf = self.wire(&part("erf"), math::erf(), &[narrow])?;
        let twice = self.with_constant(&part("twice"), math::add(), erf, (1.0, shape))?;
        let gate = self.scaled(&part("gate"), 0.5, shape, twice)?;
        self.wire(name, math::mul(), &[x, gate])
    }

    fn clip(
        &mut self,
        name: &str,
        [low, high]: [f32; 2],
        shape: Shape,
        x: OutletId,
    ) -> TractResult<OutletId> {
        let above = self.with_constant(&format!("{name}.low"), math::max(), x, (low, shape))?;
        self.with_constant(name, math::min(), above, (high, shape))
    }

    fn scaled(
        &mut self,
        name: &str,
        factor: f32,
        shape: Shape,
        x: OutletId,
    ) -> TractResult<OutletId> {
        self.with_constant(name, math::mul(), x, (factor, shape))
    }

    /// `max(x, 0) + slope · min(x, 0)`, one slope per channel.
    pub(super) fn prelu(
        &mut self,
        name: &str,
        slope: &[f32],
        shape: Shape,
        x: OutletId,
    ) -> TractResult<OutletId> {
        let part = |part: &str| format!("{name}.{part}");
        let mut dims = vec![1; shape.dims().len() + 1];
        dims[1] = slope.len();
        let above = self.with_constant(&part("above"), math::max(), x, (0.0, shape))?;
        let below = self.with_constant(&part("below"), math::min(), x, (0.0, shape))?;
        let bent = self.with_constants(&part("bent"), math::mul(), below, (&dims, slope))?;
        self.wire(name, math::add(), &[above, bent])
    }

    pub(super) fn binary(
        &mut self,
        name: &str,
        binary: Binary,
        inputs: &[OutletId],
    ) -> TractResult<OutletId> {
        match binary {
            Binary::Add => self.wire(name, math::add(), inputs),
            Binary::Sub => self.wire(name, math::sub(), inputs),
            Binary::Mul => self.wire(name, math::mul(), inputs),
            Binary::Max => self.wire(name, math::max(), inputs),
        }
    }
}
