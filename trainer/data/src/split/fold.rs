//! Subject-independent folds for cross-validation.
//!
//! ```text
//! subjects in natural order --deal--> folds 0..count --fold k is tested--> train, valid, test
//! official numbers ---------------------^
//! one list file a fold -----------------^
//! ```
//!
//! The rule of the literature on CK+, Oulu-CASIA and MMI ("ascending id") sorts subjects and cuts
//! them into contiguous runs of equal length, the first ones longer by one: 118 subjects make ten
//! folds of 12, 12, 12, 12, 12, 12, 12, 12, 11 and 11. Epochs are chosen on the fold after the
//! tested one, cyclically, never on the tested one. Folds from numbers or lists are taken as they
//! are; [`super::leak::check`] says whether they share anybody.

use super::{Groups, Identity, Part};

mod error;
mod list;

pub use self::error::FoldError;

/// Which fold each picture is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folds {
    count: usize,
    of: Vec<Option<usize>>,
}

/// How sorted groups are dealt into folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Deal {
    /// Contiguous runs of equal length, the first ones longer by one where it does not divide.
    #[default]
    Contiguous,
    /// Group `g` goes to fold `g % count`.
    RoundRobin,
}

/// What the epoch is chosen on while a fold is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Validation {
    /// The fold after the tested one, cyclically, which then teaches nothing.
    #[default]
    NextFold,
    /// Nothing: every other fold teaches, and the number of epochs is fixed beforehand.
    Nothing,
}

/// The pictures of each part, by their positions, ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles {
    /// To learn from.
    pub train: Vec<usize>,
    /// To choose by.
    pub valid: Vec<usize>,
    /// To report on.
    pub test: Vec<usize>,
}

impl Folds {
    /// Deals the groups of `pictures` into `count` folds.
    ///
    /// # Errors
    /// [`FoldError::TooFewFolds`] for fewer than two, [`FoldError::TooFewGroups`] where a fold
    /// would stay empty.
    pub fn deal(pictures: &[Identity<'_>], count: usize, deal: Deal) -> Result<Self, FoldError> {
        let groups = Groups::new(pictures);
        at_least(2, count)?;
        if groups.count() < count {
            return Err(FoldError::TooFewGroups { groups: groups.count(), count });
        }
        let fold = |&group: &usize| deal.fold(group, groups.count(), count);
        Ok(Self { count, of: groups.of().iter().map(fold).map(Some).collect() })
    }

    /// Takes the folds a data set gives, from 0; pictures without one are left out.
    ///
    /// # Errors
    /// [`FoldError::TooFewFolds`] for fewer than two, [`FoldError::EmptyFold`] where a number
    /// below the highest is nobody's.
    pub fn official(numbers: &[Option<u8>]) -> Result<Self, FoldError> {
        let of: Vec<_> = numbers.iter().map(|number| number.map(usize::from)).collect();
        let count = of.iter().flatten().max().map_or(0, |highest| highest + 1);
        at_least(2, count)?;
        match (0..count).find(|fold| !of.contains(&Some(*fold))) {
            Some(fold) => Err(FoldError::EmptyFold { fold, highest: count - 1 }),
            None => Ok(Self { count, of }),
        }
    }

    /// Number of folds.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The fold of each picture, from 0; `None` for one that is left out.
    pub fn of(&self) -> &[Option<usize>] {
        &self.of
    }

    /// Number of pictures in no fold.
    pub fn left_out(&self) -> usize {
        self.of.iter().filter(|fold| fold.is_none()).count()
    }

    /// Who teaches, chooses and is tested while `fold` is tested.
    ///
    /// # Errors
    /// [`FoldError::NoSuchFold`]; [`FoldError::TooFewFolds`] where none would be left to learn
    /// from.
    pub fn roles(&self, fold: usize, validation: Validation) -> Result<Roles, FoldError> {
        if fold >= self.count {
            return Err(FoldError::NoSuchFold { fold, last: self.count.saturating_sub(1) });
        }
        let valid = match validation {
            Validation::NextFold => Some((fold + 1) % self.count),
            Validation::Nothing => None,
        };
        at_least(if valid.is_some() { 3 } else { 2 }, self.count)?;
        let mut roles = Roles::default();
        for (picture, of) in self.of.iter().enumerate() {
            match of {
                None => {}
                Some(test) if *test == fold => roles.test.push(picture),
                of if *of == valid => roles.valid.push(picture),
                Some(_) => roles.train.push(picture),
            }
        }
        Ok(roles)
    }
}

impl Roles {
    /// The official parts of a data set; a picture without one is in none.
    pub fn official(parts: &[Option<Part>]) -> Self {
        let of = |part| (0..).zip(parts).filter(move |(_, p)| **p == Some(part)).map(|(at, _)| at);
        let [train, valid, test] = Part::ALL.map(|part| of(part).collect());
        Self { train, valid, test }
    }

    /// Each part with its pictures.
    pub fn parts(&self) -> [(Part, &[usize]); 3] {
        [(Part::Train, &self.train), (Part::Valid, &self.valid), (Part::Test, &self.test)]
    }
}

impl Deal {
    /// The fold of a group, one of `groups` dealt into no more than as many folds.
    fn fold(self, group: usize, groups: usize, count: usize) -> usize {
        let (size, longer) = (groups / count, groups % count);
        let in_longer = longer * (size + 1);
        match self {
            Self::RoundRobin => group % count,
            Self::Contiguous if group < in_longer => group / (size + 1),
            Self::Contiguous => longer + (group - in_longer) / size,
        }
    }
}

fn at_least(least: usize, count: usize) -> Result<(), FoldError> {
    if count < least { Err(FoldError::TooFewFolds { count, least }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::split::leak;

    /// The sizes of the folds that `subjects` subjects of one picture each are dealt into.
    fn sizes(subjects: usize, count: usize) -> Vec<usize> {
        let names: Vec<_> = (0..subjects).map(|number| format!("S{number}")).collect();
        let pictures: Vec<_> = names.iter().map(|name| Identity::of_subject(name)).collect();
        let folds = Folds::deal(&pictures, count, Deal::Contiguous).unwrap();
        (0..count).map(|k| folds.of().iter().filter(|of| **of == Some(k)).count()).collect()
    }

    #[test]
    fn the_folds_of_ck_plus_oulu_casia_and_mmi_have_their_known_sizes() {
        assert_eq!(sizes(118, 10), [12, 12, 12, 12, 12, 12, 12, 12, 11, 11]);
        assert_eq!(sizes(80, 10), [8; 10]);
        assert_eq!(sizes(31, 10), [4, 3, 3, 3, 3, 3, 3, 3, 3, 3]);
    }

    #[test]
    fn contiguous_folds_are_runs_of_ascending_ids() {
        let pictures = ["S10", "S1", "S2", "S1", "S9"].map(Identity::of_subject);
        let folds = Folds::deal(&pictures, 2, Deal::Contiguous).unwrap();
        assert_eq!(folds.of(), [Some(1), Some(0), Some(0), Some(0), Some(1)]);
    }

    #[test]
    fn round_robin_takes_every_nth() {
        let pictures = ["S10", "S1", "S2", "S1", "S9"].map(Identity::of_subject);
        let folds = Folds::deal(&pictures, 2, Deal::RoundRobin).unwrap();
        assert_eq!(folds.of(), [Some(1), Some(0), Some(1), Some(0), Some(0)]);
    }

    #[test]
    fn the_next_fold_validates_cyclically() {
        let folds = Folds::official(&[Some(0), Some(1), Some(2), None, Some(3), Some(1)]).unwrap();
        assert_eq!((folds.count(), folds.left_out()), (4, 1));
        let roles = folds.roles(0, Validation::NextFold).unwrap();
        assert_eq!(roles, Roles { train: vec![2, 4], valid: vec![1, 5], test: vec![0] });
        let roles = folds.roles(3, Validation::NextFold).unwrap();
        assert_eq!(roles, Roles { train: vec![1, 2, 5], valid: vec![0], test: vec![4] });
        let roles = folds.roles(1, Validation::Nothing).unwrap();
        assert_eq!(roles, Roles { train: vec![0, 2, 4], valid: vec![], test: vec![1, 5] });
    }

    #[test]
    fn official_parts_are_taken_as_they_are() {
        let parts =
            [Some(Part::Test), None, Some(Part::Train), Some(Part::Valid), Some(Part::Test)];
        let expected = Roles { train: vec![2], valid: vec![3], test: vec![0, 4] };
        assert_eq!(Roles::official(&parts), expected);
    }

    #[test]
    fn folds_that_cannot_be_are_refused_with_what_to_do() {
        let pictures = ["S1", "S2", "S1"].map(Identity::of_subject);
        let message = |folds: Result<Folds, FoldError>| folds.unwrap_err().to_string();
        assert_eq!(
            message(Folds::deal(&pictures, 3, Deal::Contiguous)),
            "too few subjects (2) for 3 folds: use no more folds than subjects"
        );
        assert_eq!(
            message(Folds::deal(&pictures, 1, Deal::Contiguous)),
            "1 is too few folds to fill every part: use 2 or more"
        );
        assert_eq!(
            message(Folds::official(&[Some(0), Some(2)])),
            "fold 1 holds no picture though there is a fold 2: number them from 0"
        );
        assert_eq!(
            message(Folds::official(&[None])),
            "0 is too few folds to fill every part: use 2 or more"
        );
    }

    #[test]
    fn a_fold_beyond_the_last_and_one_without_teachers_are_refused() {
        let folds = Folds::official(&[Some(0), Some(1)]).unwrap();
        let error = folds.roles(2, Validation::Nothing).unwrap_err().to_string();
        assert_eq!(error, "there is no fold 2: use 0 to 1");
        let error = folds.roles(0, Validation::NextFold).unwrap_err().to_string();
        assert_eq!(error, "2 is too few folds to fill every part: use 3 or more");
        assert!(folds.roles(0, Validation::Nothing).is_ok());
    }

    proptest! {
        #[test]
        fn the_nameless_never_leak(
            clusters in prop::collection::vec(prop::option::of(0..40_usize), 60),
            sequences in prop::collection::vec(prop::option::of("[a-z]"), 3..60),
        ) {
            let known = sequences.iter().map(Option::as_deref).zip(clusters);
            let pictures: Vec<_> = known
                .map(|(sequence, cluster)| Identity { sequence, cluster, ..Identity::default() })
                .collect();
            prop_assume!(Groups::new(&pictures).count() >= 3);
            let folds = Folds::deal(&pictures, 3, Deal::Contiguous).unwrap();
            for fold in 0..3 {
                let roles = folds.roles(fold, Validation::NextFold).unwrap();
                prop_assert_eq!(leak::check(&roles, &pictures), Ok(()));
            }
        }

        #[test]
        fn folds_partition_the_subjects_evenly(
            subjects in prop::collection::vec(0..40_u8, 40..200),
            count in 3..8_usize,
            round_robin: bool,
        ) {
            let deal = if round_robin { Deal::RoundRobin } else { Deal::Contiguous };
            let names: Vec<_> = subjects.iter().map(|number| format!("S{number}")).collect();
            let pictures: Vec<_> = names.iter().map(|name| Identity::of_subject(name)).collect();
            prop_assume!(Groups::new(&pictures).count() >= count);
            let folds = Folds::deal(&pictures, count, deal).unwrap();
            let mut tested = vec![0; pictures.len()];
            let mut sizes = Vec::new();
            for fold in 0..count {
                let roles = folds.roles(fold, Validation::NextFold).unwrap();
                prop_assert!(leak::check(&roles, &pictures).is_ok());
                let parts = [&roles.train, &roles.valid, &roles.test];
                prop_assert_eq!(parts.map(Vec::len).iter().sum::<usize>(), pictures.len());
                roles.test.iter().for_each(|&picture| tested[picture] += 1);
                let mut people: Vec<_> = roles.test.iter().map(|&p| subjects[p]).collect();
                people.sort_unstable();
                people.dedup();
                sizes.push(people.len());
            }
            prop_assert!(tested.iter().all(|&times| times == 1));
            let (least, most) = (sizes.iter().min().unwrap(), sizes.iter().max().unwrap());
            prop_assert!(most - least <= 1, "{:?}", sizes);
        }
    }
}
