//! Elements in another order, fewer of them, or more.

use mien_shared::graph::{Op, PadMode, Resample, Shape};
use tract_core::internal::{
    AxisOp, OutletId, SpecialOps as _, TVec, TractResult, bail, tensor0, tensor1,
};
use tract_core::ops::array::{Pad, PadMode as TractPad, Slice, TypedConcat};
use tract_core::ops::change_axes::perm_to_ops;
use tract_core::ops::nn::resize::{CoordTransformer, Interpolator, Nearest, Resize};

use super::{Lowering, sizes};

impl Lowering<'_> {
    pub(super) fn layout(
        &mut self,
        name: &str,
        op: &Op,
        shape: Shape,
        inputs: &[OutletId],
    ) -> TractResult<OutletId> {
        match op {
            Op::Flatten => {
                let elements = sizes(shape.dims()).product();
                self.reshape(name, shape, &[elements], inputs)
            }
            Op::Reshape(dims) => self.reshape(name, shape, &dims.map(|d| d as usize), inputs),
            Op::Transpose(order) => self.transpose(name, *order, inputs[0]),
            Op::Slice { axis, start, length } => {
                let (start, end) = (*start as usize, (*start + *length) as usize);
                self.wire(name, Slice::new(*axis as usize + 1, start, end), inputs)
            }
            Op::ConcatOver { axis } => {
                self.wire(name, TypedConcat { axis: *axis as usize + 1 }, inputs)
            }
            Op::Pad { pads, mode } => self.pad(name, *pads, *mode, inputs),
            Op::Resize { size, mode } => self.resize(name, (*size, *mode), shape, inputs[0]),
            _ => bail!("{} has no lowering", op.name()),
        }
    }

    fn reshape(
        &mut self,
        name: &str,
        shape: Shape,
        to: &[usize],
        inputs: &[OutletId],
    ) -> TractResult<OutletId> {
        let dims =
            |dims: &mut dyn Iterator<Item = usize>| -> TVec<_> { dims.map(Into::into).collect() };
        let from = dims(&mut sizes(shape.dims()));
        self.wire(name, AxisOp::Reshape(1, from, dims(&mut to.iter().copied())), inputs)
    }

    fn transpose(&mut self, name: &str, order: [u32; 3], x: OutletId) -> TractResult<OutletId> {
        let with_batch: Vec<usize> = [0].into_iter().chain(order.map(|a| a as usize + 1)).collect();
        let mut value = x;
        for (i, op) in perm_to_ops(&with_batch).into_iter().enumerate() {
            value = self.wire(&format!("{name}.{i}"), op, &[value])?;
        }
        Ok(value)
    }

    fn pad(
        &mut self,
        name: &str,
        pads: [u32; 4],
        mode: PadMode,
        inputs: &[OutletId],
    ) -> TractResult<OutletId> {
        let [top, left, bottom, right] = pads.map(|p| p as usize);
        let mode = match mode {
            PadMode::Constant(value) => TractPad::Constant(tensor0(value).into()),
            PadMode::Reflect => TractPad::Reflect,
            PadMode::Edge => TractPad::Edge,
        };
        let pads = vec![(0, 0), (0, 0), (top, bottom), (left, right)];
        self.wire(name, Pad { pads, mode }, inputs)
    }

    fn resize(
        &mut self,
        name: &str,
        (size, mode): ([u32; 2], Resample),
        shape: Shape,
        x: OutletId,
    ) -> TractResult<OutletId> {
        let sizes = [1, shape.channels(), size[0], size[1]].map(i64::from);
        let sizes = self.model.add_const(format!("{name}.sizes"), tensor1(&sizes))?;
        let (coord_transformer, interpolator) = match mode {
            Resample::Nearest => (CoordTransformer::Asymmetric, Interpolator::Nearest),
            Resample::Bilinear => (CoordTransformer::HalfPixel, Interpolator::Linear),
            Resample::BilinearCorners => (CoordTransformer::AlignCorners, Interpolator::Linear),
        };
        let op = Resize {
            coord_transformer,
            interpolator,
            nearest: Nearest::Floor,
            optional_scales_input: None,
            optional_sizes_input: Some(1),
        };
        self.wire(name, op, &[x, sizes])
    }
}
