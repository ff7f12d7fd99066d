//! Pictures that must stay together: those of one person.
//!
//! A picture without a subject belongs to a person of its own, whom it shares with every other
//! picture without a subject that is of its sequence or its cluster of near-duplicates. Subjects
//! are never merged, however alike their pictures: the leak check reports that instead.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::unionfind::UnionFind;

use super::{Identity, natural};

/// Which group each picture belongs to: the subjects in natural order (`S5` before `S10`), then
/// the nameless in the order of their first pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    count: usize,
    of: Vec<usize>,
}

impl Groups {
    /// Groups pictures.
    pub fn new(pictures: &[Identity<'_>]) -> Self {
        let ranks = ranks(pictures);
        let nameless = nameless(pictures);
        let mut count = ranks.len();
        let mut numbers = BTreeMap::new();
        let mut number = |root| {
            *numbers.entry(root).or_insert_with(|| {
                count += 1;
                count - 1
            })
        };
        let of = pictures
            .iter()
            .zip(nameless)
            .map(|(picture, root)| {
                let named = picture.subject.and_then(|subject| ranks.get(subject).copied());
                named.unwrap_or_else(|| number(root))
            })
            .collect();
        Self { count, of }
    }

    /// Number of groups.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The group of each picture, from 0.
    pub fn of(&self) -> &[usize] {
        &self.of
    }
}

/// The place of each subject in natural order.
fn ranks<'a>(pictures: &[Identity<'a>]) -> BTreeMap<&'a str, usize> {
    let subjects: BTreeSet<&str> = pictures.iter().filter_map(|picture| picture.subject).collect();
    let mut subjects: Vec<&str> = subjects.into_iter().collect();
    subjects.sort_by_cached_key(|subject| natural::Key::of(subject));
    subjects.into_iter().zip(0..).collect()
}

/// For each picture without a subject, a number it shares with those it belongs to.
fn nameless(pictures: &[Identity<'_>]) -> Vec<usize> {
    let mut sets = UnionFind::<usize>::new(pictures.len());
    let (mut sequences, mut clusters) = (BTreeMap::new(), BTreeMap::new());
    for (at, picture) in pictures.iter().enumerate().filter(|(_, p)| p.subject.is_none()) {
        let sequence = picture.sequence.map(|sequence| *sequences.entry(sequence).or_insert(at));
        let cluster = picture.cluster.map(|cluster| *clusters.entry(cluster).or_insert(at));
        for first in sequence.into_iter().chain(cluster) {
            sets.union(first, at);
        }
    }
    sets.into_labeling()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_come_in_natural_order_whatever_the_order_of_pictures() {
        let groups = Groups::new(&["S10", "S5", "S10", "S9"].map(Identity::of_subject));
        assert_eq!((groups.count(), groups.of()), (3, &[2, 0, 2, 1][..]));
    }

    #[test]
    fn the_nameless_share_a_group_by_sequence_or_cluster() {
        let none = Identity::default();
        let film = Identity { sequence: Some("film"), ..none };
        let pictures = [
            none,
            film,
            none.in_cluster(3),
            Identity::of_subject("S1"),
            film.in_cluster(8),
            none.in_cluster(8),
            none.in_cluster(3),
            none,
        ];
        let groups = Groups::new(&pictures);
        assert_eq!((groups.count(), groups.of()), (5, &[1, 2, 3, 0, 2, 2, 3, 4][..]));
    }

    #[test]
    fn a_cluster_never_merges_two_subjects() {
        let pictures = ["S1", "S2"].map(|subject| Identity::of_subject(subject).in_cluster(0));
        assert_eq!(Groups::new(&pictures).of(), [0, 1]);
    }

    #[test]
    fn no_pictures_make_no_groups() {
        assert_eq!(Groups::new(&[]).count(), 0);
    }
}
