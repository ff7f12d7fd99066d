//! What becomes of a tile's sums: residual, relu, codes; then they are stored.

use mien_shared::graph::Affine;

use crate::{
    arena::Map,
    coder::{Coder, Steps},
    simd::Isa,
};

/// The end of a convolution, on vectors of sums `S`.
pub(crate) trait Finish<I: Isa, S> {
    /// Finishes and stores `P` pixels of `V` vectors; inlined into [`Isa::within`].
    fn tile<const P: usize, const V: usize>(&mut self, isa: I, sums: [[S; V]; P], place: Place);
}

/// Where a tile lies in the output.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Row and column of the first pixel.
    pub(crate) pixel: [usize; 2],
    /// First channel.
    pub(crate) channel: usize,
    /// First vector of what is packed per channel.
    pub(crate) vector: usize,
    /// Channels of the last vector.
    pub(crate) last: usize,
}

impl Place {
    /// The range of `map`'s elements from the tile's first to its last.
    #[inline(always)]
    fn within<I: Isa, const P: usize, const V: usize>(self, map: &Map) -> std::ops::Range<usize> {
        let [y, x] = self.pixel;
        let first = map.at([self.channel, y, x]);
        first..first + (P - 1) * map.shape[0] + (V - 1) * I::LANES + self.last
    }

    /// Calls `visit` for every vector with its offset from the tile's first element, in a map of
    /// `channels`, and the number of its channels; all lie in [`Place::within`].
    #[inline(always)]
    fn each<I: Isa, S: Copy, const P: usize, const V: usize>(
        self,
        channels: usize,
        sums: [[S; V]; P],
        mut visit: impl FnMut(S, usize, usize),
    ) {
        for (p, sums) in sums.into_iter().enumerate() {
            for (v, sum) in sums.into_iter().enumerate() {
                let at = p * channels + v * I::LANES;
                if v + 1 < V || self.last == I::LANES {
                    visit(sum, at, I::LANES);
                } else {
                    visit(sum, at, self.last);
                }
            }
        }
    }
}

/// What a relu makes the lowest number.
#[inline(always)]
fn floor<I: Isa>(isa: I, relu: bool) -> I::F {
    isa.splat(if relu { 0.0 } else { f32::NEG_INFINITY })
}

/// The sums as they are, in numbers.
#[derive(Debug)]
pub(crate) struct Numbers<'a> {
    pub(crate) to: &'a mut [f32],
    pub(crate) map: Map,
    /// Whether a relu clips them.
    pub(crate) relu: bool,
}

impl<I: Isa> Finish<I, I::F> for Numbers<'_> {
    #[inline(always)]
    fn tile<const P: usize, const V: usize>(&mut self, isa: I, sums: [[I::F; V]; P], at: Place) {
        let floor = floor(isa, self.relu);
        let to = self.to[at.within::<I, P, V>(&self.map)].as_mut_ptr();
        at.each::<I, _, P, V>(
            self.map.shape[0],
            sums,
            #[inline(always)]
            |sum, i, n| {
                // SAFETY: `n` elements from the `i`-th on lie in the slice.
                unsafe { isa.store_n(to.wrapping_add(i), n, isa.max(sum, floor)) };
            },
        );
    }
}

/// Numbers with another value's added.
#[derive(Debug)]
pub(crate) struct NumbersSum<'a> {
    pub(crate) numbers: Numbers<'a>,
    /// The other summand, of the same shape.
    pub(crate) other: (&'a [f32], Map),
}

impl<I: Isa> Finish<I, I::F> for NumbersSum<'_> {
    #[inline(always)]
    fn tile<const P: usize, const V: usize>(&mut self, isa: I, sums: [[I::F; V]; P], at: Place) {
        let Numbers { to, map, relu } = &mut self.numbers;
        let floor = floor(isa, *relu);
        let (other, other_map) = self.other;
        let other = other[at.within::<I, P, V>(&other_map)].as_ptr();
        let to = to[at.within::<I, P, V>(map)].as_mut_ptr();
        at.each::<I, _, P, V>(
            map.shape[0],
            sums,
            #[inline(always)]
            |sum, i, n| {
                // SAFETY: `n` elements from the `i`-th on lie in the slice.
                let other = unsafe { isa.load_n(other.wrapping_add(i), n) };
                let sum = isa.max(isa.add(sum, other), floor);
                // SAFETY: `n` elements from the `i`-th on lie in the slice.
                unsafe { isa.store_n(to.wrapping_add(i), n, sum) };
            },
        );
    }
}

/// Codes of the sums, which are in steps of the output's scale.
#[derive(Debug)]
pub(crate) struct Codes<'a> {
    pub(crate) to: &'a mut [u8],
    pub(crate) map: Map,
    /// How the output is coded.
    pub(crate) coding: Affine,
    /// Whether a relu clips them.
    pub(crate) relu: bool,
}

impl<I: Isa> Finish<I, I::F> for Codes<'_> {
    #[inline(always)]
    fn tile<const P: usize, const V: usize>(&mut self, isa: I, sums: [[I::F; V]; P], at: Place) {
        let coder = Coder::new(isa, self.coding, self.relu);
        let to = self.to[at.within::<I, P, V>(&self.map)].as_mut_ptr();
        at.each::<I, _, P, V>(
            self.map.shape[0],
            sums,
            #[inline(always)]
            |sum, i, n| {
                // SAFETY: `n` elements from the `i`-th on lie in the slice.
                unsafe { isa.store_codes(to.wrapping_add(i), n, coder.code(isa, sum)) };
            },
        );
    }
}

/// Codes of the sums' own value, then of that value's sum with another.
#[derive(Debug)]
pub(crate) struct CodesSum<'a> {
    /// How the sum is stored.
    pub(crate) codes: Codes<'a>,
    /// How the convolution's own value is coded.
    pub(crate) own: Affine,
    /// The other summand, of the same shape, and its coding.
    pub(crate) other: (&'a [u8], Map, Affine),
}

impl<I: Isa> Finish<I, I::F> for CodesSum<'_> {
    #[inline(always)]
    fn tile<const P: usize, const V: usize>(&mut self, isa: I, sums: [[I::F; V]; P], at: Place) {
        let Codes { to, map, coding, relu } = &mut self.codes;
        let (other, other_map, other_coding) = self.other;
        let (mine, coder) = (Coder::new(isa, self.own, false), Coder::new(isa, *coding, *relu));
        let ratio = isa.splat(self.own.scale / coding.scale);
        let steps = Steps::new(isa, other_coding, *coding);
        let other = other[at.within::<I, P, V>(&other_map)].as_ptr();
        let to = to[at.within::<I, P, V>(map)].as_mut_ptr();
        at.each::<I, _, P, V>(
            map.shape[0],
            sums,
            #[inline(always)]
            |sum, i, n| {
                // SAFETY: `n` elements from the `i`-th on lie in the slice.
                let theirs = steps.of(isa, unsafe { isa.codes(other.wrapping_add(i), n) });
                let ours = isa.mul(mine.steps(isa, sum), ratio);
                let code = coder.code(isa, isa.add(ours, theirs));
                // SAFETY: `n` elements from the `i`-th on lie in the slice.
                unsafe { isa.store_codes(to.wrapping_add(i), n, code) };
            },
        );
    }
}
