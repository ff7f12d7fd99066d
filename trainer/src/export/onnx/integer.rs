//! Integer steps in ONNX's `QOperator` form: codes in, codes out, no decoded value in between.
//!
//! `QLinearConv`, `ConvInteger`, `MaxPool`, `Resize` and `Clip` are ONNX's own; sums, joins, means
//! and linear layers have no such operator there and are onnxruntime's (`com.microsoft`, version 1:
//! `QLinearAdd`, `QLinearConcat`, `QLinearGlobalAveragePool`, `QGemm`). A relu that a step joins is
//! in the limits of its codes where zero is code 0, else a `Clip`.

use mien_shared::graph::{Conv, Node, Op, Step, Tensor, TensorData, affine::bias_code};

use super::{
    attribute::integer,
    float::{sliding, window},
    tensor::Data,
    writer::{Writer, name_of},
};

/// int8 weights with the scales and biases of their sums.
struct Weight<'a> {
    codes: &'a [i8],
    scales: &'a [f32],
    /// In steps of the product of input and channel scale.
    bias: Vec<i32>,
}

impl Writer<'_> {
    /// Writes one step in integers.
    pub(super) fn integer(&mut self, step: Step, node: &Node) {
        let out = &name_of(node);
        let coded = self.graph.coding(step.output).is_some();
        match &node.op {
            Op::Conv(conv) if coded => {
                let made = self.qlinear_conv(out, conv, node.inputs[0], step.output);
                self.clipped(step, made);
            }
            Op::Conv(conv) => {
                let made = self.conv_integer(out, conv, node.inputs[0]);
                self.numbers(step, made);
            }
            Op::Linear { weight, bias } => {
                let made = self.qgemm(out, (weight, bias), node.inputs[0], step.output);
                if coded { self.clipped(step, made) } else { self.numbers(step, made) }
            }
            _ => {
                let made = self.rescaled(out, node, step.output);
                self.clipped(step, made);
            }
        }
    }

    /// Steps without weights.
    fn rescaled(&mut self, out: &str, node: &Node, to: u32) -> String {
        let x = self.codes(node.inputs[0]);
        match &node.op {
            Op::Add => {
                let inputs = [self.coded(node.inputs[0]), self.coded(node.inputs[1])].concat();
                let inputs = [inputs, self.coding(to).to_vec()].concat();
                self.emit_contrib("QLinearAdd", out, &borrowed(&inputs), &[])
            }
            Op::Concat => {
                let mut inputs = self.coding(to).to_vec();
                for &value in &node.inputs {
                    inputs.extend(self.coded(value));
                }
                self.emit_contrib("QLinearConcat", out, &borrowed(&inputs), &[integer("axis", 1)])
            }
            Op::GlobalAveragePool => {
                let inputs = [self.coded(node.inputs[0]), self.coding(to).to_vec()].concat();
                let (kind, map) = ("QLinearGlobalAveragePool", format!("{out}.map"));
                let first = [integer("channels_last", 0)];
                let pixel = self.emit_contrib(kind, &map, &borrowed(&inputs), &first);
                self.emit("Flatten", out, &[&pixel], &[])
            }
            Op::MaxPool(w) => self.emit("MaxPool", out, &[&x], &window(w)),
            Op::Relu => {
                let [_, zero] = self.coding(node.inputs[0]);
                self.emit("Clip", out, &[&x, &zero], &[])
            }
            op => self.moved(out, op, self.shapes[node.inputs[0] as usize], &[&x]),
        }
    }

    fn qlinear_conv(&mut self, out: &str, conv: &Conv, from: u32, to: u32) -> String {
        let weight = self.weight_of(&conv.weight, &conv.bias, from);
        let mut inputs = self.coded(from);
        inputs.extend(self.weight_constants(out, &conv.weight.shape, &weight));
        inputs.extend(self.coding(to));
        inputs.push(self.bias_constant(out, &weight.bias));
        self.emit("QLinearConv", out, &borrowed(&inputs), &sliding(conv))
    }

    /// `(Σ w · (x - zx) + bias) · (sx · sw)`, exact up to the last product.
    fn conv_integer(&mut self, out: &str, conv: &Conv, from: u32) -> String {
        let part = |part: &str| format!("{out}.{part}");
        let weight = self.weight_of(&conv.weight, &conv.bias, from);
        let codes = self.constant(&part("weight"), &conv.weight.shape, Data::I8(weight.codes));
        let [x, _, zero] = [0, 1, 2].map(|i| self.coded(from)[i].clone());
        let sums =
            self.emit("ConvInteger", &part("products"), &[&x, &codes, &zero], &sliding(conv));
        let channels = [1, conv.weight.shape[0], 1, 1];
        let bias = self.constant(&part("bias"), &channels, Data::I32(&weight.bias));
        let sums = self.emit("Add", &part("sums"), &[&sums, &bias], &[]);
        let sums = self.emit("Cast", &part("exact"), &[&sums], &[integer("to", 1)]);
        let scale = self.graph.coding(from).map_or(1.0, |affine| affine.scale);
        let scales: Vec<f32> = weight.scales.iter().map(|s| scale * s).collect();
        let scales = self.constant(&part("scales"), &channels, Data::F32(&scales));
        self.emit("Mul", out, &[&sums, &scales], &[])
    }

    /// Codes where the step's output is coded, else numbers.
    fn qgemm(
        &mut self,
        out: &str,
        (matrix, bias): (&Tensor, &[f32]),
        from: u32,
        to: u32,
    ) -> String {
        let weight = self.weight_of(matrix, bias, from);
        let mut inputs = self.coded(from);
        inputs.extend(self.weight_constants(out, &matrix.shape, &weight));
        inputs.push(self.bias_constant(out, &weight.bias));
        if self.graph.coding(to).is_some() {
            inputs.extend(self.coding(to));
        }
        self.emit_contrib("QGemm", out, &borrowed(&inputs), &[integer("transB", 1)])
    }

    fn weight_of<'a>(&self, tensor: &'a Tensor, bias: &[f32], from: u32) -> Weight<'a> {
        let TensorData::I8 { scales, codes } = &tensor.data else {
            unreachable!("an integer step has int8 weights")
        };
        let scale = self.graph.coding(from).map_or(1.0, |affine| affine.scale);
        let steps = bias.iter().zip(scales).map(|(&bias, &own)| bias_code(bias, scale * own));
        Weight { codes, scales, bias: steps.collect() }
    }

    /// Codes, scales and zero points of a weight, by output channel.
    fn weight_constants(&mut self, out: &str, shape: &[u32], weight: &Weight<'_>) -> [String; 3] {
        let codes = self.constant(&format!("{out}.weight"), shape, Data::I8(weight.codes));
        let scales = self.floats_constant(&format!("{out}.weight.scale"), weight.scales);
        let zeros = vec![0; weight.scales.len()];
        let zeros = self.constant(&format!("{out}.weight.zero"), &shape[..1], Data::I8(&zeros));
        [codes, scales, zeros]
    }

    fn bias_constant(&mut self, out: &str, bias: &[i32]) -> String {
        let channels = u32::try_from(bias.len()).unwrap_or(u32::MAX);
        self.constant(&format!("{out}.bias"), &[channels], Data::I32(bias))
    }

    /// Codes, scale and zero point of a value.
    fn coded(&mut self, value: u32) -> Vec<String> {
        let [scale, zero] = self.coding(value);
        vec![self.codes(value), scale, zero]
    }

    /// `made` are the step's codes before its relu, if it has one.
    fn clipped(&mut self, step: Step, made: String) {
        let low = self.graph.coding(step.output).map_or(0, |affine| affine.low(step.relu));
        if low == 0 {
            self.set_codes(step.output, made);
            return;
        }
        let [_, zero] = self.coding(step.output);
        let out = self.value_name(step.output);
        let made = self.emit("Clip", &out, &[&made, &zero], &[]);
        self.set_codes(step.output, made);
    }

    /// `made` are numbers before the step's relu, if it has one.
    fn numbers(&mut self, step: Step, made: String) {
        let out = self.value_name(step.output);
        let made = if step.relu { self.emit("Relu", &out, &[&made], &[]) } else { made };
        self.set_numbers(step.output, made);
    }
}

fn borrowed(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}
