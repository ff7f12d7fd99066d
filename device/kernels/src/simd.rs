//! What a processor must offer: vectors of f32 and i32 lanes, and products of u8 with i8.
//!
//! An [`Isa`] is a token that exists only where its instructions do ([`Isa::detect`]). Its methods
//! are therefore safe except for those that read or write memory.
//!
//! Kernels are generic functions over it, inlined into [`Isa::within`], the one function that is
//! compiled with the instructions. What is not inlined runs, but slowly: every vector passes through
//! memory and every method is a call. So kernels and the closures in them are `#[inline(always)]`.

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) mod avx512;
#[cfg(target_arch = "aarch64")]
pub(crate) mod neon;
pub(crate) mod portable;
#[cfg(target_arch = "x86_64")]
pub(crate) mod vnni;
#[cfg(target_arch = "x86_64")]
mod x86;

use crate::conv::tiling::Budget;

/// Products that one [`Isa::dot`] adds per lane.
pub(crate) const QUAD: usize = 4;

/// One set of instructions.
///
/// All arithmetic is IEEE 754 binary32 or wrapping i32 and the same to the bit on every
/// implementation. Pointers need no alignment.
pub(crate) trait Isa: Copy + std::fmt::Debug + Send + Sync + 'static {
    /// f32 or i32 lanes of a vector.
    const LANES: usize;
    /// Registers that f32 tiles may use.
    const FLOAT: Budget;
    /// Registers that integer tiles may use.
    const INTEGER: Budget;
    /// What [`Isa::dot`] subtracts from every code before it multiplies.
    const SHIFT: i32;

    /// f32 lanes.
    type F: Copy;
    /// i32 lanes.
    type I: Copy;
    /// Four numbers of one pixel, or where they lie.
    type Numbers: Copy;
    /// Sixteen codes of one pixel, or where they lie.
    type Codes: Copy;
    /// Four codes of one pixel, the same for every lane.
    type X: Copy;
    /// Four weights per lane.
    type W: Copy;
    /// How a weight is stored.
    type Weight: Copy + Default + Send + Sync + std::fmt::Debug;

    /// The token, where the processor has the instructions.
    fn detect() -> Option<Self>;

    /// Runs `op` compiled with the instructions; `op` is `#[inline(always)]`.
    fn within<R>(self, op: impl FnOnce() -> R) -> R;

    /// The same number in every lane.
    fn splat(self, x: f32) -> Self::F;
    /// `a * b + c`, rounded once.
    fn fma(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F;
    /// `a + b`.
    fn add(self, a: Self::F, b: Self::F) -> Self::F;
    /// `a - b`.
    fn sub(self, a: Self::F, b: Self::F) -> Self::F;
    /// `a * b`.
    fn mul(self, a: Self::F, b: Self::F) -> Self::F;
    /// `a / b`.
    fn div(self, a: Self::F, b: Self::F) -> Self::F;
    /// The larger; `b` where `a` is no number.
    fn max(self, a: Self::F, b: Self::F) -> Self::F;
    /// The smaller; `b` where `a` is no number.
    fn min(self, a: Self::F, b: Self::F) -> Self::F;
    /// The nearest whole number, ties to even.
    fn round(self, a: Self::F) -> Self::F;
    /// The nearest f32.
    fn float(self, a: Self::I) -> Self::F;
    /// `acc + Σ (x - SHIFT) · w`, wrapping.
    fn dot(self, acc: Self::I, x: Self::X, w: Self::W) -> Self::I;
    /// `acc + x · w`, wrapping; x within 0..2^15, w of magnitude below 2^15.
    fn multiply_add(self, acc: Self::I, x: Self::I, w: Self::I) -> Self::I;

    /// Reads `LANES` numbers.
    ///
    /// # Safety
    /// They are readable.
    unsafe fn load(self, from: *const f32) -> Self::F;
    /// Reads `n` numbers, at most `LANES`; the other lanes are 0.
    ///
    /// # Safety
    /// They are readable.
    unsafe fn load_n(self, from: *const f32, n: usize) -> Self::F;
    /// Writes `n` numbers, at most `LANES`.
    ///
    /// # Safety
    /// They are writable.
    unsafe fn store_n(self, to: *mut f32, n: usize, a: Self::F);
    /// Reads `LANES` whole numbers.
    ///
    /// # Safety
    /// They are readable.
    unsafe fn load_i(self, from: *const i32) -> Self::I;
    /// Reads `n` codes, at most `LANES`, as whole numbers; the other lanes are 0.
    ///
    /// # Safety
    /// They are readable.
    unsafe fn codes(self, from: *const u8, n: usize) -> Self::I;
    /// Writes `n` codes, at most `LANES`; every lane is a whole number within 0..=255.
    ///
    /// # Safety
    /// They are writable.
    unsafe fn store_codes(self, to: *mut u8, n: usize, a: Self::F);
    /// Reads four codes for every lane.
    ///
    /// # Safety
    /// They are readable.
    unsafe fn quad(self, from: *const u8) -> Self::X;
    /// Reads four weights per lane.
    ///
    /// # Safety
    /// `LANES * QUAD` weights are readable.
    unsafe fn weights(self, from: *const Self::Weight) -> Self::W;

    /// Four numbers of a pixel, for [`Isa::fma_at`].
    ///
    /// # Safety
    /// They are readable.
    unsafe fn numbers(self, from: *const f32) -> Self::Numbers;
    /// `x[K] * w + acc` with `x[K]` in every lane, rounded once.
    ///
    /// # Safety
    /// The numbers of `x` are still readable.
    unsafe fn fma_at<const K: usize>(self, x: Self::Numbers, w: Self::F, acc: Self::F) -> Self::F;
    /// Sixteen codes of a pixel, for [`Isa::dot_at`].
    ///
    /// # Safety
    /// They are readable.
    unsafe fn sixteen(self, from: *const u8) -> Self::Codes;
    /// [`Isa::dot`] with the `K`th four of `x`.
    ///
    /// # Safety
    /// The codes of `x` are still readable.
    unsafe fn dot_at<const K: usize>(self, acc: Self::I, x: Self::Codes, w: Self::W) -> Self::I;

    /// Appends the weights of `lanes`, four each, in the order [`Isa::weights`] reads them.
    fn arrange(lanes: &[[i8; QUAD]], to: &mut Vec<Self::Weight>);
}

/// [`std::array::from_fn`] that is always inlined, for arrays of at least one element.
#[inline(always)]
pub(crate) fn array<T: Copy, const N: usize>(of: impl Fn(usize) -> T) -> [T; N] {
    let mut made = [of(0); N];
    for (i, made) in made.iter_mut().enumerate().skip(1) {
        *made = of(i);
    }
    made
}
