//! Depthwise convolutions: every channel by itself, channels in lanes.

use mien_shared::graph::{Affine, Conv, TensorData, affine::bias_code};

use super::{About, Operator};
use crate::{
    arena::{Aligned, Arena, Map, read, written},
    conv::{Geometry, integer::Coder},
    simd::Isa,
};

/// Pixels of a tile.
const PIXELS: usize = 4;

/// A depthwise convolution in f32.
#[derive(Debug)]
pub(crate) struct FloatDepthwise {
    geometry: Geometry,
    /// Per vector of channels, per tap: one vector.
    weights: Aligned<f32>,
    bias: Aligned<f32>,
    relu: bool,
}

/// Whether `conv` has one input and one output channel per group.
pub(crate) fn is_depthwise(conv: &Conv) -> bool {
    conv.groups > 1 && conv.weight.shape[0] == conv.groups && conv.weight.shape[1] == 1
}

/// Per vector of channels, per tap, one vector of `weight`, `[C, 1, KH, KW]`.
fn packed<T: Copy + Default>(weight: &[T], channels: usize, lanes: usize) -> Vec<T> {
    let taps = weight.len() / channels;
    let vectors = (0..channels).step_by(lanes);
    let places = vectors.flat_map(|first| (0..taps).map(move |tap| (first, tap)));
    places
        .flat_map(|(first, tap)| (first..first + lanes).map(move |c| (c, tap)))
        .map(|(c, tap)| if c < channels { weight[c * taps + tap] } else { T::default() })
        .collect()
}

fn padded<T: Copy + Default>(values: &[T], lanes: usize) -> Vec<T> {
    let mut padded = values.to_vec();
    padded.resize(values.len().next_multiple_of(lanes), T::default());
    padded
}

impl FloatDepthwise {
    pub(crate) fn new<I: Isa>(conv: &Conv, maps: [Map; 2], relu: bool) -> Self {
        let geometry = Geometry::new(conv, maps, (I::LANES, I::FLOAT));
        let channels = maps[0].shape[0];
        let weights = Aligned::of(&packed(&conv.weight.to_f32(), channels, I::LANES));
        Self { geometry, weights, bias: Aligned::of(&padded(&conv.bias, I::LANES)), relu }
    }
}

/// Calls `visit` per vector of channels and per tile with the first channel, the first element of
/// the tile's first window, the first of its output and its pixels.
#[inline(always)]
fn each_tile(geometry: &Geometry, lanes: usize, mut visit: impl FnMut(Place)) {
    let [channels, rows, columns] = geometry.output.shape;
    let [row, step] = geometry.steps;
    for channel in (0..channels).step_by(lanes) {
        for y in 0..rows {
            for x in (0..columns).step_by(PIXELS) {
                visit(Place {
                    channel,
                    window: geometry.origin + y * row + x * step + channel,
                    output: geometry.output.origin()
                        + y * geometry.output.row()
                        + x * channels
                        + channel,
                    pixels: PIXELS.min(columns - x),
                    lanes: lanes.min(channels - channel),
                });
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Place {
    channel: usize,
    window: usize,
    output: usize,
    pixels: usize,
    lanes: usize,
}

impl<I: Isa> Operator<I> for FloatDepthwise {
    fn run(&self, isa: I, arena: &mut Arena) {
        let geometry = &self.geometry;
        let channels = geometry.output.shape[0];
        written::<f32, _>(arena, geometry.output.value, |output, arena| {
            let input = read::<f32>(arena, geometry.input.value);
            isa.within(
                #[inline(always)]
                || {
                    let floor = isa.splat(if self.relu { 0.0 } else { f32::NEG_INFINITY });
                    each_tile(
                        geometry,
                        I::LANES,
                        #[inline(always)]
                        |place| {
                            let acc = self.sums(isa, input, place);
                            for p in 0..place.pixels {
                                let to = output[place.output + p * channels..].as_mut_ptr();
                                // SAFETY: the lanes are channels of a pixel of the output.
                                unsafe { isa.store_n(to, place.lanes, isa.max(acc[p], floor)) };
                            }
                        },
                    );
                },
            );
        });
    }

    fn about(&self) -> About {
        let about = About::conv("f32", &self.geometry, false, self.relu);
        About { name: format!("depthwise {}", about.name), ..about }
    }
}

impl FloatDepthwise {
    /// The sums of a tile; of its absent pixels, those of the last.
    #[inline(always)]
    fn sums<I: Isa>(&self, isa: I, input: &[f32], place: Place) -> [I::F; PIXELS] {
        let Geometry { taps, steps, .. } = &self.geometry;
        // SAFETY: the bias holds whole vectors.
        let bias = unsafe { isa.load(self.bias.as_ptr().wrapping_add(place.channel)) };
        let mut acc = [bias; PIXELS];
        let mut weights = self.weights.as_ptr().wrapping_add(place.channel * taps.len());
        for tap in taps {
            // SAFETY: one vector per vector of channels and tap.
            let w = unsafe { isa.load(weights) };
            weights = weights.wrapping_add(I::LANES);
            let window = input.as_ptr().wrapping_add(place.window + tap);
            for (p, acc) in acc.iter_mut().enumerate() {
                let at = window.wrapping_add(p.min(place.pixels - 1) * steps[1]);
                // SAFETY: `Geometry::new` has checked the reach of every window; lanes past the
                // last channel lie in the next pixel or the buffer's slack.
                *acc = isa.fma(unsafe { isa.load(at) }, w, *acc);
            }
        }
        acc
    }
}

/// A depthwise convolution in integers.
#[derive(Debug)]
pub(crate) struct IntegerDepthwise {
    geometry: Geometry,
    /// Per vector of channels, per tap: one vector.
    weights: Aligned<i32>,
    bias: Aligned<i32>,
    multipliers: Aligned<f32>,
    to: Option<Affine>,
    relu: bool,
}

impl IntegerDepthwise {
    /// `None` when the weights are not int8. The output is numbers where `to` is nothing.
    pub(crate) fn new<I: Isa>(
        conv: &Conv,
        maps: [Map; 2],
        from: Affine,
        (to, relu): (Option<Affine>, bool),
    ) -> Option<Self> {
        let TensorData::I8 { scales, codes } = &conv.weight.data else { return None };
        let geometry = Geometry::new(conv, maps, (I::LANES, I::FLOAT));
        let channels = maps[0].shape[0];
        let codes: Vec<i32> = codes.iter().map(|&w| i32::from(w)).collect();
        let zero = i32::from(from.zero);
        let bias = codes.chunks(codes.len() / channels).zip(&conv.bias).zip(scales);
        let bias = bias.map(|((taps, &bias), scale)| {
            let zeros = zero * taps.iter().sum::<i32>();
            bias_code(bias, from.scale * scale).wrapping_sub(zeros)
        });
        let multiplier = |s: &f32| to.map_or(from.scale * s, |to| from.scale * s / to.scale);
        let multipliers: Vec<f32> = scales.iter().map(multiplier).collect();
        Some(Self {
            weights: Aligned::of(&packed(&codes, channels, I::LANES)),
            bias: Aligned::of(&padded(&bias.collect::<Vec<_>>(), I::LANES)),
            multipliers: Aligned::of(&padded(&multipliers, I::LANES)),
            geometry,
            to,
            relu,
        })
    }

    /// The scaled sums of a tile; of its absent pixels, those of the last.
    #[inline(always)]
    fn sums<I: Isa>(&self, isa: I, input: &[u8], place: Place) -> [I::F; PIXELS] {
        let Geometry { taps, steps, .. } = &self.geometry;
        // SAFETY: the bias holds whole vectors.
        let bias = unsafe { isa.load_i(self.bias.as_ptr().wrapping_add(place.channel)) };
        let mut acc = [bias; PIXELS];
        let mut weights = self.weights.as_ptr().wrapping_add(place.channel * taps.len());
        for tap in taps {
            // SAFETY: one vector per vector of channels and tap.
            let w = unsafe { isa.load_i(weights) };
            weights = weights.wrapping_add(I::LANES);
            let window = input.as_ptr().wrapping_add(place.window + tap);
            for (p, acc) in acc.iter_mut().enumerate() {
                let at = window.wrapping_add(p.min(place.pixels - 1) * steps[1]);
                // SAFETY: `Geometry::new` has checked the reach of every window; lanes past the
                // last channel lie in the next pixel or the buffer's slack.
                let x = unsafe { isa.codes(at, I::LANES) };
                *acc = isa.multiply_add(*acc, x, w);
            }
        }
        // SAFETY: the multipliers hold whole vectors.
        let scale = unsafe { isa.load(self.multipliers.as_ptr().wrapping_add(place.channel)) };
        acc.map(
            #[inline(always)]
            |sum| isa.mul(isa.float(sum), scale),
        )
    }
}

impl<I: Isa> Operator<I> for IntegerDepthwise {
    fn run(&self, isa: I, arena: &mut Arena) {
        let geometry = &self.geometry;
        let channels = geometry.output.shape[0];
        let Some(to) = self.to else { return self.numbers(isa, arena) };
        written::<u8, _>(arena, geometry.output.value, |output, arena| {
            let input = read::<u8>(arena, geometry.input.value);
            isa.within(
                #[inline(always)]
                || {
                    let coder = Coder::new(isa, to, self.relu);
                    each_tile(
                        geometry,
                        I::LANES,
                        #[inline(always)]
                        |place| {
                            let sums = self.sums(isa, input, place);
                            for p in 0..place.pixels {
                                let to = output[place.output + p * channels..].as_mut_ptr();
                                let code = coder.code(isa, sums[p]);
                                // SAFETY: the lanes are channels of a pixel of the output.
                                unsafe { isa.store_codes(to, place.lanes, code) };
                            }
                        },
                    );
                },
            );
        });
    }

    fn about(&self) -> About {
        let about = About::conv("int8", &self.geometry, false, self.relu);
        About { name: format!("depthwise {}", about.name), ..about }
    }
}

impl IntegerDepthwise {
    /// [`Operator::run`] where the output is numbers.
    fn numbers<I: Isa>(&self, isa: I, arena: &mut Arena) {
        let geometry = &self.geometry;
        let channels = geometry.output.shape[0];
        written::<f32, _>(arena, geometry.output.value, |output, arena| {
            let input = read::<u8>(arena, geometry.input.value);
            isa.within(
                #[inline(always)]
                || {
                    let floor = isa.splat(if self.relu { 0.0 } else { f32::NEG_INFINITY });
                    each_tile(
                        geometry,
                        I::LANES,
                        #[inline(always)]
                        |place| {
                            let sums = self.sums(isa, input, place);
                            for p in 0..place.pixels {
                                let to = output[place.output + p * channels..].as_mut_ptr();
                                // SAFETY: the lanes are channels of a pixel of the output.
                                unsafe { isa.store_n(to, place.lanes, isa.max(sums[p], floor)) };
                            }
                        },
                    );
                },
            );
        });
    }
}
