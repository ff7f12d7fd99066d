//! Both kinds of convolution against the definition.

use proptest::prelude::*;

use super::*;
use crate::depthwise;

/// `f(n, o, c, (input index), (weight index), (output index))` for every product of the definition.
fn products(s: &Shape, depthwise: bool, mut each: impl FnMut(usize, usize, usize)) {
    let ([inputs, outputs], [height, width]) = (s.channels, s.input);
    for n in 0..s.batch {
        for o in 0..outputs {
            for c in if depthwise { o..o + 1 } else { 0..inputs } {
                for i in 0..s.output[0] {
                    for j in 0..s.output[1] {
                        for (tap, [u, v]) in s.taps() {
                            let y = (i * s.stride[0] + u).wrapping_sub(s.padding[0]);
                            let x = (j * s.stride[1] + v).wrapping_sub(s.padding[1]);
                            if y >= height || x >= width {
                                continue;
                            }
                            let area = s.kernel[0] * s.kernel[1];
                            let w = if depthwise { o } else { o * inputs + c } * area + tap;
                            let out = ((n * outputs + o) * s.output[0] + i) * s.output[1] + j;
                            each(((n * inputs + c) * height + y) * width + x, w, out);
                        }
                    }
                }
            }
        }
    }
}

fn values(seed: usize, len: usize) -> Vec<f32> {
    (0..len).map(|i| ((i * 7919 + seed * 104_729) % 1009) as f32 / 504.5 - 1.0).collect()
}

fn close(found: &[f32], wanted: &[f32]) {
    for (at, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        let limit = 1e-3 + 1e-5 * wanted.abs();
        assert!((found - wanted).abs() < limit, "value {at}: {found}, wanted {wanted}");
    }
}

fn agree(s: &Shape, depth: bool) {
    let weights = if depth { s.weights_len() / s.channels[0] } else { s.weights_len() };
    let (x, w, dy) = (values(1, s.input_len()), values(2, weights), values(3, s.output_len()));
    let (mut y, mut dx, mut dw) = (vec![0.0; dy.len()], vec![0.0; x.len()], vec![0.0; w.len()]);
    products(s, depth, |at_x, at_w, at_y| {
        y[at_y] += x[at_x] * w[at_w];
        dx[at_x] += dy[at_y] * w[at_w];
        dw[at_w] += dy[at_y] * x[at_x];
    });
    // What was there before must not matter.
    let (mut fy, mut fdx, mut fdw) = (vec![9.0; y.len()], vec![9.0; x.len()], vec![9.0; w.len()]);
    if depth {
        depthwise::forward(s, &x, &w, &mut fy);
        depthwise::input_gradient(s, &dy, &w, &mut fdx);
        depthwise::weight_gradient(s, &x, &dy, &mut fdw);
    } else {
        forward(s, &x, &w, &mut fy);
        input_gradient(s, &dy, &w, &mut fdx);
        weight_gradient(s, &x, &dy, &mut fdw);
    }
    close(&fy, &y);
    close(&fdx, &dx);
    close(&fdw, &dw);
}

fn shape(batch: usize, channels: [usize; 2], input: usize, kernel: usize, stride: usize) -> Shape {
    let padding = kernel / 2;
    let output = (input + 2 * padding - kernel) / stride + 1;
    Shape {
        batch,
        channels,
        input: [input; 2],
        kernel: [kernel; 2],
        stride: [stride; 2],
        padding: [padding; 2],
        output: [output; 2],
    }
}

#[test]
fn the_layers_of_a_small_residual_net_follow_the_definition() {
    agree(&shape(2, [1, 16], 48, 3, 1), false);
    agree(&shape(1, [16, 32], 48, 3, 2), false);
    agree(&shape(5, [80, 80], 6, 3, 1), false);
    agree(&shape(9, [64, 80], 12, 3, 2), false);
    agree(&shape(3, [16, 32], 22, 1, 2), false);
}

#[test]
fn windows_that_see_only_padding_have_no_gradient() {
    let lost = Shape {
        batch: 2,
        channels: [3, 3],
        input: [4, 1],
        kernel: [3, 1],
        stride: [1, 5],
        padding: [1, 2],
        output: [4, 1],
    };
    agree(&lost, false);
    agree(&lost, true);
    agree(&Shape { padding: [1, 1], stride: [1, 3], ..lost }, false);
    agree(&Shape { padding: [1, 1], stride: [1, 3], ..lost }, true);
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let (dense, depth) = (shape(21, [5, 12], 9, 3, 2), shape(21, [6, 6], 9, 3, 1));
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| [gradients(&dense, false), gradients(&depth, true)])
    };
    assert!(run(1) == run(5));
}

/// Gradients of input and weights for values of all sizes.
fn gradients(s: &Shape, depth: bool) -> [Vec<f32>; 2] {
    let weights = if depth { s.weights_len() / s.channels[0] } else { s.weights_len() };
    let (x, w, dy) = (values(1, s.input_len()), values(2, weights), values(3, s.output_len()));
    let (mut dx, mut dw) = (vec![0.0; x.len()], vec![0.0; w.len()]);
    if depth {
        depthwise::input_gradient(s, &dy, &w, &mut dx);
        depthwise::weight_gradient(s, &x, &dy, &mut dw);
    } else {
        input_gradient(s, &dy, &w, &mut dx);
        weight_gradient(s, &x, &dy, &mut dw);
    }
    [dx, dw]
}

#[test]
fn a_separable_layer_follows_the_definition() {
    agree(&shape(3, [8, 8], 44, 3, 1), true);
    agree(&shape(17, [5, 5], 7, 3, 2), true);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_shape_follows_the_definition(
        batch in 1usize..12,
        channels in (1usize..20, 1usize..20),
        input in (1usize..14, 1usize..14),
        kernel in (1usize..5, 1usize..5),
        stride in (1usize..4, 1usize..4),
        padding in (0usize..3, 0usize..3),
        depth in any::<bool>(),
    ) {
        let sizes = [(input.0, kernel.0, stride.0, padding.0), (input.1, kernel.1, stride.1, padding.1)];
        prop_assume!(sizes.iter().all(|&(i, k, _, p)| i + 2 * p >= k));
        let channels = if depth { [channels.0; 2] } else { channels.into() };
        agree(&Shape {
            batch, channels, input: input.into(), kernel: kernel.into(), stride: stride.into(),
            padding: padding.into(),
            output: sizes.map(|(i, k, s, p)| (i + 2 * p - k) / s + 1),
        }, depth);
    }
}
