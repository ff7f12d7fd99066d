//! Feature vectors as points of a plane: t-SNE (van der Maaten & Hinton 2008; Barnes-Hut form,
//! van der Maaten 2014).
//!
//! `[N][D]` vectors, N ≤ [`MAX_POINTS`], become N points in no particular unit. Near points were
//! near as vectors; distances between clusters and sizes of clusters mean nothing. Perplexity is
//! 30, or a third of the points where they are few; the start is the spectral embedding of the
//! neighbour graph. Nothing is drawn at random and one thread computes: the same vectors give the
//! same points, bit for bit, on one machine.

use bhtsne::{Neighbor, tSNE};
use rayon::ThreadPoolBuilder;
use thiserror::Error;

/// Most points an embedding may have.
pub const MAX_POINTS: usize = 2000;

/// Fewest points that have neighbours to speak of.
pub const MIN_POINTS: usize = 8;

/// Longest feature vector accepted.
const MAX_FEATURES: usize = 65_536;

/// Effective number of neighbours of a point, as van der Maaten & Hinton recommend.
const PERPLEXITY: usize = 30;

/// Steps of gradient descent.
const STEPS: usize = 1000;

/// Accuracy of the Barnes-Hut approximation; 0 is exact.
const THETA: f32 = 0.5;

/// The points of `vectors` in a plane, in the same order.
///
/// # Shapes
/// `[N][D] -> [N][2]`, f32
///
/// # Errors
/// When there are too few or too many vectors, they differ in length, hold a value that is no
/// number, or have no embedding.
pub fn embed(vectors: &[Vec<f32>]) -> Result<Vec<[f32; 2]>, EmbedError> {
    check(vectors)?;
    let neighbours = neighbours(vectors, (vectors.len() - 1).min(3 * PERPLEXITY));
    let perplexity = PERPLEXITY.min((vectors.len() - 1) / 3);
    let fit = || {
        let mut tsne: tSNE<'_, f32, Vec<f32>> = tSNE::new(vectors);
        tsne.perplexity(perplexity as f32).epochs(STEPS).spectral_init();
        tsne.barnes_hut_with_neighbors(THETA, &neighbours).embedding()
    };
    // Sums over several threads are added up in the order in which those finish.
    let alone = ThreadPoolBuilder::new().num_threads(1).build()?;
    let points = alone.install(fit).as_chunks::<2>().0.to_vec();
    let finite = points.iter().flatten().all(|value| value.is_finite());
    if finite { Ok(points) } else { Err(EmbedError::Degenerate) }
}

fn check(vectors: &[Vec<f32>]) -> Result<(), EmbedError> {
    if !(MIN_POINTS..=MAX_POINTS).contains(&vectors.len()) {
        return Err(EmbedError::Count { count: vectors.len() });
    }
    let features = vectors[0].len();
    for (row, vector) in vectors.iter().enumerate() {
        if vector.len() != features || !(1..=MAX_FEATURES).contains(&features) {
            return Err(EmbedError::Length { row, length: vector.len(), expected: features });
        }
        if !vector.iter().all(|value| value.is_finite()) {
            return Err(EmbedError::NotFinite { row });
        }
    }
    Ok(())
}

/// The `count` nearest other vectors of each, nearest first; the first of equals.
fn neighbours(vectors: &[Vec<f32>], count: usize) -> Vec<Vec<Neighbor<f32>>> {
    let of = |(at, vector): (usize, &Vec<f32>)| {
        let others = vectors.iter().enumerate().filter(|(index, _)| *index != at);
        let mut row: Vec<_> = others
            .map(|(index, other)| Neighbor { index, distance: distance(vector, other) })
            .collect();
        row.sort_by(|a, b| a.distance.total_cmp(&b.distance));
        row.truncate(count);
        row
    };
    vectors.iter().enumerate().map(of).collect()
}

fn distance(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
}

/// Why vectors have no embedding.
#[derive(Debug, Error)]
pub enum EmbedError {
    /// Too few or too many.
    #[error("{count} feature vectors: give {MIN_POINTS} to {MAX_POINTS}")]
    Count {
        /// Vectors given.
        count: usize,
    },
    /// A vector is not as long as the first, or of no usable length.
    #[error(
        "feature vector {row} has {length} values, the first {expected}: give all the same \
         number, 1 to {MAX_FEATURES}"
    )]
    Length {
        /// Which, from 0.
        row: usize,
        /// Its values.
        length: usize,
        /// Values of the first.
        expected: usize,
    },
    /// A vector holds a value that is no number.
    #[error("feature vector {row} holds a value that is not finite: the network has diverged")]
    NotFinite {
        /// Which, from 0.
        row: usize,
    },
    /// The descent ended in no numbers, as it does when distances overflow.
    #[error("the feature vectors have no embedding: scale them to the order of 1")]
    Degenerate,
    /// The system gives no thread.
    #[error(transparent)]
    Thread(#[from] rayon::ThreadPoolBuildError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_stay_together_and_apart() {
        let points = embed(&clusters(3, 40)).unwrap();
        let mean = |cluster: usize| {
            let own = &points[cluster * 40..(cluster + 1) * 40];
            [0, 1].map(|axis| own.iter().map(|point| point[axis]).sum::<f32>() / 40.0)
        };
        let means = [mean(0), mean(1), mean(2)];
        for (at, point) in points.iter().enumerate() {
            let nearest = (0..3)
                .min_by(|&a, &b| distance(point, &means[a]).total_cmp(&distance(point, &means[b])));
            assert_eq!(nearest, Some(at / 40), "point {at} of {means:?}");
        }
    }

    #[test]
    fn the_same_vectors_give_the_same_points() {
        let vectors = clusters(2, 60);
        assert_eq!(embed(&vectors).unwrap(), embed(&vectors).unwrap());
    }

    #[test]
    fn vectors_that_are_all_the_same_are_no_panic() {
        match embed(&vec![vec![1.0; 4]; 20]) {
            Ok(points) => assert_eq!(points.len(), 20),
            Err(error) => assert!(matches!(error, EmbedError::Degenerate), "{error}"),
        }
    }

    #[test]
    fn the_fewest_points_allowed_have_an_embedding() {
        assert_eq!(embed(&clusters(2, MIN_POINTS / 2)).unwrap().len(), MIN_POINTS);
    }

    #[test]
    fn vectors_of_unusable_number_length_or_value_are_refused() {
        let message = |vectors: &[Vec<f32>]| embed(vectors).unwrap_err().to_string();
        assert_eq!(message(&[]), "0 feature vectors: give 8 to 2000");
        assert_eq!(message(&vec![vec![0.0]; 2001]), "2001 feature vectors: give 8 to 2000");
        let mut vectors = clusters(2, 5);
        vectors[3].pop();
        assert!(message(&vectors).starts_with("feature vector 3 has 4 values, the first 5"));
        vectors[3] = vec![0.0, 1.0, f32::NAN, 0.0, 0.0];
        assert!(message(&vectors).starts_with("feature vector 3 holds a value that is not finite"));
        assert!(message(&vec![vec![]; 9]).starts_with("feature vector 0 has 0 values"));
    }

    /// `count` clusters of `size` vectors around far points.
    fn clusters(count: usize, size: usize) -> Vec<Vec<f32>> {
        let vector = |at: usize| {
            let wobble = |axis: usize| ((at * 37 + axis * 101) % 17) as f32 / 17.0;
            let far = |axis: usize| if axis == at / size { 10.0 } else { 0.0 };
            (0..5).map(|axis| far(axis) + wobble(axis)).collect()
        };
        (0..count * size).map(vector).collect()
    }
}
