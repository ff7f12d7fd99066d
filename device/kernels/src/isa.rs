//! The instruction sets that kernels exist for.

use std::fmt;

#[cfg(target_arch = "aarch64")]
use crate::simd::neon::{Neon, sdot::Sdot, smlal::Smlal};
use crate::simd::{Isa as Token, portable::Portable};
#[cfg(target_arch = "x86_64")]
use crate::simd::{avx2::Avx2, avx512::Avx512, vnni::Vnni};

/// A set of instructions that kernels exist for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Isa {
    /// Plain Rust.
    Portable,
    /// x86-64 with AVX2 and FMA.
    Avx2,
    /// x86-64 with AVX-512.
    Avx512,
    /// x86-64 with AVX-512 and VNNI.
    Avx512Vnni,
    /// 64-bit Arm.
    Neon,
    /// 64-bit Arm with the dot product extension.
    NeonDotprod,
}

impl Isa {
    /// Every set, the fastest last.
    pub const ALL: [Self; 6] =
        [Self::Portable, Self::Avx2, Self::Avx512, Self::Avx512Vnni, Self::Neon, Self::NeonDotprod];

    /// The fastest set of this processor.
    pub fn best() -> Self {
        Self::ALL.into_iter().rfind(|isa| isa.is_available()).unwrap_or(Self::Portable)
    }

    /// Whether this processor has the instructions.
    pub fn is_available(self) -> bool {
        struct Present;
        impl Visit for Present {
            type Output = ();
            fn visit<I: Token>(self, _: I) {}
        }
        self.visit(Present).is_some()
    }

    /// Whether f32 kernels are worth using: plain Rust has no fused multiply-add in hardware.
    pub fn is_fast(self) -> bool {
        self != Self::Portable
    }

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Avx512Vnni => "avx512-vnni",
            Self::Neon => "neon",
            Self::NeonDotprod => "neon-dotprod",
        }
    }

    /// Calls `visitor` with the token, if this processor has the instructions.
    pub(crate) fn visit<V: Visit>(self, visitor: V) -> Option<V::Output> {
        match self {
            Self::Portable => Portable::detect().map(|token| visitor.visit(token)),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Avx2::detect().map(|token| visitor.visit(token)),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => Avx512::detect().map(|token| visitor.visit(token)),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni => Vnni::detect().map(|token| visitor.visit(token)),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 | Self::Avx512 | Self::Avx512Vnni => None,
            #[cfg(target_arch = "aarch64")]
            Self::Neon => Neon::<Smlal>::detect().map(|token| visitor.visit(token)),
            #[cfg(target_arch = "aarch64")]
            Self::NeonDotprod => Neon::<Sdot>::detect().map(|token| visitor.visit(token)),
            #[cfg(not(target_arch = "aarch64"))]
            Self::Neon | Self::NeonDotprod => None,
        }
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What to do with a token.
pub(crate) trait Visit {
    type Output;
    fn visit<I: Token>(self, isa: I) -> Self::Output;
}
