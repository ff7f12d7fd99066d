//! Near-duplicates: pictures whose correlation, straight or mirrored, is above a threshold.
//!
//! Pictures are shrunk to 48 × 48 grey pixels, as FER2013 has them; the correlation of two is that
//! of their pixels free of their means (Pearson's), and the better of straight and mirrored counts.
//! Links are followed: a cluster is what they connect.
//!
//! # Exactness
//! The result is that of comparing every pair. Most pairs are ruled out by outlines, whose
//! bound on the correlation never lies below it; what is left is compared on integer pixels, and
//! only the last division and root round (in f64). A flat picture correlates with nothing.
//!
//! Time is quadratic in the number of pictures, memory linear: some 3 kB each.

use petgraph::unionfind::UnionFind;
use rayon::prelude::*;

use self::outline::Outline;

mod fingerprint;
mod outline;

pub use self::fingerprint::Fingerprint;

/// Correlation above which two pictures are near-duplicates: the rule of FER2013's clusters.
pub const THRESHOLD: f64 = 0.9;
/// Side of the pictures compared, in pixels.
pub const SIDE: u32 = 48;
/// Pixels of a row.
const ROW: usize = SIDE as usize;
/// Pixels of the pictures compared.
const PIXELS: usize = ROW * ROW;
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
        let block = self.outlines.get(tile..end).unwrap_or_default();
        let mut links = Vec::new();
        for (second, outline) in self.outlines.iter().enumerate().skip(tile + 1) {
            let close = (tile..second)
                .zip(block)
                .filter(|(_, other)| outline.bound(other) > self.threshold)
                .filter(|&(first, _)| self.linked(first, second));
            links.extend(close.map(|(first, _)| (first, second)));
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

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::Path, time::Instant};

    use mien_shared::frame::Grey;
    use rand::RngExt as _;

    use super::*;
    use crate::{augment, ferplus, table::Table};

    /// A smooth picture of its own for each seed, darkened and disturbed by a few grey levels.
    fn blob(seed: u64, noise: f32, copy: u32) -> Grey {
        let mut rng = augment::rng(seed, 0, 0);
        let waves: Vec<[f32; 3]> = (0..6).map(|_| rng.random::<[f32; 3]>()).collect();
        let mut rng = augment::rng(seed, copy, 1);
        let value = |x: usize, y: usize| -> f32 {
            let wave = |[fx, fy, phase]: &[f32; 3]| {
                (fx * x as f32 / 4.0 + fy * y as f32 / 4.0 + 6.3 * phase).sin()
            };
            waves.iter().map(wave).sum()
        };
        let mut data = Vec::new();
        for at in 0..PIXELS {
            let disturbed = 128.0 + 20.0 * value(at % ROW, at / ROW);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
            data.push((disturbed + noise * (rng.random::<f32>() - 0.5)).clamp(0.0, 255.0) as u8);
        }
        Grey { width: 48, height: 48, data }
    }

    fn mirrored(picture: &Grey) -> Grey {
        let rows = picture.data.chunks_exact(48).flat_map(|row| row.iter().rev().copied());
        Grey { data: rows.collect(), ..*picture }
    }

    fn fingerprints(pictures: &[Grey]) -> Vec<Fingerprint> {
        pictures.iter().map(Fingerprint::of).collect()
    }

    /// The clusters by comparing every pair.
    fn by_every_pair(pictures: &[Fingerprint], threshold: f64) -> Vec<usize> {
        let mut sets = UnionFind::<usize>::new(pictures.len());
        for (second, picture) in pictures.iter().enumerate() {
            let earlier = pictures.iter().enumerate().take(second);
            for (first, _) in earlier.filter(|(_, other)| picture.correlation(other) > threshold) {
                sets.union(first, second);
            }
        }
        numbered(&sets.into_labeling())
    }

    #[test]
    fn copies_noisy_copies_and_mirrored_ones_share_a_cluster() {
        let [first, second] = [blob(1, 0.0, 0), blob(2, 0.0, 0)];
        let dark = Grey { data: first.data.iter().map(|pixel| pixel / 2 + 9).collect(), ..first };
        let (mirror, noisy) = (mirrored(&first), blob(2, 30.0, 1));
        let pictures = fingerprints(&[second, first.clone(), dark, noisy, mirror, blob(3, 0.0, 0)]);
        assert_eq!(clusters(&pictures, THRESHOLD), [0, 1, 1, 0, 1, 2]);
    }

    #[test]
    fn links_are_followed() {
        let flat = |bright: usize| {
            let data = (0..PIXELS).map(|at| if at % ROW < bright { 200 } else { 0 }).collect();
            Fingerprint::of(&Grey { width: 48, height: 48, data })
        };
        // Of 48 columns 20, 23 and 26 are bright: neighbours correlate at 0.88, the ends at 0.78.
        let pictures = [flat(20), flat(23), flat(26)];
        assert_eq!(clusters(&pictures, 0.85), [0, 0, 0]);
        assert_eq!(clusters(&[pictures[0].clone(), pictures[2].clone()], 0.85), [0, 1]);
    }

    #[test]
    fn flat_pictures_are_like_nothing() {
        let flat = Fingerprint::of(&Grey::new(48, 48));
        let pictures = [flat.clone(), Fingerprint::of(&blob(1, 0.0, 0)), flat];
        assert_eq!(clusters(&pictures, THRESHOLD), [0, 1, 2]);
        assert_eq!(clusters(&[], THRESHOLD), [0; 0]);
    }

    #[test]
    fn the_result_is_that_of_comparing_every_pair() {
        let pictures: Vec<_> =
            (0..700).map(|copy| blob(u64::from(copy % 97), (copy % 9 * 15) as f32, copy)).collect();
        let pictures = fingerprints(&pictures);
        for threshold in [0.5, 0.7, 0.8, 0.9] {
            let expected = by_every_pair(&pictures, threshold);
            assert_eq!(clusters(&pictures, threshold), expected, "{threshold}");
            let count = expected.iter().max().unwrap() + 1;
            assert!((2..600).contains(&count), "{count}");
        }
    }

    #[test]
    fn the_clusters_of_the_real_set_are_those_of_its_description() {
        let Some(data) = std::env::var_os("MIEN_DATA") else {
            eprintln!("SKIPPED: set MIEN_DATA to the folder that holds fer2013_ferplus");
            return;
        };
        let root = Path::new(&data).join("fer2013_ferplus");
        let (mut pictures, mut given, mut crosses) = (Vec::new(), Vec::new(), Vec::new());
        for split in ["train", "valid"] {
            let set = (ferplus::ADAPTER.open)(&root, split).unwrap();
            crosses.extend(set.samples.iter().map(|sample| sample.leaks));
            pictures.extend(set.samples.into_iter().map(|sample| sample.image));
            let table = Table::open(&root.join(format!("{split}.csv"))).unwrap();
            let column = table.column("dup_cluster").unwrap();
            given.extend(table.rows().map(|row| row.number::<usize>(column, "a number").unwrap()));
        }
        let start = Instant::now();
        let prints: Vec<_> = pictures.par_iter().map(Fingerprint::of).collect();
        let found = clusters(&prints, THRESHOLD);
        println!("{} pictures in {:?}", prints.len(), start.elapsed());
        let members = |labels: &[usize]| {
            let mut members = BTreeMap::<usize, Vec<usize>>::new();
            (0..).zip(labels).for_each(|(at, label)| members.entry(*label).or_default().push(at));
            members.into_values().collect::<Vec<_>>()
        };
        let apart = |cluster: &[usize], labels: &[usize]| {
            cluster.iter().any(|&at| labels[at] != labels[cluster[0]])
        };
        let (ours, theirs) = (members(&found), members(&given));
        assert_eq!((ours.len(), theirs.len()), (29_242, 29_221));
        assert!(ours.iter().all(|cluster| !apart(cluster, &given)));
        // The clusters given were made with the pictures of a third split, which linked these.
        let split: Vec<_> = theirs.iter().filter(|cluster| apart(cluster, &found)).collect();
        assert_eq!(split.len(), 17);
        assert!(split.into_iter().flatten().all(|&at| crosses[at]));
    }
}
