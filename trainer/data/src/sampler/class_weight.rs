//! Weights that give rare classes their say in a loss.
//!
//! With `n_c` of `n` pictures in class `c` and `k` classes that have any:
//!
//! | scheme | weight |
//! |---|---|
//! | [`ClassWeights::Complement`] | `1 - n_c / n` |
//! | [`ClassWeights::Inverse`] | `n / (k n_c)` |
//! | [`ClassWeights::Effective`] | `(1 - beta) / (1 - beta^n_c)`, Cui et al. 2019 (arXiv 1901.05555) |
//!
//! Weights are not scaled to any sum: a loss that divides by the sum of its weights needs none.

use serde::{Deserialize, Serialize};

use super::SamplerError;

/// How much a class counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ClassWeights {
    /// The share of all other classes: mild.
    Complement,
    /// In inverse proportion to its size, 1 on average over pictures.
    Inverse,
    /// In inverse proportion to the effective number of its pictures.
    Effective {
        /// 0 weighs all alike, towards 1 it becomes inverse proportion; 0.999 is common.
        beta: f64,
    },
}

/// The weight of each class from its number of pictures; 0 for a class that has none.
///
/// # Errors
/// [`SamplerError::Beta`] where `beta` is not from 0 to below 1.
pub fn class_weights(counts: &[usize], scheme: ClassWeights) -> Result<Vec<f64>, SamplerError> {
    if let ClassWeights::Effective { beta } = scheme
        && !(0.0..1.0).contains(&beta)
    {
        return Err(SamplerError::Beta { beta });
    }
    let total: f64 = counts.iter().map(|&count| count as f64).sum();
    let classes = counts.iter().filter(|&&count| count > 0).count() as f64;
    let weight = |&count: &usize| match (count as f64, scheme) {
        (0.0, _) => 0.0,
        (count, ClassWeights::Complement) => 1.0 - count / total,
        (count, ClassWeights::Inverse) => total / (classes * count),
        (count, ClassWeights::Effective { beta }) => (1.0 - beta) / (1.0 - beta.powf(count)),
    };
    Ok(counts.iter().map(weight).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FER2013: angry, disgust, fear, happy, sad, surprise, neutral.
    const FER2013: [usize; 7] = [4953, 547, 5121, 8989, 6077, 4002, 6198];

    /// Weights in thousandths.
    fn thousandths(counts: &[usize], scheme: ClassWeights) -> Vec<f64> {
        let weights = class_weights(counts, scheme).unwrap();
        weights.into_iter().map(|weight| (1000.0 * weight).round()).collect()
    }

    #[test]
    fn the_complement_is_that_of_the_literature() {
        let fer2013 = thousandths(&FER2013, ClassWeights::Complement);
        assert_eq!(fer2013, [862.0, 985.0, 857.0, 750.0, 831.0, 888.0, 827.0]);
        let lsd = [18_286, 15_150, 10_923, 73_285, 144_631, 14_976];
        let expected = [934.0, 945.0, 961.0, 736.0, 478.0, 946.0];
        assert_eq!(thousandths(&lsd, ClassWeights::Complement), expected);
    }

    #[test]
    fn inverse_weights_are_one_on_average_over_pictures() {
        assert_eq!(
            class_weights(&[6, 2, 0, 4], ClassWeights::Inverse).unwrap(),
            [12.0 / 18.0, 2.0, 0.0, 1.0]
        );
        let fer2013 = class_weights(&FER2013, ClassWeights::Inverse).unwrap();
        assert!((fer2013[1] - 9.3724).abs() < 1e-4, "{fer2013:?}");
        let sum: f64 = fer2013.iter().zip(FER2013).map(|(weight, n)| weight * n as f64).sum();
        assert!((sum / 35_887.0 - 1.0).abs() < 1e-12, "{sum}");
    }

    #[test]
    fn the_effective_number_runs_from_equal_to_inverse() {
        let effective = |counts: &[usize], beta| {
            class_weights(counts, ClassWeights::Effective { beta }).unwrap()
        };
        assert_eq!(effective(&[5, 0, 9], 0.0), [1.0, 0.0, 1.0]);
        assert_eq!(effective(&[1, 2, 3], 0.5), [1.0, 2.0 / 3.0, 4.0 / 7.0]);
        let near = effective(&[10, 1000], 1.0 - 1e-9);
        assert!((near[0] / near[1] - 100.0).abs() < 1e-3, "{near:?}");
    }

    #[test]
    fn a_beta_out_of_range_is_refused() {
        for beta in [1.0, -0.1, f64::NAN] {
            assert!(class_weights(&[1], ClassWeights::Effective { beta }).is_err());
        }
        let error = class_weights(&[1], ClassWeights::Effective { beta: 1.0 }).unwrap_err();
        assert_eq!(error.to_string(), "class_weights.beta is 1: use a number from 0 to below 1");
    }

    #[test]
    fn schemes_are_read_from_recipes() {
        #[derive(Deserialize)]
        struct Recipe {
            weights: ClassWeights,
        }
        let read = |text| toml::from_str::<Recipe>(text).map(|recipe| recipe.weights);
        assert_eq!(read("weights = 'inverse'"), Ok(ClassWeights::Inverse));
        let effective = read("weights = { effective = { beta = 0.999 } }");
        assert_eq!(effective, Ok(ClassWeights::Effective { beta: 0.999 }));
        assert!(read("weights = 'reverse'").is_err());
    }
}
