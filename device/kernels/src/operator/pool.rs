//! Largest value under a window; padding never wins.

use mien_shared::graph::Window;

use super::{About, Operator, map::Recode};
use crate::{
    arena::{Arena, Map, read, written},
    simd::Isa,
};

/// A max pool.
#[derive(Debug)]
pub(crate) struct MaxPool<T> {
    pub(crate) window: Window,
    pub(crate) input: Map,
    pub(crate) output: Map,
    pub(crate) kind: std::marker::PhantomData<fn() -> T>,
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

impl<I: Isa, T: Recode + std::fmt::Debug> Operator<I> for MaxPool<T> {
    fn run(&self, isa: I, arena: &mut Arena) {
        let [channels, ..] = self.input.shape;
        let origin = self.input.origin();
        written::<T, _>(arena, self.output.value, |output, arena| {
            let from = read::<T>(arena, self.input.value);
            for (y, row) in self.output.rows().enumerate() {
                let rows = self.covered(0, y);
                for (x, to) in output[row].chunks_exact_mut(channels).enumerate() {
                    let columns = self.covered(1, x);
                    let cells = rows.clone().flat_map(|y| columns.clone().map(move |x| [y, x]));
                    let pixels = cells.map(|[y, x]| {
                        &from[origin + y * self.input.row() + x * channels..][..channels]
                    });
                    isa.within(
                        #[inline(always)]
                        || largest(to, pixels),
                    );
                }
            }
        });
    }

    fn about(&self) -> About {
        About::plain(format!("max pool {}", T::NAME))
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
