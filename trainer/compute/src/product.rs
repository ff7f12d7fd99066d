//! The inner product of matrices: a tile of `M` rows and `V` vectors of columns, kept in registers.
//!
//! ```text
//! a   rows packed in blocks   [rows / M][depth][M]
//! b   one panel of columns    [depth][V * lanes]
//! out one tile                [M][V * lanes]
//! ```

use pulp::{Arch, Simd, WithSimd};

/// Work that wants the widest vectors there are, `M` rows and `V` vectors to a tile.
pub(crate) trait Kernel {
    /// Does the work with tiles of `M` × `V` vectors.
    fn run<S: Simd, const M: usize, const V: usize>(self, simd: S);
}

/// Runs `kernel` with the instructions of this processor.
pub(crate) fn dispatch(kernel: impl Kernel) {
    Arch::new().dispatch(Chosen(kernel));
}

struct Chosen<K>(K);

impl<K: Kernel> WithSimd for Chosen<K> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        // Tiles fill the registers: 32 of 16 lanes, or 16 of 8.
        if S::F32_LANES >= 16 { self.0.run::<S, 8, 3>(simd) } else { self.0.run::<S, 4, 3>(simd) }
    }
}

/// `out = a * b` for one block of rows and one panel.
#[inline(always)]
pub(crate) fn tile<S: Simd, const M: usize, const V: usize>(
    simd: S,
    (a, b): (&[f32], &[f32]),
    out: &mut [f32],
) {
    let (a, _) = a.as_chunks::<M>();
    let (b, _) = S::as_simd_f32s(b);
    let (b, _) = b.as_chunks::<V>();
    let (out, _) = S::as_mut_simd_f32s(out);
    let (out, _) = out.as_chunks_mut::<V>();
    let mut sums = [[simd.splat_f32s(0.0); V]; M];
    for (a, b) in a.iter().zip(b) {
        for m in 0..M {
            let factor = simd.splat_f32s(a[m]);
            for v in 0..V {
                sums[m][v] = simd.mul_add_e_f32s(factor, b[v], sums[m][v]);
            }
        }
    }
    for (out, sums) in out.iter_mut().zip(&sums) {
        *out = *sums;
    }
}

/// Copies `len` values from the start of `from` to the start of `to`; short lengths of the usual
/// widths become a few vector moves.
#[inline(always)]
pub(crate) fn copy(to: &mut [f32], from: &[f32], len: usize) {
    #[inline(always)]
    fn fixed<const N: usize>(to: &mut [f32], from: &[f32]) {
        if let (Some(to), Some(from)) = (to.first_chunk_mut::<N>(), from.first_chunk::<N>()) {
            *to = *from;
        }
    }
    match len {
        3 => fixed::<3>(to, from),
        6 => fixed::<6>(to, from),
        8 => fixed::<8>(to, from),
        11 => fixed::<11>(to, from),
        12 => fixed::<12>(to, from),
        16 => fixed::<16>(to, from),
        22 => fixed::<22>(to, from),
        24 => fixed::<24>(to, from),
        32 => fixed::<32>(to, from),
        48 => fixed::<48>(to, from),
        _ => {
            for (to, from) in to[..len].iter_mut().zip(&from[..len]) {
                *to = *from;
            }
        }
    }
}
