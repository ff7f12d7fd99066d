//! Soft voting: what several networks say of the same pictures becomes one opinion.
//!
//! With `p_m` the class probabilities of member `m` of `M`:
//!
//! ```text
//! by probabilities   p = Σ p_m / M                 the mean the LSD ensemble describes
//! by logits          p = softmax(Σ log p_m / M)    the mean its released code takes
//! ```
//!
//! A member's logits are its `log p_m` up to a number that is the same for all classes, which
//! softmax does not see: the second line is the softmax of mean logits, and needs no logits.

use serde::Serialize;

use crate::task::expression::CLASSES;

/// What is averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Vote {
    /// Class probabilities.
    Probabilities,
    /// Their logits.
    Logits,
}

/// The opinion of all `members` of each sample: `members[m][i]` are member `m`'s class
/// probabilities for sample `i`. No opinion of no members, and of those samples only that every
/// member judged.
pub fn vote(members: &[Vec<[f32; CLASSES]>], by: Vote) -> Vec<[f32; CLASSES]> {
    let samples = members.iter().map(Vec::len).min().unwrap_or(0);
    (0..samples).map(|at| one(members, at, by)).collect()
}

fn one(members: &[Vec<[f32; CLASSES]>], at: usize, by: Vote) -> [f32; CLASSES] {
    let mean = |class: usize, of: fn(f32) -> f32| {
        members.iter().map(|member| of(member[at][class])).sum::<f32>() / members.len() as f32
    };
    let scores: [f32; CLASSES] = std::array::from_fn(|class| match by {
        Vote::Probabilities => mean(class, |p| p),
        // A probability too small for `f32` is not an impossible class.
        Vote::Logits => mean(class, |p| p.max(f32::MIN_POSITIVE).ln()).exp(),
    });
    let sum: f32 = scores.iter().sum();
    scores.map(|score| score / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the first two classes; the others have nothing.
    fn member(first: f32) -> Vec<[f32; CLASSES]> {
        let mut row = [0.0; CLASSES];
        [row[0], row[1]] = [first, 1.0 - first];
        vec![row]
    }

    #[test]
    fn two_who_are_unsure_lose_to_one_who_is_sure() {
        let members = [0.9, 0.4, 0.4].map(member);
        let voted = vote(&members, Vote::Probabilities);
        assert_eq!(voted.len(), 1);
        assert!((voted[0][0] - 1.7 / 3.0).abs() < 1e-6 && (voted[0][1] - 1.3 / 3.0).abs() < 1e-6);
    }

    #[test]
    fn logits_weigh_certainty_more_than_probabilities_do() {
        let members = [0.999, 0.3, 0.2].map(member);
        let [by_p, by_logits] = [Vote::Probabilities, Vote::Logits].map(|by| vote(&members, by)[0]);
        assert!((by_p[0] - 1.499 / 3.0).abs() < 1e-6, "{by_p:?}");
        // The odds are multiplied: cbrt(999 · 3/7 · 1/4) = 4.7477 to one.
        assert!((by_logits[0] - 4.7477 / 5.7477).abs() < 1e-4, "{by_logits:?}");
        assert!((by_logits.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn the_order_of_members_does_not_matter_and_one_member_is_its_own_opinion() {
        let members = [0.8, 0.3, 0.6].map(member);
        let turned = [0.6, 0.8, 0.3].map(member);
        for by in [Vote::Probabilities, Vote::Logits] {
            let gap = vote(&members, by)[0][0] - vote(&turned, by)[0][0];
            assert!(gap.abs() < 1e-6);
            assert!((vote(&members[..1], by)[0][0] - 0.8).abs() < 1e-6);
        }
        assert!(vote(&[], Vote::Logits).is_empty());
    }
}
