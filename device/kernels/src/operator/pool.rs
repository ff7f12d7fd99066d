//! Largest value under a window; padding never wins.

use std::marker::PhantomData;

use mien_shared::graph::Window;

use super::{About, Operator};
use crate::{
    arena::{Arena, Element, Map},
    simd::Isa,
};

/// A max pool.
#[derive(Debug)]
pub(crate) struct MaxPool<T> {
    pub(crate) window: Window,
    pub(crate) input: Map,
    pub(crate) output: Map,
    pub(crate) kind: PhantomData<fn() -> T>,
}

impl<T> MaxPool<T> {
    /// The rows or columns of the input that window `i` covers.
    fn covered(&self, axis: usize, i: usize) -> std::ops::Range<usize> {
        let [kernel, stride, pad] =
            [self.window.kernel[axis], self.window.stride[axis], self.window.pads[axis]]
                .map(|n| n as usize);
        let (start, end) = (i * stride, i * stride + kernel);
        start.saturating_sub(pad)..(end - pad.min(end)).min(self.input.shape[axis + 1])
    }
}

impl<I: Isa, T: Element> Operator<I> for MaxPool<T> {
    fn run(&self, isa: I, arena: &mut Arena) {
        arena.write::<T, _>(&self.output, |to, arena| {
            let from = arena.read::<T>(&self.input);
            for (y, row) in self.output.rows().enumerate() {
                isa.within(
                    #[inline(always)]
                    || self.row(&mut to[row], from, y),
                );
            }
        });
    }

    fn about(&self) -> About {
        About::plain(format!("max pool {}", T::NAME))
    }
}

/// Channels that are compared at a time.
const CHANNELS: usize = 16;

impl<T: Element> MaxPool<T> {
    /// Row `y` of the output.
    #[inline(always)]
    fn row(&self, to: &mut [T], from: &[T], y: usize) {
        let [channels, ..] = self.input.shape;
        let rows = self.covered(0, y);
        for (x, to) in to.chunks_exact_mut(channels).enumerate() {
            let columns = self.covered(1, x);
            let first = self.input.at([0, rows.start, columns.start]);
            let size = [rows.len(), columns.len()];
            let (wide, narrow) = to.as_chunks_mut::<CHANNELS>();
            let rest = first + wide.len() * CHANNELS;
            for (i, to) in wide.iter_mut().enumerate() {
                *to = self.largest(from, first + i * CHANNELS, size);
            }
            for (i, to) in narrow.iter_mut().enumerate() {
                [*to] = self.largest(from, rest + i, size);
            }
        }
    }

    /// The largest values of `N` channels over `rows` by `columns` pixels, the first at `first`.
    #[inline(always)]
    fn largest<const N: usize>(
        &self,
        from: &[T],
        first: usize,
        [rows, columns]: [usize; 2],
    ) -> [T; N] {
        let [channels, ..] = self.input.shape;
        let cell = |at: usize| from[at..].first_chunk().copied().unwrap_or([T::default(); N]);
        let mut best = cell(first);
        for row in 0..rows {
            let start = first + row * self.input.row();
            for column in 0..columns {
                best = larger(best, cell(start + column * channels));
            }
        }
        best
    }
}

/// The larger of each pair.
#[inline(always)]
fn larger<T: Element, const N: usize>(mut best: [T; N], x: [T; N]) -> [T; N] {
    for (best, x) in best.iter_mut().zip(x) {
        *best = if x > *best { x } else { *best };
    }
    best
}
