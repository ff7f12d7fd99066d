//! Votes of runs.

use std::path::PathBuf;

use serde::Deserialize;

use super::{StudyError, exam, figures::Figures, file::Test, predictions::Predictions};
use crate::judge::vote::{Vote, vote};

/// How runs vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum By {
    /// The mean of their probabilities.
    #[default]
    Probabilities,
    /// The mean of their logits.
    Logits,
    /// No vote: figure by figure that of the best member, chosen on the test itself, which a vote
    /// has to beat.
    Best,
}

impl By {
    /// Its words, before the members' names.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Probabilities => "mean of probabilities",
            Self::Logits => "mean of logits",
            Self::Best => "best member",
        }
    }
}

/// What members with those figures and those files of predictions come to on `test`.
///
/// # Errors
/// When a file cannot be read, or members judged different pictures.
pub(super) fn figures(
    by: By,
    figures: &[&Figures],
    files: impl Iterator<Item = PathBuf>,
    test: &Test,
) -> Result<Figures, StudyError> {
    let by = match by {
        By::Probabilities => Vote::Probabilities,
        By::Logits => Vote::Logits,
        By::Best => {
            let best = figures.iter().copied().cloned().reduce(|best, other| best.best(&other));
            return Ok(best.unwrap_or_default());
        }
    };
    let members: Vec<Predictions> =
        files.map(|path| Predictions::read(&path)).collect::<Result<_, _>>()?;
    let Some(voted) = voted(members, by) else {
        let why = "members of a vote judged different pictures: remove their judged.json";
        return Err(StudyError::Test { test: test.name.clone(), why: why.to_owned() });
    };
    Ok(Figures::of(&voted, exam::labels(test)))
}

/// What the members say together; `None` where they are of different pictures or none.
fn voted(members: Vec<Predictions>, by: Vote) -> Option<Predictions> {
    let first = members.first()?;
    let same = |other: &Predictions| other.ids == first.ids && other.truths == first.truths;
    if !members.iter().all(same) {
        return None;
    }
    let (ids, truths) = (first.ids.clone(), first.truths.clone());
    let rows: Vec<_> = members.into_iter().map(|member| member.rows).collect();
    Some(Predictions { ids, truths, rows: vote(&rows, by) })
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use mien_data::CLASSES;

    use super::*;

    fn sure(class: usize, share: f32) -> [f32; CLASSES] {
        let mut row = [0.0; CLASSES];
        (row[class], row[7 - class]) = (share, 1.0 - share);
        row
    }

    fn member(rows: Vec<[f32; CLASSES]>) -> Predictions {
        Predictions { ids: vec![1, 2], truths: vec![0, 1], rows }
    }

    #[test]
    fn a_sure_member_outvotes_two_that_doubt() {
        let sure_one = member(vec![sure(0, 1.0), sure(1, 1.0)]);
        let doubting = member(vec![sure(0, 0.375), sure(1, 0.375)]);
        let voted = voted(vec![sure_one, doubting.clone(), doubting], Vote::Probabilities).unwrap();
        assert!((voted.rows[0][0] - 1.75 / 3.0).abs() < 1e-6);
        assert_eq!(Figures::of(&voted, &mien_shared::label::Expression::ALL).accuracy, 1.0);
    }

    #[test]
    fn members_that_judged_other_pictures_have_no_vote() {
        let one = member(vec![sure(0, 1.0); 2]);
        let other = Predictions { ids: vec![1, 3], ..one.clone() };
        assert_eq!(voted(vec![one, other], Vote::Logits), None);
    }

    #[test]
    fn the_best_member_is_chosen_figure_by_figure() {
        let of = |accuracy, macro_f1| Figures { n: 2, accuracy, macro_f1, ..Figures::default() };
        let test: Test = toml::from_str("name = 'clean'").unwrap();
        let members = [&of(0.5, 0.75), &of(0.625, 0.25)];
        let best = figures(By::Best, &members, std::iter::empty(), &test).unwrap();
        assert_eq!((best.accuracy, best.macro_f1), (0.625, 0.75));
    }
}
