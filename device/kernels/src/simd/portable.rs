//! Plain Rust: the definition of every operation, on any processor.

use super::{Isa, QUAD};
use crate::conv::tiling::Budget;

/// Lanes that most processors hold in two registers.
const LANES: usize = 8;

/// No special instructions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portable(());

impl Isa for Portable {
    const LANES: usize = LANES;
    const FLOAT: Budget =
        Budget { registers: 32, per_sum: 1, per_pixel: 0, per_weight: 1, spare: 3 };
    const INTEGER: Budget =
        Budget { registers: 32, per_sum: 1, per_pixel: 0, per_weight: 1, spare: 3 };
    const SHIFT: i32 = 0;

    type F = [f32; LANES];
    type I = [i32; LANES];
    type Numbers = *const f32;
    type Codes = *const u8;
    type X = [u8; QUAD];
    type W = [[i8; QUAD]; LANES];
    type Weight = i8;

    fn detect() -> Option<Self> {
        Some(Self(()))
    }

    #[inline(always)]
    fn within<R>(self, op: impl FnOnce() -> R) -> R {
        op()
    }

    #[inline(always)]
    fn splat(self, x: f32) -> Self::F {
        [x; LANES]
    }

    #[inline(always)]
    fn fma(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F {
        std::array::from_fn(|i| a[i].mul_add(b[i], c[i]))
    }

    #[inline(always)]
    fn add(self, a: Self::F, b: Self::F) -> Self::F {
        std::array::from_fn(|i| a[i] + b[i])
    }

    #[inline(always)]
    fn sub(self, a: Self::F, b: Self::F) -> Self::F {
        std::array::from_fn(|i| a[i] - b[i])
    }

    #[inline(always)]
    fn mul(self, a: Self::F, b: Self::F) -> Self::F {
        std::array::from_fn(|i| a[i] * b[i])
    }

    #[inline(always)]
    fn div(self, a: Self::F, b: Self::F) -> Self::F {
        std::array::from_fn(|i| a[i] / b[i])
    }

    #[inline(always)]
    fn max(self, a: Self::F, b: Self::F) -> Self::F {
        std::array::from_fn(|i| a[i].max(b[i]))
    }

    #[inline(always)]
    fn min(self, a: Self::F, b: Self::F) -> Self::F {
        std::array::from_fn(|i| a[i].min(b[i]))
    }

    #[inline(always)]
    fn round(self, a: Self::F) -> Self::F {
        a.map(f32::round_ties_even)
    }

    #[inline(always)]
    fn float(self, a: Self::I) -> Self::F {
        a.map(|x| x as f32)
    }

    #[inline(always)]
    fn dot(self, acc: Self::I, x: Self::X, w: Self::W) -> Self::I {
        let product = |i: usize, k: usize| i32::from(x[k]) * i32::from(w[i][k]);
        std::array::from_fn(|i| {
            acc[i].wrapping_add(product(i, 0) + product(i, 1) + product(i, 2) + product(i, 3))
        })
    }

    #[inline(always)]
    fn multiply_add(self, acc: Self::I, x: Self::I, w: Self::I) -> Self::I {
        std::array::from_fn(|i| acc[i].wrapping_add(x[i].wrapping_mul(w[i])))
    }

    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> Self::F {
        // SAFETY: the caller's numbers are readable; an array of f32 needs no more than f32.
        unsafe { from.cast::<Self::F>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn load_n(self, from: *const f32, n: usize) -> Self::F {
        // SAFETY: numbers below `n` are readable, as the caller says.
        let number = |i| unsafe { from.wrapping_add(i).read_unaligned() };
        std::array::from_fn(|i| if i < n { number(i) } else { 0.0 })
    }

    #[inline(always)]
    unsafe fn store_n(self, to: *mut f32, n: usize, a: Self::F) {
        for (i, x) in a.into_iter().enumerate().take(n) {
            // SAFETY: numbers below `n` are writable, as the caller says.
            unsafe { to.wrapping_add(i).write_unaligned(x) };
        }
    }

    #[inline(always)]
    unsafe fn load_i(self, from: *const i32) -> Self::I {
        // SAFETY: the caller's numbers are readable; an array of i32 needs no more than i32.
        unsafe { from.cast::<Self::I>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn codes(self, from: *const u8, n: usize) -> Self::I {
        // SAFETY: codes below `n` are readable, as the caller says.
        let code = |i| unsafe { from.wrapping_add(i).read() };
        std::array::from_fn(|i| if i < n { i32::from(code(i)) } else { 0 })
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "whole numbers within 0..=255")]
    #[expect(clippy::cast_sign_loss, reason = "whole numbers within 0..=255")]
    unsafe fn store_codes(self, to: *mut u8, n: usize, a: Self::F) {
        for (i, x) in a.into_iter().enumerate().take(n) {
            // SAFETY: codes below `n` are writable, as the caller says.
            unsafe { to.wrapping_add(i).write(x as u8) };
        }
    }

    #[inline(always)]
    unsafe fn quad(self, from: *const u8) -> Self::X {
        // SAFETY: four codes are readable, as the caller says.
        unsafe { from.cast::<Self::X>().read() }
    }

    #[inline(always)]
    unsafe fn weights(self, from: *const i8) -> Self::W {
        // SAFETY: `LANES * QUAD` weights are readable, as the caller says.
        unsafe { from.cast::<Self::W>().read() }
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
