//! The confusion matrix and the figures that follow from it.
//!
//! Per class: precision `TP / (TP + FP)`, recall `TP / (TP + FN)`, `F1 = 2 TP / (2 TP + FP + FN)`.
//! Means over classes are unweighted and leave out the classes without a sample, which
//! [`Confusion::absent`] names. A set without any sample scores 0.

use serde::Serialize;

/// How often each class was taken for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Confusion {
    /// `counts[truth][predicted]`.
    counts: Vec<Vec<u64>>,
}

impl Confusion {
    /// An empty matrix.
    pub fn new(classes: usize) -> Self {
        Self { counts: vec![vec![0; classes]; classes] }
    }

    /// Counts a sample of class `truth` that was taken for `predicted`.
    ///
    /// # Panics
    /// When either is not below the number of classes.
    pub fn add(&mut self, truth: usize, predicted: usize) {
        self.counts[truth][predicted] += 1;
    }

    /// The matrix, a row for each true class.
    pub fn rows(&self) -> &[Vec<u64>] {
        &self.counts
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.counts.len()
    }

    /// Number of samples.
    pub fn total(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// Number of samples taken for what they are.
    pub fn correct(&self) -> u64 {
        (0..self.classes()).map(|class| self.counts[class][class]).sum()
    }

    /// Number of samples of a class.
    pub fn support(&self, class: usize) -> u64 {
        self.counts[class].iter().sum()
    }

    /// Number of samples taken for a class.
    pub fn predicted(&self, class: usize) -> u64 {
        self.counts.iter().map(|row| row[class]).sum()
    }

    /// Share of the samples taken for a class that are of it; `None` where there are none.
    pub fn precision(&self, class: usize) -> Option<f64> {
        share(self.counts[class][class], self.predicted(class))
    }

    /// Share of a class's samples taken for it; `None` where there are none.
    pub fn recall(&self, class: usize) -> Option<f64> {
        share(self.counts[class][class], self.support(class))
    }

    /// Harmonic mean of precision and recall; `None` where there is no sample of the class.
    pub fn f1(&self, class: usize) -> Option<f64> {
        let support = self.support(class);
        let both = support + self.predicted(class);
        if support == 0 { None } else { share(2 * self.counts[class][class], both) }
    }

    /// Share of the samples taken for what they are.
    pub fn accuracy(&self) -> f64 {
        share(self.correct(), self.total()).unwrap_or_default()
    }

    /// Mean recall over the classes with samples.
    pub fn balanced_accuracy(&self) -> f64 {
        mean((0..self.classes()).filter_map(|class| self.recall(class)))
    }

    /// Mean F1 over the classes with samples.
    pub fn macro_f1(&self) -> f64 {
        mean((0..self.classes()).filter_map(|class| self.f1(class)))
    }

    /// The classes without samples, which the means leave out.
    pub fn absent(&self) -> Vec<usize> {
        (0..self.classes()).filter(|&class| self.support(class) == 0).collect()
    }
}

/// `part / whole`; `None` of nothing.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The mean, 0 of nothing.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0u32), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / f64::from(count) }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    #[test]
    fn f1_of_eight_hits_two_false_and_four_missed_is_8_in_11() {
        let mut confusion = Confusion::new(2);
        (0..8).for_each(|_| confusion.add(1, 1));
        (0..2).for_each(|_| confusion.add(0, 1));
        (0..4).for_each(|_| confusion.add(1, 0));
        assert!((confusion.f1(1).unwrap() - 0.7273).abs() < 5e-5);
        assert_eq!(confusion.precision(1), Some(0.8));
        assert_eq!(confusion.recall(1), Some(8.0 / 12.0));
    }

    #[test]
    fn accuracies_of_144_pictures_are_those_of_the_literature() {
        for (correct, percent) in [(112, 77.78), (113, 78.47), (118, 81.94), (122, 84.72)] {
            let mut confusion = Confusion::new(6);
            (0..144).for_each(|at| confusion.add(0, usize::from(at >= correct)));
            assert!((100.0 * confusion.accuracy() - percent).abs() < 0.005);
        }
    }

    #[test]
    fn macro_f1_is_the_unweighted_mean() {
        let confusion = of(3, &[0, 1, 2, 0, 1, 2], &[0, 2, 1, 0, 0, 1]);
        assert!((confusion.macro_f1() - 0.8 / 3.0).abs() < 1e-12);
        assert_eq!(confusion.rows(), [[2, 0, 0], [1, 0, 1], [0, 2, 0]]);
    }

    #[test]
    fn balanced_accuracy_is_the_mean_recall() {
        let confusion = of(2, &[0, 1, 0, 0, 1, 0], &[0, 1, 0, 0, 0, 1]);
        assert_eq!(confusion.balanced_accuracy(), 0.625);
    }

    #[test]
    fn classes_without_samples_are_left_out_of_the_means_and_named() {
        let confusion = of(4, &[0, 0, 1, 1], &[0, 0, 1, 3]);
        assert_eq!(confusion.absent(), [2, 3]);
        assert_eq!(confusion.balanced_accuracy(), 0.75);
        assert!((confusion.macro_f1() - 5.0 / 6.0).abs() < 1e-12);
        assert_eq!((confusion.f1(3), confusion.precision(3)), (None, Some(0.0)));
        assert_eq!((confusion.f1(2), confusion.precision(2)), (None, None));
    }

    #[test]
    fn no_samples_score_zero() {
        let empty = Confusion::new(8);
        assert_eq!(
            (empty.accuracy(), empty.macro_f1(), empty.balanced_accuracy()),
            (0.0, 0.0, 0.0)
        );
    }

    fn of(classes: usize, truth: &[usize], predicted: &[usize]) -> Confusion {
        let mut confusion = Confusion::new(classes);
        truth.iter().zip(predicted).for_each(|(&t, &p)| confusion.add(t, p));
        confusion
    }
}
