//! Sums of two values of one shape, with a relu when one follows.

use mien_shared::graph::Affine;

use super::{About, Operator};
use crate::{
    arena::{Arena, Map, read, written},
    conv::integer::{Coder, Steps},
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
        written::<f32, _>(arena, self.output.value, |output, arena| {
            let [a, b] = self.inputs;
            for ((to, a_row), b_row) in self.output.rows().zip(a.rows()).zip(b.rows()) {
                let to = &mut output[to];
                to.copy_from_slice(&read::<f32>(arena, a.value)[a_row]);
                let b = &read::<f32>(arena, b.value)[b_row];
                isa.within(
                    #[inline(always)]
                    || {
                        for (to, b) in to.iter_mut().zip(b) {
                            let sum = *to + b;
                            *to = if sum > floor { sum } else { floor };
                        }
                    },
                );
            }
        });
    }

    fn about(&self) -> About {
        About::plain(if self.relu { "add f32+relu" } else { "add f32" })
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
        written::<u8, _>(arena, map.value, |output, arena| {
            for ((to, a_row), b_row) in map.rows().zip(a.rows()).zip(b.rows()) {
                let to = &mut output[to];
                to.copy_from_slice(&read::<u8>(arena, a.value)[a_row]);
                let b = &read::<u8>(arena, b.value)[b_row];
                isa.within(
                    #[inline(always)]
                    || self.add(isa, to, b),
                );
            }
        });
    }

    fn about(&self) -> About {
        About::plain(if self.relu { "add int8+relu" } else { "add int8" })
    }
}

impl IntegerAdd {
    /// Adds `b` to `a`, both of one row.
    #[inline(always)]
    fn add<I: Isa>(&self, isa: I, a: &mut [u8], b: &[u8]) {
        let (_, to) = self.output;
        let coder = Coder::new(isa, to, self.relu);
        let [from_a, from_b] = self.inputs.map(
            #[inline(always)]
            |(_, from)| Steps::new(isa, from, to),
        );
        for (a, b) in a.chunks_mut(I::LANES).zip(b.chunks(I::LANES)) {
            // SAFETY: a chunk of codes.
            let x = from_a.of(isa, unsafe { isa.codes(a.as_ptr(), a.len()) });
            // SAFETY: a chunk of codes, of the same length.
            let y = from_b.of(isa, unsafe { isa.codes(b.as_ptr(), b.len()) });
            let code = coder.code(isa, isa.add(x, y));
            // SAFETY: a chunk of codes.
            unsafe { isa.store_codes(a.as_mut_ptr(), a.len(), code) };
        }
    }
}
