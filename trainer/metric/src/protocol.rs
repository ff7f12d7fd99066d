//! Which samples of a set count, what their true class is, and which classes there are.

use mien_data::{CLASSES, Sample};
use mien_shared::label::Expression;
use serde::{Deserialize, Serialize};

use super::report::Case;

/// An evaluation protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// FER+ with eight classes: the pictures whose majority label qualifies, without those that
    /// another split nearly repeats.
    Ferplus8,
    /// FER2013 with its seven classes: every picture with one original label. Contempt, which it
    /// does not know, is dropped from the probabilities.
    Fer7,
    /// The six basic expressions and neutral, without contempt, as RAF-DB and `AffectNet`-7 have
    /// them: the pictures of [`Self::Ferplus8`] that show one of them.
    Seven,
    /// The six basic expressions, without neutral and contempt, as the LSD challenge has them
    /// (Kollias 2022, arXiv 2202.10659): the pictures of [`Self::Ferplus8`] that show one of them.
    Six,
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Self; 4] = [Self::Ferplus8, Self::Fer7, Self::Seven, Self::Six];
    /// Those that a bundle is judged by where nothing else is asked.
    pub const USUAL: [Self; 2] = [Self::Ferplus8, Self::Fer7];

    /// The name reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ferplus8 => "ferplus8",
            Self::Fer7 => "fer7",
            Self::Seven => "seven",
            Self::Six => "six",
        }
    }

    /// The protocol of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == name)
    }

    /// The classes, in canonical order.
    pub fn labels(self) -> &'static [Expression] {
        match self {
            Self::Ferplus8 => &Expression::ALL,
            Self::Fer7 | Self::Seven => &SEVEN,
            Self::Six => &SIX,
        }
    }

    /// What the sample shows, `None` where the protocol leaves it out.
    pub fn truth(self, sample: &Sample) -> Option<Expression> {
        match self {
            Self::Ferplus8 => sample.label.filter(|_| !sample.leaks),
            Self::Fer7 => sample.fer7,
            Self::Seven | Self::Six => {
                Self::Ferplus8.truth(sample).filter(|label| self.labels().contains(label))
            }
        }
    }

    /// The samples that count with what a network says of them: `probabilities[i]` over
    /// [`Expression::ALL`] is for `samples[i]`.
    pub fn cases(self, samples: &[Sample], probabilities: &[[f32; CLASSES]]) -> Vec<Case> {
        let case = |(sample, probabilities): (&Sample, &[f32; CLASSES])| {
            let truth = self.truth(sample)?;
            Some(Case { truth, probabilities: self.among_labels(*probabilities) })
        };
        samples.iter().zip(probabilities).filter_map(case).collect()
    }

    /// The probabilities given that one of the protocol's classes is right; even ones where all
    /// of those are 0.
    pub fn among_labels(self, probabilities: [f32; CLASSES]) -> [f32; CLASSES] {
        among(self.labels(), probabilities)
    }
}

/// The probabilities given that one of `labels` is right; even ones where all of those are 0.
pub fn among(labels: &[Expression], probabilities: [f32; CLASSES]) -> [f32; CLASSES] {
    let total: f32 = labels.iter().map(|label| probabilities[label.index()]).sum();
    let mut kept = [0.0; CLASSES];
    for label in labels {
        let at = label.index();
        kept[at] = if total > 0.0 { probabilities[at] / total } else { 1.0 / labels.len() as f32 };
    }
    kept
}

/// FER2013's classes in canonical order.
const SEVEN: [Expression; 7] = [
    Expression::Neutral,
    Expression::Anger,
    Expression::Disgust,
    Expression::Fear,
    Expression::Happiness,
    Expression::Sadness,
    Expression::Surprise,
];

/// The LSD challenge's classes in canonical order.
const SIX: [Expression; 6] = [
    Expression::Anger,
    Expression::Disgust,
    Expression::Fear,
    Expression::Happiness,
    Expression::Sadness,
    Expression::Surprise,
];

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use mien_shared::frame::Grey;

    use super::*;

    #[test]
    fn ferplus8_leaves_out_leaks_and_pictures_without_majority() {
        let good = sample(Some(Expression::Fear), false);
        assert_eq!(Protocol::Ferplus8.truth(&good), Some(Expression::Fear));
        assert_eq!(Protocol::Ferplus8.truth(&sample(Some(Expression::Fear), true)), None);
        assert_eq!(Protocol::Ferplus8.truth(&sample(None, false)), None);
    }

    #[test]
    fn fer7_takes_the_original_label_of_every_picture() {
        assert_eq!(Protocol::Fer7.truth(&sample(None, true)), Some(Expression::Sadness));
    }

    #[test]
    fn contempt_is_shared_out_among_the_seven() {
        let kept = Protocol::Fer7.among_labels([0.2, 0.0, 0.5, 0.0, 0.0, 0.3, 0.0, 0.0]);
        assert_eq!(kept, [0.4, 0.0, 0.0, 0.0, 0.0, 0.6, 0.0, 0.0]);
        let even = Protocol::Fer7.among_labels([0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!((even[2], even[0]), (0.0, 1.0 / 7.0));
    }

    #[test]
    fn seven_leave_out_contempt_and_six_neutral_too() {
        assert_eq!(Protocol::Six.truth(&sample(Some(Expression::Neutral), false)), None);
        assert_eq!(Protocol::Six.truth(&sample(Some(Expression::Contempt), false)), None);
        assert_eq!(Protocol::Seven.truth(&sample(Some(Expression::Contempt), false)), None);
        let neutral = sample(Some(Expression::Neutral), false);
        assert_eq!(Protocol::Seven.truth(&neutral), Some(Expression::Neutral));
        assert_eq!(Protocol::Six.truth(&sample(Some(Expression::Fear), true)), None);
        let fear = sample(Some(Expression::Fear), false);
        assert_eq!(Protocol::Six.truth(&fear), Some(Expression::Fear));
        let mut probabilities = [0.125; 8];
        probabilities[Expression::Neutral.index()] = 0.25;
        probabilities[Expression::Contempt.index()] = 0.0;
        let kept = Protocol::Six.among_labels(probabilities);
        assert_eq!(kept[Expression::Neutral.index()], 0.0);
        assert_eq!(kept[Expression::Anger.index()], 1.0 / 6.0);
    }

    #[test]
    fn only_samples_that_count_become_cases() {
        let samples = [sample(None, false), sample(Some(Expression::Fear), false)];
        let cases = Protocol::Ferplus8.cases(&samples, &[[0.125; 8]; 2]);
        assert_eq!(cases, [Case { truth: Expression::Fear, probabilities: [0.125; 8] }]);
    }

    #[test]
    fn names_are_found_again() {
        for protocol in Protocol::ALL {
            assert_eq!(Protocol::from_name(protocol.name()), Some(protocol));
        }
    }

    fn sample(label: Option<Expression>, leaks: bool) -> Sample {
        let (image, target, fer7) = (Grey::new(1, 1), [0.0; 8], Some(Expression::Sadness));
        Sample { id: 0, image, target, label, fer7, subject: None, points: None, leaks }
    }
}
