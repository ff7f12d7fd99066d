//! AVX2 with FMA: 8 lanes; products of u8 with i8 by `vpmaddwd` on 16-bit pairs.

#[allow(clippy::wildcard_imports, reason = "intrinsics are named for their set")]
use std::arch::x86_64::*;

use super::{
    Isa, QUAD,
    x86::{arrange_halves, features, halves, instructions, reads, writes},
};
use crate::conv::tiling::Budget;

/// 256-bit vectors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx2(());

impl Isa for Avx2 {
    const LANES: usize = 8;
    const FLOAT: Budget =
        Budget { registers: 16, per_sum: 1, per_pixel: 0, per_weight: 1, spare: 3 };
    const INTEGER: Budget =
        Budget { registers: 16, per_sum: 1, per_pixel: 0, per_weight: 2, spare: 3 };
    const SHIFT: i32 = 0;

    type F = __m256;
    type I = __m256i;
    type Numbers = *const f32;
    type Codes = *const u8;
    /// The even and the odd codes in 16 bits each.
    type X = [__m256i; 2];
    /// The weights of the even and the odd codes in 16 bits each.
    type W = [__m256i; 2];
    type Weight = i16;

    features!("avx2", "fma");

    instructions! {
        splat(x: f32) -> Self::F = _mm256_set1_ps;
        fma(a: Self::F, b: Self::F, c: Self::F) -> Self::F = _mm256_fmadd_ps;
        add(a: Self::F, b: Self::F) -> Self::F = _mm256_add_ps;
        sub(a: Self::F, b: Self::F) -> Self::F = _mm256_sub_ps;
        mul(a: Self::F, b: Self::F) -> Self::F = _mm256_mul_ps;
        div(a: Self::F, b: Self::F) -> Self::F = _mm256_div_ps;
        max(a: Self::F, b: Self::F) -> Self::F = _mm256_max_ps;
        min(a: Self::F, b: Self::F) -> Self::F = _mm256_min_ps;
        round(a: Self::F) -> Self::F =
            _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>;
        float(a: Self::I) -> Self::F = _mm256_cvtepi32_ps;
        dot(acc: Self::I, x: Self::X, w: Self::W) -> Self::I = dot;
        multiply_add(acc: Self::I, x: Self::I, w: Self::I) -> Self::I = multiply_add;
    }

    reads! {
        load(from: f32) -> Self::F = _mm256_loadu_ps;
        load_n(from: f32, n) -> Self::F = load_n;
        load_i(from: i32) -> Self::I = load_i;
        codes(from: u8, n) -> Self::I = codes;
        quad(from: u8) -> Self::X = quad;
        weights(from: i16) -> Self::W = weights;
    }

    writes! {
        store_n(to: f32, n, a) = store_n;
        store_codes(to: u8, n, a) = store_codes;
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

#[inline]
#[target_feature(enable = "avx2")]
fn dot(acc: __m256i, x: [__m256i; 2], w: [__m256i; 2]) -> __m256i {
    let (even, odd) = (_mm256_madd_epi16(x[0], w[0]), _mm256_madd_epi16(x[1], w[1]));
    _mm256_add_epi32(acc, _mm256_add_epi32(even, odd))
}

/// The upper 16 bits of `x` are 0, so those of `w`, its sign, do not count.
#[inline]
#[target_feature(enable = "avx2")]
fn multiply_add(acc: __m256i, x: __m256i, w: __m256i) -> __m256i {
    _mm256_add_epi32(acc, _mm256_madd_epi16(x, w))
}

/// A mask of the lowest `n` of 8 lanes.
#[inline]
#[target_feature(enable = "avx2")]
fn first(n: usize) -> __m256i {
    const EDGE: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
    let edge = EDGE[8 - n.min(8)..].as_ptr();
    // SAFETY: eight numbers from 0..=8 on lie within the sixteen.
    unsafe { _mm256_loadu_si256(edge.cast()) }
}

/// # Safety
/// As of [`Isa::load_n`].
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn load_n(from: *const f32, n: usize) -> __m256 {
    let mask = first(n);
    // SAFETY: the caller's `n` numbers are readable; the mask leaves the others out.
    unsafe { _mm256_maskload_ps(from, mask) }
}

/// # Safety
/// As of [`Isa::store_n`].
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn store_n(to: *mut f32, n: usize, a: __m256) {
    let mask = first(n);
    // SAFETY: the caller's `n` numbers are writable; the mask leaves the others out.
    unsafe { _mm256_maskstore_ps(to, mask, a) }
}

/// # Safety
/// As of [`Isa::load_i`].
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn load_i(from: *const i32) -> __m256i {
    // SAFETY: the caller's numbers are readable.
    unsafe { _mm256_loadu_si256(from.cast()) }
}

/// # Safety
/// As of [`Isa::codes`].
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn codes(from: *const u8, n: usize) -> __m256i {
    let mut bytes = [0_u8; 8];
    // SAFETY: the caller's `n` codes are readable; at most eight are copied.
    unsafe { from.copy_to_nonoverlapping(bytes.as_mut_ptr(), n.min(8)) };
    _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(i64::from_le_bytes(bytes)))
}

/// # Safety
/// As of [`Isa::store_codes`].
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn store_codes(to: *mut u8, n: usize, a: __m256) {
    let whole = _mm256_cvtps_epi32(a);
    let (low, high) = (_mm256_castsi256_si128(whole), _mm256_extracti128_si256::<1>(whole));
    let words = _mm_packus_epi32(low, high);
    let bytes = _mm_cvtsi128_si64(_mm_packus_epi16(words, words)).to_le_bytes();
    // SAFETY: the caller's `n` codes are writable; at most eight are copied.
    unsafe { bytes.as_ptr().copy_to_nonoverlapping(to, n.min(8)) };
}

/// # Safety
/// As of [`Isa::quad`].
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn quad(from: *const u8) -> [__m256i; 2] {
    // SAFETY: the caller's four codes are readable.
    let codes = unsafe { from.cast::<[u8; QUAD]>().read() };
    let [even, odd] = halves(codes);
    [_mm256_set1_epi32(even), _mm256_set1_epi32(odd)]
}

/// # Safety
/// As of [`Isa::weights`].
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn weights(from: *const i16) -> [__m256i; 2] {
    // SAFETY: the caller's weights are two vectors.
    unsafe { from.cast::<[__m256i; 2]>().read_unaligned() }
}
