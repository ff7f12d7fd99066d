//! Vectors of numbers to vectors of codes and back, by the rule of [`mien_shared::graph::affine`].

use mien_shared::graph::Affine;

use crate::simd::Isa;

/// Vectors of steps to vectors of codes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Coder<F> {
    low: F,
    high: F,
    zero: F,
}

impl<F: Copy> Coder<F> {
    /// To codes of `to`, not below its zero where `relu`.
    #[inline(always)]
    pub(crate) fn new<I: Isa<F = F>>(isa: I, to: Affine, relu: bool) -> Self {
        let zero = f32::from(to.zero);
        let low = f32::from(to.low(relu)) - zero;
        Self { low: isa.splat(low), high: isa.splat(255.0 - zero), zero: isa.splat(zero) }
    }

    /// Rounded and clipped, still less the zero.
    #[inline(always)]
    pub(crate) fn steps<I: Isa<F = F>>(self, isa: I, x: F) -> F {
        isa.min(isa.max(isa.round(x), self.low), self.high)
    }

    /// Rounded and clipped.
    #[inline(always)]
    pub(crate) fn code<I: Isa<F = F>>(self, isa: I, x: F) -> F {
        isa.add(self.steps(isa, x), self.zero)
    }
}

/// Vectors of one value's codes to vectors of another's steps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Steps<F> {
    zero: F,
    ratio: F,
}

impl<F: Copy> Steps<F> {
    /// From codes of `from` to steps of `to`.
    #[inline(always)]
    pub(crate) fn new<I: Isa<F = F>>(isa: I, from: Affine, to: Affine) -> Self {
        Self { zero: isa.splat(f32::from(from.zero)), ratio: isa.splat(from.scale / to.scale) }
    }

    /// The steps of `codes`.
    #[inline(always)]
    pub(crate) fn of<I: Isa<F = F>>(self, isa: I, codes: I::I) -> F {
        isa.mul(isa.sub(isa.float(codes), self.zero), self.ratio)
    }
}

/// [`Affine::code`] of every number.
#[inline(always)]
pub(crate) fn encode<I: Isa>(isa: I, coding: Affine, numbers: &[f32], codes: &mut [u8]) {
    let coder = Coder::new(isa, coding, false);
    let scale = isa.splat(coding.scale);
    for (x, to) in numbers.chunks(I::LANES).zip(codes.chunks_mut(I::LANES)) {
        // SAFETY: a chunk of numbers.
        let x = unsafe { isa.load_n(x.as_ptr(), x.len()) };
        let code = coder.code(isa, isa.div(x, scale));
        // SAFETY: a chunk of codes.
        unsafe { isa.store_codes(to.as_mut_ptr(), to.len(), code) };
    }
}

/// [`Affine::value`] of every code.
#[inline(always)]
pub(crate) fn decode<I: Isa>(isa: I, coding: Affine, codes: &[u8], numbers: &mut [f32]) {
    let (zero, scale) = (isa.splat(f32::from(coding.zero)), isa.splat(coding.scale));
    for (x, to) in codes.chunks(I::LANES).zip(numbers.chunks_mut(I::LANES)) {
        // SAFETY: a chunk of codes.
        let x = unsafe { isa.codes(x.as_ptr(), x.len()) };
        let value = isa.mul(scale, isa.sub(isa.float(x), zero));
        // SAFETY: a chunk of numbers.
        unsafe { isa.store_n(to.as_mut_ptr(), to.len(), value) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::{self, Visit};

    /// What a set of instructions makes of numbers: their codes, and the codes' values.
    struct Coded<'a>(Affine, &'a [f32]);

    impl Visit for Coded<'_> {
        type Output = (Vec<u8>, Vec<f32>);

        fn visit<I: Isa>(self, isa: I) -> Self::Output {
            let Self(coding, numbers) = self;
            let (mut codes, mut values) = (vec![9; numbers.len()], vec![9.0; numbers.len()]);
            isa.within(
                #[inline(always)]
                || {
                    encode(isa, coding, numbers, &mut codes);
                    decode(isa, coding, &codes, &mut values);
                },
            );
            (codes, values)
        }
    }

    #[test]
    fn codes_and_values_are_those_of_the_definition() {
        let extremes = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, -0.0];
        let halves = (-1000..1000_i16).map(|i| f32::from(i) / 4.0);
        let tiny = (-1000..1000_i16).map(|i| f32::from(i) * 0.037);
        let numbers: Vec<f32> = extremes.into_iter().chain(halves).chain(tiny).collect();
        for coding in [(0.5, 0), (0.25, 128), (1.0 / 3.0, 255), (0.037, 10)] {
            let coding = Affine { scale: coding.0, zero: coding.1 };
            for isa in isa::Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
                let (codes, values) = isa.visit(Coded(coding, &numbers)).unwrap();
                for (i, (&code, value)) in codes.iter().zip(values).enumerate() {
                    assert_eq!(code, coding.code(numbers[i]), "{isa}: {}", numbers[i]);
                    assert_eq!(value.to_bits(), coding.value(code).to_bits(), "{isa}: {code}");
                }
            }
        }
    }
}
