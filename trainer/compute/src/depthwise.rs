//! Depthwise two-dimensional convolution, each channel by a kernel of its own, and its gradients.
//!
//! ```text
//! y[n, c, i, j] = Σ u, v   w[c, u, v] · x[n, c, i·s + u - p, j·s + v - p]
//! ```
//!
//! Maps are convolved one by one from a padded copy, row by row along the width.

use pulp::Simd;
use rayon::{
    iter::{IndexedParallelIterator as _, ParallelIterator as _},
    slice::{ParallelSlice as _, ParallelSliceMut as _},
};

use crate::{
    conv::Shape,
    product::{self, Kernel},
};

/// Parts a batch is summed in, whatever the number of threads.
const PARTS: usize = 8;

/// The output.
///
/// # Shapes
/// x `[N, C, H, W]`, w `[C, 1, KH, KW]`, out `[N, C, H', W']`; the channels of `shape` are `[C, C]`
///
/// # Panics
/// When a slice has not the length that `shape` says.
pub fn forward(shape: &Shape, x: &[f32], w: &[f32], out: &mut [f32]) {
    check(shape, x, out, w);
    let plan = Plan::new(shape);
    let (from, to) = (area(shape.input), area(shape.output));
    let chunk = shape.channels[0];
    x.par_chunks(chunk * from).zip(out.par_chunks_mut(chunk * to)).for_each_init(
        Vec::new,
        |padded, (x, out)| {
            product::dispatch(Forward { plan: &plan, x, w, out, padded });
        },
    );
}

/// The gradient of the input, given that of the output.
///
/// # Shapes
/// dy `[N, C, H', W']`, w `[C, 1, KH, KW]`, dx `[N, C, H, W]`
///
/// # Panics
/// When a slice has not the length that `shape` says.
pub fn input_gradient(shape: &Shape, dy: &[f32], w: &[f32], dx: &mut [f32]) {
    check(shape, dx, dy, w);
    let plan = Plan::new(shape);
    let (from, to) = (area(shape.input), area(shape.output));
    let chunk = shape.channels[0];
    dy.par_chunks(chunk * to).zip(dx.par_chunks_mut(chunk * from)).for_each_init(
        Vec::new,
        |padded, (dy, dx)| {
            product::dispatch(Backward { plan: &plan, dy, w, dx, padded });
        },
    );
}

/// The gradient of the weights, given that of the output.
///
/// # Shapes
/// x `[N, C, H, W]`, dy `[N, C, H', W']`, dw `[C, 1, KH, KW]`
///
/// # Panics
/// When a slice has not the length that `shape` says.
pub fn weight_gradient(shape: &Shape, x: &[f32], dy: &[f32], dw: &mut [f32]) {
    check(shape, x, dy, dw);
    let plan = Plan::new(shape);
    let share = shape.batch.div_ceil(PARTS).max(1) * shape.channels[0];
    let (from, to) = (area(shape.input), area(shape.output));
    let size = dw.len();
    let mut sums = vec![0.0; (shape.batch * shape.channels[0]).div_ceil(share) * size];
    let parts = sums.par_chunks_mut(size);
    parts.zip(x.par_chunks(share * from).zip(dy.par_chunks(share * to))).for_each_init(
        Vec::new,
        |padded, (dw, (x, dy))| {
            product::dispatch(Weights { plan: &plan, x, dy, dw, padded });
        },
    );
    for (at, dw) in dw.iter_mut().enumerate() {
        *dw = sums.iter().skip(at).step_by(size).sum();
    }
}

fn check(shape: &Shape, x: &[f32], y: &[f32], w: &[f32]) {
    assert_eq!(shape.channels[0], shape.channels[1], "depthwise: as many channels out as in");
    assert_eq!((x.len(), y.len()), (shape.input_len(), shape.output_len()), "lengths");
    assert_eq!(w.len(), shape.channels[0] * shape.kernel[0] * shape.kernel[1], "length of weights");
}

/// How a map is padded and walked.
struct Plan {
    shape: Shape,
    /// Height and width of the padded map.
    padded: [usize; 2],
}

impl Plan {
    fn new(shape: &Shape) -> Self {
        let size = |axis: usize| (shape.output[axis] - 1) * shape.stride[axis] + shape.kernel[axis];
        Self { shape: *shape, padded: [size(0), size(1)] }
    }

    fn kernel(&self) -> usize {
        area(self.shape.kernel)
    }

    fn channels(&self) -> usize {
        self.shape.channels[0]
    }

    /// Copies a map into its padded form.
    #[inline(always)]
    fn pad(&self, x: &[f32], padded: &mut Vec<f32>) {
        let (width, [top, left]) = (self.shape.input[1], self.shape.padding);
        padded.clear();
        padded.resize(self.padded[0] * self.padded[1], 0.0);
        let [rows, columns] = self.shape.covered(self.padded);
        for y in 0..rows {
            let to = &mut padded[(y + top) * self.padded[1] + left..][..columns];
            to.copy_from_slice(&x[y * width..][..columns]);
        }
    }

    /// Start in the padded map of what row `y` of the output sees through tap `at`.
    #[inline(always)]
    fn start(&self, y: usize, at: usize) -> usize {
        let (u, v) = (at / self.shape.kernel[1], at % self.shape.kernel[1]);
        (y * self.shape.stride[0] + u) * self.padded[1] + v
    }
}

struct Forward<'a> {
    plan: &'a Plan,
    x: &'a [f32],
    w: &'a [f32],
    out: &'a mut [f32],
    padded: &'a mut Vec<f32>,
}

impl Kernel for Forward<'_> {
    #[inline(always)]
    fn run<S: Simd, const M: usize, const V: usize>(self, _: S) {
        let Self { plan, x, w, out, padded } = self;
        let (shape, width) = (&plan.shape, plan.shape.output[1]);
        let maps = x.chunks_exact(area(shape.input)).zip(out.chunks_exact_mut(area(shape.output)));
        for (map, (x, out)) in maps.enumerate() {
            plan.pad(x, padded);
            let w = &w[map % plan.channels() * plan.kernel()..][..plan.kernel()];
            for (y, row) in out.chunks_exact_mut(width).enumerate() {
                row.fill(0.0);
                for (at, &w) in w.iter().enumerate() {
                    let from = &padded[plan.start(y, at)..];
                    strided(row, from, shape.stride[1], |out, x| *out = w.mul_add(x, *out));
                }
            }
        }
    }
}

struct Backward<'a> {
    plan: &'a Plan,
    dy: &'a [f32],
    w: &'a [f32],
    dx: &'a mut [f32],
    padded: &'a mut Vec<f32>,
}

impl Kernel for Backward<'_> {
    #[inline(always)]
    fn run<S: Simd, const M: usize, const V: usize>(self, _: S) {
        let Self { plan, dy, w, dx, padded } = self;
        let (shape, width) = (&plan.shape, plan.shape.output[1]);
        let [top, left] = shape.padding;
        let maps = dy.chunks_exact(area(shape.output)).zip(dx.chunks_exact_mut(area(shape.input)));
        for (map, (dy, dx)) in maps.enumerate() {
            padded.clear();
            padded.resize(plan.padded[0] * plan.padded[1], 0.0);
            let w = &w[map % plan.channels() * plan.kernel()..][..plan.kernel()];
            for (y, row) in dy.chunks_exact(width).enumerate() {
                for (at, &w) in w.iter().enumerate() {
                    spread(row, &mut padded[plan.start(y, at)..], shape.stride[1], w);
                }
            }
            dx.fill(0.0);
            let [rows, columns] = shape.covered(plan.padded);
            for y in 0..rows {
                let from = &padded[(y + top) * plan.padded[1] + left..][..columns];
                dx[y * shape.input[1]..][..columns].copy_from_slice(from);
            }
        }
    }
}

struct Weights<'a> {
    plan: &'a Plan,
    x: &'a [f32],
    dy: &'a [f32],
    dw: &'a mut [f32],
    padded: &'a mut Vec<f32>,
}

impl Kernel for Weights<'_> {
    #[inline(always)]
    fn run<S: Simd, const M: usize, const V: usize>(self, _: S) {
        let Self { plan, x, dy, dw, padded } = self;
        let (shape, width) = (&plan.shape, plan.shape.output[1]);
        let maps = x.chunks_exact(area(shape.input)).zip(dy.chunks_exact(area(shape.output)));
        for (map, (x, dy)) in maps.enumerate() {
            plan.pad(x, padded);
            let dw = &mut dw[map % plan.channels() * plan.kernel()..][..plan.kernel()];
            for (at, dw) in dw.iter_mut().enumerate() {
                let mut sums = [0.0; 16];
                for (y, row) in dy.chunks_exact(width).enumerate() {
                    dot(row, &padded[plan.start(y, at)..], shape.stride[1], &mut sums);
                }
                *dw += sums.iter().sum::<f32>();
            }
        }
    }
}

fn area([height, width]: [usize; 2]) -> usize {
    height * width
}

/// `each(to[i], from[i * step])` along a row.
#[inline(always)]
fn strided(to: &mut [f32], from: &[f32], step: usize, mut each: impl FnMut(&mut f32, f32)) {
    if step == 1 {
        for (to, from) in to.iter_mut().zip(from) {
            each(to, *from);
        }
    } else {
        for (to, from) in to.iter_mut().zip(from.iter().step_by(step)) {
            each(to, *from);
        }
    }
}

/// `to[i * step] += w * row[i]` along a row.
#[inline(always)]
fn spread(row: &[f32], to: &mut [f32], step: usize, w: f32) {
    if step == 1 {
        for (to, value) in to.iter_mut().zip(row) {
            *to = w.mul_add(*value, *to);
        }
    } else {
        for (to, value) in to.iter_mut().step_by(step).zip(row) {
            *to = w.mul_add(*value, *to);
        }
    }
}

/// `sums[i % 16] += row[i] * from[i * step]` along a row.
#[inline(always)]
fn dot(row: &[f32], from: &[f32], step: usize, sums: &mut [f32; 16]) {
    if step == 1 {
        let from = &from[..row.len()];
        let (rows, rest) = row.as_chunks::<16>();
        let (others, other_rest) = from.as_chunks::<16>();
        for (a, b) in rows.iter().zip(others) {
            for i in 0..16 {
                sums[i] = a[i].mul_add(b[i], sums[i]);
            }
        }
        for (sum, (a, b)) in sums.iter_mut().zip(rest.iter().zip(other_rest)) {
            *sum = a.mul_add(*b, *sum);
        }
    } else {
        for (at, (a, b)) in row.iter().zip(from.iter().step_by(step)).enumerate() {
            sums[at % 16] = a.mul_add(*b, sums[at % 16]);
        }
    }
}
