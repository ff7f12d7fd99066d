//! Integer convolutions fast enough to judge with: the reference's numbers to the bit.
//!
//! Sums of integer products are exact in any order, so only their order differs from
//! [`reference`](mien_shared::graph::reference): the values under each window are gathered into a
//! row, and each weight row is multiplied with it in one run of sixteen-bit products. Everything
//! that is no integer convolution goes to the reference.

use mien_shared::graph::{
    Affine, Conv, Graph, Op, Shape, Shapes, Step, TensorData,
    affine::bias_code,
    reference::{self, Value},
};

/// What one step of a valid graph makes of the values before it, given by number.
pub(super) fn step(graph: &Graph, shapes: &Shapes, values: &[Value], step: Step) -> Value {
    convolved(graph, shapes, values, step)
        .unwrap_or_else(|| reference::step(graph, shapes, values, step))
}

/// An integer convolution's value; `None` for any other step.
fn convolved(graph: &Graph, shapes: &Shapes, values: &[Value], step: Step) -> Option<Value> {
    let node = &graph.nodes[step.node];
    let from = node.inputs[0];
    let (Op::Conv(conv), Shape::Map(input)) = (&node.op, shapes[from as usize]) else {
        return None;
    };
    let (TensorData::I8 { scales, codes }, Value::Codes(x)) =
        (&conv.weight.data, &values[from as usize])
    else {
        return None;
    };
    let coding = graph.coding(from).filter(|_| graph.is_integer(step, shapes))?;
    let Shape::Map([_, rows, columns]) = shapes[step.output as usize] else { return None };
    let zero = i16::from(coding.zero);
    let offsets: Vec<i16> = x.iter().map(|&code| i16::from(code) - zero).collect();
    let weights: Vec<i16> = codes.iter().map(|&code| i16::from(code)).collect();
    let places = [rows, columns].map(|n| n as usize);
    let gather = Gather { conv, input: input.map(|n| n as usize), places, x: &offsets };
    let sums = gather.sums(&weights);
    let area = places[0] * places[1];
    let scaled = sums.chunks(area).zip(scales).zip(&conv.bias).map(|((sums, &weight), &bias)| {
        let scale = coding.scale * weight;
        (sums, bias_code(bias, scale), scale)
    });
    Some(rescaled(scaled, graph.coding(step.output), step.relu))
}

/// Each channel's sums, bias and scale as codes, or as numbers where the value has no codes.
fn rescaled<'a>(
    channels: impl Iterator<Item = (&'a [i32], i32, f32)>,
    to: Option<Affine>,
    relu: bool,
) -> Value {
    let Some(to) = to else {
        let floor = if relu { 0.0 } else { f32::NEG_INFINITY };
        let number = |(sums, bias, scale): (&'a [i32], i32, f32)| {
            sums.iter().map(move |sum| ((sum + bias) as f32 * scale).max(floor))
        };
        return Value::Floats(channels.flat_map(number).collect());
    };
    let code = |(sums, bias, scale): (&'a [i32], i32, f32)| {
        let (ratio, low) = (scale / to.scale, to.low(relu));
        sums.iter().map(move |sum| to.requantize((sum + bias) as f32 * ratio, low))
    };
    Value::Codes(channels.flat_map(code).collect())
}

/// A convolution over codes less their zero.
struct Gather<'a> {
    conv: &'a Conv,
    /// `[C, H, W]`.
    input: [usize; 3],
    /// `[H', W']`.
    places: [usize; 2],
    x: &'a [i16],
}

impl Gather<'_> {
    /// `Σ w · x` for each output channel and place, `[O, H', W']`.
    fn sums(&self, weights: &[i16]) -> Vec<i32> {
        let groups = self.conv.groups as usize;
        let mut sums = vec![0; self.conv.bias.len() * self.places[0] * self.places[1]];
        let [made, read] = [sums.len() / groups, weights.len() / groups];
        let parts = sums.chunks_exact_mut(made).zip(weights.chunks_exact(read));
        for (group, (sums, weights)) in parts.enumerate() {
            self.group(group, weights, sums);
        }
        sums
    }

    /// The sums of one group's output channels.
    fn group(&self, group: usize, weights: &[i16], sums: &mut [i32]) {
        let area = self.places[0] * self.places[1];
        let per_row = weights.len() / (sums.len() / area);
        let mut under = vec![0; per_row];
        for place in 0..area {
            self.gather(group, place, &mut under);
            let channels = sums.chunks_exact_mut(area).zip(weights.chunks_exact(per_row));
            for (sums, weights) in channels {
                sums[place] = dot(weights, &under);
            }
        }
    }

    /// The values under the window at `place` in the weights' order; padding is zero.
    fn gather(&self, group: usize, place: usize, row: &mut [i16]) {
        let [channels, height, width] = self.input;
        let per_group = channels / self.conv.groups as usize;
        let window = &self.conv.window;
        let [kh, kw] = window.kernel.map(|n| n as usize);
        let [sh, sw] = window.stride.map(|n| n as usize);
        let [top, left, _, _] = window.pads.map(|n| n as usize);
        let [y0, x0] = [place / self.places[1] * sh, place % self.places[1] * sw];
        for (at, cell) in row.iter_mut().enumerate() {
            let (channel, ky, kx) = (at / (kh * kw), at / kw % kh, at % kw);
            // A place in the padding before the picture wraps to a large number.
            let (y, x) = ((y0 + ky).wrapping_sub(top), (x0 + kx).wrapping_sub(left));
            let inside = y < height && x < width;
            let plane = (group * per_group + channel) * height;
            *cell = if inside { self.x[(plane + y) * width + x] } else { 0 };
        }
    }
}

fn dot(a: &[i16], b: &[i16]) -> i32 {
    a.iter().zip(b).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum()
}

#[cfg(test)]
mod tests {
    use mien_shared::graph::Window;

    use super::*;
    use crate::{
        fixture::{graph, node, noise, noisy},
        weights::quantize_weights,
    };

    fn assert_exact(op: Op, input: [u32; 3], coded: bool) {
        let relu = node("r", Op::Relu, &[1]);
        let (mut net, _) = quantize_weights(&graph(input, vec![node("c", op, &[0]), relu]));
        let coding = |scale, zero| Some(Affine { scale, zero });
        net.codes = vec![coding(0.01, 91), None, coding(0.02, 7).filter(|_| coded)];
        let count = input.iter().product::<u32>() as usize;
        let x = noise(count, 4).into_iter().map(|v| 3.0 * v).collect::<Vec<_>>();
        let shapes = net.validate().unwrap();
        let wanted = reference::run(&net, &x).unwrap();
        let only = net.steps()[0];
        assert_eq!(convolved(&net, &shapes, &wanted, only), Some(wanted[2].clone()));
    }

    #[test]
    fn convolutions_are_the_references_to_the_bit() {
        for coded in [true, false] {
            assert_exact(noisy([5, 3, 3, 3], 1), [3, 7, 6], coded);
            assert_exact(noisy([4, 3, 1, 1], 2), [3, 5, 4], coded);
        }
    }

    #[test]
    fn strides_uneven_pads_and_groups_are_the_references_to_the_bit() {
        let Op::Conv(plain) = noisy([4, 2, 3, 3], 3) else { panic!() };
        for (stride, pads) in [([2, 2], [1; 4]), ([2, 1], [0, 2, 1, 0]), ([1, 3], [2, 0, 2, 1])] {
            let window = Window { kernel: [3, 3], stride, pads };
            let conv = Conv { window, groups: 2, ..plain.clone() };
            assert_exact(Op::Conv(conv), [4, 8, 9], true);
        }
    }

    #[test]
    fn a_float_convolution_is_left_to_the_reference() {
        let net = graph([1, 2, 2], vec![node("c", noisy([2, 1, 1, 1], 1), &[0])]);
        let shapes = net.validate().unwrap();
        let values = reference::run(&net, &noise(4, 1)).unwrap();
        assert_eq!(convolved(&net, &shapes, &values, net.steps()[0]), None);
    }
}
