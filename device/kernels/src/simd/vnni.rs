//! AVX-512 with VNNI: 16 lanes, 64 products of u8 with i8 an instruction.

#[allow(clippy::wildcard_imports, reason = "intrinsics are named for their set")]
use std::arch::x86_64::*;

use super::{
    Isa, QUAD,
    avx512::foundation,
    x86::{features, instructions, reads, writes},
};
use crate::conv::tiling::Budget;

/// 512-bit vectors with `vpdpbusd`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Vnni(());

impl Isa for Vnni {
    const LANES: usize = 16;
    const FLOAT: Budget =
        Budget { registers: 32, per_sum: 1, per_pixel: 0, per_weight: 1, spare: 3 };
    const INTEGER: Budget =
        Budget { registers: 32, per_sum: 1, per_pixel: 0, per_weight: 1, spare: 3 };
    const SHIFT: i32 = 0;

    type F = __m512;
    type I = __m512i;
    type Numbers = *const f32;
    type Codes = *const u8;
    type X = __m512i;
    type W = __m512i;
    type Weight = i8;

    features!("avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512vnni");

    foundation!();

    instructions! {
        dot(acc: Self::I, x: Self::X, w: Self::W) -> Self::I = _mm512_dpbusd_epi32;
        // The upper 16 bits of `x` are 0, so those of `w`, its sign, do not count.
        multiply_add(acc: Self::I, x: Self::I, w: Self::I) -> Self::I = _mm512_dpwssd_epi32;
    }

    reads! {
        quad(from: u8) -> Self::X = quad;
        weights(from: i8) -> Self::W = weights;
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

/// # Safety
/// As of [`Isa::quad`].
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn quad(from: *const u8) -> __m512i {
    // SAFETY: the caller's four codes are readable.
    _mm512_set1_epi32(unsafe { from.cast::<i32>().read_unaligned() })
}

/// # Safety
/// As of [`Isa::weights`].
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn weights(from: *const i8) -> __m512i {
    // SAFETY: the caller's weights are a vector.
    unsafe { _mm512_loadu_si512(from.cast()) }
}
