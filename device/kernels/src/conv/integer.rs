//! int8 convolutions: exact sums in i32, then codes by the rule of
//! [`mien_shared::graph::affine`].

use mien_shared::graph::{Affine, Conv, TensorData, affine::bias_code};

use super::{
    Geometry,
    float::Packing,
    kernel::{Pixels, Span, Tiles, dispatch, each_span},
    tiling::Budget,
};
use crate::{
    arena::{Aligned, Arena, Map, read, written},
    operator::{About, Operator},
    simd::{Isa, QUAD},
};

/// What becomes of sums.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Finish {
    /// Numbers: the sum times its scale.
    Numbers {
        /// Whether a relu clips them.
        relu: bool,
    },
    /// Codes of the step's output.
    Codes {
        /// How the output is coded.
        to: Affine,
        /// Whether a relu clips them.
        relu: bool,
    },
    /// Codes of the convolution's own value, then of its sum with a residual.
    Residual {
        /// How the convolution's own value is coded.
        own: Affine,
        /// The other summand.
        map: Map,
        /// How that is coded.
        other: Affine,
        /// How the sum is coded.
        to: Affine,
        /// Whether a relu clips the sum.
        relu: bool,
    },
}

/// A convolution in integers.
#[derive(Debug)]
pub(crate) struct IntegerConv<I: Isa> {
    geometry: Geometry,
    /// Per group and vector: per tap, per four inputs of its run, four weights a lane.
    weights: Aligned<I::Weight>,
    /// Per group and vector, one vector.
    bias: Aligned<i32>,
    multipliers: Aligned<f32>,
    finish: Finish,
}

impl<I: Isa> IntegerConv<I> {
    /// Packs `conv`, whose input is coded as `from`; `None` when its weights are not int8.
    pub(crate) fn new(conv: &Conv, maps: [Map; 2], from: Affine, finish: Finish) -> Option<Self> {
        let TensorData::I8 { scales, codes } = &conv.weight.data else { return None };
        let geometry = Geometry::new(conv, maps, (I::LANES, I::INTEGER));
        let packing = Packing { conv, geometry: &geometry, lanes: I::LANES };
        let weights = Aligned::of(&quads::<I>(&packing, codes));
        let per_output = codes.len() / scales.len().max(1);
        // Codes are multiplied with their zero in them; the bias takes it out again.
        let shift = I::SHIFT - i32::from(from.zero);
        let bias = packing.per_channel(|o| {
            let sum: i32 =
                codes[o * per_output..][..per_output].iter().map(|&w| i32::from(w)).sum();
            bias_code(conv.bias[o], from.scale * scales[o]).wrapping_add(sum.wrapping_mul(shift))
        });
        let divisor = match finish {
            Finish::Numbers { .. } => None,
            Finish::Codes { to, .. } => Some(to.scale),
            Finish::Residual { own, .. } => Some(own.scale),
        };
        let multipliers = packing.per_channel(|o| {
            let scale = from.scale * scales[o];
            divisor.map_or(scale, |divisor| scale / divisor)
        });
        let (bias, multipliers) = (Aligned::of(&bias), Aligned::of(&multipliers));
        Some(Self { geometry, weights, bias, multipliers, finish })
    }
}

/// Per group and vector, per tap, per four elements of its run: four weights a lane.
fn quads<I: Isa>(packing: &Packing<'_>, codes: &[i8]) -> Vec<I::Weight> {
    let Geometry { taps, run, per_group, groups, .. } = packing.geometry;
    let outputs = per_group[1];
    let mut packed = Vec::new();
    for group in 0..*groups {
        for vector in 0..outputs.div_ceil(I::LANES) {
            let quads = run.div_ceil(QUAD);
            for [tap, quad] in (0..taps.len()).flat_map(|tap| (0..quads).map(move |k| [tap, k])) {
                let lane = |lane: usize| -> [i8; QUAD] {
                    let i = vector * I::LANES + lane;
                    std::array::from_fn(|j| {
                        let k = quad * QUAD + j;
                        let real = i < outputs && k < *run;
                        if real { packing.weight(codes, group * outputs + i, [tap, k]) } else { 0 }
                    })
                };
                I::arrange(&(0..I::LANES).map(lane).collect::<Vec<_>>(), &mut packed);
            }
        }
    }
    packed
}

impl<I: Isa> Operator<I> for IntegerConv<I> {
    fn run(&self, isa: I, arena: &mut Arena) {
        let value = self.geometry.output.value;
        if let Finish::Numbers { .. } = self.finish {
            written::<f32, _>(arena, value, |output, arena| {
                self.spans(isa, arena, Output::Numbers(output.as_mut_ptr()));
            });
        } else {
            written::<u8, _>(arena, value, |output, arena| {
                self.spans(isa, arena, Output::Codes(output.as_mut_ptr()));
            });
        }
    }

    fn about(&self) -> About {
        let (residual, relu) = match self.finish {
            Finish::Numbers { relu } | Finish::Codes { relu, .. } => (false, relu),
            Finish::Residual { relu, .. } => (true, relu),
        };
        About::conv("int8", &self.geometry, residual, relu)
    }
}

impl<I: Isa> IntegerConv<I> {
    fn spans(&self, isa: I, arena: &mut Arena, output: Output) {
        let residual = match self.finish {
            Finish::Residual { map, .. } => read::<u8>(arena, map.value).as_ptr(),
            Finish::Numbers { .. } | Finish::Codes { .. } => std::ptr::null(),
        };
        let input = read::<u8>(arena, self.geometry.input.value);
        each_span::<I>(&self.geometry, |span, vectors| {
            let tiles = IntegerTiles { conv: self, span, input, residual, output };
            dispatch(isa, [span.segment.pixels, vectors], &tiles);
        });
    }
}

/// The buffer to write.
#[derive(Debug, Clone, Copy)]
enum Output {
    Numbers(*mut f32),
    Codes(*mut u8),
}

struct IntegerTiles<'a, I: Isa> {
    conv: &'a IntegerConv<I>,
    span: Span<'a>,
    input: &'a [u8],
    residual: *const u8,
    output: Output,
}

impl<I: Isa> Tiles<I> for IntegerTiles<'_, I> {
    const BUDGET: Budget = I::INTEGER;

    #[inline(always)]
    fn run<const P: usize, const V: usize>(&self, isa: I) {
        let Span { geometry, .. } = self.span;
        let [row, step] = geometry.steps;
        for y in 0..geometry.output.shape[1] {
            for t in 0..self.span.segment.tiles {
                let window = self.span.input + y * row + t * P * step;
                let acc = self.sums::<P, V>(isa, window);
                self.finish(isa, acc, [y, t * P]);
            }
        }
    }
}

impl<I: Isa> IntegerTiles<'_, I> {
    /// The sums of one tile.
    #[inline(always)]
    fn sums<const P: usize, const V: usize>(&self, isa: I, window: usize) -> [[I::I; V]; P] {
        let Geometry { taps, run, steps, .. } = self.span.geometry;
        let quads = run.div_ceil(QUAD);
        let vector = I::LANES * QUAD;
        let depth = taps.len() * quads * vector;
        let start = self.conv.bias[self.span.vector * I::LANES..].as_ptr();
        // SAFETY: the bias holds a vector for each of the block's.
        let bias = std::array::from_fn(|v| unsafe { isa.load_i(start.wrapping_add(v * I::LANES)) });
        let mut acc = [bias; P];
        let mut weights = self.conv.weights[self.span.vector * depth..].as_ptr();
        for tap in taps {
            let x = self.input.as_ptr().wrapping_add(window + tap);
            let mut pixels = Pixels::<u8, P>::new(x, steps[1]);
            for _ in 0..quads / 4 {
                multiply_sixteen(isa, &mut acc, &pixels, (weights, depth));
                weights = weights.wrapping_add(4 * vector);
                pixels.advance(4 * QUAD);
            }
            for k in 0..quads % 4 {
                multiply(isa, &mut acc, &pixels, (weights, depth), k);
            }
            weights = weights.wrapping_add(quads % 4 * vector);
        }
        acc
    }

    /// Sums to numbers or codes, stored.
    #[inline(always)]
    fn finish<const P: usize, const V: usize>(&self, isa: I, acc: [[I::I; V]; P], at: [usize; 2]) {
        let scales = self.conv.multipliers[self.span.vector * I::LANES..].as_ptr();
        // SAFETY: there is a vector of multipliers for each of the block's.
        let scales: [I::F; V] =
            std::array::from_fn(|v| unsafe { isa.load(scales.wrapping_add(v * I::LANES)) });
        let sums: [[I::F; V]; P] = std::array::from_fn(|p| {
            std::array::from_fn(|v| isa.mul(isa.float(acc[p][v]), scales[v]))
        });
        match (self.conv.finish, self.output) {
            (Finish::Numbers { relu }, Output::Numbers(to)) => {
                let floor = isa.splat(if relu { 0.0 } else { f32::NEG_INFINITY });
                let first = to.wrapping_add(self.first(at));
                self.each::<P, V>(
                    #[inline(always)]
                    |[p, v], at, n| {
                        // SAFETY: `n` channels of a pixel of the output.
                        unsafe {
                            isa.store_n(first.wrapping_add(at), n, isa.max(sums[p][v], floor));
                        }
                    },
                );
            }
            (Finish::Codes { to: coding, relu }, Output::Codes(to)) => {
                let coder = Coder::new(isa, coding, relu);
                let first = to.wrapping_add(self.first(at));
                self.each::<P, V>(
                    #[inline(always)]
                    |[p, v], at, n| {
                        // SAFETY: `n` channels of a pixel of the output.
                        unsafe {
                            isa.store_codes(first.wrapping_add(at), n, coder.code(isa, sums[p][v]));
                        }
                    },
                );
            }
            (Finish::Residual { own, map, other, to: coding, relu }, Output::Codes(to)) => {
                let (mine, coder) = (Coder::new(isa, own, false), Coder::new(isa, coding, relu));
                let own_ratio = isa.splat(own.scale / coding.scale);
                let steps = Steps::new(isa, other, coding);
                let first = to.wrapping_add(self.first(at));
                let from = self.span.output_in(&map) + at[0] * map.row() + at[1] * map.shape[0];
                let residual = self.residual.wrapping_add(from);
                self.each::<P, V>(
                    #[inline(always)]
                    |[p, v], at, n| {
                        // SAFETY: the residual has the output's shape.
                        let theirs = unsafe { isa.codes(residual.wrapping_add(at), n) };
                        let theirs = steps.of(isa, theirs);
                        let ours = isa.mul(mine.steps(isa, sums[p][v]), own_ratio);
                        let code = coder.code(isa, isa.add(ours, theirs));
                        // SAFETY: `n` channels of a pixel of the output.
                        unsafe { isa.store_codes(first.wrapping_add(at), n, code) };
                    },
                );
            }
            _ => {}
        }
    }

    /// Position of a tile's first output element.
    #[inline(always)]
    fn first(&self, [y, x]: [usize; 2]) -> usize {
        let map = &self.span.geometry.output;
        self.span.output_in(map) + y * map.row() + x * map.shape[0]
    }

    /// Calls `visit` per pixel and vector with its offset from the tile's first element and the
    /// number of its channels.
    #[inline(always)]
    fn each<const P: usize, const V: usize>(&self, visit: impl Fn([usize; 2], usize, usize)) {
        let channels = self.span.geometry.output.shape[0];
        for p in 0..P {
            for v in 0..V {
                let at = p * channels + v * I::LANES;
                if v + 1 < V || self.span.last == I::LANES {
                    visit([p, v], at, I::LANES);
                } else {
                    visit([p, v], at, self.span.last);
                }
            }
        }
    }
}

/// Adds the products of the `k`-th four inputs of every pixel; `weights` are of the first vector,
/// and those of the next one `depth` elements on.
#[inline(always)]
fn multiply<I: Isa, const P: usize, const V: usize>(
    isa: I,
    acc: &mut [[I::I; V]; P],
    pixels: &Pixels<u8, P>,
    (weights, depth): (*const I::Weight, usize),
    k: usize,
) {
    let vector = |v: usize| weights.wrapping_add(v * depth + k * I::LANES * QUAD);
    // SAFETY: a vector of weights per block's vector, tap and four of its run.
    let w: [I::W; V] = std::array::from_fn(|v| unsafe { isa.weights(vector(v)) });
    for p in 0..P {
        // SAFETY: `Geometry::new` has checked the reach of every window; at most three codes past
        // it lie in the buffer's slack.
        let x = unsafe { isa.quad(pixels.at(p, k * QUAD)) };
        for v in 0..V {
            acc[p][v] = isa.dot(acc[p][v], x, w[v]);
        }
    }
}

/// As [`multiply`], with the first sixteen inputs of every pixel.
#[inline(always)]
fn multiply_sixteen<I: Isa, const P: usize, const V: usize>(
    isa: I,
    acc: &mut [[I::I; V]; P],
    pixels: &Pixels<u8, P>,
    weights: (*const I::Weight, usize),
) {
    // SAFETY: `Geometry::new` has checked the reach of every window; at most three codes past it
    // lie in the buffer's slack.
    let x: [I::Codes; P] = std::array::from_fn(|p| unsafe { isa.sixteen(pixels.at(p, 0)) });
    multiply_at::<I, P, V, 0>(isa, acc, &x, weights);
    multiply_at::<I, P, V, 1>(isa, acc, &x, weights);
    multiply_at::<I, P, V, 2>(isa, acc, &x, weights);
    multiply_at::<I, P, V, 3>(isa, acc, &x, weights);
}

/// As [`multiply`], with the `K`th four of sixteen inputs.
#[inline(always)]
fn multiply_at<I: Isa, const P: usize, const V: usize, const K: usize>(
    isa: I,
    acc: &mut [[I::I; V]; P],
    x: &[I::Codes; P],
    (weights, depth): (*const I::Weight, usize),
) {
    let vector = |v: usize| weights.wrapping_add(v * depth + K * I::LANES * QUAD);
    // SAFETY: a vector of weights per block's vector, tap and four of its run.
    let w: [I::W; V] = std::array::from_fn(|v| unsafe { isa.weights(vector(v)) });
    for p in 0..P {
        for v in 0..V {
            // SAFETY: the input is borrowed for as long as its tiles are computed.
            acc[p][v] = unsafe { isa.dot_at::<K>(acc[p][v], x[p], w[v]) };
        }
    }
}

/// Vectors of steps to vectors of codes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Coder<F> {
    low: F,
    high: F,
    zero: F,
}

impl<F: Copy> Coder<F> {
    #[inline(always)]
    pub(crate) fn new<I: Isa<F = F>>(isa: I, to: Affine, relu: bool) -> Self {
        let zero = f32::from(to.zero);
        let low = f32::from(to.low(relu)) - zero;
        Self { low: isa.splat(low), high: isa.splat(255.0 - zero), zero: isa.splat(zero) }
    }

    /// Rounded and clipped, still less the zero.
    #[inline(always)]
    pub(crate) fn steps<I: Isa<F = F>>(self, isa: I, x: F) -> F {
        isa.min(isa.max(isa.round(x), self.low), self.high)
    }

    #[inline(always)]
    pub(crate) fn code<I: Isa<F = F>>(self, isa: I, x: F) -> F {
        isa.add(self.steps(isa, x), self.zero)
    }
}

/// Vectors of one value's codes to vectors of another's steps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Steps<F> {
    zero: F,
    ratio: F,
}

impl<F: Copy> Steps<F> {
    #[inline(always)]
    pub(crate) fn new<I: Isa<F = F>>(isa: I, from: Affine, to: Affine) -> Self {
        Self { zero: isa.splat(f32::from(from.zero)), ratio: isa.splat(from.scale / to.scale) }
    }

    #[inline(always)]
    pub(crate) fn of<I: Isa<F = F>>(self, isa: I, codes: I::I) -> F {
        isa.mul(isa.sub(isa.float(codes), self.zero), self.ratio)
    }
}
