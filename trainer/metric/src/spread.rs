//! The mean of a few values of one figure, and how far they lie apart.
//!
//! One system trained from several seeds gives several accuracies; two systems trained from the same
//! seeds give as many differences. Their mean says little without their standard deviation `s` over
//! n − 1, or the standard error `s / √n` of the mean.

use serde::Serialize;

/// A mean with its spread.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// Number of values, at least 1.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation over n − 1; `None` of a single value.
    pub deviation: Option<f64>,
}

impl Spread {
    /// The spread of `values`; `None` of nothing.
    pub fn of(values: &[f64]) -> Option<Self> {
        let count = values.len();
        let mean = values.iter().sum::<f64>() / count as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let deviation = (count > 1).then(|| (squares / (count.max(2) - 1) as f64).sqrt());
        (count > 0).then_some(Self { count, mean, deviation })
    }

    /// Standard error of the mean; `None` of a single value.
    pub fn standard_error(&self) -> Option<f64> {
        self.deviation.map(|deviation| deviation / (self.count as f64).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deviation_is_over_one_less_than_the_values() {
        let spread = Spread::of(&[2.0, 4.0, 4.0, 6.0]).unwrap();
        assert_eq!((spread.count, spread.mean), (4, 4.0));
        assert!((spread.deviation.unwrap() - (8.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert!((spread.standard_error().unwrap() - (2.0_f64 / 3.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn a_single_value_has_no_spread_and_nothing_no_mean() {
        let one = Spread::of(&[0.5]).unwrap();
        assert_eq!((one.mean, one.deviation, one.standard_error()), (0.5, None, None));
        assert_eq!(Spread::of(&[]), None);
    }
}
