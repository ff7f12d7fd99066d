//! Bagging without replacement: the share of the training pictures one member of an ensemble sees.
//!
//! Every class keeps its proportion: of `n` pictures in all a bag holds `share · n`, rounded, and
//! of each class `share · n_c`, rounded so that these add up: largest remainders first, the smaller
//! class first among equal ones. The LSD ensemble, trained on the synthetic faces of its challenge
//! (ABAW 2022) gives each member 20 %.

use rand::seq::SliceRandom as _;

use super::{SamplerError, by_class};
use crate::augment;

/// The id that bags draw from: no sample and no order has it.
const BAG: u64 = u64::MAX - 1;

/// The positions of the pictures that `member` sees, ascending; `classes` gives each picture's.
///
/// # Errors
/// [`SamplerError::Share`] where `share` is not above 0 and at most 1.
pub fn bag(
    classes: &[usize],
    share: f64,
    seed: u64,
    member: u32,
) -> Result<Vec<usize>, SamplerError> {
    if !(share > 0.0 && share <= 1.0) {
        return Err(SamplerError::Share { share });
    }
    let mut members = by_class(classes);
    let sizes: Vec<_> = members.iter().map(Vec::len).collect();
    let mut rng = augment::rng(seed, member, BAG);
    let mut bag = Vec::new();
    for (class, places) in members.iter_mut().zip(places(&sizes, share)) {
        class.shuffle(&mut rng);
        bag.extend(class.iter().take(places));
    }
    bag.sort_unstable();
    Ok(bag)
}

/// How many of each class a bag holds.
fn places(sizes: &[usize], share: f64) -> Vec<usize> {
    let shares: Vec<f64> = sizes.iter().map(|&size| share * size as f64).collect();
    let mut places: Vec<usize> = shares.iter().map(|share| whole(share.floor())).collect();
    let total = whole((share * sizes.iter().sum::<usize>() as f64).round());
    let missing = total.saturating_sub(places.iter().sum());
    let mut order: Vec<(f64, usize, usize)> = shares
        .iter()
        .zip(sizes)
        .zip(0..)
        .map(|((share, size), at)| (share.fract(), *size, at))
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    for (.., class) in order.into_iter().take(missing) {
        if let Some(places) = places.get_mut(class) {
            *places += 1;
        }
    }
    places
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole, not negative and no more than a number of pictures"
)]
fn whole(number: f64) -> usize {
    number as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_bag_of_the_lsd_ensemble_holds_a_fifth_of_each_class() {
        let sizes = [18_286, 15_150, 10_923, 73_285, 144_631, 14_976];
        let expected = [3657, 3030, 2185, 14_657, 28_926, 2995];
        assert_eq!(places(&sizes, 0.2), expected);
        assert_eq!(expected.iter().sum::<usize>(), 55_450);
    }

    #[test]
    fn remainders_go_to_the_largest() {
        assert_eq!(places(&[7, 2, 1], 0.5), [3, 1, 1]);
        assert_eq!(places(&[1, 1, 1, 1], 0.2), [1, 0, 0, 0]);
        assert_eq!(places(&[3, 5], 1.0), [3, 5]);
        assert_eq!(places(&[], 0.2), [0; 0]);
    }

    #[test]
    fn members_and_seeds_see_different_pictures() {
        let classes = [0; 100];
        let of = |seed, member| bag(&classes, 0.2, seed, member).unwrap();
        assert_eq!(of(1, 0), of(1, 0));
        assert_ne!(of(1, 0), of(1, 1));
        assert_ne!(of(1, 0), of(2, 0));
    }

    #[test]
    fn over_many_members_every_picture_is_seen_equally_often() {
        let mut times = [0; 50];
        for member in 0..1000 {
            bag(&[0; 50], 0.2, 9, member).unwrap().into_iter().for_each(|at| times[at] += 1);
        }
        // 200 expected, standard deviation 12.6.
        assert!(times.iter().all(|times| (140..=260).contains(times)), "{times:?}");
    }

    #[test]
    fn shares_that_are_none_are_refused() {
        for share in [0.0, -0.1, 1.1, f64::NAN] {
            assert!(matches!(bag(&[0], share, 0, 0), Err(SamplerError::Share { .. })));
        }
        let error = bag(&[0], 1.5, 0, 0).unwrap_err().to_string();
        assert_eq!(error, "the share of a bag is 1.5: use a number above 0, up to 1");
    }

    proptest! {
        #[test]
        fn a_bag_has_its_size_no_repeats_and_keeps_proportions(
            classes in prop::collection::vec(0..6_usize, 0..300),
            share in 0.01..=1.0_f64,
            seed: u64,
            member: u32,
        ) {
            let bag = bag(&classes, share, seed, member).unwrap();
            prop_assert_eq!(bag.len(), whole((share * classes.len() as f64).round()));
            prop_assert!(bag.is_sorted_by(|a, b| a < b));
            for class in 0..6 {
                let size = classes.iter().filter(|&&of| of == class).count() as f64;
                let held = bag.iter().filter(|&&at| classes[at] == class).count() as f64;
                prop_assert!((held - share * size).abs() < 1.0, "{held} of {size}");
            }
        }
    }
}
