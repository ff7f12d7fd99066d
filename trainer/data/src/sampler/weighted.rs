//! Pictures drawn with replacement, each in proportion to its weight.

use rand::distr::{Distribution as _, weighted::WeightedIndex};

use super::{ORDER, Sampler, SamplerError};
use crate::augment;

/// Independent draws in proportion to given weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighted {
    pictures: usize,
    draws: usize,
    index: WeightedIndex<f64>,
}

impl Weighted {
    /// Draws `draws` pictures an epoch; a weight of 0 is never drawn.
    ///
    /// # Errors
    /// [`SamplerError::Weight`] for the first that is negative or not finite,
    /// [`SamplerError::NoWeight`] where none is above 0 or their sum is not finite.
    pub fn new(weights: &[f64], draws: usize) -> Result<Self, SamplerError> {
        let bad = |weight: f64| !(weight.is_finite() && weight >= 0.0);
        if let Some((picture, &weight)) = weights.iter().enumerate().find(|(_, w)| bad(**w)) {
            return Err(SamplerError::Weight { picture, weight });
        }
        let index =
            WeightedIndex::new(weights).map_err(|_nothing_to_draw| SamplerError::NoWeight)?;
        Ok(Self { pictures: weights.len(), draws, index })
    }
}

impl Sampler for Weighted {
    fn pictures(&self) -> usize {
        self.pictures
    }

    fn draws(&self) -> usize {
        self.draws
    }

    fn epoch(&self, seed: u64, epoch: u32) -> Vec<usize> {
        let rng = augment::rng(seed, epoch, ORDER);
        self.index.clone().sample_iter(rng).take(self.draws).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_come_in_proportion_to_their_weights() {
        let weighted = Weighted::new(&[1.0, 0.0, 3.0, 6.0], 10_000).unwrap();
        assert_eq!((weighted.pictures(), weighted.draws()), (4, 10_000));
        let order = weighted.epoch(5, 0);
        let times = [0, 1, 2, 3].map(|picture| order.iter().filter(|&&at| at == picture).count());
        assert_eq!(times[1], 0);
        // Standard deviations 30, 46 and 49.
        assert!((850..=1150).contains(&times[0]), "{times:?}");
        assert!((2770..=3230).contains(&times[2]), "{times:?}");
        assert!((5755..=6245).contains(&times[3]), "{times:?}");
    }

    #[test]
    fn epochs_differ_and_repeat_themselves() {
        let weighted = Weighted::new(&[1.0; 50], 20).unwrap();
        assert_eq!(weighted.epoch(3, 4), weighted.epoch(3, 4));
        assert_ne!(weighted.epoch(3, 4), weighted.epoch(3, 5));
    }

    #[test]
    fn weights_that_are_none_are_refused() {
        let message = |weights: &[f64]| Weighted::new(weights, 1).unwrap_err().to_string();
        let fix = "use a finite number, 0 or more";
        assert_eq!(message(&[1.0, -2.0]), format!("the weight of picture 1 is -2: {fix}"));
        assert_eq!(message(&[f64::NAN]), format!("the weight of picture 0 is NaN: {fix}"));
        let none = "no picture has a weight above 0: give at least one";
        assert_eq!(message(&[0.0, 0.0]), none);
        assert_eq!(message(&[]), none);
    }
}
