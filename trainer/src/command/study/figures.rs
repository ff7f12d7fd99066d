//! The figures of one network, or one vote, on one test.

use std::{collections::BTreeMap, str::FromStr};

use mien_data::CLASSES;
use mien_metric::{classify::Confusion, protocol::among};
use mien_shared::label::Expression;
use serde::{Deserialize, Serialize};

use super::predictions::Predictions;
use crate::task::expression::argmax;

/// Shares, 0..=1.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Figures {
    /// Pictures judged.
    pub(super) n: u64,
    pub(super) accuracy: f64,
    pub(super) balanced_accuracy: f64,
    pub(super) macro_f1: f64,
    /// By class, of the classes with pictures.
    pub(super) recall: BTreeMap<Expression, f64>,
}

/// One of the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Metric {
    Accuracy,
    BalancedAccuracy,
    MacroF1,
    Recall(Expression),
}

impl Metric {
    /// Every figure there is.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let whole = [Self::Accuracy, Self::BalancedAccuracy, Self::MacroF1];
        whole.into_iter().chain(Expression::ALL.map(Self::Recall))
    }

    /// Its name in study files and summaries.
    pub(super) fn name(self) -> String {
        match self {
            Self::Accuracy => "accuracy".to_owned(),
            Self::BalancedAccuracy => "balanced_accuracy".to_owned(),
            Self::MacroF1 => "macro_f1".to_owned(),
            Self::Recall(class) => format!("recall:{}", class.name()),
        }
    }
}

impl FromStr for Metric {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::all().find(|metric| metric.name() == name).ok_or_else(|| {
            format!(
                "metric '{name}': use accuracy, balanced_accuracy, macro_f1, or recall: and a \
                 class, as recall:disgust"
            )
        })
    }
}

impl Figures {
    /// Judges `predictions` where only `labels` count.
    pub(super) fn of(predictions: &Predictions, labels: &[Expression]) -> Self {
        let mut confusion = Confusion::new(CLASSES);
        for (&truth, &row) in predictions.truths.iter().zip(&predictions.rows) {
            confusion.add(usize::from(truth), argmax(&among(labels, row)));
        }
        let recall = |class: Expression| Some((class, confusion.recall(class.index())?));
        Self {
            n: confusion.total(),
            accuracy: confusion.accuracy(),
            balanced_accuracy: confusion.balanced_accuracy(),
            macro_f1: confusion.macro_f1(),
            recall: Expression::ALL.into_iter().filter_map(recall).collect(),
        }
    }

    /// The figure called for; `None` for the recall of a class without pictures.
    pub(super) fn get(&self, metric: Metric) -> Option<f64> {
        match metric {
            Metric::Accuracy => Some(self.accuracy),
            Metric::BalancedAccuracy => Some(self.balanced_accuracy),
            Metric::MacroF1 => Some(self.macro_f1),
            Metric::Recall(class) => self.recall.get(&class).copied(),
        }
    }

    /// Figure by figure the larger one.
    pub(super) fn best(&self, other: &Self) -> Self {
        let recall = |(&class, &own): (&Expression, &f64)| {
            (class, own.max(other.recall.get(&class).copied().unwrap_or(own)))
        };
        Self {
            n: self.n,
            accuracy: self.accuracy.max(other.accuracy),
            balanced_accuracy: self.balanced_accuracy.max(other.balanced_accuracy),
            macro_f1: self.macro_f1.max(other.macro_f1),
            recall: self.recall.iter().map(recall).collect(),
        }
    }
}
