//! AVX2 with FMA: 8 lanes; products of u8 with i8 by `vpmaddwd` on 16-bit pairs.

use std::arch::x86_64::*;

use super::{Isa, QUAD};
use crate::conv::tiling::Budget;

/// 256-bit vectors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx2(());

#[target_feature(enable = "avx2,fma")]
fn compiled<R>(op: impl FnOnce() -> R) -> R {
    op()
}

/// A mask of the lowest `n` of 8 lanes.
#[inline(always)]
fn first(n: usize) -> __m256i {
    const EDGE: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
    // SAFETY: eight numbers from 0..=8 on lie within the sixteen.
    unsafe { EDGE.as_ptr().add(8 - n.min(8)).cast::<__m256i>().read_unaligned() }
}

#[rustfmt::skip]
impl Isa for Avx2 {
    const LANES: usize = 8;
    const FLOAT: Budget = Budget { registers: 16, per_sum: 1, per_pixel: 0, per_weight: 1, spare: 3 };
    const INTEGER: Budget = Budget { registers: 16, per_sum: 1, per_pixel: 0, per_weight: 2, spare: 3 };
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

    fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma");
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
        unsafe { _mm256_set1_ps(x) }
    }

    #[inline(always)]
    fn fma(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    fn add(self, a: Self::F, b: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        unsafe { _mm256_add_ps(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: Self::F, b: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        unsafe { _mm256_sub_ps(a, b) }
    }

    #[inline(always)]
    fn mul(self, a: Self::F, b: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        unsafe { _mm256_mul_ps(a, b) }
    }

    #[inline(always)]
    fn max(self, a: Self::F, b: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        unsafe { _mm256_max_ps(a, b) }
    }

    #[inline(always)]
    fn min(self, a: Self::F, b: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        unsafe { _mm256_min_ps(a, b) }
    }

    #[inline(always)]
    fn round(self, a: Self::F) -> Self::F {
        // SAFETY: the token proves the instructions.
        unsafe { _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(a) }
    }

    #[inline(always)]
    fn float(self, a: Self::I) -> Self::F {
        // SAFETY: the token proves the instructions.
        unsafe { _mm256_cvtepi32_ps(a) }
    }

    #[inline(always)]
    fn dot(self, acc: Self::I, x: Self::X, w: Self::W) -> Self::I {
        // SAFETY: the token proves the instructions.
        let even = unsafe { _mm256_madd_epi16(x[0], w[0]) };
        // SAFETY: the token proves the instructions.
        let odd = unsafe { _mm256_madd_epi16(x[1], w[1]) };
        // SAFETY: the token proves the instructions.
        let both = unsafe { _mm256_add_epi32(even, odd) };
        // SAFETY: the token proves the instructions.
        unsafe { _mm256_add_epi32(acc, both) }
    }

    #[inline(always)]
    fn multiply_add(self, acc: Self::I, x: Self::I, w: Self::I) -> Self::I {
        // SAFETY: the token proves the instructions.
        let product = unsafe { _mm256_mullo_epi32(x, w) };
        // SAFETY: the token proves the instructions.
        unsafe { _mm256_add_epi32(acc, product) }
    }

    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> Self::F {
        // SAFETY: the token proves the instructions, the caller that the numbers are readable.
        unsafe { _mm256_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn load_n(self, from: *const f32, n: usize) -> Self::F {
        // SAFETY: the token proves the instructions, the caller that `n` numbers are readable.
        unsafe { _mm256_maskload_ps(from, first(n)) }
    }

    #[inline(always)]
    unsafe fn store_n(self, to: *mut f32, n: usize, a: Self::F) {
        // SAFETY: the token proves the instructions, the caller that `n` numbers are writable.
        unsafe { _mm256_maskstore_ps(to, first(n), a) }
    }

    #[inline(always)]
    unsafe fn load_i(self, from: *const i32) -> Self::I {
        // SAFETY: the token proves the instructions, the caller that the numbers are readable.
        unsafe { _mm256_loadu_si256(from.cast()) }
    }

    #[inline(always)]
    unsafe fn codes(self, from: *const u8, n: usize) -> Self::I {
        let mut bytes = [0_u8; 8];
        // SAFETY: the caller says that `n` codes are readable; at most eight are copied.
        unsafe { from.copy_to_nonoverlapping(bytes.as_mut_ptr(), n.min(8)) };
        // SAFETY: the token proves the instructions.
        let bytes = unsafe { _mm_cvtsi64_si128(i64::from_le_bytes(bytes)) };
        // SAFETY: the token proves the instructions.
        unsafe { _mm256_cvtepu8_epi32(bytes) }
    }

    #[inline(always)]
    unsafe fn store_codes(self, to: *mut u8, n: usize, a: Self::F) {
        // SAFETY: the token proves the instructions.
        let whole = unsafe { _mm256_cvtps_epi32(a) };
        // SAFETY: the token proves the instructions.
        let [low, high] = unsafe { [_mm256_castsi256_si128(whole), _mm256_extracti128_si256::<1>(whole)] };
        // SAFETY: the token proves the instructions.
        let words = unsafe { _mm_packus_epi32(low, high) };
        // SAFETY: the token proves the instructions.
        let bytes = unsafe { _mm_packus_epi16(words, words) };
        // SAFETY: the token proves the instructions.
        let bytes = unsafe { _mm_cvtsi128_si64(bytes) }.to_le_bytes();
        // SAFETY: the caller says that `n` codes are writable; at most eight are copied.
        unsafe { bytes.as_ptr().copy_to_nonoverlapping(to, n.min(8)) };
    }

    #[inline(always)]
    unsafe fn quad(self, from: *const u8) -> Self::X {
        // SAFETY: the caller says that four codes are readable.
        let four = unsafe { from.cast::<u32>().read_unaligned() };
        let even = (four & 0x00ff_00ff).cast_signed();
        let odd = ((four >> 8) & 0x00ff_00ff).cast_signed();
        // SAFETY: the token proves the instructions.
        [even, odd].map(|pair| unsafe { _mm256_set1_epi32(pair) })
    }

    #[inline(always)]
    unsafe fn weights(self, from: *const i16) -> Self::W {
        // SAFETY: the token proves the instructions, the caller that the weights are readable.
        let even = unsafe { _mm256_loadu_si256(from.cast()) };
        // SAFETY: the second half of the weights starts there.
        let half = unsafe { from.add(2 * Self::LANES) };
        // SAFETY: the token proves the instructions, the caller that the weights are readable.
        let odd = unsafe { _mm256_loadu_si256(half.cast()) };
        [even, odd]
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
        for first in [0, 1] {
            to.extend(lanes.iter().flat_map(|w| [i16::from(w[first]), i16::from(w[first + 2])]));
        }
    }
}
