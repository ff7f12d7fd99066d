//! Which pictures an epoch shows, and in which order.
//!
//! A sampler deals in positions, 0 to [`Sampler::pictures`], and knows nothing of pixels. An epoch
//! is a pure function of the seed and its number: a resumed run sees the order it would have seen.
//! [`Subset`] confines any sampler to some of the pictures, a training part or a [`bag`] for
//! example.

use std::{collections::BTreeMap, fmt::Debug};

use rand::seq::SliceRandom as _;

use crate::augment;

mod bag;
mod balanced;
mod class_weight;
mod stratified;
mod weighted;

pub use self::{
    bag::bag,
    balanced::{Balanced, Level},
    class_weight::{ClassWeights, class_weights},
    stratified::{SubsetError, stratified},
    weighted::Weighted,
};

/// The id that orders draw from: no sample has it.
const ORDER: u64 = u64::MAX;

/// A way to go through pictures.
pub trait Sampler: Debug + Send + Sync {
    /// Number of pictures there are.
    fn pictures(&self) -> usize;

    /// Number of pictures an epoch shows, repeated ones counted.
    fn draws(&self) -> usize;

    /// The positions of the pictures of an epoch, in order.
    fn epoch(&self, seed: u64, epoch: u32) -> Vec<usize>;
}

/// Every picture once, in a new order each epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shuffled {
    /// Number of pictures.
    pub pictures: usize,
}

impl Sampler for Shuffled {
    fn pictures(&self) -> usize {
        self.pictures
    }

    fn draws(&self) -> usize {
        self.pictures
    }

    fn epoch(&self, seed: u64, epoch: u32) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.pictures).collect();
        order.shuffle(&mut augment::rng(seed, epoch, ORDER));
        order
    }
}

/// Another sampler's order over some of the pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subset<S> {
    positions: Vec<usize>,
    inner: S,
}

impl<S: Sampler> Subset<S> {
    /// Shows the pictures at `positions` as `inner` orders them.
    ///
    /// # Errors
    /// [`SamplerError::Pictures`] where `inner` is not of as many pictures.
    pub fn new(positions: Vec<usize>, inner: S) -> Result<Self, SamplerError> {
        if inner.pictures() == positions.len() {
            return Ok(Self { positions, inner });
        }
        Err(SamplerError::Pictures { sampler: inner.pictures(), subset: positions.len() })
    }

    /// The positions of its pictures.
    pub fn positions(&self) -> &[usize] {
        &self.positions
    }
}

impl<S: Sampler> Sampler for Subset<S> {
    fn pictures(&self) -> usize {
        self.positions.len()
    }

    fn draws(&self) -> usize {
        self.inner.draws()
    }

    fn epoch(&self, seed: u64, epoch: u32) -> Vec<usize> {
        let order = self.inner.epoch(seed, epoch);
        order.into_iter().filter_map(|at| self.positions.get(at).copied()).collect()
    }
}

/// Why there is no such sampler.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SamplerError {
    /// A subset and its order differ in number.
    #[error("the sampler orders {sampler} pictures, the subset has {subset}: they must agree")]
    Pictures {
        /// Pictures of the sampler.
        sampler: usize,
        /// Pictures of the subset.
        subset: usize,
    },
    /// A weight is not a weight.
    #[error("the weight of picture {picture} is {weight}: use a finite number, 0 or more")]
    Weight {
        /// The picture's position.
        picture: usize,
        /// Its weight.
        weight: f64,
    },
    /// No picture can be drawn.
    #[error("no picture has a weight above 0: give at least one")]
    NoWeight,
    /// A share is not a share.
    #[error("the share of a bag is {share}: use a number above 0, up to 1")]
    Share {
        /// What it is.
        share: f64,
    },
    /// The effective number of pictures does not exist.
    #[error("class_weights.beta is {beta}: use a number from 0 to below 1")]
    Beta {
        /// What it is.
        beta: f64,
    },
}

/// The positions of the pictures of each class that has any, in the order of the classes.
fn by_class(classes: &[usize]) -> Vec<Vec<usize>> {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (picture, &class) in classes.iter().enumerate() {
        members.entry(class).or_default().push(picture);
    }
    members.into_values().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn orders_never_change() {
        let shuffled = Shuffled { pictures: 8 };
        assert_eq!(shuffled.epoch(7, 0), [2, 5, 0, 4, 6, 3, 7, 1]);
        assert_eq!(shuffled.epoch(7, 1), [2, 0, 3, 5, 4, 1, 6, 7]);
        assert_eq!(shuffled.epoch(8, 0), [1, 2, 4, 5, 6, 0, 7, 3]);
    }

    #[test]
    fn a_subset_shows_its_own_pictures_only() {
        let subset = Subset::new(vec![10, 20, 30], Shuffled { pictures: 3 }).unwrap();
        let order = Shuffled { pictures: 3 }.epoch(1, 2);
        let expected: Vec<_> = order.iter().map(|at| 10 * (at + 1)).collect();
        assert_eq!(subset.epoch(1, 2), expected);
        assert_eq!((subset.pictures(), subset.draws()), (3, 3));
    }

    #[test]
    fn a_subset_of_another_number_is_refused() {
        let error = Subset::new(vec![1], Shuffled { pictures: 3 }).unwrap_err().to_string();
        assert_eq!(error, "the sampler orders 3 pictures, the subset has 1: they must agree");
    }

    proptest! {
        #[test]
        fn every_picture_is_shown_once(pictures in 0..200_usize, seed: u64, epoch: u32) {
            let mut order = Shuffled { pictures }.epoch(seed, epoch);
            order.sort_unstable();
            prop_assert!(order.into_iter().eq(0..pictures));
        }
    }
}
