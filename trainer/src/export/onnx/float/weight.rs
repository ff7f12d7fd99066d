//! Weights: f32 as it is, int8 followed by a `DequantizeLinear` per output channel.

use mien_shared::graph::{Tensor, TensorData};

use crate::export::{
    channels::swapped,
    onnx::{attribute::integer, tensor::Data, writer::Writer},
};

impl Writer<'_> {
    /// Stores a weight tensor and returns the name of its f32 value.
    pub(super) fn weight(&mut self, out: &str, tensor: &Tensor) -> String {
        let name = format!("{out}.weight");
        match &tensor.data {
            TensorData::F32(values) => self.constant(&name, &tensor.shape, Data::F32(values)),
            TensorData::I8 { scales, codes } => {
                self.widened(&name, &tensor.shape, (codes, scales), 0)
            }
        }
    }

    /// As [`Writer::weight`], for a transposed convolution: ONNX's has input channels first. The
    /// output channels of groups have no axis of their own there, so such int8 weights are stored
    /// widened.
    pub(super) fn weight_inputs_first(
        &mut self,
        out: &str,
        tensor: &Tensor,
        groups: u32,
    ) -> String {
        let &[o, i, kh, kw] = tensor.shape.as_slice() else { return String::new() };
        let shape = [groups * i, o / groups, kh, kw];
        let channels = [groups, o / groups, i].map(|n| n as usize);
        let name = format!("{out}.weight");
        match &tensor.data {
            TensorData::I8 { scales, codes } if groups == 1 => {
                self.widened(&name, &shape, (&swapped(codes, channels), scales), 1)
            }
            _ => {
                let values = swapped(&tensor.to_f32(), channels);
                self.constant(&name, &shape, Data::F32(&values))
            }
        }
    }

    /// int8 codes and the f32 value they stand for, one scale per index of `axis`.
    fn widened(
        &mut self,
        name: &str,
        shape: &[u32],
        (codes, scales): (&[i8], &[f32]),
        axis: i64,
    ) -> String {
        let codes = self.constant(&format!("{name}.int8"), shape, Data::I8(codes));
        let scale = self.floats_constant(&format!("{name}.scale"), scales);
        // With `session.x64quantprecision`, onnxruntime makes a scalar of a zero point left out.
        let zeros = vec![0; scales.len()];
        let channels = u32::try_from(scales.len()).unwrap_or(u32::MAX);
        let zero = self.constant(&format!("{name}.zero"), &[channels], Data::I8(&zeros));
        self.emit("DequantizeLinear", name, &[&codes, &scale, &zero], &[integer("axis", axis)])
    }
}
