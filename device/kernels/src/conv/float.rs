//! f32 convolutions.

use mien_shared::graph::Conv;

use super::{
    Geometry,
    kernel::{Pixels, Span, Tiles, dispatch, each_span},
    tiling::Budget,
};
use crate::{
    arena::{Aligned, Arena, Map, read, written},
    operator::{About, Operator},
    simd::Isa,
};

/// A convolution with bias, and perhaps a residual and a relu.
#[derive(Debug)]
pub(crate) struct FloatConv {
    geometry: Geometry,
    /// Per group and vector: per tap, per input of its run, one vector.
    weights: Aligned<f32>,
    /// Per group and vector, one vector.
    bias: Aligned<f32>,
    residual: Option<Map>,
    relu: bool,
}

impl FloatConv {
    /// Packs `conv` for `I`.
    pub(crate) fn new<I: Isa>(
        conv: &Conv,
        maps: [Map; 2],
        residual: Option<Map>,
        relu: bool,
    ) -> Self {
        let geometry = Geometry::new(conv, maps, (I::LANES, I::FLOAT));
        let packing = Packing { conv, geometry: &geometry, lanes: I::LANES };
        let weights = Aligned::of(&packing.weights(&conv.weight.to_f32()));
        let bias = Aligned::of(&packing.per_channel(|channel| conv.bias[channel]));
        Self { geometry, weights, bias, residual, relu }
    }
}

impl<I: Isa> Operator<I> for FloatConv {
    fn run(&self, isa: I, arena: &mut Arena) {
        written::<f32, _>(arena, self.geometry.output.value, |output, arena| {
            let residual = self.residual.map(|map| (read::<f32>(arena, map.value).as_ptr(), map));
            let input = read::<f32>(arena, self.geometry.input.value);
            each_span::<I>(&self.geometry, |span, vectors| {
                let tiles =
                    FloatTiles { conv: self, span, input, residual, output: output.as_mut_ptr() };
                dispatch(isa, [span.segment.pixels, vectors], &tiles);
            });
        });
    }

    fn about(&self) -> About {
        About::conv("f32", &self.geometry, self.residual.is_some(), self.relu)
    }
}

struct FloatTiles<'a> {
    conv: &'a FloatConv,
    span: Span<'a>,
    input: &'a [f32],
    residual: Option<(*const f32, Map)>,
    output: *mut f32,
}

impl<I: Isa> Tiles<I> for FloatTiles<'_> {
    const BUDGET: Budget = I::FLOAT;

    #[inline(always)]
    fn run<const P: usize, const V: usize>(&self, isa: I) {
        let Span { geometry, .. } = self.span;
        let first = self.span.output_in(&geometry.output);
        let [row, step] = geometry.steps;
        for y in 0..geometry.output.shape[1] {
            for t in 0..self.span.segment.tiles {
                let window = self.span.input + y * row + t * P * step;
                let acc = self.sums::<I, P, V>(isa, window);
                let pixel = t * P * geometry.output.shape[0];
                self.finish(isa, &acc, [y, t * P], first + y * geometry.output.row() + pixel);
            }
        }
    }
}

impl FloatTiles<'_> {
    /// The sums of one tile.
    #[inline(always)]
    fn sums<I: Isa, const P: usize, const V: usize>(
        &self,
        isa: I,
        window: usize,
    ) -> [[I::F; V]; P] {
        let Geometry { taps, run, steps, .. } = self.span.geometry;
        let depth = taps.len() * run * I::LANES;
        let start = self.conv.bias[self.span.vector * I::LANES..].as_ptr();
        // SAFETY: the bias holds a vector for each of the block's.
        let bias = std::array::from_fn(|v| unsafe { isa.load(start.wrapping_add(v * I::LANES)) });
        let mut acc = [bias; P];
        let mut weights = self.conv.weights[self.span.vector * depth..].as_ptr();
        for tap in taps {
            let x = self.input.as_ptr().wrapping_add(window + tap);
            let mut pixels = Pixels::<f32, P>::new(x, steps[1]);
            for _ in 0..run / 4 {
                multiply_four(isa, &mut acc, &pixels, (weights, depth));
                weights = weights.wrapping_add(4 * I::LANES);
                pixels.advance(4);
            }
            for k in 0..run % 4 {
                multiply(isa, &mut acc, &pixels, (weights, depth), k);
            }
            weights = weights.wrapping_add(run % 4 * I::LANES);
        }
        acc
    }

    /// Residual, relu, store.
    #[inline(always)]
    fn finish<I: Isa, const P: usize, const V: usize>(
        &self,
        isa: I,
        acc: &[[I::F; V]; P],
        [y, x]: [usize; 2],
        first: usize,
    ) {
        let channels = self.span.geometry.output.shape[0];
        let floor = isa.splat(if self.conv.relu { 0.0 } else { f32::NEG_INFINITY });
        let residual = self.residual.map(|(from, map)| {
            let at = self.span.output_in(&map) + y * map.row() + x * channels;
            from.wrapping_add(at)
        });
        for p in 0..P {
            for v in 0..V {
                let n =
                    if v + 1 < V || self.span.last == I::LANES { I::LANES } else { self.span.last };
                let at = p * channels + v * I::LANES;
                let mut sum = acc[p][v];
                if let Some(residual) = residual {
                    // SAFETY: the residual has the output's shape.
                    sum = isa.add(sum, unsafe { isa.load_n(residual.wrapping_add(at), n) });
                }
                let to = self.output.wrapping_add(first + at);
                // SAFETY: `n` channels of a pixel of the output.
                unsafe { isa.store_n(to, n, isa.max(sum, floor)) };
            }
        }
    }
}

/// Adds the products of input `k` of every pixel; `weights` are of the first vector, and those of
/// the next one `depth` elements on.
#[inline(always)]
fn multiply<I: Isa, const P: usize, const V: usize>(
    isa: I,
    acc: &mut [[I::F; V]; P],
    pixels: &Pixels<f32, P>,
    (weights, depth): (*const f32, usize),
    k: usize,
) {
    let vector = |v: usize| weights.wrapping_add(v * depth + k * I::LANES);
    // SAFETY: a vector of weights per block's vector, tap and input of its run.
    let w: [I::F; V] = std::array::from_fn(|v| unsafe { isa.load(vector(v)) });
    for p in 0..P {
        // SAFETY: `Geometry::new` has checked the reach of every window.
        let x = isa.splat(unsafe { *pixels.at(p, k) });
        for v in 0..V {
            acc[p][v] = isa.fma(x, w[v], acc[p][v]);
        }
    }
}

/// As [`multiply`], with the first four inputs of every pixel.
#[inline(always)]
fn multiply_four<I: Isa, const P: usize, const V: usize>(
    isa: I,
    acc: &mut [[I::F; V]; P],
    pixels: &Pixels<f32, P>,
    weights: (*const f32, usize),
) {
    // SAFETY: `Geometry::new` has checked the reach of every window.
    let x: [I::Numbers; P] = std::array::from_fn(|p| unsafe { isa.numbers(pixels.at(p, 0)) });
    multiply_at::<I, P, V, 0>(isa, acc, &x, weights);
    multiply_at::<I, P, V, 1>(isa, acc, &x, weights);
    multiply_at::<I, P, V, 2>(isa, acc, &x, weights);
    multiply_at::<I, P, V, 3>(isa, acc, &x, weights);
}

/// As [`multiply`], with input `K` of four.
#[inline(always)]
fn multiply_at<I: Isa, const P: usize, const V: usize, const K: usize>(
    isa: I,
    acc: &mut [[I::F; V]; P],
    x: &[I::Numbers; P],
    (weights, depth): (*const f32, usize),
) {
    let vector = |v: usize| weights.wrapping_add(v * depth + K * I::LANES);
    // SAFETY: a vector of weights per block's vector, tap and input of its run.
    let w: [I::F; V] = std::array::from_fn(|v| unsafe { isa.load(vector(v)) });
    for p in 0..P {
        for v in 0..V {
            // SAFETY: the input is borrowed for as long as its tiles are computed.
            acc[p][v] = unsafe { isa.fma_at::<K>(x[p], w[v], acc[p][v]) };
        }
    }
}

/// Weights and biases in the order the kernels read them.
pub(crate) struct Packing<'a> {
    pub(crate) conv: &'a Conv,
    pub(crate) geometry: &'a Geometry,
    pub(crate) lanes: usize,
}

impl Packing<'_> {
    /// Per group and vector, `lanes` values; 0 past the last channel.
    pub(crate) fn per_channel<T: Default>(&self, of: impl Fn(usize) -> T) -> Vec<T> {
        let outputs = self.geometry.per_group[1];
        let lane = |group: usize, i: usize| {
            if i < outputs { of(group * outputs + i) } else { T::default() }
        };
        let lanes = outputs.div_ceil(self.lanes) * self.lanes;
        (0..self.geometry.groups)
            .flat_map(|group| (0..lanes).map(move |i| (group, i)))
            .map(|(group, i)| lane(group, i))
            .collect()
    }

    /// The weight of output channel `o` that meets element `k` of `tap`'s run; `weight` is
    /// `[O, I / groups, KH, KW]`.
    pub(crate) fn weight<T: Copy>(&self, weight: &[T], o: usize, [tap, k]: [usize; 2]) -> T {
        let [kh, kw] = self.conv.window.kernel.map(|n| n as usize);
        let inputs = self.geometry.per_group[0];
        let [y, x, i] = if self.geometry.groups == 1 {
            [tap, k / inputs, k % inputs]
        } else {
            [tap / kw, tap % kw, k]
        };
        weight[((o * inputs + i) * kh + y) * kw + x]
    }

    /// Per group and vector, per tap, per element of its run: one vector.
    fn weights(&self, weight: &[f32]) -> Vec<f32> {
        let Geometry { taps, run, per_group, groups, .. } = self.geometry;
        let outputs = per_group[1];
        let mut packed = Vec::new();
        for group in 0..*groups {
            for vector in 0..outputs.div_ceil(self.lanes) {
                for place in (0..taps.len()).flat_map(|tap| (0..*run).map(move |k| [tap, k])) {
                    packed.extend((0..self.lanes).map(|lane| {
                        let i = vector * self.lanes + lane;
                        if i < outputs {
                            self.weight(weight, group * outputs + i, place)
                        } else {
                            0.0
                        }
                    }));
                }
            }
        }
        packed
    }
}
