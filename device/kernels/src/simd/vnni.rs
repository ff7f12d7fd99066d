//! AVX-512 with VNNI: 16 lanes, 64 products of u8 with i8 an instruction.

use std::arch::x86_64::*;

use super::{Isa, QUAD};
use crate::conv::tiling::Budget;

/// 512-bit vectors with `vpdpbusd`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Vnni(());

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
fn compiled<R>(op: impl FnOnce() -> R) -> R {
    op()
}

/// The lowest `n` of 16 lanes.
#[inline(always)]
fn first(n: usize) -> __mmask16 {
    if n >= 16 { !0 } else { !(!0 << n) }
}

#[rustfmt::skip]
impl Isa for Vnni {
    const LANES: usize = 16;
    const FLOAT: Budget = Budget { registers: 32, per_sum: 1, per_pixel: 0, per_weight: 1, spare: 3 };
    const INTEGER: Budget = Budget { registers: 32, per_sum: 1, per_pixel: 0, per_weight: 1, spare: 3 };
    const SHIFT: i32 = 0;

    type F = __m512;
    type I = __m512i;
    type Numbers = *const f32;
    type Codes = *const u8;
    type X = __m512i;
    type W = __m512i;
    type Weight = i8;

    fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vnni");
        has.then_some(Self(()))
    }

    #[inline(always)]
    fn within<R>(self, op: impl FnOnce() -> R) -> R {
        // SAFETY: the token proves the instructions.
        unsafe { compiled(op) }
    }

    #[inline(always)]
    fn splat(self, x: f32) -> Self::F {
        // SAFETY: the token proves the instructions.
        unsafe { _mm512_set1_ps(x) }
    }

    #[inline(always)]
    fn fma(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    fn add(self, a: Self::F, b: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        unsafe { _mm512_add_ps(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: Self::F, b: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        unsafe { _mm512_sub_ps(a, b) }
    }

    #[inline(always)]
    fn mul(self, a: Self::F, b: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        unsafe { _mm512_mul_ps(a, b) }
    }

    #[inline(always)]
    fn max(self, a: Self::F, b: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        unsafe { _mm512_max_ps(a, b) }
    }

    #[inline(always)]
    fn min(self, a: Self::F, b: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        unsafe { _mm512_min_ps(a, b) }
    }

    #[inline(always)]
    fn round(self, a: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        unsafe { _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(a) }
    }

    #[inline(always)]
    fn float(self, a: Self::I) -> Self::F {
        // SAFETY: the token proves the instructions.
        unsafe { _mm512_cvtepi32_ps(a) }
    }

    #[inline(always)]
    fn dot(self, acc: Self::I, x: Self::X, w: Self::W) -> Self::I {
        // SAFETY: the token proves the instructions.
        unsafe { _mm512_dpbusd_epi32(acc, x, w) }
    }

    #[inline(always)]
    fn multiply_add(self, acc: Self::I, x: Self::I, w: Self::I) -> Self::I {
        // SAFETY: the token proves the instructions.
        let product = unsafe { _mm512_mullo_epi32(x, w) };
        // SAFETY: the token proves the instructions.
        unsafe { _mm512_add_epi32(acc, product) }
    }

    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> Self::F {
        // SAFETY: the token proves the instructions, the caller that the numbers are readable.
        unsafe { _mm512_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn load_n(self, from: *const f32, n: usize) -> Self::F {
        // SAFETY: the token proves the instructions, the caller that `n` numbers are readable.
        unsafe { _mm512_maskz_loadu_ps(first(n), from) }
    }

    #[inline(always)]
    unsafe fn store_n(self, to: *mut f32, n: usize, a: Self::F) {
        // SAFETY: the token proves the instructions, the caller that `n` numbers are writable.
        unsafe { _mm512_mask_storeu_ps(to, first(n), a) }
    }

    #[inline(always)]
    unsafe fn load_i(self, from: *const i32) -> Self::I {
        // SAFETY: the token proves the instructions, the caller that the numbers are readable.
        unsafe { _mm512_loadu_si512(from.cast()) }
    }

    #[inline(always)]
    unsafe fn codes(self, from: *const u8, n: usize) -> Self::I {
        // SAFETY: the token proves the instructions, the caller that `n` codes are readable.
        let bytes = unsafe { _mm_maskz_loadu_epi8(first(n), from.cast()) };
        // SAFETY: the token proves the instructions.
        unsafe { _mm512_cvtepu8_epi32(bytes) }
    }

    #[inline(always)]
    unsafe fn store_codes(self, to: *mut u8, n: usize, a: Self::F) {
        // SAFETY: the token proves the instructions.
        let whole = unsafe { _mm512_cvtps_epi32(a) };
        // SAFETY: the token proves the instructions, the caller that `n` codes are writable.
        unsafe { _mm512_mask_cvtepi32_storeu_epi8(to.cast(), first(n), whole) }
    }

    #[inline(always)]
    unsafe fn quad(self, from: *const u8) -> Self::X {
        // SAFETY: the caller says that four codes are readable.
        let four = unsafe { from.cast::<i32>().read_unaligned() };
        // SAFETY: the token proves the instructions.
        unsafe { _mm512_set1_epi32(four) }
    }

    #[inline(always)]
    unsafe fn weights(self, from: *const i8) -> Self::W {
        // SAFETY: the token proves the instructions, the caller that the weights are readable.
        unsafe { _mm512_loadu_si512(from.cast()) }
    }

    #[inline(always)]
    unsafe fn numbers(self, from: *const f32) -> Self::Numbers {
        from
    }

    #[inline(always)]
    unsafe fn fma_at<const K: usize>(self, x: Self::Numbers, w: Self::F, acc: Self::F) -> Self::F {
        // SAFETY: the caller says that the four numbers are readable.
        self.fma(self.splat(unsafe { *x.wrapping_add(K) }), w, acc)
    }

    #[inline(always)]
    unsafe fn sixteen(self, from: *const u8) -> Self::Codes {
        from
    }

    #[inline(always)]
    unsafe fn dot_at<const K: usize>(self, acc: Self::I, x: Self::Codes, w: Self::W) -> Self::I {
        // SAFETY: the caller says that the sixteen codes are readable.
        self.dot(acc, unsafe { self.quad(x.wrapping_add(K * QUAD)) }, w)
    }

    fn arrange(lanes: &[[i8; QUAD]], to: &mut Vec<i8>) {
        to.extend(lanes.iter().flatten());
    }
}
