//! Between numbers and codes, and between a caller's `[C, H, W]` and the arena's `[H, W, C]`.

use mien_shared::graph::Affine;

use super::{About, Operator};
use crate::{
    arena::{Arena, Map},
    coder::{decode, encode},
    simd::Isa,
};

/// Numbers of a value to its codes.
#[derive(Debug)]
pub(crate) struct Encode {
    pub(crate) map: Map,
    pub(crate) coding: Affine,
}

impl<I: Isa> Operator<I> for Encode {
    fn run(&self, isa: I, arena: &mut Arena) {
        arena.write::<u8, _>(&self.map, |to, arena| {
            let from = arena.read::<f32>(&self.map);
            for row in self.map.rows() {
                isa.within(
                    #[inline(always)]
                    || encode(isa, self.coding, &from[row.clone()], &mut to[row]),
                );
            }
        });
    }

    fn about(&self) -> About {
        About::plain("encode")
    }
}

/// Codes of a value to its numbers.
#[derive(Debug)]
pub(crate) struct Decode {
    pub(crate) map: Map,
    pub(crate) coding: Affine,
}

impl<I: Isa> Operator<I> for Decode {
    fn run(&self, isa: I, arena: &mut Arena) {
        arena.write::<f32, _>(&self.map, |to, arena| {
            let from = arena.read::<u8>(&self.map);
            for row in self.map.rows() {
                isa.within(
                    #[inline(always)]
                    || decode(isa, self.coding, &from[row.clone()], &mut to[row]),
                );
            }
        });
    }

    fn about(&self) -> About {
        About::plain("decode")
    }
}

/// Elements that are mapped at a time before they are spread over pixels.
const CHUNK: usize = 64;

/// Copies a value's elements from `[C, H, W]` order, several at a time mapped by `of`.
#[inline(always)]
pub(crate) fn scatter<S: Copy, T: Copy + Default>(
    from: &[S],
    map: &Map,
    to: &mut [T],
    of: impl Fn(&[S], &mut [T]),
) {
    let [channels, height, width] = map.shape;
    for (y, row) in map.rows().enumerate() {
        let row = &mut to[row];
        for c in 0..channels {
            let line = &from[(c * height + y) * width..][..width];
            if channels == 1 {
                of(line, row);
            } else {
                spread(line, &mut row[c..], channels, &of);
            }
        }
    }
}

/// Maps `line` to every `step`-th element of `to`.
#[inline(always)]
fn spread<S: Copy, T: Copy + Default>(
    line: &[S],
    to: &mut [T],
    step: usize,
    of: impl Fn(&[S], &mut [T]),
) {
    for (some, to) in line.chunks(CHUNK).zip(to.chunks_mut(CHUNK * step)) {
        let mut made = [T::default(); CHUNK];
        of(some, &mut made[..some.len()]);
        to.iter_mut().step_by(step).zip(&made[..some.len()]).for_each(|(to, &x)| *to = x);
    }
}

/// Copies a value's elements to `[C, H, W]` order, mapped.
pub(crate) fn gather<S: Copy, T>(from: &[S], map: &Map, to: &mut [T], of: impl Fn(S) -> T) {
    let [channels, height, width] = map.shape;
    for (y, row) in map.rows().enumerate() {
        for (x, pixel) in from[row].chunks_exact(channels).enumerate() {
            for (c, &element) in pixel.iter().enumerate() {
                to[(c * height + y) * width + x] = of(element);
            }
        }
    }
}
