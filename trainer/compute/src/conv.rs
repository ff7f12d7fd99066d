//! Dense two-dimensional convolution, as neural networks define it (a cross-correlation), and its
//! gradients.
//!
//! ```text
//! y[n, o, i, j] = Σ c, u, v   w[o, c, u, v] · x[n, c, i·s + u - p, j·s + v - p]
//! ```
//!
//! Tensors are contiguous in the order of their indices. No groups, no dilation.

mod gather;
mod rows;
mod weights;

use pulp::Simd;
use rayon::{
    iter::{IndexedParallelIterator as _, ParallelIterator as _},
    slice::{ParallelSlice as _, ParallelSliceMut as _},
};

use self::{
    gather::{Gather, Tap, Target},
    rows::Rows,
};
use crate::product::{self, Kernel};

/// Shape of a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Pictures.
    pub batch: usize,
    /// Channels in and out.
    pub channels: [usize; 2],
    /// Height and width of the input.
    pub input: [usize; 2],
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Step along height and width.
    pub stride: [usize; 2],
    /// Zeros above and to the left of the input; below and to the right as many as the output needs.
    pub padding: [usize; 2],
    /// Height and width of the output.
    pub output: [usize; 2],
}

impl Shape {
    /// Values of the input.
    pub fn input_len(&self) -> usize {
        self.batch * self.channels[0] * self.input[0] * self.input[1]
    }

    /// Values of the output.
    pub fn output_len(&self) -> usize {
        self.batch * self.channels[1] * self.output[0] * self.output[1]
    }

    /// Values of the weights.
    pub fn weights_len(&self) -> usize {
        self.channels[0] * self.channels[1] * self.kernel[0] * self.kernel[1]
    }

    /// Rows and columns of the input that windows reach in its padded form, which ends with the
    /// last window: none where windows see only zeros.
    pub(crate) fn covered(&self, padded: [usize; 2]) -> [usize; 2] {
        let sizes = [0, 1]
            .map(|axis| self.input[axis].min(padded[axis].saturating_sub(self.padding[axis])));
        if sizes.contains(&0) { [0, 0] } else { sizes }
    }

    fn taps(&self) -> impl Iterator<Item = (usize, [usize; 2])> {
        let [height, width] = self.kernel;
        (0..height * width).map(move |at| (at, [at / width, at % width]))
    }
}

/// The output.
///
/// # Shapes
/// x `[N, C, H, W]`, w `[O, C, KH, KW]`, out `[N, O, H', W']`
///
/// # Panics
/// When a slice has not the length that `shape` says.
pub fn forward(shape: &Shape, x: &[f32], w: &[f32], out: &mut [f32]) {
    assert_eq!((x.len(), w.len()), (shape.input_len(), shape.weights_len()), "lengths");
    assert_eq!(out.len(), shape.output_len(), "length of the output");
    let taps: Vec<_> = shape.taps().map(|(_, at)| Tap::new(at, shape.padding)).collect();
    let gather = Gather::new((shape.channels[0], shape.input), &taps, shape.stride, shape.output);
    let [inputs, outputs] = shape.channels;
    let area = shape.kernel[0] * shape.kernel[1];
    let weight =
        |row: usize, (channel, tap): (usize, usize)| w[(row * inputs + channel) * area + tap];
    Product { gather, target: Target::whole(shape.output), rows: outputs }.run(x, weight, out);
}

/// The gradient of the input, given that of the output.
///
/// # Shapes
/// dy `[N, O, H', W']`, w `[O, C, KH, KW]`, dx `[N, C, H, W]`
///
/// # Panics
/// When a slice has not the length that `shape` says.
pub fn input_gradient(shape: &Shape, dy: &[f32], w: &[f32], dx: &mut [f32]) {
    assert_eq!((dy.len(), w.len()), (shape.output_len(), shape.weights_len()), "lengths");
    assert_eq!(dx.len(), shape.input_len(), "length of the gradient");
    let [inputs, outputs] = shape.channels;
    let area = shape.kernel[0] * shape.kernel[1];
    if shape.stride != [1, 1] {
        dx.fill(0.0);
    }
    // Inputs in step with the stride see the same taps: each such phase is a convolution of dy.
    for phase in 0..shape.stride[0] * shape.stride[1] {
        let offset = [phase / shape.stride[1], phase % shape.stride[1]];
        let Some((target, taps)) = phase_of(shape, offset) else { continue };
        let numbers: Vec<usize> = taps.iter().map(|(number, _)| *number).collect();
        let taps: Vec<_> = taps.into_iter().map(|(_, tap)| tap).collect();
        let gather = Gather::new((outputs, shape.output), &taps, [1, 1], target.grid());
        let weight = |row: usize, (channel, tap): (usize, usize)| {
            w[(channel * inputs + row) * area + numbers[tap]]
        };
        Product { gather, target, rows: inputs }.run(dy, weight, dx);
    }
}

pub use weights::weight_gradient;

/// The inputs at `offset` within the stride and the taps that reach them, with their numbers in
/// the kernel; `None` where there is no such input or no tap.
fn phase_of(shape: &Shape, offset: [usize; 2]) -> Option<(Target, Vec<(usize, Tap)>)> {
    let target = Target::every(shape.stride, offset, shape.input)?;
    // Input i·s + offset takes part in output o by tap u where o·s + u - p = i·s + offset.
    let along = |axis: usize, u: usize| {
        let reach = (offset[axis] + shape.padding[axis]).checked_signed_diff(u)?;
        let stride = isize::try_from(shape.stride[axis]).ok()?;
        (reach % stride == 0).then_some(reach / stride)
    };
    let taps: Vec<_> = shape
        .taps()
        .filter_map(|(number, [u, v])| Some((number, Tap { dy: along(0, u)?, dx: along(1, v)? })))
        .collect();
    (!taps.is_empty()).then_some((target, taps))
}

/// Weights times gathered windows.
struct Product {
    gather: Gather,
    target: Target,
    rows: usize,
}

/// Fewest columns of a task, so that small maps share a panel.
const COLUMNS: usize = 144;

impl Product {
    /// `out[row] = Σ weight(row, (channel, tap)) · window(channel, tap)`.
    fn run(&self, x: &[f32], weight: impl Fn(usize, (usize, usize)) -> f32, out: &mut [f32]) {
        let pictures = COLUMNS.div_ceil(self.gather.positions()).max(1);
        let (chunk_in, chunk_out) =
            (pictures * self.gather.input_len(), pictures * self.rows * self.target.len());
        let depth = self.gather.depth();
        let wide = Rows::new(self.rows, depth, 8, |row, k| weight(row, self.gather.source(k)));
        let narrow = Rows::new(self.rows, depth, 4, |row, k| weight(row, self.gather.source(k)));
        x.par_chunks(chunk_in).zip(out.par_chunks_mut(chunk_out)).for_each_init(
            Scratch::default,
            |scratch, (x, out)| {
                product::dispatch(Task { product: self, rows: [&wide, &narrow], x, out, scratch });
            },
        );
    }
}

/// Buffers used again from task to task.
#[derive(Default)]
struct Scratch {
    padded: Vec<f32>,
    panel: Vec<f32>,
    tile: Vec<f32>,
}

/// The pictures of one task.
struct Task<'a> {
    product: &'a Product,
    rows: [&'a Rows; 2],
    x: &'a [f32],
    out: &'a mut [f32],
    scratch: &'a mut Scratch,
}

impl Kernel for Task<'_> {
    #[inline(always)]
    fn run<S: Simd, const M: usize, const V: usize>(self, simd: S) {
        let Self { product: Product { gather, target, rows: height }, rows, x, out, scratch } =
            self;
        let rows = rows[usize::from(M != 8)];
        let width = V * S::F32_LANES;
        let pictures = x.len() / gather.input_len();
        gather.pad(x, &mut scratch.padded);
        scratch.panel.resize(gather.depth() * width, 0.0);
        scratch.tile.resize(M * width, 0.0);
        for segments in gather.panels(pictures, width) {
            gather.fill(&scratch.padded, &segments, width, &mut scratch.panel);
            for (block, a) in rows.blocks().enumerate() {
                product::tile::<S, M, V>(simd, (a, &scratch.panel), &mut scratch.tile);
                for (m, tile) in scratch.tile.chunks_exact(width).enumerate() {
                    let row = block * M + m;
                    if row < *height {
                        target.write(tile, &segments, (row, *height), out);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
