//! The loops of every convolution over its tiles, and the choice of a tile's size.

use mien_shared::graph::Conv;

use super::{
    Geometry,
    finish::{Finish, Place},
    packing::Packing,
    pointers::{Pixels, Weights},
    products::Products,
    tiling::{Block, Segment},
};
use crate::{
    arena::{Aligned, Map},
    simd::{Isa, array},
};

/// Products that are written out per turn of the inner loop, those of one [`Products::Inputs`].
const UNROLLED: usize = 4;

/// A convolution's geometry with its packed weights and biases.
#[derive(Debug)]
pub(crate) struct Layer<I: Isa, A: Products<I>> {
    pub(crate) geometry: Geometry,
    /// Per group and vector: per tap, per product of its run, one vector's weights.
    weights: Aligned<A::Weight>,
    /// Per group and vector, one vector.
    bias: Aligned<A::Bias>,
}

impl<I: Isa, A: Products<I>> Layer<I, A> {
    /// Packs `conv` with its weights, `[O, I / groups, KH, KW]`, and each output channel's bias.
    pub(crate) fn new(
        conv: &Conv,
        maps: [Map; 2],
        weights: &[A::Given],
        bias: impl Fn(usize) -> A::Bias,
    ) -> Self {
        let geometry = Geometry::new(conv, maps, (I::LANES, A::BUDGET));
        let packing = Packing { conv, geometry: &geometry, lanes: I::LANES };
        let weights = Aligned::of(&A::pack(packing, weights));
        let bias = Aligned::of(&packing.per_channel(bias));
        Self { geometry, weights, bias }
    }

    /// Per group and vector, `LANES` values; the default past the last channel.
    pub(crate) fn per_channel<T: Copy + Default>(
        &self,
        conv: &Conv,
        of: impl Fn(usize) -> T,
    ) -> Aligned<T> {
        let packing = Packing { conv, geometry: &self.geometry, lanes: I::LANES };
        Aligned::of(&packing.per_channel(of))
    }

    /// Computes every tile's sums from `input` and finishes them.
    pub(crate) fn run<F: Finish<I, A::Sum>>(&self, isa: I, input: &[A::Input], finish: &mut F) {
        for span in spans(&self.geometry, I::LANES) {
            let size = [span.segment.pixels, span.vectors];
            dispatch(isa, size, &mut Tiles { layer: self, span, input, finish });
        }
    }

    /// Weights of one vector.
    fn depth(&self) -> usize {
        let Geometry { taps, run, .. } = &self.geometry;
        taps.len() * run.div_ceil(A::DEPTH) * A::DEPTH * I::LANES
    }

    /// The sums of `P` pixels and the `V` vectors from `vector` on; `input` starts at the first
    /// pixel's window and holds the last one's.
    #[inline(always)]
    fn sums<const P: usize, const V: usize>(
        &self,
        isa: I,
        vector: usize,
        input: &[A::Input],
    ) -> [[A::Sum; V]; P] {
        let Geometry { taps, run, steps, .. } = &self.geometry;
        let (depth, products) = (self.depth(), run.div_ceil(A::DEPTH));
        let bias = self.bias[vector * I::LANES..][..V * I::LANES].as_ptr();
        // SAFETY: the slice holds `V` vectors.
        let bias = array(
            #[inline(always)]
            |v| unsafe { A::bias(isa, bias.wrapping_add(v * I::LANES)) },
        );
        let mut sums = [bias; P];
        let weights = self.weights[vector * depth..][..V * depth].as_ptr();
        let mut weights = Weights::new(weights, depth);
        for tap in taps {
            let mut pixels = Pixels::<_, P>::new(input.as_ptr().wrapping_add(*tap), steps[1]);
            for _ in 0..products / UNROLLED {
                multiply_unrolled::<I, A, P, V>(isa, &mut sums, &pixels, weights);
                pixels.advance(UNROLLED * A::DEPTH);
                weights.advance(UNROLLED * A::DEPTH * I::LANES);
            }
            add::<I, A, P, V>(isa, &mut sums, &mut pixels, &mut weights, products % UNROLLED);
        }
        sums
    }
}

/// Adds the next `n` products of every pixel.
#[inline(always)]
fn add<I: Isa, A: Products<I>, const P: usize, const V: usize>(
    isa: I,
    sums: &mut [[A::Sum; V]; P],
    pixels: &mut Pixels<A::Input, P>,
    weights: &mut Weights<A::Weight>,
    n: usize,
) {
    for k in 0..n {
        multiply::<I, A, P, V>(isa, sums, pixels, *weights, k);
    }
    pixels.advance(n * A::DEPTH);
    weights.advance(n * A::DEPTH * I::LANES);
}

/// Adds the `k`-th products of every pixel.
#[inline(always)]
fn multiply<I: Isa, A: Products<I>, const P: usize, const V: usize>(
    isa: I,
    sums: &mut [[A::Sum; V]; P],
    pixels: &Pixels<A::Input, P>,
    weights: Weights<A::Weight>,
    k: usize,
) {
    // SAFETY: `Layer::sums` has checked that there are the weights of `V` vectors, and takes no
    // more products than a vector has.
    let w: [A::W; V] = array(
        #[inline(always)]
        |v| unsafe { A::weights(isa, weights.of(v).wrapping_add(k * A::DEPTH * I::LANES)) },
    );
    for (p, sums) in sums.iter_mut().enumerate() {
        // SAFETY: `Tiles::run` has checked that the input holds the last pixel's last product.
        let x = unsafe { A::input(isa, pixels.at(p, k * A::DEPTH)) };
        for (sum, &w) in sums.iter_mut().zip(&w) {
            *sum = A::add(isa, *sum, x, w);
        }
    }
}

/// Adds the first [`UNROLLED`] products of every pixel.
#[inline(always)]
fn multiply_unrolled<I: Isa, A: Products<I>, const P: usize, const V: usize>(
    isa: I,
    sums: &mut [[A::Sum; V]; P],
    pixels: &Pixels<A::Input, P>,
    weights: Weights<A::Weight>,
) {
    // SAFETY: `Tiles::run` has checked that the input holds the last pixel's last product.
    let x: [A::Inputs; P] = array(
        #[inline(always)]
        |p| unsafe { A::inputs(isa, pixels.at(p, 0)) },
    );
    multiply_at::<I, A, P, V, 0>(isa, sums, &x, weights);
    multiply_at::<I, A, P, V, 1>(isa, sums, &x, weights);
    multiply_at::<I, A, P, V, 2>(isa, sums, &x, weights);
    multiply_at::<I, A, P, V, 3>(isa, sums, &x, weights);
}

/// Adds the `K`-th products of every pixel.
#[inline(always)]
fn multiply_at<I: Isa, A: Products<I>, const P: usize, const V: usize, const K: usize>(
    isa: I,
    sums: &mut [[A::Sum; V]; P],
    x: &[A::Inputs; P],
    weights: Weights<A::Weight>,
) {
    // SAFETY: `Layer::sums` has checked that there are the weights of `V` vectors, and takes no
    // more products than a vector has.
    let w: [A::W; V] = array(
        #[inline(always)]
        |v| unsafe { A::weights(isa, weights.of(v).wrapping_add(K * A::DEPTH * I::LANES)) },
    );
    for (sums, &x) in sums.iter_mut().zip(x) {
        for (sum, &w) in sums.iter_mut().zip(&w) {
            // SAFETY: the input is borrowed for as long as its tiles are computed.
            *sum = unsafe { A::add_at::<K>(isa, *sum, x, w) };
        }
    }
}

/// One block of vectors over one segment of columns, all rows.
#[derive(Debug, Clone, Copy)]
struct Span {
    /// Position of the group's and segment's first window.
    window: usize,
    /// First output channel.
    channel: usize,
    /// First vector of the packed weights, and their number.
    vector: usize,
    vectors: usize,
    /// Lanes of the block's last vector that are channels.
    last: usize,
    segment: Segment,
}

/// Every span of a convolution.
fn spans(geometry: &Geometry, lanes: usize) -> impl Iterator<Item = Span> + '_ {
    let [inputs, outputs] = geometry.per_group;
    let of_group = move |group: usize| {
        let channels = outputs.min(geometry.output.shape[0] - group * outputs);
        let span = move |block: &Block, segment: Segment| Span {
            window: geometry.origin + group * inputs + segment.first * geometry.steps[1],
            channel: group * outputs + block.first * lanes,
            vector: group * outputs.div_ceil(lanes) + block.first,
            vectors: block.vectors,
            last: (channels - (block.first + block.vectors - 1) * lanes).min(lanes),
            segment,
        };
        let of_block = move |block: &'_ Block| {
            let block = *block;
            block.segments.into_iter().map(move |segment| span(&block, segment))
        };
        geometry.tiling.blocks.iter().flat_map(of_block)
    };
    (0..geometry.groups).flat_map(of_group).filter(|span| span.segment.tiles > 0)
}

/// The tiles of one span.
struct Tiles<'a, I: Isa, A: Products<I>, F> {
    layer: &'a Layer<I, A>,
    span: Span,
    input: &'a [A::Input],
    finish: &'a mut F,
}

impl<I: Isa, A: Products<I>, F: Finish<I, A::Sum>> Tiles<'_, I, A, F> {
    #[inline(always)]
    fn run<const P: usize, const V: usize>(&mut self, isa: I) {
        let Span { window, channel, vector, last, segment, .. } = self.span;
        let geometry = &self.layer.geometry;
        let [row, step] = geometry.steps;
        let extent = geometry.extent(P, [A::DEPTH, A::WIDTH]);
        for y in 0..geometry.output.shape[1] {
            for column in (0..segment.tiles).map(|t| t * P) {
                let input = &self.input[window + y * row + column * step..][..extent];
                let sums = self.layer.sums::<P, V>(isa, vector, input);
                let pixel = [y, segment.first + column];
                self.finish.tile(isa, sums, Place { pixel, channel, vector, last });
            }
        }
    }
}

/// Runs `tiles` with `pixels` and `vectors` as constants.
fn dispatch<I: Isa, A: Products<I>, F: Finish<I, A::Sum>>(
    isa: I,
    [pixels, vectors]: [usize; 2],
    tiles: &mut Tiles<'_, I, A, F>,
) {
    macro_rules! sizes {
        ($($p:literal)*) => {
            match (pixels, vectors) {
                $(
                    ($p, 1) => sized::<I, A, F, $p, 1>(isa, tiles),
                    ($p, 2) => sized::<I, A, F, $p, 2>(isa, tiles),
                    ($p, 3) => sized::<I, A, F, $p, 3>(isa, tiles),
                    ($p, 4) => sized::<I, A, F, $p, 4>(isa, tiles),
                )*
                _ => {}
            }
        };
    }
    sizes!(1 2 3 4 5 6 7 8 10 12 14);
}

/// One size; nothing where it would not fit the registers.
fn sized<I: Isa, A: Products<I>, F: Finish<I, A::Sum>, const P: usize, const V: usize>(
    isa: I,
    tiles: &mut Tiles<'_, I, A, F>,
) {
    if const { V <= A::VECTORS && A::BUDGET.fits(P, V) } {
        isa.within(
            #[inline(always)]
            || tiles.run::<P, V>(isa),
        );
    }
}
