//! `smull`, `smlal2`, `sadalp`: sixteen products in three instructions of every 64-bit processor.
//!
//! ```text
//! w   l0w0 l0w1 l1w0 l1w1 l2w0 l2w1 l3w0 l3w1 | l0w2 l0w3 l1w2 l1w3 l2w2 l2w3 l3w2 l3w3
//! x   x0   x1   x0   x1   x0   x1   x0   x1   | x2   x3   x2   x3   x2   x3   x2   x3
//! ```
//!
//! A 16-bit sum of two products, one of each half, is at most 2 · 128 · 127 = 32512.

use std::{
    arch::{
        aarch64::{int8x16_t, int16x8_t, int32x4_t, vdupq_laneq_s16, vreinterpretq_s16_s8},
        asm,
    },
    array::from_fn,
};

use super::{Products, QUAD};

/// NEON as every 64-bit processor has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Smlal(());

impl Products for Smlal {
    const SPARE: usize = 4;

    fn detect() -> Option<Self> {
        std::arch::is_aarch64_feature_detected!("neon").then_some(Self(()))
    }

    /// One block of instructions: compilers spread the 16-bit sums over more registers than there
    /// are. Its two chains alternate for processors that execute in order.
    #[inline(always)]
    fn dot<const K: usize>(
        self,
        acc: [int32x4_t; 2],
        x: int8x16_t,
        w: [int8x16_t; 2],
    ) -> [int32x4_t; 2] {
        let [mut low, mut high] = acc;
        let [first, last] = pairs::<K>(x);
        // SAFETY: the token proves the instructions, which read and write only these.
        unsafe {
            asm!(
                "smull {s:v}.8h, {v:v}.8b, {first:v}.8b",
                "smull {t:v}.8h, {w:v}.8b, {first:v}.8b",
                "smlal2 {s:v}.8h, {v:v}.16b, {last:v}.16b",
                "smlal2 {t:v}.8h, {w:v}.16b, {last:v}.16b",
                "sadalp {low:v}.4s, {s:v}.8h",
                "sadalp {high:v}.4s, {t:v}.8h",
                first = in(vreg) first,
                last = in(vreg) last,
                v = in(vreg) w[0],
                w = in(vreg) w[1],
                s = out(vreg) _,
                t = out(vreg) _,
                low = inout(vreg) low,
                high = inout(vreg) high,
                options(pure, nomem, nostack, preserves_flags),
            );
        }
        [low, high]
    }

    fn arrange(lanes: &[[i8; QUAD]; 4]) -> [i8; 16] {
        from_fn(|i| lanes[i / 2 % 4][i / 8 * 2 + i % 2])
    }
}

/// The first and the last two codes of the `K`th four, in all lanes.
#[inline(always)]
fn pairs<const K: usize>(x: int8x16_t) -> [int16x8_t; 2] {
    macro_rules! lane {
        ($lane:literal) => {
            // SAFETY: every processor that runs this has NEON.
            unsafe { vdupq_laneq_s16::<$lane>(vreinterpretq_s16_s8(x)) }
        };
    }
    match K {
        0 => [lane!(0), lane!(1)],
        1 => [lane!(2), lane!(3)],
        2 => [lane!(4), lane!(5)],
        _ => [lane!(6), lane!(7)],
    }
}
