//! Whether two pictures show one person, asked of people no network has learned from.
//!
//! The area under the ROC curve of the cosine of two embeddings over all pairs of pictures, as
//! face verification is judged (Huang et al. 2007, Labeled Faces in the Wild).

use mien_metric::{auc::auc, identity::cosine};

use super::people::Portrait;

/// The area; `None` without a pair of one person and a pair of two.
pub(super) fn area(portraits: &[Portrait], embeddings: &[Vec<f32>]) -> Option<f64> {
    let (mut scores, mut truth) = (Vec::new(), Vec::new());
    let faces: Vec<_> = portraits.iter().zip(embeddings).collect();
    for (at, (a, x)) in faces.iter().enumerate() {
        for (b, y) in &faces[at + 1..] {
            #[expect(clippy::cast_possible_truncation, reason = "scores are ranked in f32")]
            scores.push(cosine(x, y).ok()?.unwrap_or(0.0) as f32);
            truth.push(Some(a.person == b.person));
        }
    }
    auc(&scores, &truth).ok()?
}

#[cfg(test)]
mod tests {
    use mien_shared::frame::Grey;

    use super::*;

    fn of(people: &[usize], embeddings: &[[f32; 2]]) -> Option<f64> {
        let portrait = |&person: &usize| Portrait { image: Grey::default(), person };
        let portraits: Vec<_> = people.iter().map(portrait).collect();
        let embeddings: Vec<_> = embeddings.iter().map(|row| row.to_vec()).collect();
        area(&portraits, &embeddings)
    }

    #[test]
    fn the_area_is_the_share_of_same_pairs_nearer_than_others() {
        let apart = [[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [0.1, 1.0]];
        assert_eq!(of(&[0, 0, 1, 1], &apart), Some(1.0));
        // One same pair is the farthest of all, the other nearer than two of four.
        assert_eq!(of(&[0, 1, 0, 1], &apart), Some(0.25));
    }

    #[test]
    fn without_two_pictures_of_one_person_there_is_none() {
        assert_eq!(of(&[0, 1], &[[1.0, 0.0], [0.0, 1.0]]), None);
    }
}
