//! The loops that both kinds of convolution share, and the choice of a tile's size.

use super::{
    Geometry,
    tiling::{Block, Budget, Segment},
};
use crate::simd::Isa;

/// One block of vectors over one segment of columns, all rows; positions are of first elements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span<'a> {
    pub(crate) geometry: &'a Geometry,
    /// First element of the input's group and segment.
    pub(crate) input: usize,
    /// First output channel.
    pub(crate) channel: usize,
    /// First vector of the packed weights.
    pub(crate) vector: usize,
    /// Lanes of the block's last vector that are channels.
    pub(crate) last: usize,
    pub(crate) segment: Segment,
}

/// Calls `visit` with every span of a convolution and the number of vectors of its block.
pub(crate) fn each_span<I: Isa>(geometry: &Geometry, mut visit: impl FnMut(Span<'_>, usize)) {
    let [inputs, outputs] = geometry.per_group;
    let vectors = outputs.div_ceil(I::LANES);
    for group in 0..geometry.groups {
        for &Block { first, vectors: v, segments } in &geometry.tiling.blocks {
            for segment in segments.into_iter().filter(|s| s.tiles > 0) {
                let span = Span {
                    geometry,
                    input: geometry.origin + group * inputs + segment.first * geometry.steps[1],
                    channel: group * outputs + first * I::LANES,
                    vector: group * vectors + first,
                    last: (outputs - (first + v - 1) * I::LANES).min(I::LANES),
                    segment,
                };
                visit(span, v);
            }
        }
    }
}

impl Span<'_> {
    /// Position in `map` of the span's first output element.
    pub(crate) fn output_in(&self, map: &crate::arena::Map) -> usize {
        map.origin() + self.segment.first * map.shape[0] + self.channel
    }
}

/// A loop over tiles of `P` pixels and `V` vectors.
pub(crate) trait Tiles<I: Isa> {
    /// The registers its tiles may use.
    const BUDGET: Budget;

    /// Runs it; inlined into [`Isa::within`].
    fn run<const P: usize, const V: usize>(&self, isa: I);
}

/// Runs `tiles` with `pixels` and `vectors` as constants.
pub(crate) fn dispatch<I: Isa, T: Tiles<I>>(isa: I, [pixels, vectors]: [usize; 2], tiles: &T) {
    macro_rules! sizes {
        ($($p:literal)*) => {
            match (pixels, vectors) {
                $(
                    ($p, 1) => tile::<I, T, $p, 1>(isa, tiles),
                    ($p, 2) => tile::<I, T, $p, 2>(isa, tiles),
                    ($p, 3) => tile::<I, T, $p, 3>(isa, tiles),
                    ($p, 4) => tile::<I, T, $p, 4>(isa, tiles),
                )*
                _ => {}
            }
        };
    }
    sizes!(1 2 3 4 5 6 7 8 10 12 14);
}

/// One size; nothing where it would not fit the registers.
fn tile<I: Isa, T: Tiles<I>, const P: usize, const V: usize>(isa: I, tiles: &T) {
    if const { T::BUDGET.fits(P, V) } {
        isa.within(
            #[inline(always)]
            || tiles.run::<P, V>(isa),
        );
    }
}

/// Where `P` pixels' inputs lie: every third one's pointer, the others at one or two steps from it,
/// which addresses can express without a register each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pixels<T, const P: usize> {
    thirds: [*const T; 5],
    step: usize,
}

impl<T, const P: usize> Pixels<T, P> {
    /// Pixels from `first` on, `step` elements apart.
    #[inline(always)]
    pub(crate) fn new(first: *const T, step: usize) -> Self {
        let third = |i: usize| first.wrapping_add(3 * i.min(P.div_ceil(3) - 1) * step);
        Self { thirds: [third(0), third(1), third(2), third(3), third(4)], step }
    }

    /// Element `k` from pixel `p` on.
    #[inline(always)]
    pub(crate) fn at(&self, p: usize, k: usize) -> *const T {
        self.thirds[p / 3].wrapping_add(p % 3 * self.step).wrapping_add(k)
    }

    /// Moves every pixel by `n` elements.
    #[inline(always)]
    pub(crate) fn advance(&mut self, n: usize) {
        for third in &mut self.thirds {
            *third = third.wrapping_add(n);
        }
    }
}
