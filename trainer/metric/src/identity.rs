//! Whether two faces look like one person: the cosine of their features.
//!
//! `cos(a, b) = a·b / (|a| |b|)`, −1..=1, over the features a face network gives; which network is
//! the caller's choice and belongs beside the figure. No threshold is set here.

use crate::input::{MetricError, mean, pairs, same_length};

/// The cosine of two feature vectors; `None` where one has no length.
///
/// # Errors
/// [`MetricError::Lengths`] and [`MetricError::NotFinite`].
pub fn cosine(a: &[f32], b: &[f32]) -> Result<Option<f64>, MetricError> {
    pairs("identity similarity", a, b)?;
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum()
    };
    let norms = dot(a, a).sqrt() * dot(b, b).sqrt();
    Ok((norms > 0.0).then(|| (dot(a, b) / norms).clamp(-1.0, 1.0)))
}

/// The mean cosine of the pairs `a[i]`, `b[i]` (a source and what was made of it); `None` where
/// there are none. A pair with a vector of no length counts 0: it resembles nobody.
///
/// # Errors
/// [`MetricError::Lengths`], also for the vectors of a pair, and [`MetricError::NotFinite`].
pub fn mean_cosine<V: AsRef<[f32]>>(a: &[V], b: &[V]) -> Result<Option<f64>, MetricError> {
    same_length("identity similarity", a.len(), b.len())?;
    let cosines: Vec<f64> = a
        .iter()
        .zip(b)
        .map(|(a, b)| Ok(cosine(a.as_ref(), b.as_ref())?.unwrap_or(0.0)))
        .collect::<Result<_, MetricError>>()?;
    Ok(mean(cosines))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_direction_counts() {
        near(cosine(&[3.0, 4.0], &[6.0, 8.0]), 1.0);
        near(cosine(&[3.0, 4.0], &[-3.0, -4.0]), -1.0);
        near(cosine(&[3.0, 4.0], &[4.0, -3.0]), 0.0);
        near(cosine(&[1.0, 0.0], &[3.0, 4.0]), 0.6);
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        near(cosine(&[f32::MAX, 0.0], &[f32::MAX, f32::MAX]), 0.5_f64.sqrt());
    }

    #[test]
    fn a_vector_without_length_has_no_direction() {
        assert_eq!(cosine(&[0.0, 0.0], &[1.0, 0.0]), Ok(None));
        assert_eq!(cosine(&[], &[]), Ok(None));
        near(mean_cosine(&[[0.0, 0.0], [1.0, 0.0]], &[[1.0, 0.0], [1.0, 0.0]]), 0.5);
    }

    #[test]
    fn nan_and_unequal_lengths_are_refused() {
        assert!(matches!(cosine(&[f32::NAN], &[1.0]), Err(MetricError::NotFinite { .. })));
        assert!(matches!(cosine(&[1.0], &[1.0, 2.0]), Err(MetricError::Lengths { .. })));
        assert!(matches!(mean_cosine(&[[1.0]], &[]), Err(MetricError::Lengths { .. })));
    }

    fn near(found: Result<Option<f64>, MetricError>, expected: f64) {
        let found = found.unwrap().unwrap();
        assert!((found - expected).abs() < 1e-12, "{found}");
    }
}
