//! The net of integer steps.

use super::{Sample, int8, noise, op, sample};
use crate::graph::{
    Affine, Conv, Op, Output, Window,
    reference::{self, Value},
};

/// A net of integer steps with float ends: relus joined and alone, a residual, a pool, an
/// enlargement, a join, a depthwise convolution, a mean, convolutions and linear layers that leave
/// as numbers, and a float step on decoded values.
pub fn coded() -> Sample {
    let same = Window { kernel: [3, 3], stride: [1, 1], pads: [1; 4] };
    let half = Window { kernel: [2, 2], stride: [2, 2], pads: [0; 4] };
    let point = Window { kernel: [1, 1], stride: [1, 1], pads: [0; 4] };
    let conv = |shape: [u32; 4], window, groups| {
        let bias = noise(shape[0] as usize, 41);
        Op::Conv(Conv { weight: int8(&shape), bias, window, groups })
    };
    let linear = |out: u32, inputs: u32| Op::Linear {
        weight: int8(&[out, inputs]),
        bias: noise(out as usize, 42),
    };
    let nodes = vec![
        op(conv([8, 1, 3, 3], same, 1), &[0]),    // 1
        op(Op::Relu, &[1]),                       // 2: joined
        op(Op::MaxPool(half), &[2]),              // 3
        op(conv([8, 8, 3, 3], same, 1), &[3]),    // 4
        op(Op::Add, &[3, 4]),                     // 5
        op(Op::Relu, &[5]),                       // 6: joined
        op(Op::Upsample2, &[6]),                  // 7
        op(Op::Concat, &[7, 2]),                  // 8
        op(conv([16, 1, 3, 3], same, 16), &[8]),  // 9: depthwise
        op(Op::Relu, &[9]),                       // 10: alone, on codes
        op(conv([3, 16, 1, 1], point, 1), &[10]), // 11: numbers
        op(Op::Relu, &[11]),                      // 12: joined, numbers
        op(Op::GlobalAveragePool, &[10]),         // 13
        op(linear(10, 16), &[13]),                // 14
        op(Op::Relu, &[14]),                      // 15: joined
        op(Op::Softmax, &[15]),                   // 16: float, on decoded values
        op(linear(4, 10), &[15]),                 // 17: numbers
    ];
    let mut sample = sample("coded", [1, 12, 10], nodes);
    sample.input.iter_mut().for_each(|v| *v /= 2.0);
    let leaves = [("numbers", 12), ("softmax", 16), ("logits", 17), ("codes", 10)];
    sample.graph.outputs =
        leaves.map(|(name, value)| Output { name: name.to_owned(), value }).into();
    sample.graph.codes = codes(&sample);
    sample
}

/// Codings by the range of each value in f32; none for values that a relu joins or that leave as
/// numbers.
fn codes(sample: &Sample) -> Vec<Option<Affine>> {
    let values = reference::run(&sample.graph, &sample.input).unwrap_or_default();
    let mut codes: Vec<_> = values.iter().map(affine_of).collect();
    codes[0] = Some(Affine { scale: 1.0 / 64.0, zero: 128 });
    // A relu whose code of zero is not the lowest clips inside the range.
    for relu in [2, 15] {
        codes[relu] = codes[relu].map(|affine| Affine { zero: 5, ..affine });
    }
    // The relu that stands alone reads codes of negative numbers too.
    codes[9] = codes[10].map(|affine| Affine { scale: 1.25 * affine.scale, zero: 51 });
    // A pool, an enlargement and a relu that stands alone leave codes as they are.
    for (made, read) in [(3, 2), (7, 6), (10, 9)] {
        codes[made] = codes[read];
    }
    for plain in [1, 5, 11, 12, 14, 16, 17] {
        codes[plain] = None;
    }
    codes
}

/// A coding for the range of a value and zero; `None` for a value without elements.
#[expect(clippy::cast_possible_truncation, reason = "a share of 255, rounded")]
#[expect(clippy::cast_sign_loss, reason = "the lowest value is not above zero")]
fn affine_of(value: &Value) -> Option<Affine> {
    let Value::Floats(floats) = value else { return None };
    let low = floats.iter().copied().fold(0.0, f32::min);
    let high = floats.iter().copied().fold(0.0, f32::max);
    let scale = (high - low) / 255.0;
    (scale > 0.0).then(|| Affine { scale, zero: (-low / scale).round() as u8 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coded_net_runs_every_integer_step() {
        let Sample { graph, input, .. } = coded();
        let shapes = graph.validate().unwrap();
        let steps = graph.steps();
        let floats = steps.iter().filter(|step| !graph.is_integer(**step, &shapes));
        assert_eq!(
            floats.map(|step| graph.nodes[step.node].op.name()).collect::<Vec<_>>(),
            ["softmax"]
        );
        assert_eq!(steps.iter().filter(|step| step.relu).count(), 4);
        // Codes fill their range, so that roundings and both clippings occur.
        let values = reference::run(&graph, &input).unwrap();
        for (value, codes) in values.iter().enumerate() {
            if let Value::Codes(codes) = codes {
                let spread = codes.iter().max().unwrap() - codes.iter().min().unwrap();
                assert!(spread > 60, "value {value} spreads over {spread} codes");
            }
        }
    }
}
