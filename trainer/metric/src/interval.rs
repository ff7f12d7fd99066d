//! 95 % intervals: Wilson's for a share, the bootstrap's for everything else.

use rand::RngExt as _;
use rand_pcg::Pcg64;
use serde::Serialize;

/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Resamples of a bootstrap.
pub const DRAWS: usize = 1000;

/// A figure with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The figure as measured.
    pub value: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end of its interval.
    pub high: f64,
}

/// The share `part / whole` with Wilson's score interval (Wilson 1927), without continuity
/// correction; of nothing, 0 within 0..1.
pub fn wilson(part: u64, whole: u64) -> Estimate {
    if whole == 0 {
        return Estimate { value: 0.0, low: 0.0, high: 1.0 };
    }
    let n = whole as f64;
    let p = part as f64 / n;
    let scale = 1.0 / (1.0 + Z * Z / n);
    let center = scale * (p + Z * Z / (2.0 * n));
    let half = scale * Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    Estimate { value: p, low: (center - half).max(0.0), high: (center + half).min(1.0) }
}

/// `statistics` of all of `units` with their percentile bootstrap intervals (Efron 1979):
/// [`DRAWS`] resamples of as many units, with replacement, from a generator seeded with `seed`.
pub fn bootstrap<T: Copy, const N: usize>(
    units: &[T],
    seed: u64,
    statistics: impl Fn(&[T]) -> [f64; N],
) -> [Estimate; N] {
    let values = statistics(units);
    if units.is_empty() {
        return values.map(|value| Estimate { value, low: value, high: value });
    }
    let mut rng = Pcg64::new(u128::from(seed), 0);
    let mut draw = units.to_vec();
    let mut draws = values.map(|_| Vec::with_capacity(DRAWS));
    for _ in 0..DRAWS {
        draw.fill_with(|| units[rng.random_range(0..units.len())]);
        for (all, value) in draws.iter_mut().zip(statistics(&draw)) {
            all.push(value);
        }
    }
    let mut draws = draws.into_iter();
    values.map(|value| {
        let mut drawn = draws.next().unwrap_or_default();
        drawn.sort_by(f64::total_cmp);
        Estimate { value, low: quantile(&drawn, 0.025), high: quantile(&drawn, 0.975) }
    })
}

/// A quantile of sorted, not empty values, interpolated linearly.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a length is within that length"
)]
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len() - 1) as f64;
    let below = at as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (at - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    #[test]
    fn wilson_gives_the_known_intervals() {
        let near = |part, whole, low: f64, high: f64| {
            let found = wilson(part, whole);
            assert!(
                (found.low - low).abs() < 5e-5 && (found.high - high).abs() < 5e-5,
                "{found:?}"
            );
        };
        near(112, 144, 0.7032, 0.8380);
        near(0, 10, 0.0, 0.2775);
        near(10, 10, 0.7225, 1.0);
        assert_eq!(wilson(0, 0), Estimate { value: 0.0, low: 0.0, high: 1.0 });
    }

    #[test]
    fn the_bootstrap_agrees_with_wilson_on_a_share() {
        let units: Vec<f64> = (0..1000).map(|at| f64::from(u8::from(at < 800))).collect();
        let [found] = bootstrap(&units, 7, |units| [units.iter().sum::<f64>() / 1000.0]);
        let wilson = wilson(800, 1000);
        assert_eq!(found.value, 0.8);
        assert!((found.low - wilson.low).abs() < 0.004, "{found:?} {wilson:?}");
        assert!((found.high - wilson.high).abs() < 0.004, "{found:?} {wilson:?}");
    }

    #[test]
    fn the_bootstrap_is_a_function_of_its_seed() {
        let units: Vec<f64> = (0..50).map(f64::from).collect();
        let mean = |units: &[f64]| [units.iter().sum::<f64>() / 50.0];
        assert_eq!(bootstrap(&units, 1, mean), bootstrap(&units, 1, mean));
        assert_ne!(bootstrap(&units, 1, mean), bootstrap(&units, 2, mean));
    }

    #[test]
    fn quantiles_are_interpolated() {
        assert_eq!(quantile(&[0.0, 1.0, 2.0, 3.0, 4.0], 0.5), 2.0);
        assert_eq!(quantile(&[0.0, 10.0], 0.25), 2.5);
        assert_eq!(quantile(&[3.0], 0.975), 3.0);
    }
}
