//! Normalisations by a value's own statistics.

use mien_shared::graph::{Norm, NormOver, Shape};
use tract_core::internal::{AxisOp, OutletId, TDim, ToDim as _, TractResult, tvec};
use tract_core::ops::math;
use tract_core::ops::nn::{Reduce, Reducer};

use super::{Lowering, extents, sizes};

impl Lowering<'_> {
    /// `scale · (x - μ) / √(σ² + ε) + bias`.
    pub(super) fn norm(
        &mut self,
        name: &str,
        norm: &Norm,
        shape: Shape,
        x: OutletId,
    ) -> TractResult<OutletId> {
        let part = |part: &str| format!("{name}.{part}");
        let mut dims = vec![1; shape.dims().len() + 1];
        let standard = match norm.over {
            NormOver::LastAxis => {
                let axis = shape.dims().len();
                dims[axis] = norm.scale.len();
                self.standardized(name, x, (axis, norm.scale.len()), norm.epsilon)?
            }
            NormOver::Groups(groups) => {
                dims[1] = norm.scale.len();
                let map: Vec<TDim> = sizes(shape.dims()).map(|d| d.to_dim()).collect();
                let length = sizes(shape.dims()).product::<usize>() / groups as usize;
                let rows = tvec!((groups as usize).to_dim(), length.to_dim());
                let apart = AxisOp::Reshape(1, map.iter().cloned().collect(), rows.clone());
                let grouped = self.wire(&part("groups"), apart, &[x])?;
                let standard = self.standardized(name, grouped, (2, length), norm.epsilon)?;
                let back = AxisOp::Reshape(1, rows, map.into_iter().collect());
                self.wire(&part("map"), back, &[standard])?
            }
        };
        let scaled =
            self.with_constants(&part("scaled"), math::mul(), standard, (&dims, &norm.scale))?;
        self.with_constants(name, math::add(), scaled, (&dims, &norm.bias))
    }

    /// `(x - μ) / √(σ² + ε)` along an axis of `length`.
    fn standardized(
        &mut self,
        name: &str,
        x: OutletId,
        (axis, length): (usize, usize),
        epsilon: f32,
    ) -> TractResult<OutletId> {
        let part = |part: &str| format!("{name}.{part}");
        let over = |reducer| Reduce { axes: tvec!(axis), reducer };
        let ones = vec![1; self.model.outlet_fact(x)?.rank()];
        let sum = self.wire(&part("sum"), over(Reducer::Sum), &[x])?;
        let share = [1.0 / length as f32];
        let mean = self.with_constants(&part("mean"), math::mul(), sum, (&ones, &share))?;
        let centred = self.wire(&part("centred"), math::sub(), &[x, mean])?;
        let variance = self.wire(&part("variance"), over(Reducer::MeanOfSquares), &[centred])?;
        let variance =
            self.with_constants(&part("steady"), math::add(), variance, (&ones, &[epsilon]))?;
        let factor = self.wire(&part("factor"), math::rsqrt(), &[variance])?;
        self.wire(&part("standard"), math::mul(), &[centred, factor])
    }

    /// `x / max(‖x‖₂, ε)` along an axis.
    pub(super) fn unit_length(
        &mut self,
        name: &str,
        (axis, epsilon): (u32, f32),
        shape: Shape,
        x: OutletId,
    ) -> TractResult<OutletId> {
        let part = |part: &str| format!("{name}.{part}");
        let ones = vec![1; extents(&shape).len()];
        let reduce = Reduce { axes: tvec!(axis as usize + 1), reducer: Reducer::Sum };
        let squares = self.wire(&part("squares"), math::square(), &[x])?;
        let sum = self.wire(&part("sum"), reduce, &[squares])?;
        let length = self.wire(&part("length"), math::sqrt(), &[sum])?;
        let length =
            self.with_constants(&part("least"), math::max(), length, (&ones, &[epsilon]))?;
        self.wire(name, math::div(), &[x, length])
    }
}
