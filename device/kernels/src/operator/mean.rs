//! Means over H and W.

use mien_shared::graph::Affine;

use super::{About, Operator};
use crate::{
    arena::{Arena, Map, read, written},
    simd::Isa,
};

/// A mean of numbers.
#[derive(Debug)]
pub(crate) struct FloatMean {
    pub(crate) input: Map,
    pub(crate) output: Map,
}

impl<I: Isa> Operator<I> for FloatMean {
    fn run(&self, isa: I, arena: &mut Arena) {
        let [channels, rows, columns] = self.input.shape;
        let share = 1.0 / (rows * columns) as f32;
        written::<f32, _>(arena, self.output.value, |output, arena| {
            let from = read::<f32>(arena, self.input.value);
            let start = self.output.origin();
            let to = &mut output[start..start + channels];
            to.fill(0.0);
            isa.within(
                #[inline(always)]
                || {
                    for row in self.input.rows() {
                        for pixel in from[row].chunks_exact(channels) {
                            to.iter_mut().zip(pixel).for_each(|(sum, x)| *sum += x);
                        }
                    }
                    to.iter_mut().for_each(|sum| *sum *= share);
                },
            );
        });
    }

    fn about(&self) -> About {
        About::plain("mean f32")
    }
}

/// A mean of codes.
#[derive(Debug)]
pub(crate) struct IntegerMean {
    pub(crate) input: (Map, Affine),
    pub(crate) output: (Map, Affine),
}

/// Channels whose sums are kept at a time.
const CHANNELS: usize = 64;

impl<I: Isa> Operator<I> for IntegerMean {
    fn run(&self, isa: I, arena: &mut Arena) {
        let ((input, from), (output, to)) = (self.input, self.output);
        let [channels, rows, columns] = input.shape;
        let multiplier = from.scale / (rows * columns) as f32 / to.scale;
        let start = output.origin();
        written::<u8, _>(arena, output.value, |made, arena| {
            let codes = read::<u8>(arena, input.value);
            for first in (0..channels).step_by(CHANNELS) {
                let some = CHANNELS.min(channels - first);
                let mut sums = [0_i32; CHANNELS];
                isa.within(
                    #[inline(always)]
                    || {
                        for pixel in input.rows().flat_map(|row| codes[row].chunks_exact(channels))
                        {
                            let pixel = &pixel[first..first + some];
                            sums.iter_mut().zip(pixel).for_each(|(sum, &x)| *sum += i32::from(x));
                        }
                    },
                );
                // At most 2^15 pixels, as `Graph::is_integer` says.
                let zeros = i32::from(from.zero) * i32::try_from(rows * columns).unwrap_or(0);
                for (to_code, sum) in made[start + first..][..some].iter_mut().zip(sums) {
                    *to_code = to.requantize((sum - zeros) as f32 * multiplier, 0);
                }
            }
        });
    }

    fn about(&self) -> About {
        About::plain("mean int8")
    }
}
