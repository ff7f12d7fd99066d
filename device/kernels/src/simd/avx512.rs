//! AVX-512 without VNNI: 16 lanes; products of u8 with i8 by `vpmaddwd` on 16-bit pairs.

#[allow(clippy::wildcard_imports, reason = "intrinsics are named for their set")]
use std::arch::x86_64::*;

use super::{
    Isa, QUAD,
    x86::{arrange_halves, features, halves, instructions, reads, writes},
};
use crate::conv::tiling::Budget;

/// 512-bit vectors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx512(());

/// The methods that need no more than AVX-512 F, BW, DQ and VL.
macro_rules! foundation {
    () => {
        instructions! {
            splat(x: f32) -> Self::F = _mm512_set1_ps;
            fma(a: Self::F, b: Self::F, c: Self::F) -> Self::F = _mm512_fmadd_ps;
            add(a: Self::F, b: Self::F) -> Self::F = _mm512_add_ps;
            sub(a: Self::F, b: Self::F) -> Self::F = _mm512_sub_ps;
            mul(a: Self::F, b: Self::F) -> Self::F = _mm512_mul_ps;
            div(a: Self::F, b: Self::F) -> Self::F = _mm512_div_ps;
            max(a: Self::F, b: Self::F) -> Self::F = _mm512_max_ps;
            min(a: Self::F, b: Self::F) -> Self::F = _mm512_min_ps;
            round(a: Self::F) -> Self::F =
                _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>;
            float(a: Self::I) -> Self::F = _mm512_cvtepi32_ps;
        }

        reads! {
            load(from: f32) -> Self::F = _mm512_loadu_ps;
            load_n(from: f32, n) -> Self::F = $crate::simd::avx512::load_n;
            load_i(from: i32) -> Self::I = $crate::simd::avx512::load_i;
            codes(from: u8, n) -> Self::I = $crate::simd::avx512::codes;
        }

        writes! {
            store_n(to: f32, n, a) = $crate::simd::avx512::store_n;
            store_codes(to: u8, n, a) = $crate::simd::avx512::store_codes;
        }
    };
}

pub(super) use foundation;

impl Isa for Avx512 {
    const LANES: usize = 16;
    const FLOAT: Budget =
        Budget { registers: 32, per_sum: 1, per_pixel: 0, per_weight: 1, spare: 3 };
    const INTEGER: Budget =
        Budget { registers: 32, per_sum: 1, per_pixel: 0, per_weight: 2, spare: 5 };
    const SHIFT: i32 = 0;

    type F = __m512;
    type I = __m512i;
    type Numbers = *const f32;
    type Codes = *const u8;
    /// The even and the odd codes in 16 bits each.
    type X = [__m512i; 2];
    /// The weights of the even and the odd codes in 16 bits each.
    type W = [__m512i; 2];
    type Weight = i16;

    features!("avx512f", "avx512bw", "avx512dq", "avx512vl");

    foundation!();

    instructions! {
        dot(acc: Self::I, x: Self::X, w: Self::W) -> Self::I = dot;
        multiply_add(acc: Self::I, x: Self::I, w: Self::I) -> Self::I = multiply_add;
    }

    reads! {
        quad(from: u8) -> Self::X = quad;
        weights(from: i16) -> Self::W = weights;
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

    fn arrange(lanes: &[[i8; QUAD]], to: &mut Vec<i16>) {
        arrange_halves(lanes, to);
    }
}

/// The lowest `n` of 16 lanes.
#[inline(always)]
fn first(n: usize) -> __mmask16 {
    if n >= 16 { !0 } else { !(!0 << n) }
}

/// # Safety
/// As of [`Isa::load_n`].
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn load_n(from: *const f32, n: usize) -> __m512 {
    // SAFETY: the caller's `n` numbers are readable; the mask leaves the others out.
    unsafe { _mm512_maskz_loadu_ps(first(n), from) }
}

/// # Safety
/// As of [`Isa::store_n`].
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn store_n(to: *mut f32, n: usize, a: __m512) {
    // SAFETY: the caller's `n` numbers are writable; the mask leaves the others out.
    unsafe { _mm512_mask_storeu_ps(to, first(n), a) }
}

/// # Safety
/// As of [`Isa::load_i`].
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn load_i(from: *const i32) -> __m512i {
    // SAFETY: the caller's numbers are readable.
    unsafe { _mm512_loadu_si512(from.cast()) }
}

/// # Safety
/// As of [`Isa::codes`].
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) unsafe fn codes(from: *const u8, n: usize) -> __m512i {
    // SAFETY: the caller's `n` codes are readable; the mask leaves the others out.
    let bytes = unsafe { _mm_maskz_loadu_epi8(first(n), from.cast()) };
    _mm512_cvtepu8_epi32(bytes)
}

/// # Safety
/// As of [`Isa::store_codes`].
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn store_codes(to: *mut u8, n: usize, a: __m512) {
    let whole = _mm512_cvtps_epi32(a);
    // SAFETY: the caller's `n` codes are writable; the mask leaves the others out.
    unsafe { _mm512_mask_cvtepi32_storeu_epi8(to.cast(), first(n), whole) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn dot(acc: __m512i, x: [__m512i; 2], w: [__m512i; 2]) -> __m512i {
    let (even, odd) = (_mm512_madd_epi16(x[0], w[0]), _mm512_madd_epi16(x[1], w[1]));
    _mm512_add_epi32(acc, _mm512_add_epi32(even, odd))
}

/// The upper 16 bits of `x` are 0, so those of `w`, its sign, do not count.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn multiply_add(acc: __m512i, x: __m512i, w: __m512i) -> __m512i {
    _mm512_add_epi32(acc, _mm512_madd_epi16(x, w))
}

/// # Safety
/// As of [`Isa::quad`].
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn quad(from: *const u8) -> [__m512i; 2] {
    // SAFETY: the caller's four codes are readable.
    let codes = unsafe { from.cast::<[u8; QUAD]>().read() };
    let [even, odd] = halves(codes);
    [_mm512_set1_epi32(even), _mm512_set1_epi32(odd)]
}

/// # Safety
/// As of [`Isa::weights`].
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn weights(from: *const i16) -> [__m512i; 2] {
    // SAFETY: the caller's weights are two vectors.
    unsafe { from.cast::<[__m512i; 2]>().read_unaligned() }
}
