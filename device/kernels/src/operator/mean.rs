//! Means over H and W.

use mien_shared::graph::Affine;

use super::{About, Operator};
use crate::{
    arena::{Arena, Map},
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
        arena.write::<f32, _>(&self.output, |to, arena| {
            let from = arena.read::<f32>(&self.input);
            let to = &mut to[self.output.origin()..][..self.output.shape[0]];
            isa.within(
                #[inline(always)]
                || mean(to, from, &self.input),
            );
        });
    }

    fn about(&self) -> About {
        About::plain("mean f32")
    }
}

/// The mean over the pixels of `map`.
#[inline(always)]
fn mean(to: &mut [f32], from: &[f32], map: &Map) {
    let [channels, rows, columns] = map.shape;
    let share = 1.0 / (rows * columns) as f32;
    to.fill(0.0);
    for pixel in map.rows().flat_map(|row| from[row].chunks_exact(channels)) {
        to.iter_mut().zip(pixel).for_each(|(sum, x)| *sum += x);
    }
    to.iter_mut().for_each(|sum| *sum *= share);
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
        // At most 2^15 pixels, as `Graph::is_integer` says.
        let zeros = i32::from(from.zero) * i32::try_from(rows * columns).unwrap_or(0);
        arena.write::<u8, _>(&output, |made, arena| {
            let codes = arena.read::<u8>(&input);
            let made = &mut made[output.origin()..][..channels];
            for (i, made) in made.chunks_mut(CHANNELS).enumerate() {
                let mut sums = [0_i32; CHANNELS];
                isa.within(
                    #[inline(always)]
                    || add(&mut sums[..made.len()], codes, &input, i * CHANNELS),
                );
                for (code, sum) in made.iter_mut().zip(sums) {
                    *code = to.requantize((sum - zeros) as f32 * multiplier, 0);
                }
            }
        });
    }

    fn about(&self) -> About {
        About::plain("mean int8")
    }
}

/// Adds the codes of the channels from `first` on over the pixels of `map`.
#[inline(always)]
fn add(sums: &mut [i32], codes: &[u8], map: &Map, first: usize) {
    for pixel in map.rows().flat_map(|row| codes[row].chunks_exact(map.shape[0])) {
        sums.iter_mut().zip(&pixel[first..]).for_each(|(sum, &x)| *sum += i32::from(x));
    }
}
