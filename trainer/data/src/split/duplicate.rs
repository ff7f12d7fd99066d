//! Near-duplicates: pictures whose correlation, straight or mirrored, is above a threshold.
//!
//! Pictures are shrunk to 48 × 48 grey pixels, as FER2013 has them; the correlation of two is that
//! of their pixels free of their means (Pearson's), and the better of straight and mirrored counts.
//! Links are followed: a cluster is what they connect.
//!
//! # Exactness
//! The result is that of comparing every pair. Most pairs are ruled out by [`Outline`]s, whose
//! bound on the correlation never lies below it; what is left is compared on integer pixels, and
//! only the last division and root round (in f64). A flat picture correlates with nothing.
//!
//! Time is quadratic in the number of pictures, memory linear: some 2.6 kB each.

use petgraph::unionfind::UnionFind;
use rayon::prelude::*;

use self::outline::Outline;

mod fingerprint;
mod outline;

pub use self::fingerprint::Fingerprint;

/// Correlation above which two pictures are near-duplicates: the rule of FER2013's clusters.
pub const THRESHOLD: f64 = 0.9;
/// Side of the pictures compared, in pixels.
pub const SIDE: usize = 48;
/// Pixels of the pictures compared.
const PIXELS: usize = SIDE * SIDE;
/// Pictures whose outlines stay in the innermost cache while all others pass by.
const TILE: usize = 32;
/// Pictures compared before their links are joined; bounds the links in memory.
const BATCH: usize = 16 * TILE;

/// The cluster of each picture, numbered from 0 in the order of their first pictures.
///
/// `threshold` is a correlation, commonly [`THRESHOLD`]; a picture like no other is a cluster of
/// its own. Runs on rayon's threads; the result does not depend on their number.
pub fn clusters(pictures: &[Fingerprint], threshold: f64) -> Vec<usize> {
    let outlines: Vec<_> = pictures.iter().map(Fingerprint::outline).collect();
    let mut sets = UnionFind::<usize>::new(pictures.len());
    for batch in (0..pictures.len()).step_by(BATCH) {
        let search = Search {
            pictures,
            outlines: &outlines,
            labels: sets.clone().into_labeling(),
            threshold,
        };
        let end = pictures.len().min(batch + BATCH);
        let tiles: Vec<_> = (batch..end).step_by(TILE).collect();
        let links: Vec<_> =
            tiles.into_par_iter().map(|tile| search.links(tile, end.min(tile + TILE))).collect();
        for (first, second) in links.into_iter().flatten() {
            sets.union(first, second);
        }
    }
    numbered(&sets.into_labeling())
}

/// All pairs of some pictures with all later ones.
struct Search<'a> {
    pictures: &'a [Fingerprint],
    outlines: &'a [Outline],
    /// Pictures with equal labels are known to be of one cluster.
    labels: Vec<usize>,
    threshold: f64,
}

impl Search<'_> {
    /// The near-duplicates among pairs of a picture from `tile` to `end` and a later one.
    fn links(&self, tile: usize, end: usize) -> Vec<(usize, usize)> {
        let mut links = Vec::new();
        for (second, outline) in self.outlines.iter().enumerate().skip(tile + 1) {
            let earlier = self.outlines.iter().enumerate().take(end.min(second)).skip(tile);
            for (first, other) in earlier {
                if outline.bound(other) > self.threshold && self.linked(first, second) {
                    links.push((first, second));
                }
            }
        }
        links
    }

    /// Whether two pictures are near-duplicates and not yet known to be of one cluster.
    fn linked(&self, first: usize, second: usize) -> bool {
        self.labels.get(first) != self.labels.get(second)
            && match (self.pictures.get(first), self.pictures.get(second)) {
                (Some(first), Some(second)) => first.correlation(second) > self.threshold,
                _ => false,
            }
    }
}

/// Labels renumbered from 0 in the order of their first appearance.
fn numbered(labels: &[usize]) -> Vec<usize> {
    let mut numbers = vec![None; labels.len()];
    let mut next = 0..;
    let number = |&label: &usize| {
        let number = numbers.get_mut(label)?;
        *number = number.or_else(|| next.next());
        *number
    };
    labels.iter().filter_map(number).collect()
}
