//! NEON: 8 lanes in two registers of four.
//!
//! How codes meet weights depends on the processor: [`Products`] and its two ways. Both multiply
//! signed bytes, so codes lose [`MIDDLE`] first, by a flip of their highest bit.

pub(crate) mod sdot;
pub(crate) mod smlal;

use std::{
    arch::aarch64::{
        float32x4_t, int8x16_t, int32x4_t, uint8x16_t, vaddq_f32, vcombine_u16, vcvtq_f32_s32,
        vcvtq_u32_f32, vdivq_f32, vdupq_n_f32, vdupq_n_u8, vdupq_n_u32, veorq_u8, vfmaq_f32,
        vfmaq_laneq_f32, vget_low_s16, vld1_u8, vld1q_f32, vld1q_u8, vmaxnmq_f32, vminnmq_f32,
        vmlaq_s32, vmovl_high_s16, vmovl_s16, vmovl_u8, vmovn_u16, vmovn_u32, vmulq_f32,
        vreinterpretq_s8_u8, vreinterpretq_s16_u16, vreinterpretq_u8_u32, vrndnq_f32, vsubq_f32,
    },
    array::from_fn,
};

use super::{Isa, QUAD};
use crate::conv::tiling::Budget;

/// Lanes of two registers.
const LANES: usize = 8;
/// Sums and weights take two registers, the inputs of a pixel one.
const BUDGET: Budget = Budget { registers: 32, per_sum: 2, per_pixel: 1, per_weight: 2, spare: 0 };
/// The middle of the range of codes.
const MIDDLE: u8 = 128;

/// A way to multiply codes by weights.
pub(crate) trait Products: Copy + std::fmt::Debug + Send + Sync + 'static {
    /// Registers that products pass through.
    const SPARE: usize;

    /// The token, where the processor has the instructions.
    fn detect() -> Option<Self>;

    /// `acc + Σ x · w` of the `K`th four of `x`, which are codes less [`MIDDLE`]; wrapping.
    fn dot<const K: usize>(
        self,
        acc: [int32x4_t; 2],
        x: int8x16_t,
        w: [int8x16_t; 2],
    ) -> [int32x4_t; 2];

    /// The weights of four lanes in the order that [`Products::dot`] takes them.
    fn arrange(lanes: &[[i8; QUAD]; 4]) -> [i8; 16];
}

/// Vectors of two registers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Neon<P>(P);

#[rustfmt::skip]
impl<P: Products> Isa for Neon<P> {
    const LANES: usize = LANES;
    const FLOAT: Budget = BUDGET;
    const INTEGER: Budget = Budget { spare: P::SPARE, ..BUDGET };
    const SHIFT: i32 = MIDDLE as i32;

    type F = [float32x4_t; 2];
    type I = [int32x4_t; 2];
    type Numbers = float32x4_t;
    type Codes = int8x16_t;
    type X = int8x16_t;
    type W = [int8x16_t; 2];
    type Weight = i8;

    fn detect() -> Option<Self> {
        P::detect().map(Self)
    }

    /// NEON is part of the target, and what goes beyond it names its extension where it is used.
    #[inline(always)]
    fn within<R>(self, op: impl FnOnce() -> R) -> R {
        op()
    }

    #[inline(always)]
    fn splat(self, x: f32) -> Self::F {
        // SAFETY: the token proves the instructions.
        [unsafe { vdupq_n_f32(x) }; 2]
    }

    #[inline(always)]
    fn fma(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        from_fn(|i| unsafe { vfmaq_f32(c[i], a[i], b[i]) })
    }

    #[inline(always)]
    fn add(self, a: Self::F, b: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        from_fn(|i| unsafe { vaddq_f32(a[i], b[i]) })
    }

    #[inline(always)]
    fn sub(self, a: Self::F, b: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        from_fn(|i| unsafe { vsubq_f32(a[i], b[i]) })
    }

    #[inline(always)]
    fn mul(self, a: Self::F, b: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        from_fn(|i| unsafe { vmulq_f32(a[i], b[i]) })
    }

    #[inline(always)]
    fn div(self, a: Self::F, b: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        from_fn(|i| unsafe { vdivq_f32(a[i], b[i]) })
    }

    #[inline(always)]
    fn max(self, a: Self::F, b: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        from_fn(|i| unsafe { vmaxnmq_f32(a[i], b[i]) })
    }

    #[inline(always)]
    fn min(self, a: Self::F, b: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        from_fn(|i| unsafe { vminnmq_f32(a[i], b[i]) })
    }

    #[inline(always)]
    fn round(self, a: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        a.map(|half| unsafe { vrndnq_f32(half) })
    }

    #[inline(always)]
    fn float(self, a: Self::I) -> Self::F {
        // SAFETY: the token proves the instructions.
        a.map(|half| unsafe { vcvtq_f32_s32(half) })
    }

    #[inline(always)]
    fn dot(self, acc: Self::I, x: Self::X, w: Self::W) -> Self::I {
        self.0.dot::<0>(acc, x, w)
    }

    #[inline(always)]
    fn multiply_add(self, acc: Self::I, x: Self::I, w: Self::I) -> Self::I {
        // SAFETY: the token proves the instructions.
        from_fn(|i| unsafe { vmlaq_s32(acc[i], x[i], w[i]) })
    }

    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> Self::F {
        // SAFETY: the caller says that the numbers are readable.
        unsafe { from.cast::<Self::F>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn load_n(self, from: *const f32, n: usize) -> Self::F {
        if n >= LANES {
            // SAFETY: the caller says that `n` numbers are readable.
            return unsafe { self.load(from) };
        }
        let mut numbers = [0.0; LANES];
        // SAFETY: the caller says that `n` numbers are readable; `n` is below the array's length.
        unsafe { from.copy_to_nonoverlapping(numbers.as_mut_ptr(), n) };
        // SAFETY: the array holds as many.
        unsafe { self.load(numbers.as_ptr()) }
    }

    #[inline(always)]
    unsafe fn store_n(self, to: *mut f32, n: usize, a: Self::F) {
        if n >= LANES {
            // SAFETY: the caller says that `n` numbers are writable.
            return unsafe { to.cast::<Self::F>().write_unaligned(a) };
        }
        // SAFETY: the caller says that `n` numbers are writable; `n` is below the vectors' length.
        unsafe { a.as_ptr().cast::<f32>().copy_to_nonoverlapping(to, n) };
    }

    #[inline(always)]
    unsafe fn load_i(self, from: *const i32) -> Self::I {
        // SAFETY: the caller says that the numbers are readable.
        unsafe { from.cast::<Self::I>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn codes(self, from: *const u8, n: usize) -> Self::I {
        let mut bytes = [0; LANES];
        // SAFETY: the caller says that `n` codes are readable; at most eight are copied.
        unsafe { from.copy_to_nonoverlapping(bytes.as_mut_ptr(), n.min(LANES)) };
        // SAFETY: the array holds eight codes.
        let bytes = unsafe { vld1_u8(bytes.as_ptr()) };
        // SAFETY: the token proves the instructions.
        let words = unsafe { vmovl_u8(bytes) };
        // SAFETY: the token proves the instructions.
        let words = unsafe { vreinterpretq_s16_u16(words) };
        // SAFETY: the token proves the instructions.
        let low = unsafe { vget_low_s16(words) };
        // SAFETY: the token proves the instructions.
        let low = unsafe { vmovl_s16(low) };
        // SAFETY: the token proves the instructions.
        [low, unsafe { vmovl_high_s16(words) }]
    }

    #[inline(always)]
    unsafe fn store_codes(self, to: *mut u8, n: usize, a: Self::F) {
        // SAFETY: the token proves the instructions.
        let whole = a.map(|half| unsafe { vcvtq_u32_f32(half) });
        // SAFETY: the token proves the instructions.
        let [low, high] = whole.map(|half| unsafe { vmovn_u32(half) });
        // SAFETY: the token proves the instructions.
        let words = unsafe { vcombine_u16(low, high) };
        // SAFETY: the token proves the instructions.
        let bytes = unsafe { vmovn_u16(words) };
        // SAFETY: both are eight bytes.
        let bytes: [u8; LANES] = unsafe { std::mem::transmute(bytes) };
        // SAFETY: the caller says that `n` codes are writable; at most eight are copied.
        unsafe { bytes.as_ptr().copy_to_nonoverlapping(to, n.min(LANES)) };
    }

    #[inline(always)]
    unsafe fn quad(self, from: *const u8) -> Self::X {
        // SAFETY: the caller says that four codes are readable.
        let codes = unsafe { from.cast::<u32>().read_unaligned() };
        // SAFETY: the token proves the instructions.
        let four = unsafe { vdupq_n_u32(codes) };
        // SAFETY: the token proves the instructions.
        centred(unsafe { vreinterpretq_u8_u32(four) })
    }

    #[inline(always)]
    unsafe fn weights(self, from: *const i8) -> Self::W {
        // SAFETY: the caller says that the weights are readable.
        unsafe { from.cast::<Self::W>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn numbers(self, from: *const f32) -> Self::Numbers {
        // SAFETY: the caller says that four numbers are readable.
        unsafe { vld1q_f32(from) }
    }

    #[inline(always)]
    unsafe fn fma_at<const K: usize>(self, x: Self::Numbers, w: Self::F, acc: Self::F) -> Self::F {
        macro_rules! lane {
            ($lane:literal) => {
                // SAFETY: the token proves the instructions.
                from_fn(|i| unsafe { vfmaq_laneq_f32::<$lane>(acc[i], w[i], x) })
            };
        }
        match K {
            0 => lane!(0),
            1 => lane!(1),
            2 => lane!(2),
            _ => lane!(3),
        }
    }

    #[inline(always)]
    unsafe fn sixteen(self, from: *const u8) -> Self::Codes {
        // SAFETY: the caller says that sixteen codes are readable.
        centred(unsafe { vld1q_u8(from) })
    }

    #[inline(always)]
    unsafe fn dot_at<const K: usize>(self, acc: Self::I, x: Self::Codes, w: Self::W) -> Self::I {
        self.0.dot::<K>(acc, x, w)
    }

    fn arrange(lanes: &[[i8; QUAD]], to: &mut Vec<i8>) {
        let (halves, _) = lanes.as_chunks();
        to.extend(halves.iter().flat_map(P::arrange));
    }
}

/// Codes less [`MIDDLE`].
#[inline(always)]
fn centred(codes: uint8x16_t) -> int8x16_t {
    // SAFETY: NEON is part of the target.
    let middle = unsafe { vdupq_n_u8(MIDDLE) };
    // SAFETY: NEON is part of the target.
    let flipped = unsafe { veorq_u8(codes, middle) };
    // SAFETY: NEON is part of the target.
    unsafe { vreinterpretq_s8_u8(flipped) }
}

#[cfg(test)]
mod tests {
    use super::{sdot::Sdot, smlal::Smlal, *};

    /// 1 and the products of four codes, alone and at place `K` of sixteen, with the weights of
    /// eight lanes; nothing where the processor lacks the instructions.
    fn sums<P: Products, const K: usize>(
        codes: [u8; QUAD],
        weights: [[i8; QUAD]; LANES],
    ) -> Option<[i32; LANES]> {
        let isa = Neon::<P>::detect()?;
        let mut packed = Vec::new();
        Neon::<P>::arrange(&weights, &mut packed);
        let mut sixteen = [7; 4 * QUAD];
        sixteen[QUAD * K..][..QUAD].copy_from_slice(&codes);
        // SAFETY: an array of eight numbers.
        let one = unsafe { isa.load_i([1; LANES].as_ptr()) };
        // SAFETY: `arrange` has appended the weights of eight lanes.
        let w = unsafe { isa.weights(packed.as_ptr()) };
        // SAFETY: an array of four codes.
        let alone = isa.dot(one, unsafe { isa.quad(codes.as_ptr()) }, w);
        // SAFETY: an array of sixteen codes.
        let x = unsafe { isa.sixteen(sixteen.as_ptr()) };
        // SAFETY: the array is still there.
        let among = unsafe { isa.dot_at::<K>(one, x, w) };
        // SAFETY: eight numbers each.
        let [alone, among]: [[i32; LANES]; 2] = unsafe { std::mem::transmute([alone, among]) };
        assert_eq!(alone, among);
        Some(alone)
    }

    fn assert_sums(codes: [u8; QUAD], weights: [[i8; QUAD]; LANES], wanted: [i32; LANES]) {
        let smlal = [sums::<Smlal, 0>, sums::<Smlal, 1>, sums::<Smlal, 2>, sums::<Smlal, 3>];
        let sdot = [sums::<Sdot, 0>, sums::<Sdot, 1>, sums::<Sdot, 2>, sums::<Sdot, 3>];
        assert!(smlal.iter().all(|sums| sums(codes, weights) == Some(wanted)));
        assert!(sdot.iter().all(|sums| sums(codes, weights).is_none_or(|made| made == wanted)));
    }

    #[test]
    fn every_code_meets_its_weight() {
        // Codes less 128: 1, 10, 100, -100.
        let lane = |i: i8| [i, 0, -i, 1];
        let wanted = [0, 1, 2, 3, 4, 5, 6, 7].map(|i| 1 - 99 * i - 100);
        assert_sums([129, 138, 228, 28], [0, 1, 2, 3, 4, 5, 6, 7].map(lane), wanted);
        let one = |i: usize| from_fn(|k| i8::from(k == i % QUAD));
        assert_sums([129, 138, 228, 28], from_fn(one), [2, 11, 101, -99, 2, 11, 101, -99]);
    }

    #[test]
    fn the_largest_products_fit() {
        assert_sums([0; QUAD], [[-127; QUAD]; LANES], [65_025; LANES]);
        assert_sums([0; QUAD], [[127; QUAD]; LANES], [-65_023; LANES]);
        assert_sums([255; QUAD], [[127; QUAD]; LANES], [64_517; LANES]);
    }
}
