//! f32 or int8: which one is faster for each network on this unit, measured in turn.

use std::fmt;

use mien_engine::{Arithmetic, Choice, Isa};
use mien_shared::bundle::{Bundle, Precision};

use super::net::{Net, NetError};
use crate::precision::{Faster, Measured};

/// Alternating rounds of each arithmetic.
const ROUNDS: usize = 15;

/// Inferences of a round.
const BURST: u32 = 30;

/// Measures a bundle made for int8 in both arithmetics; nothing for any other bundle.
///
/// # Errors
/// [`NetError`] when its network cannot be built or run.
pub fn choose(bundle: &Bundle) -> Result<Option<Measured>, NetError> {
    if bundle.manifest.precision != Precision::Int8 {
        return Ok(None);
    }
    let isa = Isa::best();
    let open = |arithmetic| Net::from_bundle(bundle, Choice { arithmetic, isa: Some(isa) });
    let mut nets = [open(Arithmetic::F32)?, open(Arithmetic::Int8)?];
    let mut medians = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (net, medians) in nets.iter_mut().zip(&mut medians) {
            medians.push(median(net.times(BURST)?));
        }
    }
    let [f32_ms, int8_ms] = medians.map(|medians| median(medians) * 1e3);
    let arithmetic = if int8_ms <= f32_ms { Faster::Int8 } else { Faster::F32 };
    let (digest, isa) = (bundle.digest()?.to_string(), isa.name().to_owned());
    Ok(Some(Measured { digest, isa, f32_ms, int8_ms, arithmetic }))
}

/// The middle of some times.
fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(0.0)
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { isa, f32_ms, int8_ms, arithmetic, .. } = self;
        let name = match arithmetic {
            Faster::F32 => "f32",
            Faster::Int8 => "int8",
        };
        write!(f, "{name} on {isa}: f32 {f32_ms:.3} ms, int8 {int8_ms:.3} ms")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::fixture;

    #[test]
    fn only_bundles_made_for_int8_have_a_choice() {
        assert_eq!(choose(&fixture::expression()).unwrap(), None);
    }

    #[test]
    fn the_middle_of_an_odd_number_of_times_is_the_median() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
    }
}
