//! Some of the pictures, in the proportions of all: for learning from less.
//!
//! Of `N` pictures, `n_c` of class `c`, `count` are drawn without repetition. Each class has
//! `count · n_c / N` of them, to the nearest picture that keeps their sum, and at least one.

use rand::seq::SliceRandom as _;

use super::{ORDER, by_class};
use crate::augment;

/// Sets the draw apart from those of orders and bags of the same seed.
const DRAW: u32 = u32::MAX;

/// The positions of `count` of the pictures of these classes, ascending, drawn from `seed`.
///
/// # Errors
/// When there are fewer pictures, or more classes, than `count`.
pub fn stratified(classes: &[usize], count: usize, seed: u64) -> Result<Vec<usize>, SubsetError> {
    let (pictures, mut classes) = (classes.len(), by_class(classes));
    if count > pictures {
        return Err(SubsetError::Pictures { asked: count, pictures });
    }
    if count < classes.len() {
        return Err(SubsetError::Classes { asked: count, classes: classes.len() });
    }
    let shares = shares(&classes.iter().map(Vec::len).collect::<Vec<_>>(), count);
    let mut rng = augment::rng(seed, DRAW, ORDER);
    let mut drawn = Vec::with_capacity(count);
    for (members, share) in classes.iter_mut().zip(shares) {
        members.shuffle(&mut rng);
        drawn.extend(members.iter().take(share));
    }
    drawn.sort_unstable();
    Ok(drawn)
}

/// How many of each class, of these sizes above 0, are among `count`, which is neither below their
/// number nor above their sum.
fn shares(sizes: &[usize], count: usize) -> Vec<usize> {
    let all: usize = sizes.iter().sum();
    let mut shares: Vec<usize> = sizes.iter().map(|size| (count * size / all).max(1)).collect();
    // By how much of a picture, in units of 1 / all, a class has less than its due.
    let lack = |shares: &[usize], class: usize| {
        (count * sizes[class]) as i128 - (shares[class] * all) as i128
    };
    let classes = || 0..sizes.len();
    while shares.iter().sum::<usize>() != count {
        let short = shares.iter().sum::<usize>() < count;
        let next = if short {
            classes()
                .filter(|&class| shares[class] < sizes[class])
                .max_by_key(|&class| (lack(&shares, class), std::cmp::Reverse(class)))
        } else {
            classes()
                .filter(|&class| shares[class] > 1)
                .min_by_key(|&class| (lack(&shares, class), class))
        };
        match next {
            Some(class) if short => shares[class] += 1,
            Some(class) => shares[class] -= 1,
            None => break,
        }
    }
    shares
}

/// Why there is no such subset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubsetError {
    /// There are not as many.
    #[error("task.pictures asks for {asked} pictures, and there are {pictures} to learn from")]
    Pictures {
        /// How many were asked for.
        asked: usize,
        /// How many there are.
        pictures: usize,
    },
    /// Not every class could be in it.
    #[error("task.pictures asks for {asked} pictures of {classes} classes: one of each at least")]
    Classes {
        /// How many were asked for.
        asked: usize,
        /// Classes there are.
        classes: usize,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 60, 30, 9 and 1 pictures of four classes, mingled.
    fn classes() -> Vec<usize> {
        let mut classes = [vec![0; 60], vec![2; 30], vec![5; 9], vec![7; 1]].concat();
        classes.shuffle(&mut augment::rng(1, 0, 0));
        classes
    }

    fn counts(classes: &[usize], drawn: &[usize]) -> [usize; 4] {
        [0, 2, 5, 7].map(|class| drawn.iter().filter(|&&at| classes[at] == class).count())
    }

    #[test]
    fn classes_keep_their_proportions_and_none_is_lost() {
        let classes = classes();
        for (count, expected) in [
            (100, [60, 30, 9, 1]),
            (50, [30, 15, 4, 1]),
            (20, [12, 6, 1, 1]),
            (10, [5, 3, 1, 1]),
            (4, [1, 1, 1, 1]),
        ] {
            let drawn = stratified(&classes, count, 3).unwrap();
            assert_eq!(counts(&classes, &drawn), expected, "{count}");
        }
    }

    #[test]
    fn a_draw_never_changes_and_another_seed_gives_another() {
        let classes = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1];
        assert_eq!(stratified(&classes, 4, 1).unwrap(), stratified(&classes, 4, 1).unwrap());
        let draws: std::collections::BTreeSet<_> =
            (0..8).map(|seed| stratified(&classes, 4, seed).unwrap()).collect();
        assert!(draws.len() > 4, "{draws:?}");
    }

    #[test]
    fn more_than_there_are_and_fewer_than_classes_are_refused() {
        let error = |count| stratified(&classes(), count, 1).unwrap_err().to_string();
        assert_eq!(
            error(101),
            "task.pictures asks for 101 pictures, and there are 100 to learn from"
        );
        assert_eq!(
            error(3),
            "task.pictures asks for 3 pictures of 4 classes: one of each at least"
        );
        assert_eq!(stratified(&[], 1, 1), Err(SubsetError::Pictures { asked: 1, pictures: 0 }));
    }

    proptest! {
        #[test]
        fn a_subset_is_as_large_as_asked_without_repetition_near_its_due(
            sizes in prop::collection::vec(1..80_usize, 1..9), part in 0.0..1.0_f64, seed: u64,
        ) {
            let classes: Vec<usize> =
                sizes.iter().enumerate().flat_map(|(class, &size)| vec![class; size]).collect();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
            let count = sizes.len() + (part * (classes.len() - sizes.len()) as f64) as usize;
            let drawn = stratified(&classes, count, seed).unwrap();
            prop_assert_eq!(drawn.len(), count);
            prop_assert!(drawn.windows(2).all(|pair| pair[0] < pair[1]));
            for (class, &size) in sizes.iter().enumerate() {
                let has = drawn.iter().filter(|&&at| classes[at] == class).count();
                prop_assert!(has >= 1 && has <= size);
                prop_assert!(has <= (count * size).div_ceil(classes.len()).max(1));
            }
        }
    }
}
