//! 95 % intervals: Wilson's for a share, the bootstrap's for everything else, over samples or over
//! the subjects they show.

use std::collections::BTreeMap;

use rand::RngExt as _;
use rand_pcg::Pcg64;
use serde::Serialize;

use crate::input::MetricError;

/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Resamples of a bootstrap.
pub const DRAWS: usize = 1000;

/// A figure with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
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
///
/// Units must be independent; for several pictures of a person use [`cluster_bootstrap`].
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
    let draws = (0..DRAWS).map(|_| {
        draw.fill_with(|| units[rng.random_range(0..units.len())]);
        statistics(&draw).map(Some)
    });
    let mut intervals = intervals(draws).into_iter();
    values.map(|value| {
        let [low, high] = intervals.next().flatten().unwrap_or([value; 2]);
        Estimate { value, low, high }
    })
}

/// `statistics` of all of `units` with percentile bootstrap intervals over clusters: a resample is
/// as many clusters as there are, drawn with replacement, each with all its units. With subjects
/// as clusters the interval is for other people, not for other pictures of the same ones.
///
/// A figure that is undefined (`None`) for all of `units` has no estimate; resamples for which it
/// is undefined are left out of its interval. `units` may come in any order: clusters are drawn
/// from by key.
///
/// # Errors
/// [`MetricError::TooFew`] for fewer than two clusters, which say nothing of any other.
pub fn cluster_bootstrap<T: Clone, K: Ord, const N: usize>(
    units: &[T],
    cluster: impl Fn(&T) -> K,
    seed: u64,
    statistics: impl Fn(&[T]) -> [Option<f64>; N],
) -> Result<[Option<Estimate>; N], MetricError> {
    let mut by_key: BTreeMap<K, Vec<T>> = BTreeMap::new();
    for unit in units {
        by_key.entry(cluster(unit)).or_default().push(unit.clone());
    }
    let clusters: Vec<Vec<T>> = by_key.into_values().collect();
    let (found, least) = (clusters.len(), 2);
    if found < least {
        let figure = "bootstrap over subjects";
        return Err(MetricError::TooFew { figure, what: "subjects", found, least });
    }
    let mut rng = Pcg64::new(u128::from(seed), 0);
    let mut draw = Vec::with_capacity(units.len());
    let draws = (0..DRAWS).map(|_| {
        draw.clear();
        (0..found).for_each(|_| draw.extend_from_slice(&clusters[rng.random_range(0..found)]));
        statistics(&draw)
    });
    let mut intervals = intervals(draws).into_iter();
    Ok(statistics(units).map(|value| {
        let interval = intervals.next().flatten();
        let (value, [low, high]) = (value?, interval?);
        Some(Estimate { value, low, high })
    }))
}

/// Ends of the middle 95 % of each figure's defined draws; `None` where there is none.
fn intervals<const N: usize>(
    draws: impl Iterator<Item = [Option<f64>; N]>,
) -> [Option<[f64; 2]>; N] {
    let mut columns = [const { Vec::new() }; N];
    for draw in draws {
        for (column, value) in columns.iter_mut().zip(draw) {
            column.extend(value);
        }
    }
    columns.map(|mut column: Vec<f64>| {
        column.sort_by(f64::total_cmp);
        (!column.is_empty()).then(|| [quantile(&column, 0.025), quantile(&column, 0.975)])
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
    fn the_bootstrap_keeps_the_intervals_of_earlier_reports() {
        let units: Vec<f64> = (0..50).map(f64::from).collect();
        let [found] = bootstrap(&units, 1, |units| [units.iter().sum::<f64>() / 50.0]);
        assert_eq!(found, Estimate { value: 24.5, low: 20.14, high: 28.363_499_999_999_995 });
    }

    #[test]
    fn clusters_of_one_are_the_plain_bootstrap() {
        let units: Vec<u32> = (0..50).collect();
        let mean = |units: &[u32]| f64::from(units.iter().sum::<u32>()) / units.len() as f64;
        let plain = bootstrap(&units, 3, |units| [mean(units)]);
        let clustered = cluster_bootstrap(&units, |&unit| unit, 3, |units| [Some(mean(units))]);
        assert_eq!(clustered, Ok(plain.map(Some)));
    }

    #[test]
    fn pictures_of_one_person_do_not_narrow_the_interval() {
        // Ten people, each with 20 pictures, all right or all wrong.
        let units: Vec<(u32, f64)> = (0..200).map(|i| (i / 20, f64::from(i / 20 % 2))).collect();
        let mean = |units: &[(u32, f64)]| {
            units.iter().map(|unit| unit.1).sum::<f64>() / units.len() as f64
        };
        let [plain] = bootstrap(&units, 5, |units| [mean(units)]);
        let [by_person] =
            cluster_bootstrap(&units, |unit| unit.0, 5, |units| [Some(mean(units))]).unwrap();
        let by_person = by_person.unwrap();
        assert_eq!((plain.value, by_person.value), (0.5, 0.5));
        assert!(plain.high - plain.low < 0.15, "{plain:?}");
        assert!(by_person.high - by_person.low > 0.5, "{by_person:?}");
    }

    #[test]
    fn the_order_of_the_units_does_not_matter_to_the_clusters_drawn() {
        let units: Vec<u32> = (0..30).collect();
        let turned: Vec<u32> = units.iter().rev().copied().collect();
        let size = |units: &[u32]| [Some(units.iter().map(|u| u * u).sum::<u32>().into())];
        assert_eq!(
            cluster_bootstrap(&units, |unit| unit / 4, 2, size),
            cluster_bootstrap(&turned, |unit| unit / 4, 2, size)
        );
    }

    #[test]
    fn resamples_without_a_figure_are_left_out_of_its_interval() {
        let most = |units: &[u32]| {
            [units.iter().find(|&&unit| unit == 1).map(|&unit| f64::from(unit)), None]
        };
        let found = cluster_bootstrap(&[0, 1, 2], |&unit| unit, 1, most).unwrap();
        assert_eq!(found, [Some(Estimate { value: 1.0, low: 1.0, high: 1.0 }), None]);
    }

    #[test]
    fn one_subject_says_nothing_of_others() {
        let refused = cluster_bootstrap(&[1, 2, 3], |_| "S005", 1, |_| [Some(1.0)]);
        assert_eq!(
            refused.unwrap_err().to_string(),
            "bootstrap over subjects: 1 subjects; it needs at least 2"
        );
    }

    #[test]
    fn quantiles_are_interpolated() {
        assert_eq!(quantile(&[0.0, 1.0, 2.0, 3.0, 4.0], 0.5), 2.0);
        assert_eq!(quantile(&[0.0, 10.0], 0.25), 2.5);
        assert_eq!(quantile(&[3.0], 0.975), 3.0);
    }
}
