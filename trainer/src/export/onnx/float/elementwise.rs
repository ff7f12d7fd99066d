//! Functions of single elements.

use mien_shared::graph::Activation;

use crate::export::onnx::{attribute::float, tensor::Data, writer::Writer};

impl Writer<'_> {
    pub(super) fn activation(&mut self, out: &str, activation: Activation, x: &str) -> String {
        match activation {
            Activation::LeakyRelu { slope } => {
                self.emit("LeakyRelu", out, &[x], &[float("alpha", slope)])
            }
            Activation::Elu { alpha } => self.emit("Elu", out, &[x], &[float("alpha", alpha)]),
            Activation::Tanh => self.emit("Tanh", out, &[x], &[]),
            Activation::Clip { low, high } => {
                let low = self.scalar(&format!("{out}.low"), low);
                let high = self.scalar(&format!("{out}.high"), high);
                self.emit("Clip", out, &[x, &low, &high], &[])
            }
            Activation::HardSigmoid => {
                let slope = [float("alpha", 1.0 / 6.0), float("beta", 0.5)];
                self.emit("HardSigmoid", out, &[x], &slope)
            }
            Activation::HardSwish => self.emit("HardSwish", out, &[x], &[]),
            Activation::Silu => {
                let gate = self.emit("Sigmoid", &format!("{out}.gate"), &[x], &[]);
                self.emit("Mul", out, &[x, &gate], &[])
            }
            Activation::Gelu => self.gelu(out, x),
            Activation::Log => {
                let least = self.scalar(&format!("{out}.least"), f32::MIN_POSITIVE);
                let positive = self.emit("Max", &format!("{out}.positive"), &[x, &least], &[]);
                self.emit("Log", out, &[&positive], &[])
            }
        }
    }

    /// `x · (1 + erf(x / √2)) / 2`; ONNX has an operator of its own from opset 20 on.
    fn gelu(&mut self, out: &str, x: &str) -> String {
        let part = |part: &str| format!("{out}.{part}");
        let root = self.scalar(&part("root"), std::f32::consts::SQRT_2);
        let one = self.scalar(&part("one"), 1.0);
        let half = self.scalar(&part("half"), 0.5);
        let narrow = self.emit("Div", &part("narrow"), &[x, &root], &[]);
        let erf = self.emit("Erf", &part("erf"), &[&narrow], &[]);
        let twice = self.emit("Add", &part("twice"), &[&erf, &one], &[]);
        let gated = self.emit("Mul", &part("gated"), &[x, &twice], &[]);
        self.emit("Mul", out, &[&gated, &half], &[])
    }

    /// One slope per channel, of a map or of a vector.
    pub(super) fn prelu(&mut self, out: &str, slope: &[f32], map: bool, x: &str) -> String {
        let channels = u32::try_from(slope.len()).unwrap_or(u32::MAX);
        let shape: &[u32] = if map { &[channels, 1, 1] } else { &[channels] };
        let slope = self.constant(&format!("{out}.slope"), shape, Data::F32(slope));
        self.emit("PRelu", out, &[x, &slope], &[])
    }
}
