//! Area under the ROC curve: how often a present sample scores above an absent one.
//!
//! By ranks (Mann & Whitney 1947): `(R − P (P + 1) / 2) / (P N)`, `R` the sum of the ranks of the
//! `P` present samples among all, tied scores sharing their mean rank, so that a tie counts 0.5.

use crate::{
    binary::{known, ties},
    input::{MetricError, finite, same_length},
};

/// The area, 0..=1, over the samples whose truth is known; `None` where all of those are present
/// or all absent.
///
/// # Errors
/// [`MetricError::Lengths`] and [`MetricError::NotFinite`].
pub fn auc(scores: &[f32], truth: &[Option<bool>]) -> Result<Option<f64>, MetricError> {
    same_length("AUC", scores.len(), truth.len())?;
    finite("AUC", scores)?;
    let mut samples: Vec<(f32, bool)> = known(scores, truth).collect();
    samples.sort_by(|a, b| a.0.total_cmp(&b.0));
    let present = samples.iter().filter(|sample| sample.1).count() as f64;
    let absent = samples.len() as f64 - present;
    let (mut below, mut ranks) = (0.0, 0.0);
    for tied in ties(&samples) {
        let shared = below + f64::midpoint(1.0, tied.len() as f64);
        ranks += shared * tied.iter().filter(|sample| sample.1).count() as f64;
        below += tied.len() as f64;
    }
    let area = (ranks - present * (present + 1.0) / 2.0) / (present * absent);
    Ok((present > 0.0 && absent > 0.0).then_some(area))
}

#[cfg(test)]
mod tests {
    use super::*;

    const YES: Option<bool> = Some(true);
    const NO: Option<bool> = Some(false);

    #[test]
    fn the_area_is_the_share_of_pairs_in_order() {
        // 0.35 beats 0.1 only, 0.8 beats both.
        assert_eq!(auc(&[0.1, 0.4, 0.35, 0.8], &[NO, NO, YES, YES]), Ok(Some(0.75)));
        assert_eq!(auc(&[0.9, 0.1], &[NO, YES]), Ok(Some(0.0)));
    }

    #[test]
    fn a_tie_counts_half() {
        assert_eq!(auc(&[0.5, 0.5], &[NO, YES]), Ok(Some(0.5)));
        assert_eq!(auc(&[0.0, -0.0], &[NO, YES]), Ok(Some(0.5)));
        assert_eq!(auc(&[0.2, 0.5, 0.5, 0.9], &[NO, YES, NO, YES]), Ok(Some(0.875)));
    }

    #[test]
    fn ranks_give_what_counting_every_pair_gives() {
        let scores: Vec<f32> = (0..60u16).map(|i| f32::from(i * 7 % 11)).collect();
        let truth: Vec<Option<bool>> = (0..60).map(|i| Some(i * 5 % 7 < 3)).collect();
        let of = |present| {
            let pairs = scores.iter().zip(&truth);
            pairs.filter(move |pair| *pair.1 == Some(present)).map(|pair| *pair.0)
        };
        let won = |p: f32, n: f32| {
            if p > n {
                1.0
            } else if p < n {
                0.0
            } else {
                0.5
            }
        };
        let pairs: Vec<f64> = of(true).flat_map(|p| of(false).map(move |n| won(p, n))).collect();
        let counted = pairs.iter().sum::<f64>() / pairs.len() as f64;
        assert!((auc(&scores, &truth).unwrap().unwrap() - counted).abs() < 1e-12);
    }

    #[test]
    fn one_kind_alone_has_no_area() {
        assert_eq!(auc(&[0.1, 0.2], &[YES, None]), Ok(None));
        assert_eq!(auc(&[0.1], &[NO]), Ok(None));
        assert_eq!(auc(&[], &[]), Ok(None));
    }

    #[test]
    fn unknown_truth_counts_nowhere() {
        assert_eq!(auc(&[0.1, 0.9, 0.2], &[NO, None, YES]), Ok(Some(1.0)));
    }

    #[test]
    fn nan_and_unequal_lengths_are_refused() {
        assert!(matches!(auc(&[f32::NAN], &[NO]), Err(MetricError::NotFinite { .. })));
        assert!(matches!(auc(&[0.1], &[]), Err(MetricError::Lengths { .. })));
    }
}
