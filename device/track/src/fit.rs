//! The similarity that most of a set of moved points agree on.
//!
//! Weighted least squares, closed in two dimensions (see `mien_shared::crop::fit`), repeated with
//! the weights of Geman and `McClure`, `w = (t² / (t² + r²))²` for a residual `r`; the tolerance `t`
//! halves from round to round, so that points which went elsewhere lose their say before they can
//! pull the others along.

use mien_shared::geometry::{Point, Similarity};

/// Rounds of reweighting; the first tolerance is `2^(ROUNDS - 1)` times the last.
const ROUNDS: i32 = 5;

/// Where a point was and where it is.
pub(crate) type Move = (Point, Point);

/// The similarity of `moves` to within about `tolerance`; `None` when they do not span anything.
pub(crate) fn similarity(
    moves: &(impl Iterator<Item = Move> + Clone),
    tolerance: f32,
) -> Option<Similarity> {
    let mut found = weighted(moves.clone().map(|step| (step, 1.0)))?;
    for round in (0..ROUNDS).rev() {
        let t = tolerance * 2.0_f32.powi(round);
        let current = found;
        let weigh = move |step: Move| {
            let r = residual(&current, step);
            (step, (t * t / (t * t + r * r)).powi(2))
        };
        found = weighted(moves.clone().map(weigh))?;
    }
    Some(found)
}

/// How far `map` misses, in pixels.
pub(crate) fn residual(map: &Similarity, (from, to): Move) -> f32 {
    let p = map.apply(from);
    (p.x - to.x).hypot(p.y - to.y)
}

fn weighted(moves: impl Iterator<Item = (Move, f32)> + Clone) -> Option<Similarity> {
    let mut sums = [0.0; 5];
    for ((p, q), w) in moves.clone() {
        for (sum, value) in sums.iter_mut().zip([1.0, p.x, p.y, q.x, q.y]) {
            *sum += w * value;
        }
    }
    let [total, px, py, qx, qy] = sums;
    let (px, py, qx, qy) = (px / total, py / total, qx / total, qy / total);
    let (mut spread, mut dot, mut cross) = (0.0, 0.0, 0.0);
    for ((p, q), w) in moves {
        let (x, y, u, v) = (p.x - px, p.y - py, q.x - qx, q.y - qy);
        spread += w * (x * x + y * y);
        dot += w * (x * u + y * v);
        cross += w * (x * v - y * u);
    }
    let (a, b) = (dot / spread, cross / spread);
    let found = Similarity { a, b, tx: qx - (a * px - b * py), ty: qy - (b * px + a * py) };
    let usable = [a, b, found.tx, found.ty].iter().all(|v| v.is_finite()) && found.scale() > 0.0;
    usable.then_some(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grid() -> impl Iterator<Item = Point> + Clone {
        (0..16).map(|i| Point { x: 100.0 + 10.0 * (i % 4) as f32, y: 80.0 + 12.0 * (i / 4) as f32 })
    }

    proptest! {
        #[test]
        fn a_third_of_strays_changes_nothing(
            angle in -0.3_f32..0.3, scale in 0.8_f32..1.25, tx in -20.0_f32..20.0,
            stray in 8.0_f32..60.0, direction in 0.0_f32..6.2,
        ) {
            let map = Similarity { a: scale * angle.cos(), b: scale * angle.sin(), tx, ty: 5.0 };
            let moves = grid().enumerate().map(|(i, p)| {
                let mut q = map.apply(p);
                if i % 3 == 0 {
                    q.x += stray * direction.cos();
                    q.y += stray * direction.sin();
                }
                (p, q)
            });
            let found = similarity(&moves, 1.0).unwrap();
            for p in grid() {
                prop_assert!(residual(&found, (p, map.apply(p))) < 0.6, "{:?} {:?}", found, map);
            }
        }
    }

    #[test]
    fn points_that_coincide_say_nothing() {
        let p = Point { x: 3.0, y: 4.0 };
        assert_eq!(similarity(&[(p, p); 5].into_iter(), 1.0), None);
        assert_eq!(similarity(&[].into_iter(), 1.0), None);
        let nowhere = Point { x: f32::NAN, y: 0.0 };
        assert_eq!(similarity(&grid().map(|p| (p, nowhere)), 1.0), None);
    }
}
