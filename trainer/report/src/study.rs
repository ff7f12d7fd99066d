//! A study: systems trained on the same data, by the same budget, from the same seeds, and what
//! they make of the same tests.
//!
//! ```text
//! `mien-trainer study` -> trainer/results/NAME.json -> Study ──print──> text · Markdown · CSV · HTML
//! ```
//!
//! Figures are shares, 0..=1, whatever prints them in percent. A test may be the difference of two
//! others: a drop, of which less is better.

mod grid;
mod plot;
pub mod print;
pub mod read;

pub use read::StudyError;

use serde::{Deserialize, Serialize};

/// What a study found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// Its name.
    pub name: String,
    /// What it asks.
    pub question: String,
    /// Whose claim it checks; may be empty.
    pub source: String,
    /// What else there is to know; may be empty.
    pub note: String,
    /// The seeds that systems were trained from.
    pub seeds: Vec<u64>,
    /// What systems were tested on.
    pub tests: Vec<Test>,
    /// The systems and votes of systems.
    pub variants: Vec<Variant>,
    /// What was claimed of them.
    pub claims: Vec<Claim>,
    /// Operating system, processor and threads.
    pub machine: String,
    /// Revision of the program.
    pub revision: String,
    /// The command that made the study.
    pub command: String,
}

/// What systems were tested on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// Its data and what was done to them, in words.
    pub about: String,
    /// Its pictures; of a drop, those of the test dropped to. `None` where nothing was tested.
    pub n: Option<u64>,
    /// Whether its figures are a drop, of which less is better.
    #[serde(default)]
    pub drop: bool,
}

/// A system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// How it differs from the others, in words; may be empty.
    pub about: String,
    /// Its figures by test and metric; none where it was not trained.
    pub figures: Vec<Figure>,
}

/// One figure of a system on one test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The test.
    pub test: String,
    /// `accuracy`, `balanced_accuracy`, `macro_f1`, or `recall:` and a class.
    pub metric: String,
    /// Mean of the values.
    pub mean: f64,
    /// Their standard deviation over n − 1; `None` of a single one.
    pub sd: Option<f64>,
    /// A value for each seed, or each group of seeds that voted.
    pub values: Vec<Value>,
}

/// The figure of one run, or one vote of runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Value {
    /// The seed; of a vote, those of its members.
    pub seeds: Vec<u64>,
    /// The figure.
    pub value: f64,
}

/// An order of systems that was claimed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// By which figure.
    pub metric: String,
    /// On which test.
    pub test: String,
    /// The systems, claimed best first.
    pub order: Vec<String>,
    /// Each system against the one claimed next.
    pub pairs: Vec<Pair>,
    /// That of its pairs which is furthest from the claim.
    pub verdict: Verdict,
}

/// Two systems, compared seed by seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The one claimed better.
    pub better: String,
    /// The other.
    pub worse: String,
    /// By how much the first is better, by seed; below 0 where it is not.
    pub differences: Vec<Value>,
    /// Mean of the differences; `None` where there are none.
    pub mean: Option<f64>,
    /// Their standard deviation over n − 1; `None` of fewer than two.
    pub sd: Option<f64>,
    /// Whether every difference has the sign of the mean.
    pub agree: bool,
    /// What follows.
    pub verdict: Verdict,
    /// Which of the two has no figures; may be empty.
    pub missing: Vec<String>,
}

/// Whether a claim was seen here; in the order of distance from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verdict {
    /// The mean difference is above 0 by more than its standard error.
    #[serde(rename = "as claimed")]
    AsClaimed,
    /// The mean difference is within its standard error of 0.
    #[serde(rename = "not seen")]
    NotSeen,
    /// The mean difference is below 0 by more than its standard error.
    #[serde(rename = "reversed")]
    Reversed,
    /// One difference has no standard error.
    #[serde(rename = "too few seeds")]
    TooFew,
    /// A system has no figures.
    #[serde(rename = "missing")]
    Missing,
}

impl Verdict {
    /// The verdict on differences with that mean and that standard error.
    pub fn of(mean: f64, standard_error: Option<f64>) -> Self {
        match standard_error {
            None => Self::TooFew,
            Some(error) if mean > error => Self::AsClaimed,
            Some(error) if mean < -error => Self::Reversed,
            Some(_) => Self::NotSeen,
        }
    }

    /// Its words.
    pub fn words(self) -> &'static str {
        match self {
            Self::AsClaimed => "as claimed",
            Self::NotSeen => "not seen",
            Self::Reversed => "reversed",
            Self::TooFew => "too few seeds",
            Self::Missing => "missing",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two systems on two tests and their difference; the claim holds.
    pub(super) fn sample() -> Study {
        let value = |seed, value| Value { seeds: vec![seed], value };
        let figure = |test: &str, values: [f64; 2]| Figure {
            test: test.to_owned(),
            metric: "accuracy".to_owned(),
            mean: f64::midpoint(values[0], values[1]),
            sd: Some((values[0] - values[1]).abs() / 2.0_f64.sqrt()),
            values: vec![value(1, values[0]), value(2, values[1])],
        };
        let test = |name: &str, drop| Test {
            name: name.to_owned(),
            about: "a|b <c>".to_owned(),
            n: Some(400),
            drop,
        };
        let variant = |name: &str, clean, dark| Variant {
            name: name.to_owned(),
            about: String::new(),
            figures: vec![figure("clean", clean), figure("drop", dark)],
        };
        let pair = Pair {
            better: "new & bold".to_owned(),
            worse: "old".to_owned(),
            differences: vec![value(1, 0.125), value(2, 0.25)],
            mean: Some(0.1875),
            sd: Some(0.0625),
            agree: true,
            verdict: Verdict::AsClaimed,
            missing: Vec::new(),
        };
        Study {
            name: "pair".to_owned(),
            question: "Is new <better>?".to_owned(),
            source: "Someone 2020".to_owned(),
            note: String::new(),
            seeds: vec![1, 2],
            tests: vec![test("clean", false), test("drop", true)],
            variants: vec![
                variant("new & bold", [0.75, 0.875], [0.125, 0.125]),
                variant("old", [0.625, 0.625], [0.25, 0.25]),
            ],
            claims: vec![Claim {
                metric: "accuracy".to_owned(),
                test: "clean".to_owned(),
                order: vec!["new & bold".to_owned(), "old".to_owned()],
                pairs: vec![pair],
                verdict: Verdict::AsClaimed,
            }],
            machine: "here".to_owned(),
            revision: "abc".to_owned(),
            command: "study".to_owned(),
        }
    }

    #[test]
    fn a_claim_is_seen_only_beyond_the_standard_error() {
        assert_eq!(Verdict::of(0.011, Some(0.01)), Verdict::AsClaimed);
        assert_eq!(Verdict::of(0.009, Some(0.01)), Verdict::NotSeen);
        assert_eq!(Verdict::of(-0.009, Some(0.01)), Verdict::NotSeen);
        assert_eq!(Verdict::of(-0.011, Some(0.01)), Verdict::Reversed);
        assert_eq!(Verdict::of(0.5, None), Verdict::TooFew);
        assert_eq!(Verdict::of(0.0, Some(0.0)), Verdict::NotSeen);
    }

    #[test]
    fn verdicts_are_written_in_their_words() {
        for verdict in [Verdict::AsClaimed, Verdict::NotSeen, Verdict::Reversed, Verdict::TooFew] {
            assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.words());
        }
    }
}
