//! Which new box continues which old one: greedy by overlap, each box at most once.

use mien_shared::geometry::Rect;

/// Pairs of old and new boxes, with the buffers to find them.
#[derive(Debug)]
pub(super) struct Matching {
    candidates: Vec<Pair>,
    pairs: Vec<Pair>,
}

/// An old and a new box, by position, and how well they overlap.
#[derive(Debug, Clone, Copy)]
struct Pair {
    old: usize,
    new: usize,
    overlap: f32,
}

impl Matching {
    /// No pairs yet, with room for `pairs` candidates.
    pub(super) fn with_capacity(pairs: usize) -> Self {
        Self { candidates: Vec::with_capacity(pairs), pairs: Vec::with_capacity(pairs) }
    }

    /// Pairs the boxes that overlap by at least `min_overlap`, the best overlap first.
    pub(super) fn pair(
        &mut self,
        old: impl Iterator<Item = Rect>,
        new: &(impl Iterator<Item = Rect> + Clone),
        min_overlap: f32,
    ) {
        self.candidates.clear();
        self.pairs.clear();
        for (old, before) in old.enumerate() {
            let pairs = new.clone().enumerate().map(|(new, after)| Pair {
                old,
                new,
                overlap: before.iou(&after),
            });
            self.candidates.extend(pairs.filter(|pair| pair.overlap >= min_overlap));
        }
        self.candidates.sort_unstable_by(|a, b| b.overlap.total_cmp(&a.overlap));
        for &pair in &self.candidates {
            if self.pairs.iter().all(|taken| taken.old != pair.old && taken.new != pair.new) {
                self.pairs.push(pair);
            }
        }
    }

    /// The old box that the new box at position `new` continues.
    pub(super) fn of_new(&self, new: usize) -> Option<usize> {
        self.pairs.iter().find(|pair| pair.new == new).map(|pair| pair.old)
    }

    /// Whether the old box at position `old` is continued.
    pub(super) fn holds_old(&self, old: usize) -> bool {
        self.pairs.iter().any(|pair| pair.old == old)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f32) -> Rect {
        Rect { x, y: 0.0, w: 10.0, h: 10.0 }
    }

    #[test]
    fn the_better_overlap_wins_and_the_other_goes_without() {
        let mut matching = Matching::with_capacity(4);
        let new = [square(4.0), square(1.0)];
        matching.pair([square(0.0)].into_iter(), &new.into_iter(), 0.2);
        assert_eq!((matching.of_new(0), matching.of_new(1)), (None, Some(0)));
    }

    #[test]
    fn boxes_that_hardly_touch_are_strangers() {
        let mut matching = Matching::with_capacity(1);
        matching.pair([square(0.0)].into_iter(), &[square(9.0)].into_iter(), 0.2);
        assert_eq!(matching.of_new(0), None);
    }
}
