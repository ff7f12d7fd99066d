//! Which new box continues which known face: greedy, the closest first, each at most once.
//!
//! ```text
//! overlap with where it is expected    >= min_overlap            closeness 1 + overlap
//! out of sight, about the same size,   <= reentry box widths     closeness 1 - distance / reentry
//!   and this far from there
//! ```
//!
//! Geometry alone: two people who change places unseen are taken for one another.

use mien_shared::geometry::Rect;

use super::Policy;

/// Ratio of widths up to which boxes are of about the same size.
const SAME_SIZE: f32 = 1.5;

/// Where a known face should be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected {
    pub(super) rect: Rect,
    /// Whether the last frame did not show it.
    pub(super) away: bool,
}

/// Pairs of known faces and new boxes, with the buffers to find them.
#[derive(Debug)]
pub(super) struct Matching {
    candidates: Vec<Pair>,
    pairs: Vec<Pair>,
}

/// A known face and a new box, by position, and how close they are.
#[derive(Debug, Clone, Copy)]
struct Pair {
    old: usize,
    new: usize,
    closeness: f32,
}

impl Matching {
    /// No pairs yet, with room for `pairs` candidates.
    pub(super) fn with_capacity(pairs: usize) -> Self {
        Self { candidates: Vec::with_capacity(pairs), pairs: Vec::with_capacity(pairs) }
    }

    /// Pairs what may belong together under `policy`.
    pub(super) fn pair(
        &mut self,
        old: impl Iterator<Item = Expected>,
        new: &(impl Iterator<Item = Rect> + Clone),
        policy: &Policy,
    ) {
        self.candidates.clear();
        self.pairs.clear();
        for (old, expected) in old.enumerate() {
            let pairs = new.clone().enumerate().filter_map(|(new, rect)| {
                let closeness = closeness(&expected, &rect, policy)?;
                Some(Pair { old, new, closeness })
            });
            self.candidates.extend(pairs);
        }
        self.candidates.sort_unstable_by(|a, b| b.closeness.total_cmp(&a.closeness));
        for &pair in &self.candidates {
            if self.pairs.iter().all(|taken| taken.old != pair.old && taken.new != pair.new) {
                self.pairs.push(pair);
            }
        }
    }

    /// The known face that the new box at position `new` continues.
    pub(super) fn of_new(&self, new: usize) -> Option<usize> {
        self.pairs.iter().find(|pair| pair.new == new).map(|pair| pair.old)
    }

    /// Whether the known face at position `old` is continued.
    pub(super) fn holds_old(&self, old: usize) -> bool {
        self.pairs.iter().any(|pair| pair.old == old)
    }
}

/// How close `rect` is to where a face is expected; `None` when it is another face.
fn closeness(expected: &Expected, rect: &Rect, policy: &Policy) -> Option<f32> {
    let overlap = expected.rect.iou(rect);
    if overlap >= policy.min_overlap {
        return Some(1.0 + overlap);
    }
    let (from, to) = (expected.rect.center(), rect.center());
    let distance = (to.x - from.x).hypot(to.y - from.y) / expected.rect.w.max(1.0);
    let ratio = rect.w / expected.rect.w.max(1.0);
    let returns = expected.away
        && distance < policy.reentry
        && (1.0 / SAME_SIZE..=SAME_SIZE).contains(&ratio);
    returns.then(|| 1.0 - distance / policy.reentry)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f32) -> Rect {
        Rect { x, y: 0.0, w: 10.0, h: 10.0 }
    }

    fn expected(x: f32, away: bool) -> Expected {
        Expected { rect: square(x), away }
    }

    /// What each new box continues.
    fn pairs<const N: usize>(old: &[Expected], new: [Rect; N]) -> [Option<usize>; N] {
        let mut matching = Matching::with_capacity(16);
        matching.pair(old.iter().copied(), &new.into_iter(), &Policy::default());
        std::array::from_fn(|new| matching.of_new(new))
    }

    #[test]
    fn the_better_overlap_wins_and_the_other_goes_without() {
        assert_eq!(pairs(&[expected(0.0, false)], [square(4.0), square(1.0)]), [None, Some(0)]);
    }

    #[test]
    fn boxes_that_hardly_touch_are_strangers() {
        assert_eq!(pairs(&[expected(0.0, false)], [square(9.0)]), [None]);
    }

    #[test]
    fn a_face_out_of_sight_may_come_back_nearby_at_its_size() {
        assert_eq!(pairs(&[expected(0.0, true)], [square(9.0)]), [Some(0)]);
        assert_eq!(pairs(&[expected(0.0, true)], [square(11.0)]), [None], "too far");
        let twice = Rect { x: 8.0, y: 0.0, w: 20.0, h: 20.0 };
        assert_eq!(pairs(&[expected(0.0, true)], [twice]), [None], "too large");
    }

    #[test]
    fn an_overlap_goes_before_a_return() {
        let old = [expected(6.0, true), expected(15.0, false)];
        assert_eq!(pairs(&old, [square(13.0)]), [Some(1)]);
    }
}
