//! The gradient of the weights: the output's gradient times the windows, summed over positions.
//!
//! Here positions are the depth of the product. The input is first laid out with its channels
//! innermost, `[picture][row][column][channel]`, so that a window's channels lie side by side.
//! Pictures are summed in [`PARTS`] parts whatever the number of threads, and the parts in order.

use std::ops::Range;

use pulp::Simd;
use rayon::{
    iter::{IndexedParallelIterator as _, ParallelIterator as _},
    slice::{ParallelSlice as _, ParallelSliceMut as _},
};

use super::Shape;
use crate::product::{self, Kernel, copy};

/// Parts a batch is summed in.
const PARTS: usize = 8;

/// The gradient of the weights, given that of the output.
///
/// # Shapes
/// x `[N, C, H, W]`, dy `[N, O, H', W']`, dw `[O, C, KH, KW]`
///
/// # Panics
/// When a slice has not the length that `shape` says.
pub fn weight_gradient(shape: &Shape, x: &[f32], dy: &[f32], dw: &mut [f32]) {
    assert_eq!((x.len(), dy.len()), (shape.input_len(), shape.output_len()), "lengths");
    assert_eq!(dw.len(), shape.weights_len(), "length of the gradient");
    let share = shape.batch.div_ceil(PARTS).max(1);
    let (share_x, share_dy) =
        (share * shape.input_len() / shape.batch, share * shape.output_len() / shape.batch);
    let layout = Layout::new(shape);
    let mut sums = vec![0.0; shape.batch.div_ceil(share) * layout.sums];
    sums.par_chunks_mut(layout.sums)
        .zip(x.par_chunks(share_x).zip(dy.par_chunks(share_dy)))
        .for_each_init(Scratch::default, |scratch, (sums, (x, dy))| {
            product::dispatch(Task { layout: &layout, x, dy, sums, scratch });
        });
    layout.collect(&sums, dw);
}

/// Widest panel of columns, 3 vectors of 16 lanes; narrower vectors take parts of it.
const WIDTH: usize = 48;
/// Values of windows gathered at once.
const CACHED: usize = 160 * 1024;
/// Most rows of a tile.
const ROWS: usize = 8;

/// How windows become rows of `depth` values, (tap, channel), padded to whole panels.
struct Layout<'a> {
    shape: &'a Shape,
    /// Height and width of the padded input.
    padded: [usize; 2],
    /// Values of a window.
    depth: usize,
    /// Panels of a window.
    panels: usize,
    /// Values of one part's sums, `[rows][panels * WIDTH]`.
    sums: usize,
    runs: Vec<Run>,
}

/// Values of a window that lie side by side in the input and in a panel.
#[derive(Clone, Copy)]
struct Run {
    from: usize,
    panel: usize,
    column: usize,
    len: usize,
}

/// Buffers used again from task to task.
#[derive(Default)]
struct Scratch {
    padded: Vec<f32>,
    panels: Vec<f32>,
    rows: Vec<f32>,
    tile: Vec<f32>,
}

impl<'a> Layout<'a> {
    fn new(shape: &'a Shape) -> Self {
        let padded =
            [0, 1].map(|axis| (shape.output[axis] - 1) * shape.stride[axis] + shape.kernel[axis]);
        let channels = shape.channels[0];
        let depth = channels * shape.kernel[0] * shape.kernel[1];
        let panels = depth.div_ceil(WIDTH);
        let mut runs: Vec<Run> = Vec::new();
        for (tap, [u, v]) in shape.taps() {
            let mut channel = 0;
            while channel < channels {
                let at = tap * channels + channel;
                let len = (channels - channel).min(WIDTH - at % WIDTH);
                let from = (u * padded[1] + v) * channels + channel;
                runs.push(Run { from, panel: at / WIDTH, column: at % WIDTH, len });
                channel += len;
            }
        }
        let sums = shape.channels[1].div_ceil(ROWS) * ROWS * panels * WIDTH;
        Self { shape, padded, depth, panels, sums, runs: joined(&runs) }
    }

    /// Adds up the parts in order and puts them into the order of the weights.
    fn collect(&self, sums: &[f32], dw: &mut [f32]) {
        let (channels, area) = (self.shape.channels[0], self.depth / self.shape.channels[0]);
        for (row, dw) in dw.chunks_exact_mut(self.depth).enumerate() {
            for (at, dw) in dw.iter_mut().enumerate() {
                let at = row * self.panels * WIDTH + at % area * channels + at / area;
                *dw = sums.chunks_exact(self.sums).map(|part| part[at]).sum();
            }
        }
    }

    /// Lays a picture out with its channels innermost, under its padding.
    #[inline(always)]
    fn pad(&self, x: &[f32], padded: &mut Vec<f32>) {
        let ([height, width], channels) = (self.shape.input, self.shape.channels[0]);
        let [top, left] = self.shape.padding;
        padded.clear();
        padded.resize(self.padded[0] * self.padded[1] * channels, 0.0);
        let [rows, columns] = self.shape.covered(self.padded);
        for y in 0..rows {
            let start = ((y + top) * self.padded[1] + left) * channels;
            let to = &mut padded[start..start + columns * channels];
            for c in 0..channels {
                let from = &x[(c * height + y) * width..][..columns];
                for (to, from) in to[c..].iter_mut().step_by(channels).zip(from) {
                    *to = *from;
                }
            }
        }
    }

    /// Gathers the windows of the output rows `band`: `[panels][positions][WIDTH]`.
    #[inline(always)]
    fn fill(&self, padded: &[f32], band: &Range<usize>, panels: &mut [f32]) {
        let (width, channels) = (self.shape.output[1], self.shape.channels[0]);
        let [down, right] = self.shape.stride;
        let size = band.len() * width * WIDTH;
        for run in &self.runs {
            let panel = &mut panels[run.panel * size..][..size];
            for (y, line) in band.clone().zip(panel.chunks_exact_mut(width * WIDTH)) {
                let from = y * down * self.padded[1] * channels + run.from;
                for (x, to) in line.chunks_exact_mut(WIDTH).enumerate() {
                    copy(&mut to[run.column..], &padded[from + x * right * channels..], run.len);
                }
            }
        }
    }

    /// Output rows whose windows fit the cache.
    fn band(&self) -> usize {
        (CACHED / (self.panels * self.shape.output[1] * WIDTH)).max(1)
    }
}

/// Runs that go on in input and panel alike, joined.
fn joined(runs: &[Run]) -> Vec<Run> {
    let mut all: Vec<Run> = Vec::new();
    for &run in runs {
        match all.last_mut() {
            Some(last)
                if last.panel == run.panel
                    && last.from + last.len == run.from
                    && last.column + last.len == run.column =>
            {
                last.len += run.len;
            }
            _ => all.push(run),
        }
    }
    all
}

/// Packs the positions `band` of maps into blocks of rows: `[channels / block][band][block]`.
#[inline(always)]
fn pack<const M: usize>(dy: &[f32], positions: usize, band: &Range<usize>, rows: &mut [f32]) {
    for (maps, to) in dy.chunks(M * positions).zip(rows.chunks_exact_mut(M * band.len())) {
        let (to, _) = to.as_chunks_mut::<M>();
        for (m, map) in maps.chunks_exact(positions).enumerate() {
            for (to, value) in to.iter_mut().zip(&map[band.clone()]) {
                to[m] = *value;
            }
        }
    }
}

/// The pictures of one part.
struct Task<'a> {
    layout: &'a Layout<'a>,
    x: &'a [f32],
    dy: &'a [f32],
    sums: &'a mut [f32],
    scratch: &'a mut Scratch,
}

impl Kernel for Task<'_> {
    #[inline(always)]
    fn run<S: Simd, const M: usize, const V: usize>(self, simd: S) {
        let Self { layout, x, dy, sums, scratch } = self;
        let shape = layout.shape;
        let ([height, width], outputs) = (shape.output, shape.channels[1]);
        let pictures = x.chunks_exact(shape.channels[0] * shape.input[0] * shape.input[1]);
        for (x, dy) in pictures.zip(dy.chunks_exact(outputs * height * width)) {
            layout.pad(x, &mut scratch.padded);
            for first in (0..height).step_by(layout.band()) {
                let band = first..(first + layout.band()).min(height);
                let positions = band.len() * width;
                scratch.panels.resize(layout.panels * positions * WIDTH, 0.0);
                layout.fill(&scratch.padded, &band, &mut scratch.panels);
                scratch.rows.resize(outputs.div_ceil(M) * M * positions, 0.0);
                let band = band.start * width..band.end * width;
                pack::<M>(dy, height * width, &band, &mut scratch.rows);
                accumulate::<S, M, V>(simd, (positions, layout.panels), scratch, sums);
            }
        }
    }
}

/// Adds rows times panels to the sums, tile by tile.
#[inline(always)]
fn accumulate<S: Simd, const M: usize, const V: usize>(
    simd: S,
    (positions, panels): (usize, usize),
    scratch: &mut Scratch,
    sums: &mut [f32],
) {
    let line = panels * WIDTH;
    scratch.tile.resize(M * WIDTH, 0.0);
    for (number, panel) in scratch.panels.chunks_exact(positions * WIDTH).enumerate() {
        for (block, rows) in scratch.rows.chunks_exact(positions * M).enumerate() {
            let sums = &mut sums[block * M * line + number * WIDTH..];
            for (tile, sums) in scratch.tile.chunks_exact_mut(WIDTH).zip(sums.chunks(line)) {
                copy(tile, sums, WIDTH);
            }
            sweep::<S, M, V>(simd, rows, panel, &mut scratch.tile);
            for (tile, sums) in scratch.tile.chunks_exact(WIDTH).zip(sums.chunks_mut(line)) {
                copy(sums, tile, WIDTH);
            }
        }
    }
}

/// `tile += rows * panel`, with as many sweeps as vectors are too narrow for a whole panel.
#[inline(always)]
fn sweep<S: Simd, const M: usize, const V: usize>(
    simd: S,
    rows: &[f32],
    panel: &[f32],
    tile: &mut [f32],
) {
    let (rows, _) = rows.as_chunks::<M>();
    for first in (0..WIDTH).step_by(V * S::F32_LANES) {
        let mut sums = [[simd.splat_f32s(0.0); V]; M];
        for (sums, tile) in sums.iter_mut().zip(tile.chunks_exact(WIDTH)) {
            let (tile, _) = S::as_simd_f32s(&tile[first..]);
            sums.copy_from_slice(&tile[..V]);
        }
        for (a, b) in rows.iter().zip(panel.chunks_exact(WIDTH)) {
            let (b, _) = S::as_simd_f32s(&b[first..]);
            let Some(b) = b.first_chunk::<V>() else { continue };
            for m in 0..M {
                let factor = simd.splat_f32s(a[m]);
                for v in 0..V {
                    sums[m][v] = simd.mul_add_e_f32s(factor, b[v], sums[m][v]);
                }
            }
        }
        for (sums, tile) in sums.iter().zip(tile.chunks_exact_mut(WIDTH)) {
            let (tile, _) = S::as_mut_simd_f32s(&mut tile[first..]);
            tile[..V].copy_from_slice(sums);
        }
    }
}
