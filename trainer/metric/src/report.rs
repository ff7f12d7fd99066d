//! All that is measured of an expression classifier on one set, as figures and as a table.

use std::fmt;

use mien_data::CLASSES;
use mien_shared::label::Expression;
use serde::Serialize;

use super::{
    calibration::expected_error,
    classify::Confusion,
    input::{MetricError, within},
    interval::{Estimate, bootstrap, wilson},
};

/// A judged sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Case {
    /// What it shows.
    pub truth: Expression,
    /// What the network says, over [`Expression::ALL`], summing to 1.
    pub probabilities: [f32; CLASSES],
}

impl Case {
    /// A sample whose probabilities are ones.
    ///
    /// # Errors
    /// [`MetricError::NotFinite`] and [`MetricError::OutOfRange`].
    pub fn new(truth: Expression, probabilities: [f32; CLASSES]) -> Result<Self, MetricError> {
        within("class probabilities", probabilities, 0.0..=1.0)?;
        Ok(Self { truth, probabilities })
    }

    /// The most probable expression and its probability; the first of equals.
    pub fn predicted(&self) -> (Expression, f32) {
        let mut best = (Expression::Neutral, self.probabilities[0]);
        for (expression, probability) in Expression::ALL.into_iter().zip(self.probabilities) {
            if probability > best.1 {
                best = (expression, probability);
            }
        }
        best
    }
}

/// The figures of a classifier.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassReport {
    /// Number of samples.
    pub samples: u64,
    /// Share taken for what they are, with Wilson's interval.
    pub accuracy: Estimate,
    /// Mean recall over the classes with samples, with a bootstrap interval.
    pub balanced_accuracy: Estimate,
    /// Mean F1 over the classes with samples, with a bootstrap interval.
    pub macro_f1: Estimate,
    /// Expected calibration error over 15 bins.
    pub calibration_error: f64,
    /// The classes, in canonical order.
    pub classes: Vec<ClassRow>,
    /// The classes without samples, left out of the two means.
    pub left_out: Vec<Expression>,
    /// A row for each true class, a column for each predicted one, in the order of `classes`.
    pub confusion: Confusion,
}

/// The figures of one class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassRow {
    /// The class.
    pub label: Expression,
    /// Samples of the class.
    pub support: u64,
    /// Share of those taken for the class that are of it; `None` where there are none.
    pub precision: Option<f64>,
    /// Share of its samples taken for it; `None` where there are none.
    pub recall: Option<f64>,
    /// Harmonic mean of the two; `None` where there is no sample.
    pub f1: Option<f64>,
}

impl ClassReport {
    /// Measures `cases` over the classes `labels`; `seed` is the bootstrap's.
    ///
    /// Cases whose true or predicted class is not among `labels` are not counted: a
    /// [`super::protocol::Protocol`] gives none.
    pub fn new(labels: &[Expression], cases: &[Case], seed: u64) -> Self {
        let mut judged = Vec::with_capacity(cases.len());
        let mut judgements = Vec::with_capacity(cases.len());
        for case in cases {
            let (predicted, confidence) = case.predicted();
            let place = |e| labels.iter().position(|&label| label == e);
            if let (Some(truth), Some(taken)) = (place(case.truth), place(predicted)) {
                judged.push((truth, taken));
                judgements.push((confidence, truth == taken));
            }
        }
        let confusion = tally(labels.len(), &judged);
        let [balanced_accuracy, macro_f1] = bootstrap(&judged, seed, |judged| {
            let drawn = tally(labels.len(), judged);
            [drawn.balanced_accuracy(), drawn.macro_f1()]
        });
        Self {
            samples: confusion.total(),
            accuracy: wilson(confusion.correct(), confusion.total()),
            balanced_accuracy,
            macro_f1,
            calibration_error: expected_error(&judgements),
            classes: rows(labels, &confusion),
            left_out: confusion.absent().into_iter().map(|class| labels[class]).collect(),
            confusion,
        }
    }
}

impl fmt::Display for ClassReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<18}{:>7}", "samples", self.samples)?;
        for (name, figure) in [
            ("accuracy", self.accuracy),
            ("balanced accuracy", self.balanced_accuracy),
            ("macro F1", self.macro_f1),
        ] {
            let [value, low, high] = [figure.value, figure.low, figure.high].map(|v| 100.0 * v);
            writeln!(f, "{name:<18}{value:>7.2} %   95 % interval {low:.2} to {high:.2} %")?;
        }
        writeln!(f, "{:<18}{:>7.2} %", "calibration error", 100.0 * self.calibration_error)?;
        if !self.left_out.is_empty() {
            let names: Vec<&str> = self.left_out.iter().map(|label| label.name()).collect();
            writeln!(f, "without samples, left out of the means: {}", names.join(", "))?;
        }
        writeln!(f)?;
        self.table(f)
    }
}

impl ClassReport {
    /// The classes with their figures, and beside them what each was taken for.
    fn table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<11}{:>7}{:>11}{:>8}{:>8}  |", "", "samples", "precision", "recall", "F1")?;
        for row in &self.classes {
            write!(f, "{:>6.4}", row.label)?;
        }
        writeln!(f, "  <- taken for")?;
        for (row, counts) in self.classes.iter().zip(self.confusion.rows()) {
            write!(f, "{:<11}{:>7}", row.label, row.support)?;
            let [precision, recall, f1] = [row.precision, row.recall, row.f1].map(percent);
            write!(f, "{precision:>11}{recall:>8}{f1:>8}  |")?;
            for count in counts {
                write!(f, "{count:>6}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn rows(labels: &[Expression], confusion: &Confusion) -> Vec<ClassRow> {
    let row = |(class, &label): (usize, &Expression)| ClassRow {
        label,
        support: confusion.support(class),
        precision: confusion.precision(class),
        recall: confusion.recall(class),
        f1: confusion.f1(class),
    };
    labels.iter().enumerate().map(row).collect()
}

/// The confusion of (truth, predicted) pairs.
fn tally(classes: usize, judged: &[(usize, usize)]) -> Confusion {
    let mut confusion = Confusion::new(classes);
    for &(truth, predicted) in judged {
        confusion.add(truth, predicted);
    }
    confusion
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1}", 100.0 * share))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    const LABELS: [Expression; 3] = [Expression::Neutral, Expression::Anger, Expression::Happiness];

    #[test]
    fn the_figures_are_those_of_the_cases() {
        let report = ClassReport::new(&LABELS, &cases(), 1);
        assert_eq!(report.samples, 4);
        assert_eq!(report.accuracy.value, 0.75);
        assert_eq!(report.balanced_accuracy.value, 0.75);
        assert_eq!(report.left_out, [Expression::Anger]);
        assert_eq!(report.confusion.rows(), [[1, 0, 1], [0, 0, 0], [0, 0, 2]]);
        assert!((report.calibration_error - 0.05).abs() < 1e-6, "{}", report.calibration_error);
        assert!(report.macro_f1.low <= report.macro_f1.value);
        assert!(report.macro_f1.value <= report.macro_f1.high);
    }

    #[test]
    fn the_table_reads_like_this() {
        let report = ClassReport::new(&LABELS, &cases(), 1).to_string();
        let table = report.split_once("\n\n").unwrap().1;
        assert_eq!(
            table,
            "           samples  precision  recall      F1  |  neut  ange  happ  <- taken for\n\
             neutral          2      100.0    50.0    66.7  |     1     0     1\n\
             anger            0          -       -       -  |     0     0     0\n\
             happiness        2       66.7   100.0    80.0  |     0     0     2\n"
        );
        assert!(report.contains("accuracy            75.00 %   95 % interval 30.06 to 95.44 %"));
        assert!(report.contains("without samples, left out of the means: anger"));
    }

    #[test]
    fn the_first_of_equals_is_predicted() {
        let case = Case { truth: Expression::Fear, probabilities: [0.125; 8] };
        assert_eq!(case.predicted(), (Expression::Neutral, 0.125));
    }

    #[test]
    fn a_case_without_probabilities_is_refused() {
        let of = |first| {
            let mut probabilities = [0.0; 8];
            probabilities[2] = first;
            Case::new(Expression::Fear, probabilities)
        };
        assert!(of(1.0).is_ok());
        assert!(matches!(of(f32::NAN), Err(MetricError::NotFinite { index: 2, .. })));
        assert!(matches!(of(-0.5), Err(MetricError::OutOfRange { index: 2, .. })));
    }

    #[test]
    fn a_report_of_nothing_is_all_zero() {
        let report = ClassReport::new(&LABELS, &[], 1);
        assert_eq!((report.samples, report.macro_f1.value), (0, 0.0));
        assert_eq!(report.left_out, LABELS);
    }

    #[test]
    fn json_names_classes_by_their_canonical_names() {
        let json = serde_json::to_value(ClassReport::new(&LABELS, &cases(), 1)).unwrap();
        assert_eq!(json["classes"][2]["label"], "happiness");
        assert_eq!(json["confusion"][0][2], 1);
        assert_eq!(json["accuracy"]["value"], 0.75);
        assert!(json["classes"][1]["recall"].is_null());
    }

    /// Neutral taken for neutral and happiness, happiness twice for itself, at confidence 0.8.
    fn cases() -> Vec<Case> {
        let case = |truth, predicted: Expression| {
            let mut probabilities = [0.0; 8];
            probabilities[predicted.index()] = 0.8;
            Case { truth, probabilities }
        };
        vec![
            case(Expression::Neutral, Expression::Neutral),
            case(Expression::Neutral, Expression::Happiness),
            case(Expression::Happiness, Expression::Happiness),
            case(Expression::Happiness, Expression::Happiness),
        ]
    }
}
