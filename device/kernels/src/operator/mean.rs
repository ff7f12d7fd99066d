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
    for sum in to {
        *sum *= share;
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
        let ((input, _), (output, _)) = (self.input, self.output);
        arena.write::<u8, _>(&output, |to, arena| {
            let codes = arena.read::<u8>(&input);
            let to = &mut to[output.origin()..][..output.shape[0]];
            for (i, to) in to.chunks_mut(CHANNELS).enumerate() {
                let mut sums = [0_i32; CHANNELS];
                isa.within(
                    #[inline(always)]
                    || add(&mut sums[..to.len()], codes, &input, i * CHANNELS),
                );
                self.codes(to, &sums);
            }
        });
    }

    fn about(&self) -> About {
        About::plain("mean int8")
    }
}

impl IntegerMean {
    /// The codes of means from the sums of codes.
    fn codes(&self, to: &mut [u8], sums: &[i32]) {
        let ((input, from), (_, coding)) = (self.input, self.output);
        let pixels = input.shape[1] * input.shape[2];
        let multiplier = from.scale / pixels as f32 / coding.scale;
        // At most 2^15 pixels, as `Graph::is_integer` says.
        let zeros = i32::from(from.zero) * i32::try_from(pixels).unwrap_or(0);
        for (to, sum) in to.iter_mut().zip(sums) {
            *to = coding.requantize((sum - zeros) as f32 * multiplier, 0);
        }
    }
}

/// Adds the codes of the channels from `first` on over the pixels of `map`.
#[inline(always)]
fn add(sums: &mut [i32], codes: &[u8], map: &Map, first: usize) {
    for pixel in map.rows().flat_map(|row| codes[row].chunks_exact(map.shape[0])) {
        sums.iter_mut().zip(&pixel[first..]).for_each(|(sum, &x)| *sum += i32::from(x));
    }
}
