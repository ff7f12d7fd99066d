//! What convolutions multiply: one number with one weight a lane, or four codes with four weights;
//! an input broadcast to every lane or, depthwise, a vector of channels.

use super::{packing::Packing, tiling::Budget};
use crate::{
    arena::Element,
    simd::{Isa, QUAD},
};

/// The products of one kind of convolution; the methods are inlined into [`Isa::within`].
pub(crate) trait Products<I: Isa>: std::fmt::Debug + Send + Sync + 'static {
    /// An element of the input.
    type Input: Element;
    /// A weight of a graph.
    type Given: Copy;
    /// A weight as it is packed.
    type Weight: Copy + Default + Send + Sync + std::fmt::Debug;
    /// A bias.
    type Bias: Copy + Default + Send + Sync + std::fmt::Debug;
    /// Inputs in registers.
    type X: Copy;
    /// The inputs of four products that follow each other in a run, or where they lie. A depthwise
    /// convolution's runs are shorter.
    type Inputs: Copy;
    /// A vector's weights in registers.
    type W: Copy;
    /// A vector of sums.
    type Sum: Copy;

    /// Name in reports.
    const NAME: &str;
    /// The registers that tiles may use.
    const BUDGET: Budget;
    /// Most vectors of a tile.
    const VECTORS: usize = usize::MAX;
    /// Elements of a run, and weights a lane, that one product takes.
    const DEPTH: usize = 1;
    /// Elements that [`Products::input`] reads.
    const WIDTH: usize;
    /// What [`Products::add`] subtracts from every input first.
    const SHIFT: i32 = 0;

    /// The weights in the order [`Products::weights`] reads them.
    fn pack(packing: Packing<'_>, weights: &[Self::Given]) -> Vec<Self::Weight>;
    /// Reads the biases of a vector.
    ///
    /// # Safety
    /// `LANES` biases are readable.
    unsafe fn bias(isa: I, from: *const Self::Bias) -> Self::Sum;
    /// Reads the weights of a vector.
    ///
    /// # Safety
    /// `LANES * DEPTH` weights are readable.
    unsafe fn weights(isa: I, from: *const Self::Weight) -> Self::W;
    /// Reads inputs.
    ///
    /// # Safety
    /// `WIDTH` elements are readable.
    unsafe fn input(isa: I, from: *const Self::Input) -> Self::X;
    /// `sum` with the products added.
    fn add(isa: I, sum: Self::Sum, x: Self::X, w: Self::W) -> Self::Sum;
    /// Reads the inputs of four products.
    ///
    /// # Safety
    /// They are readable.
    unsafe fn inputs(isa: I, from: *const Self::Input) -> Self::Inputs;
    /// `sum` with the `K`-th products of `x` added.
    ///
    /// # Safety
    /// The inputs of `x` are still readable.
    unsafe fn add_at<const K: usize>(
        isa: I,
        sum: Self::Sum,
        x: Self::Inputs,
        w: Self::W,
    ) -> Self::Sum;
}

/// Products of numbers: of one, broadcast, or of a vector of channels.
#[derive(Debug)]
pub(crate) struct Float<const DEPTHWISE: bool>;

impl<I: Isa, const DEPTHWISE: bool> Products<I> for Float<DEPTHWISE> {
    type Input = f32;
    type Given = f32;
    type Weight = f32;
    type Bias = f32;
    type X = I::F;
    type Inputs = I::Numbers;
    type W = I::F;
    type Sum = I::F;

    const NAME: &str = if DEPTHWISE { "depthwise conv f32" } else { "conv f32" };
    const BUDGET: Budget = I::FLOAT;
    const VECTORS: usize = if DEPTHWISE { 1 } else { usize::MAX };
    const WIDTH: usize = if DEPTHWISE { I::LANES } else { 1 };

    fn pack(packing: Packing<'_>, weights: &[f32]) -> Vec<f32> {
        let mut packed = Vec::new();
        packing.weights::<f32, 1>(weights, |lanes| packed.extend(lanes.as_flattened()));
        packed
    }

    #[inline(always)]
    unsafe fn bias(isa: I, from: *const f32) -> I::F {
        // SAFETY: the caller's biases are readable.
        unsafe { isa.load(from) }
    }

    #[inline(always)]
    unsafe fn weights(isa: I, from: *const f32) -> I::F {
        // SAFETY: the caller's weights are readable.
        unsafe { isa.load(from) }
    }

    #[inline(always)]
    unsafe fn input(isa: I, from: *const f32) -> I::F {
        if DEPTHWISE {
            // SAFETY: the caller's vector of elements is readable.
            unsafe { isa.load(from) }
        } else {
            // SAFETY: the caller's element is readable, and aligned as part of a slice.
            isa.splat(unsafe { *from })
        }
    }

    #[inline(always)]
    fn add(isa: I, sum: I::F, x: I::F, w: I::F) -> I::F {
        isa.fma(x, w, sum)
    }

    #[inline(always)]
    unsafe fn inputs(isa: I, from: *const f32) -> Self::Inputs {
        // SAFETY: the caller's inputs are readable.
        unsafe { isa.numbers(from) }
    }

    #[inline(always)]
    unsafe fn add_at<const K: usize>(
        isa: I,
        sum: Self::Sum,
        x: Self::Inputs,
        w: Self::W,
    ) -> Self::Sum {
        // SAFETY: the caller's inputs are still readable.
        unsafe { isa.fma_at::<K>(x, w, sum) }
    }
}

/// Products of four codes, broadcast.
#[derive(Debug)]
pub(crate) struct Integer;

impl<I: Isa> Products<I> for Integer {
    type Input = u8;
    type Given = i8;
    type Weight = I::Weight;
    type Bias = i32;
    type X = I::X;
    type Inputs = I::Codes;
    type W = I::W;
    type Sum = I::I;

    const NAME: &str = "conv int8";
    const BUDGET: Budget = I::INTEGER;
    const DEPTH: usize = QUAD;
    const WIDTH: usize = QUAD;
    const SHIFT: i32 = I::SHIFT;

    fn pack(packing: Packing<'_>, weights: &[i8]) -> Vec<I::Weight> {
        let mut packed = Vec::new();
        packing.weights::<i8, QUAD>(weights, |lanes| I::arrange(lanes, &mut packed));
        packed
    }

    #[inline(always)]
    unsafe fn bias(isa: I, from: *const i32) -> I::I {
        // SAFETY: the caller's biases are readable.
        unsafe { isa.load_i(from) }
    }

    #[inline(always)]
    unsafe fn weights(isa: I, from: *const I::Weight) -> I::W {
        // SAFETY: the caller's weights are readable.
        unsafe { isa.weights(from) }
    }

    #[inline(always)]
    unsafe fn input(isa: I, from: *const u8) -> I::X {
        // SAFETY: the caller's codes are readable.
        unsafe { isa.quad(from) }
    }

    #[inline(always)]
    fn add(isa: I, sum: I::I, x: I::X, w: I::W) -> I::I {
        isa.dot(sum, x, w)
    }

    #[inline(always)]
    unsafe fn inputs(isa: I, from: *const u8) -> Self::Inputs {
        // SAFETY: the caller's inputs are readable.
        unsafe { isa.sixteen(from) }
    }

    #[inline(always)]
    unsafe fn add_at<const K: usize>(
        isa: I,
        sum: Self::Sum,
        x: Self::Inputs,
        w: Self::W,
    ) -> Self::Sum {
        // SAFETY: the caller's inputs are still readable.
        unsafe { isa.dot_at::<K>(sum, x, w) }
    }
}

/// Products of the codes of a vector of channels.
#[derive(Debug)]
pub(crate) struct IntegerDepthwise;

impl<I: Isa> Products<I> for IntegerDepthwise {
    type Input = u8;
    type Given = i8;
    type Weight = i32;
    type Bias = i32;
    type X = I::I;
    type Inputs = I::I;
    type W = I::I;
    type Sum = I::I;

    const NAME: &str = "depthwise conv int8";
    const BUDGET: Budget = I::FLOAT;
    const VECTORS: usize = 1;
    const WIDTH: usize = I::LANES;

    fn pack(packing: Packing<'_>, weights: &[i8]) -> Vec<i32> {
        let mut packed = Vec::new();
        packing.weights::<i8, 1>(weights, |lanes| {
            packed.extend(lanes.as_flattened().iter().map(|&w| i32::from(w)));
        });
        packed
    }

    #[inline(always)]
    unsafe fn bias(isa: I, from: *const i32) -> I::I {
        // SAFETY: the caller's biases are readable.
        unsafe { isa.load_i(from) }
    }

    #[inline(always)]
    unsafe fn weights(isa: I, from: *const i32) -> I::I {
        // SAFETY: the caller's weights are readable.
        unsafe { isa.load_i(from) }
    }

    #[inline(always)]
    unsafe fn input(isa: I, from: *const u8) -> I::I {
        // SAFETY: the caller's codes are readable.
        unsafe { isa.codes(from, I::LANES) }
    }

    #[inline(always)]
    fn add(isa: I, sum: I::I, x: I::I, w: I::I) -> I::I {
        isa.multiply_add(sum, x, w)
    }

    #[inline(always)]
    unsafe fn inputs(isa: I, from: *const u8) -> Self::Inputs {
        // SAFETY: the caller's inputs are readable.
        unsafe { <Self as Products<I>>::input(isa, from) }
    }

    #[inline(always)]
    unsafe fn add_at<const K: usize>(
        isa: I,
        sum: Self::Sum,
        x: Self::Inputs,
        w: Self::W,
    ) -> Self::Sum {
        <Self as Products<I>>::add(isa, sum, x, w)
    }
}
