//! Sums of two values of one shape, with a relu when one follows.

use mien_shared::graph::Affine;

use super::{About, Operator};
use crate::{
    arena::{Arena, Map},
    coder::{Coder, Steps},
    simd::Isa,
};

/// A sum of numbers.
#[derive(Debug)]
pub(crate) struct FloatAdd {
    pub(crate) inputs: [Map; 2],
    pub(crate) output: Map,
    pub(crate) relu: bool,
}

impl<I: Isa> Operator<I> for FloatAdd {
    fn run(&self, isa: I, arena: &mut Arena) {
        let floor = if self.relu { 0.0 } else { f32::NEG_INFINITY };
        arena.write::<f32, _>(&self.output, |to, arena| {
            let [a, b] = self.inputs;
            let (from_a, from_b) = (arena.read(&a), arena.read(&b));
            let rows = self.output.rows().zip(a.rows()).zip(b.rows());
            for ((row, a), b) in rows {
                isa.within(
                    #[inline(always)]
                    || add(&mut to[row], [&from_a[a], &from_b[b]], floor),
                );
            }
        });
    }

    fn about(&self) -> About {
        About::plain(if self.relu { "add f32+relu" } else { "add f32" })
    }
}

/// Adds numbers of one row; not below `floor`.
#[inline(always)]
fn add(to: &mut [f32], [a, b]: [&[f32]; 2], floor: f32) {
    for ((to, a), b) in to.iter_mut().zip(a).zip(b) {
        let sum = a + b;
        *to = if sum > floor { sum } else { floor };
    }
}

/// A sum of codes.
#[derive(Debug)]
pub(crate) struct IntegerAdd {
    pub(crate) inputs: [(Map, Affine); 2],
    pub(crate) output: (Map, Affine),
    pub(crate) relu: bool,
}

impl<I: Isa> Operator<I> for IntegerAdd {
    fn run(&self, isa: I, arena: &mut Arena) {
        let (map, _) = self.output;
        let [(a, _), (b, _)] = self.inputs;
        arena.write::<u8, _>(&map, |to, arena| {
            let (from_a, from_b) = (arena.read(&a), arena.read(&b));
            for ((row, a), b) in map.rows().zip(a.rows()).zip(b.rows()) {
                isa.within(
                    #[inline(always)]
                    || self.add(isa, &mut to[row], [&from_a[a], &from_b[b]]),
                );
            }
        });
    }

    fn about(&self) -> About {
        About::plain(if self.relu { "add int8+relu" } else { "add int8" })
    }
}

impl IntegerAdd {
    /// Adds codes of one row.
    #[inline(always)]
    fn add<I: Isa>(&self, isa: I, to: &mut [u8], [a, b]: [&[u8]; 2]) {
        let (_, coding) = self.output;
        let coder = Coder::new(isa, coding, self.relu);
        let [(_, from_a), (_, from_b)] = self.inputs;
        let [from_a, from_b] = [Steps::new(isa, from_a, coding), Steps::new(isa, from_b, coding)];
        let chunks = a.chunks(I::LANES).zip(b.chunks(I::LANES));
        for (to, (a, b)) in to.chunks_mut(I::LANES).zip(chunks) {
            // SAFETY: a chunk of codes.
            let a = from_a.of(isa, unsafe { isa.codes(a.as_ptr(), a.len()) });
            // SAFETY: a chunk of codes.
            let b = from_b.of(isa, unsafe { isa.codes(b.as_ptr(), b.len()) });
            let code = coder.code(isa, isa.add(a, b));
            // SAFETY: a chunk of codes.
            unsafe { isa.store_codes(to.as_mut_ptr(), to.len(), code) };
        }
    }
}
