//! int8 convolutions: exact sums in i32, then codes by the rule of
//! [`mien_shared::graph::affine`].

use mien_shared::graph::{Affine, Conv, TensorData, affine::bias_code};

use super::{
    finish::{Codes, CodesSum, Finish, Numbers, Place},
    kernel::Layer,
    products::Products,
};
use crate::{
    arena::{Aligned, Arena, Map},
    operator::{About, Operator},
    simd::{Isa, array},
};

/// What an integer convolution makes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Makes {
    /// Numbers: the sums times their scale.
    Numbers,
    /// Codes.
    Codes(Affine),
    /// Codes of the convolution's own value, then of its sum with a residual.
    Sum {
        /// How the convolution's own value is coded.
        own: Affine,
        /// The other summand and its coding.
        other: (Map, Affine),
        /// How the sum is coded.
        to: Affine,
    },
}

/// A convolution in integers.
#[derive(Debug)]
pub(crate) struct IntegerConv<I: Isa, A: Products<I>> {
    layer: Layer<I, A>,
    /// Per group and vector, one vector: the scale of sums in steps of what they are coded in.
    multipliers: Aligned<f32>,
    makes: Makes,
    relu: bool,
}

impl<I: Isa, A: Products<I, Given = i8, Bias = i32>> IntegerConv<I, A> {
    /// Packs `conv`, whose input is coded as `from`; `None` when its weights are not int8.
    pub(crate) fn new(
        conv: &Conv,
        maps: [Map; 2],
        from: Affine,
        (makes, relu): (Makes, bool),
    ) -> Option<Self> {
        let TensorData::I8 { scales, codes } = &conv.weight.data else { return None };
        let per_output = codes.len() / scales.len().max(1);
        // Codes are multiplied with their zero in them; the bias takes it out again.
        let shift = A::SHIFT - i32::from(from.zero);
        let layer = Layer::new(conv, maps, codes, |o| {
            let codes = &codes[o * per_output..][..per_output];
            let sum: i32 = codes.iter().map(|&w| i32::from(w)).sum();
            bias_code(conv.bias[o], from.scale * scales[o]).wrapping_add(sum.wrapping_mul(shift))
        });
        let divisor = match makes {
            Makes::Numbers => None,
            Makes::Codes(to) => Some(to.scale),
            Makes::Sum { own, .. } => Some(own.scale),
        };
        let multipliers = layer.per_channel(conv, |o| {
            let scale = from.scale * scales[o];
            divisor.map_or(scale, |divisor| scale / divisor)
        });
        Some(Self { layer, multipliers, makes, relu })
    }
}

impl<I: Isa, A: Products<I, Input = u8, Sum = I::I>> IntegerConv<I, A> {
    /// Runs the layer, its sums scaled and then brought to `end`.
    fn finish(&self, isa: I, arena: &Arena, end: End<'_>) {
        let mut end = Scaled { multipliers: &self.multipliers, end };
        self.layer.run(isa, arena.read(&self.layer.geometry.input), &mut end);
    }
}

impl<I: Isa, A: Products<I, Input = u8, Sum = I::I>> Operator<I> for IntegerConv<I, A> {
    fn run(&self, isa: I, arena: &mut Arena) {
        let (map, relu) = (self.layer.geometry.output, self.relu);
        match self.makes {
            Makes::Numbers => arena.write(&map, |to, arena| {
                self.finish(isa, arena, End::Numbers(Numbers { to, map, relu }));
            }),
            Makes::Codes(coding) => arena.write(&map, |to, arena| {
                self.finish(isa, arena, End::Codes(Codes { to, map, coding, relu }));
            }),
            Makes::Sum { own, other: (other, coding), to: made } => {
                arena.write(&map, |to, arena| {
                    let codes = Codes { to, map, coding: made, relu };
                    let other = (arena.read(&other), other, coding);
                    self.finish(isa, arena, End::Sum(CodesSum { codes, own, other }));
                })
            }
        }
    }

    fn about(&self) -> About {
        let residual = matches!(self.makes, Makes::Sum { .. });
        About::conv(A::NAME, &self.layer.geometry, residual, self.relu)
    }
}

/// Sums in i32, scaled and then brought to an end.
struct Scaled<'a> {
    multipliers: &'a [f32],
    end: End<'a>,
}

/// How a convolution ends.
enum End<'a> {
    Numbers(Numbers<'a>),
    Codes(Codes<'a>),
    Sum(CodesSum<'a>),
}

impl<I: Isa> Finish<I, I::I> for Scaled<'_> {
    #[inline(always)]
    fn tile<const P: usize, const V: usize>(&mut self, isa: I, sums: [[I::I; V]; P], at: Place) {
        let scales = self.multipliers[at.vector * I::LANES..][..V * I::LANES].as_ptr();
        // SAFETY: the slice holds `V` vectors.
        let scales: [I::F; V] = array(
            #[inline(always)]
            |v| unsafe { isa.load(scales.wrapping_add(v * I::LANES)) },
        );
        let scaled: [[I::F; V]; P] = array(
            #[inline(always)]
            |p| {
                array(
                    #[inline(always)]
                    |v| isa.mul(isa.float(sums[p][v]), scales[v]),
                )
            },
        );
        match &mut self.end {
            End::Numbers(numbers) => numbers.tile(isa, scaled, at),
            End::Codes(codes) => codes.tile(isa, scaled, at),
            End::Sum(sum) => sum.tile(isa, scaled, at),
        }
    }
}
