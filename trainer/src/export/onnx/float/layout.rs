//! Elements in another order, fewer of them, or more.

use mien_shared::graph::{Op, PadMode, Resample, Shape};

use crate::export::onnx::{
    attribute::{integer, integers, string},
    proto::Message,
    tensor::Data,
    writer::Writer,
};

impl Writer<'_> {
    /// Operations that only move, repeat, leave out or resize elements of a first input of `shape`.
    pub(in super::super) fn moved(
        &mut self,
        out: &str,
        op: &Op,
        shape: Shape,
        inputs: &[&str],
    ) -> String {
        let x = inputs[0];
        match op {
            Op::Concat => self.emit("Concat", out, inputs, &[integer("axis", 1)]),
            Op::ConcatOver { axis } => {
                self.emit("Concat", out, inputs, &[integer("axis", i64::from(*axis) + 1)])
            }
            Op::Flatten => self.emit("Flatten", out, inputs, &[]),
            Op::Reshape(dims) => self.reshaped(out, dims, x),
            Op::Transpose([a, b, c]) => {
                let order = integers("perm", &[0, a + 1, b + 1, c + 1]);
                self.emit("Transpose", out, inputs, &[order])
            }
            Op::Slice { axis, start, length } => self.slice(out, *axis, [*start, *length], x),
            Op::Pad { pads, mode } => self.pad(out, *pads, *mode, x),
            Op::Upsample2 => {
                let scales = self.floats_constant(&format!("{out}.scales"), &[1.0, 1.0, 2.0, 2.0]);
                self.emit("Resize", out, &[x, "", &scales], &resampling(Resample::Nearest))
            }
            Op::Resize { size, mode } => {
                let sizes = [1, shape.channels(), size[0], size[1]].map(i64::from);
                let sizes = self.constant(&format!("{out}.sizes"), &[4], Data::I64(&sizes));
                self.emit("Resize", out, &[x, "", "", &sizes], &resampling(*mode))
            }
            _ => unreachable!("{} is written elsewhere", op.name()),
        }
    }

    /// `x` with other extents; the batch stays.
    pub(super) fn reshaped(&mut self, out: &str, dims: &[u32], x: &str) -> String {
        let shape: Vec<i64> = [1].iter().chain(dims).map(|&extent| i64::from(extent)).collect();
        let axes = u32::try_from(shape.len()).unwrap_or_default();
        let shape = self.constant(&format!("{out}.shape"), &[axes], Data::I64(&shape));
        self.emit("Reshape", out, &[x, &shape], &[])
    }

    fn slice(&mut self, out: &str, axis: u32, [start, length]: [u32; 2], x: &str) -> String {
        let mut index = |name: &str, value: u32| {
            self.constant(&format!("{out}.{name}"), &[1], Data::I64(&[i64::from(value)]))
        };
        let start_at = index("start", start);
        let end = index("end", start + length);
        let axis = index("axis", axis + 1);
        self.emit("Slice", out, &[x, &start_at, &end, &axis], &[])
    }

    fn pad(
        &mut self,
        out: &str,
        [top, left, bottom, right]: [u32; 4],
        mode: PadMode,
        x: &str,
    ) -> String {
        let pads = [0, 0, top, left, 0, 0, bottom, right].map(i64::from);
        let pads = self.constant(&format!("{out}.pads"), &[8], Data::I64(&pads));
        match mode {
            PadMode::Constant(value) => {
                let value = self.scalar(&format!("{out}.value"), value);
                self.emit("Pad", out, &[x, &pads, &value], &[string("mode", "constant")])
            }
            PadMode::Reflect => self.emit("Pad", out, &[x, &pads], &[string("mode", "reflect")]),
            PadMode::Edge => self.emit("Pad", out, &[x, &pads], &[string("mode", "edge")]),
        }
    }
}

/// `Resize`'s rule for where pixels lie and how they are mixed.
fn resampling(mode: Resample) -> Vec<Message> {
    let (kind, place) = match mode {
        Resample::Nearest => ("nearest", "asymmetric"),
        Resample::Bilinear => ("linear", "half_pixel"),
        Resample::BilinearCorners => ("linear", "align_corners"),
    };
    let mut rule = vec![string("mode", kind), string("coordinate_transformation_mode", place)];
    if mode == Resample::Nearest {
        rule.push(string("nearest_mode", "floor"));
    }
    rule
}
