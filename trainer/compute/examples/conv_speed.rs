//! Times the convolutions of a training step, one line a layer: forward and both gradients.
//!
//! `RAYON_NUM_THREADS=1 cargo run --release -p mien-compute --example conv_speed`

use std::{io::Write as _, time::Instant};

use mien_compute::{
    conv::{self, Shape},
    depthwise,
};

/// Times each is run.
const RUNS: u16 = 20;

fn main() -> std::io::Result<()> {
    for (channels, input, stride) in [
        ([1, 16], 48, 1),
        ([16, 32], 48, 2),
        ([32, 32], 24, 1),
        ([32, 64], 24, 2),
        ([64, 64], 12, 1),
        ([64, 80], 12, 2),
        ([80, 80], 6, 1),
    ] {
        layer(&shape(channels, input, 3, stride), false)?;
    }
    layer(&shape([8, 16], 44, 1, 1), false)?;
    layer(&shape([8, 8], 44, 3, 1), true)?;
    layer(&shape([64, 64], 6, 3, 1), true)
}

fn shape(channels: [usize; 2], input: usize, kernel: usize, stride: usize) -> Shape {
    let padding = kernel / 2;
    let output = (input + 2 * padding - kernel) / stride + 1;
    Shape {
        batch: 64,
        channels,
        input: [input; 2],
        kernel: [kernel; 2],
        stride: [stride; 2],
        padding: [padding; 2],
        output: [output; 2],
    }
}

fn layer(s: &Shape, depth: bool) -> std::io::Result<()> {
    let weights = if depth { s.weights_len() / s.channels[0] } else { s.weights_len() };
    let (x, w, dy) = (vec![0.5; s.input_len()], vec![0.5; weights], vec![0.5; s.output_len()]);
    let (mut y, mut dx, mut dw) = (dy.clone(), x.clone(), w.clone());
    let times = if depth {
        [
            best(|| depthwise::forward(s, &x, &w, &mut y)),
            best(|| depthwise::input_gradient(s, &dy, &w, &mut dx)),
            best(|| depthwise::weight_gradient(s, &x, &dy, &mut dw)),
        ]
    } else {
        [
            best(|| conv::forward(s, &x, &w, &mut y)),
            best(|| conv::input_gradient(s, &dy, &w, &mut dx)),
            best(|| conv::weight_gradient(s, &x, &dy, &mut dw)),
        ]
    };
    let flops = 2.0 * (s.output_len() * weights / s.channels[1]) as f64;
    let mut out = std::io::stdout().lock();
    write!(out, "{:?} {:?} k{} s{}:", s.channels, s.input, s.kernel[0], s.stride[0])?;
    for seconds in times {
        write!(out, "  {:.2} ms {:.0} GFLOP/s", seconds * 1e3, flops / seconds / 1e9)?;
    }
    writeln!(out)
}

/// Seconds of the fastest run.
fn best(mut run: impl FnMut()) -> f64 {
    let timed = (0..RUNS).map(|_| {
        let started = Instant::now();
        run();
        started.elapsed().as_secs_f64()
    });
    timed.fold(f64::INFINITY, f64::min)
}
