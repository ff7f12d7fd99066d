//! Float steps: each operation as the few ONNX operators that compute it.

mod elementwise;
mod layout;
mod norm;
mod weight;

use mien_shared::graph::{Binary, Conv, Node, Op, Window};

use super::{
    attribute::{integer, integers},
    proto::Message,
    writer::{Writer, name_of},
};

impl Writer<'_> {
    /// Writes one node in f32 and returns the name of what it makes.
    pub(super) fn float(&mut self, node: &Node) -> String {
        let out = &name_of(node);
        let inputs: Vec<_> = node.inputs.iter().map(|&value| self.floats(value)).collect();
        let all: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let x = all[0];
        match &node.op {
            Op::Conv(conv) => self.conv(out, conv, [1, 1], x),
            Op::DilatedConv { conv, dilation } => self.conv(out, conv, *dilation, x),
            Op::ConvTranspose(conv) => self.conv_transpose(out, conv, x),
            Op::Linear { weight, bias } => {
                let weight = self.weight(out, weight);
                let bias = self.floats_constant(&format!("{out}.bias"), bias);
                self.emit("Gemm", out, &[x, &weight, &bias], &[integer("transB", 1)])
            }
            Op::Relu => self.emit("Relu", out, &all, &[]),
            Op::Sigmoid => self.emit("Sigmoid", out, &all, &[]),
            Op::Add | Op::Binary(Binary::Add) => self.emit("Add", out, &all, &[]),
            Op::Binary(Binary::Sub) => self.emit("Sub", out, &all, &[]),
            Op::Binary(Binary::Mul) => self.emit("Mul", out, &all, &[]),
            Op::Binary(Binary::Max) => self.emit("Max", out, &all, &[]),
            Op::MatMul => self.emit("MatMul", out, &all, &[]),
            Op::MaxPool(w) => self.emit("MaxPool", out, &all, &window(w)),
            Op::AveragePool(w) => self.emit("AveragePool", out, &all, &window(w)),
            Op::GlobalAveragePool => self.over_pixels("GlobalAveragePool", out, x),
            Op::GlobalMaxPool => self.over_pixels("GlobalMaxPool", out, x),
            Op::Activation(activation) => self.activation(out, *activation, x),
            Op::PRelu { slope } => {
                let map = self.shapes[node.inputs[0] as usize].dims().len() == 3;
                self.prelu(out, slope, map, x)
            }
            Op::Softmax => self.emit("Softmax", out, &all, &[integer("axis", 1)]),
            Op::SoftmaxOver { axis } => {
                self.emit("Softmax", out, &all, &[integer("axis", i64::from(*axis) + 1)])
            }
            Op::Norm(norm) => self.norm(out, norm, self.shapes[node.inputs[0] as usize], x),
            Op::L2Normalize { axis, epsilon } => self.unit_length(out, *axis, *epsilon, x),
            op => self.moved(out, op, self.shapes[node.inputs[0] as usize], &all),
        }
    }

    fn conv(&mut self, out: &str, conv: &Conv, dilation: [u32; 2], x: &str) -> String {
        let weight = self.weight(out, &conv.weight);
        let bias = self.floats_constant(&format!("{out}.bias"), &conv.bias);
        let mut attributes = sliding(conv);
        if dilation != [1, 1] {
            attributes.push(integers("dilations", &dilation));
        }
        self.emit("Conv", out, &[x, &weight, &bias], &attributes)
    }

    fn conv_transpose(&mut self, out: &str, conv: &Conv, x: &str) -> String {
        let weight = self.weight_inputs_first(out, &conv.weight, conv.groups);
        let bias = self.floats_constant(&format!("{out}.bias"), &conv.bias);
        self.emit("ConvTranspose", out, &[x, &weight, &bias], &sliding(conv))
    }

    /// `[1, C, H, W] -> [1, C]`.
    fn over_pixels(&mut self, kind: &str, out: &str, x: &str) -> String {
        let pixel = self.emit(kind, &format!("{out}.map"), &[x], &[]);
        self.emit("Flatten", out, &[&pixel], &[])
    }
}

/// A convolution's window and groups.
pub(super) fn sliding(conv: &Conv) -> Vec<Message> {
    let mut attributes = window(&conv.window);
    attributes.push(integer("group", i64::from(conv.groups)));
    attributes
}

/// A window's kernel, stride and padding.
pub(super) fn window(window: &Window) -> Vec<Message> {
    vec![
        integers("kernel_shape", &window.kernel),
        integers("strides", &window.stride),
        integers("pads", &window.pads),
    ]
}
