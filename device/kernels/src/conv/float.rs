//! f32 convolutions.

use mien_shared::graph::Conv;

use super::{
    finish::{Finish, Numbers, NumbersSum, Place},
    kernel::Layer,
    products::{Float, Products},
};
use crate::{
    arena::{Arena, Map},
    operator::{About, Operator},
    simd::Isa,
};

/// A convolution with bias, and perhaps a residual and a relu.
#[derive(Debug)]
pub(crate) struct FloatConv<I: Isa, const DEPTHWISE: bool> {
    layer: Layer<I, Float<DEPTHWISE>>,
    residual: Option<Map>,
    relu: bool,
}

impl<I: Isa, const DEPTHWISE: bool> FloatConv<I, DEPTHWISE> {
    /// Packs `conv` for `I`.
    pub(crate) fn new(conv: &Conv, maps: [Map; 2], residual: Option<Map>, relu: bool) -> Self {
        let layer = Layer::new(conv, maps, &conv.weight.to_f32(), |channel| conv.bias[channel]);
        Self { layer, residual, relu }
    }
}

impl<I: Isa, const DEPTHWISE: bool> Operator<I> for FloatConv<I, DEPTHWISE> {
    fn run(&self, isa: I, arena: &mut Arena) {
        let (input, map) = (&self.layer.geometry.input, self.layer.geometry.output);
        arena.write::<f32, _>(&map, |to, arena| {
            let numbers = Numbers { to, map, relu: self.relu };
            let mut end = match self.residual {
                None => End::Numbers(numbers),
                Some(map) => End::Sum(NumbersSum { numbers, other: (arena.read(&map), map) }),
            };
            self.layer.run(isa, arena.read(input), &mut end);
        });
    }

    fn about(&self) -> About {
        let name = <Float<DEPTHWISE> as Products<I>>::NAME;
        About::conv(name, &self.layer.geometry, self.residual.is_some(), self.relu)
    }
}

/// How a convolution ends.
enum End<'a> {
    Numbers(Numbers<'a>),
    Sum(NumbersSum<'a>),
}

impl<I: Isa> Finish<I, I::F> for End<'_> {
    #[inline(always)]
    fn tile<const P: usize, const V: usize>(&mut self, isa: I, sums: [[I::F; V]; P], at: Place) {
        match self {
            Self::Numbers(numbers) => numbers.tile(isa, sums, at),
            Self::Sum(sum) => sum.tile(isa, sums, at),
        }
    }
}
