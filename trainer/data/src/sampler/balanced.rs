//! The same number of pictures of every class in each epoch.
//!
//! A class of `n` pictures that has to fill `d` places shows every picture `d / n` times and
//! `d % n` of them, drawn anew each epoch, once more. No picture of a class of `d` or fewer is
//! ever missed; a larger class shows `d` different pictures each epoch.

use rand::seq::SliceRandom as _;
use rand_pcg::Pcg64;

use super::{ORDER, Sampler, by_class};
use crate::augment;

/// How many pictures of each class an epoch shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// As many as the largest class has: nothing is missed, and epochs grow.
    Largest,
    /// As many as classes have on average (rounded up): epochs keep their length.
    Mean,
}

/// Every class equally often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balanced {
    classes: Vec<Vec<usize>>,
    per_class: usize,
}

impl Balanced {
    /// Balances pictures of those classes; a class without pictures has no places.
    pub fn new(classes: &[usize], level: Level) -> Self {
        let (pictures, classes) = (classes.len(), by_class(classes));
        let per_class = match level {
            Level::Largest => classes.iter().map(Vec::len).max().unwrap_or_default(),
            Level::Mean => pictures.div_ceil(classes.len().max(1)),
        };
        Self { classes, per_class }
    }
}

impl Sampler for Balanced {
    fn pictures(&self) -> usize {
        self.classes.iter().map(Vec::len).sum()
    }

    fn draws(&self) -> usize {
        self.per_class * self.classes.len()
    }

    fn epoch(&self, seed: u64, epoch: u32) -> Vec<usize> {
        let mut rng = augment::rng(seed, epoch, ORDER);
        let mut order: Vec<_> =
            self.classes.iter().flat_map(|class| fill(class, self.per_class, &mut rng)).collect();
        order.shuffle(&mut rng);
        order
    }
}

/// Fills `places` with pictures of one class, each as often as any other but for one.
fn fill(class: &[usize], places: usize, rng: &mut Pcg64) -> Vec<usize> {
    let mut drawn = class.to_vec();
    drawn.shuffle(rng);
    drawn.into_iter().cycle().take(places).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How often each of `pictures` is in an order.
    fn times(order: &[usize], pictures: usize) -> Vec<usize> {
        (0..pictures).map(|picture| order.iter().filter(|&&at| at == picture).count()).collect()
    }

    #[test]
    fn small_classes_are_repeated_up_to_the_largest() {
        let balanced = Balanced::new(&[5, 5, 5, 5, 9, 9], Level::Largest);
        assert_eq!((balanced.pictures(), balanced.draws()), (6, 8));
        assert_eq!(times(&balanced.epoch(1, 0), 6), [1, 1, 1, 1, 2, 2]);
    }

    #[test]
    fn at_the_mean_large_classes_take_turns() {
        let balanced = Balanced::new(&[0, 0, 0, 0, 0, 0, 1, 1], Level::Mean);
        assert_eq!(balanced.draws(), 8);
        let mut total = vec![0; 8];
        for epoch in 0..300 {
            let shown = times(&balanced.epoch(1, epoch), 8);
            assert!(shown.iter().take(6).all(|&times| times <= 1), "{shown:?}");
            assert_eq!(shown.iter().skip(6).copied().collect::<Vec<_>>(), [2, 2]);
            total.iter_mut().zip(shown).for_each(|(total, times)| *total += times);
        }
        // 300 epochs at 4 of 6: 200 expected, standard deviation 8.2.
        assert!(total.iter().take(6).all(|times| (165..=235).contains(times)), "{total:?}");
    }

    #[test]
    fn no_pictures_and_huge_class_numbers_are_taken() {
        let none = Balanced::new(&[], Level::Mean);
        assert_eq!((none.draws(), none.epoch(0, 0)), (0, vec![]));
        assert_eq!(Balanced::new(&[usize::MAX], Level::Largest).epoch(0, 0), [0]);
    }

    #[test]
    fn epochs_differ_and_repeat_themselves() {
        let balanced = Balanced::new(&[0; 20], Level::Mean);
        assert_eq!(balanced.epoch(3, 4), balanced.epoch(3, 4));
        assert_ne!(balanced.epoch(3, 4), balanced.epoch(3, 5));
        assert_ne!(balanced.epoch(3, 4), balanced.epoch(4, 4));
    }

    proptest! {
        #[test]
        fn every_class_is_shown_equally_often_and_no_small_one_is_missed(
            classes in prop::collection::vec(0..5_usize, 1..120),
            largest: bool,
            seed: u64,
        ) {
            let level = if largest { Level::Largest } else { Level::Mean };
            let balanced = Balanced::new(&classes, level);
            let order = balanced.epoch(seed, 0);
            prop_assert_eq!(order.len(), balanced.draws());
            let shown = times(&order, classes.len());
            for class in 0..5 {
                let members: Vec<_> =
                    (0..classes.len()).filter(|&picture| classes[picture] == class).collect();
                let of_class: Vec<_> = members.iter().map(|&picture| shown[picture]).collect();
                let (Some(least), Some(most)) = (of_class.iter().min(), of_class.iter().max())
                else { continue };
                prop_assert_eq!(of_class.iter().sum::<usize>(), balanced.per_class);
                prop_assert!(most - least <= 1);
                prop_assert!(*least > 0 || members.len() > balanced.per_class);
            }
        }
    }
}
