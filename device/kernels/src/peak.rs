//! What this core can do at most: multiply-accumulates per second from registers alone.

use std::{hint::black_box, time::Instant};

use crate::{
    isa::{Isa, Visit},
    simd::{self, QUAD},
};

/// Multiply-accumulates per second of one core.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peak {
    /// Of f32 fused multiply-adds.
    pub float: f64,
    /// Of u8 × i8 products into i32.
    pub integer: f64,
}

/// Chains of dependent operations, enough to hide their latency.
const CHAINS: usize = 12;
/// Chains that share their codes; each has its own weights.
const ROWS: usize = 4;
/// Steps of each chain per measurement.
const STEPS: usize = 20_000;
/// Measurements, of which the fastest counts.
const ROUNDS: usize = 60;

/// Measures the peak of `isa`; `None` when this processor lacks it.
pub fn peak(isa: Isa) -> Option<Peak> {
    struct Measure;
    impl Visit for Measure {
        type Output = Peak;
        fn visit<I: simd::Isa>(self, isa: I) -> Peak {
            let per_round = (CHAINS * STEPS * I::LANES) as f64;
            Peak {
                float: per_round / fastest(|| floats(isa)),
                integer: per_round * QUAD as f64 / fastest(|| integers(isa)),
            }
        }
    }
    isa.visit(Measure)
}

/// The shortest time of `work` in seconds.
fn fastest(mut work: impl FnMut()) -> f64 {
    let time = |_| {
        let started = Instant::now();
        work();
        started.elapsed().as_secs_f64()
    };
    (0..ROUNDS).map(time).fold(f64::INFINITY, f64::min)
}

fn floats<I: simd::Isa>(isa: I) {
    let [a, b] = black_box([0.5_f32, 0.25]);
    isa.within(
        #[inline(always)]
        || {
            let (a, b) = (isa.splat(a), isa.splat(b));
            let mut chains = [a; CHAINS];
            for _ in 0..STEPS {
                for chain in &mut chains {
                    *chain = isa.fma(*chain, a, b);
                }
            }
            let sum = chains.into_iter().fold(b, |sum, chain| isa.add(sum, chain));
            let mut out = [0.0_f32; 16];
            // SAFETY: the array has room for the widest vector.
            unsafe { isa.store_n(out.as_mut_ptr(), I::LANES, sum) };
            black_box(out);
        },
    );
}

fn integers<I: simd::Isa>(isa: I) {
    let codes = [1_u8, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    let mut weights = Vec::new();
    for row in 0..ROWS {
        let first = i8::try_from(row).unwrap_or(1);
        I::arrange(&vec![[first, -2, 3, -4]; I::LANES], &mut weights);
    }
    let per_row = weights.len() / ROWS;
    let start = black_box([0_i32; 16]);
    isa.within(
        #[inline(always)]
        || {
            // SAFETY: the array holds the widest vector.
            let mut chains = [unsafe { isa.load_i(start.as_ptr()) }; CHAINS];
            let w: [I::W; ROWS] = std::array::from_fn(|row| {
                // SAFETY: `arrange` has appended a vector of weights per row.
                unsafe { isa.weights(weights.as_ptr().wrapping_add(row * per_row)) }
            });
            for _ in 0..STEPS {
                // Opaque, so that no product is computed once for all.
                let codes = black_box(codes.as_ptr());
                for (i, chains) in chains.chunks_exact_mut(ROWS).enumerate() {
                    // SAFETY: four codes for each three rows of chains.
                    let x = unsafe { isa.quad(codes.wrapping_add(i * QUAD)) };
                    for (chain, &w) in chains.iter_mut().zip(&w) {
                        *chain = isa.dot(*chain, x, w);
                    }
                }
            }
            for chain in chains {
                let mut out = [0.0_f32; 16];
                // SAFETY: the array has room for the widest vector.
                unsafe { isa.store_n(out.as_mut_ptr(), I::LANES, isa.float(chain)) };
                black_box(out);
            }
        },
    );
}
