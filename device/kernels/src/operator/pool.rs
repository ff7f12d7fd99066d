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

impl<T: Element> MaxPool<T> {
    /// Row `y` of the output.
    #[inline(always)]
    fn row(&self, to: &mut [T], from: &[T], y: usize) {
        let [channels, ..] = self.input.shape;
        let rows = self.covered(0, y);
        for (x, to) in to.chunks_exact_mut(channels).enumerate() {
            let columns = self.covered(1, x);
            let cells = rows.clone().flat_map(
                #[inline(always)]
                |y| columns.clone().map(move |x| self.input.at([0, y, x])),
            );
            largest(to, cells.map(|at| &from[at..][..channels]));
        }
    }
}

/// The largest of each channel over `pixels`, of which there is at least one.
#[inline(always)]
fn largest<'a, T: Copy + PartialOrd + 'a>(to: &mut [T], mut pixels: impl Iterator<Item = &'a [T]>) {
    if let Some(first) = pixels.next() {
        to.copy_from_slice(first);
    }
    for pixel in pixels {
        for (to, &x) in to.iter_mut().zip(pixel) {
            *to = if x > *to { x } else { *to };
        }
    }
}
