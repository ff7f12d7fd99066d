//! The same figure for each group of a test set: by age band, gender, skin tone, pose, lighting,
//! data set, or any other key.
//!
//! A group smaller than `least` keeps its key and its number but has no figure: it would say more
//! of chance than of the group, and of few people it would say too much of each. At [`LEAST`] = 30
//! samples Wilson's interval of a share spans 34 points at worst. The number of samples suppressed
//! is never added to another group, and no "other" group is made of them. Samples whose key is
//! unknown are counted apart.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::interval::{Estimate, wilson};

/// Least samples of a group that has a figure, unless the caller asks for more.
pub const LEAST: usize = 30;

/// The groups of a test set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Groups<K, R> {
    /// The groups, by key.
    pub groups: Vec<Group<K, R>>,
    /// Samples without a key.
    pub unknown: usize,
    /// Least samples of a group that has a report.
    pub least: usize,
}

/// One group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group<K, R> {
    /// What its samples have in common.
    pub key: K,
    /// Number of samples.
    pub n: usize,
    /// Its figures; `None` where it is too small.
    pub report: Option<R>,
}

/// `report` of each group of `samples` by `key` that has at least `least` of them.
pub fn groups<T: Clone, K: Ord, R>(
    samples: &[T],
    least: usize,
    key: impl Fn(&T) -> Option<K>,
    report: impl Fn(&[T]) -> R,
) -> Groups<K, R> {
    let mut members: BTreeMap<K, Vec<T>> = BTreeMap::new();
    let mut unknown = 0;
    for sample in samples {
        match key(sample) {
            Some(key) => members.entry(key).or_default().push(sample.clone()),
            None => unknown += 1,
        }
    }
    let group = |(key, members): (K, Vec<T>)| Group {
        key,
        n: members.len(),
        report: (members.len() >= least).then(|| report(&members)),
    };
    Groups { groups: members.into_iter().map(group).collect(), unknown, least }
}

/// The accuracy of samples, each whether it is right, with Wilson's interval: a report for
/// [`groups`].
pub fn accuracy<T>(samples: &[T], right: impl Fn(&T) -> bool) -> Estimate {
    let correct = samples.iter().filter(|&sample| right(sample)).count();
    wilson(correct as u64, samples.len() as u64)
}

impl<K, R> Groups<K, R> {
    /// The groups too small for a figure.
    pub fn suppressed(&self) -> impl Iterator<Item = &Group<K, R>> {
        self.groups.iter().filter(|group| group.report.is_none())
    }

    /// The largest difference of a figure between two groups that have one; `None` where fewer
    /// than two have.
    pub fn gap(&self, figure: impl Fn(&R) -> f64) -> Option<f64> {
        let figures: Vec<f64> =
            self.groups.iter().filter_map(|group| group.report.as_ref()).map(figure).collect();
        let most = figures.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let least = figures.iter().copied().fold(f64::INFINITY, f64::min);
        (figures.len() > 1).then_some(most - least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (group, right): 40 of "a" with 30 right, 30 of "b" with 15 right, 29 of "c", one unknown.
    fn samples() -> Vec<(Option<&'static str>, bool)> {
        let of = |name, n, right| (0..n).map(move |i| (name, i < right));
        let mut samples: Vec<_> = of(Some("a"), 40, 30).collect();
        samples.extend(of(Some("b"), 30, 15).chain(of(Some("c"), 29, 29)).chain(of(None, 1, 1)));
        samples
    }

    fn measured() -> Groups<&'static str, Estimate> {
        groups(&samples(), LEAST, |sample| sample.0, |members| accuracy(members, |s| s.1))
    }

    #[test]
    fn each_group_has_its_number_its_figure_and_its_interval() {
        let found = measured();
        let a = &found.groups[0];
        assert_eq!((a.key, a.n), ("a", 40));
        assert_eq!(a.report, Some(wilson(30, 40)));
        assert_eq!(found.unknown, 1);
    }

    #[test]
    fn a_group_of_29_is_named_but_has_no_figure() {
        let found = measured();
        let small: Vec<_> = found.suppressed().map(|group| (group.key, group.n)).collect();
        assert_eq!(small, [("c", 29)]);
        assert_eq!(found.groups[1].n, 30);
        assert!(found.groups[1].report.is_some());
    }

    #[test]
    fn the_gap_is_between_groups_that_have_a_figure() {
        assert_eq!(measured().gap(|report| report.value), Some(0.25));
        let alone = groups(&samples(), 35, |s| s.0, |members| accuracy(members, |s| s.1));
        assert_eq!(alone.gap(|report| report.value), None);
    }

    #[test]
    fn any_key_and_any_report_will_do() {
        let found = groups(&[1, 2, 3, 4, 5], 2, |n| Some(n % 2), <[i32]>::to_vec);
        assert_eq!(found.groups[0].report, Some(vec![2, 4]));
        assert_eq!(found.groups[1].report, Some(vec![1, 3, 5]));
    }

    #[test]
    fn no_samples_make_no_groups() {
        let found = groups(&[] as &[u8], LEAST, |n| Some(*n), <[u8]>::len);
        assert!(found.groups.is_empty());
    }
}
