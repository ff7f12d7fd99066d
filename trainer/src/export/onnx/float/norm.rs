//! Normalisations by a value's own statistics.

use mien_shared::graph::{Norm, NormOver, Shape};

use crate::export::onnx::{
    attribute::{float, integer, integers},
    tensor::Data,
    writer::Writer,
};

impl Writer<'_> {
    pub(super) fn norm(&mut self, out: &str, norm: &Norm, shape: Shape, x: &str) -> String {
        let epsilon = float("epsilon", norm.epsilon);
        match norm.over {
            NormOver::Groups(groups) if groups != shape.channels() => {
                self.group_norm(out, norm, (groups, shape), x)
            }
            over => {
                let scale = self.floats_constant(&format!("{out}.scale"), &norm.scale);
                let bias = self.floats_constant(&format!("{out}.bias"), &norm.bias);
                let inputs = [x, &scale, &bias];
                if over == NormOver::LastAxis {
                    let axis = integer("axis", -1);
                    self.emit("LayerNormalization", out, &inputs, &[axis, epsilon])
                } else {
                    self.emit("InstanceNormalization", out, &inputs, &[epsilon])
                }
            }
        }
    }

    /// Instance normalisation of `[1, groups, rest]`, as ONNX's own operator comes with opset 21.
    fn group_norm(
        &mut self,
        out: &str,
        norm: &Norm,
        (groups, shape): (u32, Shape),
        x: &str,
    ) -> String {
        let part = |part: &str| format!("{out}.{part}");
        let rows = self.constant(&part("rows"), &[3], Data::I64(&[1, i64::from(groups), -1]));
        let rows = self.emit("Reshape", &part("grouped"), &[x, &rows], &[]);
        let ones = self.floats_constant(&part("ones"), &vec![1.0; groups as usize]);
        let zeros = self.floats_constant(&part("zeros"), &vec![0.0; groups as usize]);
        let epsilon = [float("epsilon", norm.epsilon)];
        let inputs = [rows.as_str(), &ones, &zeros];
        let standard = self.emit("InstanceNormalization", &part("standard"), &inputs, &epsilon);
        let map = self.reshaped(&part("map"), shape.dims(), &standard);
        let channels = [shape.channels(), 1, 1];
        let scale = self.constant(&part("scale"), &channels, Data::F32(&norm.scale));
        let bias = self.constant(&part("bias"), &channels, Data::F32(&norm.bias));
        let scaled = self.emit("Mul", &part("scaled"), &[&map, &scale], &[]);
        self.emit("Add", out, &[&scaled, &bias], &[])
    }

    /// `x / max(‖x‖₂, ε)` along an axis of the graph's count.
    pub(super) fn unit_length(&mut self, out: &str, axis: u32, epsilon: f32, x: &str) -> String {
        let part = |part: &str| format!("{out}.{part}");
        let over = [integers("axes", &[axis + 1]), integer("keepdims", 1)];
        let length = self.emit("ReduceL2", &part("length"), &[x], &over);
        let least = self.scalar(&part("epsilon"), epsilon);
        let length = self.emit("Max", &part("least"), &[&length, &least], &[]);
        self.emit("Div", out, &[x, &length], &[])
    }
}
