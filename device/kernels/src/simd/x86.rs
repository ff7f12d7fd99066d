//! What the x86-64 sets share.

/// Methods of a set that are one instruction each, behind the token that proves it.
macro_rules! instructions {
    ($($name:ident($($x:ident: $kind:ty),*) -> $made:ty = $instruction:expr;)*) => {$(
        #[inline(always)]
        fn $name(self, $($x: $kind),*) -> $made {
            // SAFETY: the token proves the instruction.
            unsafe { $instruction($($x),*) }
        }
    )*};
}

/// Methods of a set that read memory with one instruction each.
macro_rules! reads {
    ($($name:ident($from:ident: $kind:ty $(, $n:ident)?) -> $made:ty = $instruction:expr;)*) => {$(
        #[inline(always)]
        unsafe fn $name(self, $from: *const $kind $(, $n: usize)?) -> $made {
            // SAFETY: the token proves the instruction, the caller that what it reads is readable.
            unsafe { $instruction($from $(, $n)?) }
        }
    )*};
}

/// Methods of a set that write memory with one instruction each.
macro_rules! writes {
    ($($name:ident($to:ident: $kind:ty, $n:ident, $a:ident) = $instruction:expr;)*) => {$(
        #[inline(always)]
        unsafe fn $name(self, $to: *mut $kind, $n: usize, $a: Self::F) {
            // SAFETY: the token proves the instruction, the caller that what it writes is writable.
            unsafe { $instruction($to, $n, $a) }
        }
    )*};
}

/// `within` of a set, and its token where the processor has all `features`.
macro_rules! features {
    ($($feature:tt),*) => {
        fn detect() -> Option<Self> {
            ($(std::arch::is_x86_feature_detected!($feature))&&*).then_some(Self(()))
        }

        #[inline(always)]
        fn within<R>(self, op: impl FnOnce() -> R) -> R {
            $(#[target_feature(enable = $feature)])*
            fn compiled<R>(op: impl FnOnce() -> R) -> R {
                op()
            }
            // SAFETY: the token proves the instructions.
            unsafe { compiled(op) }
        }
    };
}

pub(super) use {features, instructions, reads, writes};

/// The even and the odd of four codes in 16 bits each.
#[inline(always)]
pub(super) fn halves(codes: [u8; 4]) -> [i32; 2] {
    let four = u32::from_le_bytes(codes);
    [four, four >> 8].map(|codes| (codes & 0x00ff_00ff).cast_signed())
}

/// Appends the weights of the even, then of the odd codes, in 16 bits each.
pub(super) fn arrange_halves(lanes: &[[i8; 4]], to: &mut Vec<i16>) {
    for first in [0, 1] {
        to.extend(lanes.iter().flat_map(|w| [i16::from(w[first]), i16::from(w[first + 2])]));
    }
}
