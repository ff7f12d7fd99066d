//! `sdot`: sixteen products an instruction, where the processor has the dot product extension.

use std::{
    arch::{
        aarch64::{int8x16_t, int32x4_t},
        asm,
    },
    array::from_fn,
};

use super::{Products, QUAD};

/// The dot product extension.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sdot(());

impl Products for Sdot {
    const SPARE: usize = 1;

    fn detect() -> Option<Self> {
        std::arch::is_aarch64_feature_detected!("dotprod").then_some(Self(()))
    }

    #[inline(always)]
    fn dot<const K: usize>(
        self,
        acc: [int32x4_t; 2],
        x: int8x16_t,
        w: [int8x16_t; 2],
    ) -> [int32x4_t; 2] {
        from_fn(|half| dot::<K>(acc[half], x, w[half]))
    }

    fn arrange(lanes: &[[i8; QUAD]; 4]) -> [i8; 16] {
        from_fn(|i| lanes[i / QUAD][i % QUAD])
    }
}

/// Rust 1.95 has no stable intrinsic for this instruction.
#[inline(always)]
fn dot<const K: usize>(mut acc: int32x4_t, x: int8x16_t, w: int8x16_t) -> int32x4_t {
    // SAFETY: the caller's token proves the instruction, which reads and writes only these.
    unsafe {
        asm!(
            ".arch_extension dotprod",
            "sdot {acc:v}.4s, {w:v}.16b, {x:v}.4b[{k}]",
            acc = inout(vreg) acc,
            w = in(vreg) w,
            x = in(vreg) x,
            k = const K,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    acc
}
