//! Where a small window of one picture went in the next: pyramidal Lucas–Kanade.
//!
//! After J.-Y. Bouguet, "Pyramidal implementation of the affine Lucas Kanade feature tracker",
//! Intel, 2000, for translations. At each level, coarse to fine, the displacement `d` of a window
//! is improved by `δ = G⁻¹ Σ (I(p) − J(p + d)) ∇I(p)` with `G = Σ ∇I ∇Iᵀ` until it rests. The
//! gradients are centred, which makes the solution blind to a change of brightness: the same as
//! solving for an offset between both windows as well.
//!
//! A step is trusted when following it backwards leads home (Kalal, Mikolajczyk & Matas,
//! "Forward-backward error: automatic detection of tracking failures", ICPR 2010).

use mien_shared::geometry::Point;

use crate::patch::{LEVELS, Level, Patch};

/// Width and height of a window in pixels of its level.
pub(crate) const WINDOW: usize = 12;

/// A window with one pixel around it.
const AROUND: usize = WINDOW + 2;

/// A square of samples.
pub(crate) type Samples<const N: usize> = [[f32; N]; N];

/// Improvements per level at most.
const ITERATIONS: usize = 10;

/// An improvement below this many pixels, squared, ends a level.
const RESTS: f32 = 0.03 * 0.03;

/// Farthest that one level corrects its guess, in its pixels.
const REACH: f32 = 8.0;

/// Least mean square of the gradient in its weakest direction, luma² per pixel².
const MIN_TEXTURE: f32 = 1.0;

/// Farthest from home that the way back may end, in pixels of level 0.
const MAX_BACK: f32 = 1.0;

/// Where `from` in `before` went in `after`, where it is expected at `guess`; frame pixels.
/// `None` when it cannot be followed there and back.
pub(crate) fn step(before: &Patch, after: &Patch, from: Point, guess: Point) -> Option<Point> {
    let home = before.inward(from);
    let there = descend(before.levels(), after.levels(), home, after.inward(guess))?;
    // The way back knows only where the point was expected, not where it came from.
    let by = Point { x: guess.x - from.x, y: guess.y - from.y };
    let found = after.outward(there);
    let expected = before.inward(Point { x: found.x - by.x, y: found.y - by.y });
    let back = descend(after.levels(), before.levels(), there, expected)?;
    let error = (back.x - home.x).hypot(back.y - home.y);
    (error <= MAX_BACK).then_some(found)
}

/// Whether a window around `at` has enough texture to be followed.
pub(crate) fn holds(patch: &Patch, at: Point) -> bool {
    Template::new(&patch.levels()[0], patch.inward(at)).is_some()
}

/// One way through the levels, coarse to fine, in pixels of level 0.
fn descend(
    before: &[Level; LEVELS],
    after: &[Level; LEVELS],
    from: Point,
    guess: Point,
) -> Option<Point> {
    let mut at = guess;
    for index in (0..LEVELS).rev() {
        let scale = (1_u32 << index) as f32;
        let down = |p: Point| Point { x: p.x / scale, y: p.y / scale };
        match improve(&before[index], &after[index], down(from), down(at)) {
            Some(p) => at = Point { x: p.x * scale, y: p.y * scale },
            None if index == 0 => return None,
            // A coarse level may be flat, or end, where the finest does not.
            None => {}
        }
    }
    Some(at)
}

/// One level's displacement.
fn improve(before: &Level, after: &Level, from: Point, guess: Point) -> Option<Point> {
    let template = Template::new(before, from)?;
    let mut at = guess;
    let mut seen = [[0.0; WINDOW]; WINDOW];
    for _ in 0..ITERATIONS {
        if !sample(after, at, &mut seen) {
            return None;
        }
        let (dx, dy) = template.solve(&seen);
        (at.x, at.y) = (at.x + dx, at.y + dy);
        if dx * dx + dy * dy < RESTS {
            break;
        }
    }
    let (x, y) = (at.x - guess.x, at.y - guess.y);
    (x.abs().max(y.abs()) <= REACH).then_some(at)
}

/// A window with its gradients.
struct Template {
    luma: Samples<WINDOW>,
    gx: Samples<WINDOW>,
    gy: Samples<WINDOW>,
    /// `G⁻¹` as `[xx, xy, yy]`.
    inverse: [f32; 3],
}

impl Template {
    /// `None` outside the level, and where there is nothing to hold on to.
    fn new(level: &Level, at: Point) -> Option<Self> {
        let mut around = [[0.0; AROUND]; AROUND];
        if !sample(level, at, &mut around) {
            return None;
        }
        let mut luma = [[0.0; WINDOW]; WINDOW];
        let (mut gx, mut gy) = (luma, luma);
        for r in 0..WINDOW {
            for c in 0..WINDOW {
                luma[r][c] = around[r + 1][c + 1];
                gx[r][c] = 0.5 * (around[r + 1][c + 2] - around[r + 1][c]);
                gy[r][c] = 0.5 * (around[r + 2][c + 1] - around[r][c + 1]);
            }
        }
        center(&mut gx);
        center(&mut gy);
        let (xx, xy, yy) = (dot(&gx, &gx), dot(&gx, &gy), dot(&gy, &gy));
        let weakest = 0.5 * (xx + yy - (xx - yy).hypot(2.0 * xy));
        if weakest < MIN_TEXTURE * (WINDOW * WINDOW) as f32 {
            return None;
        }
        let scale = 1.0 / (xx * yy - xy * xy);
        Some(Self { luma, gx, gy, inverse: [yy * scale, -xy * scale, xx * scale] })
    }

    /// The improvement that `seen` asks for.
    fn solve(&self, seen: &Samples<WINDOW>) -> (f32, f32) {
        let mut sums = [[0.0_f32; WINDOW]; 2];
        for (r, seen) in seen.iter().enumerate() {
            let (luma, gx, gy) = (&self.luma[r], &self.gx[r], &self.gy[r]);
            for c in 0..WINDOW {
                let difference = luma[c] - seen[c];
                sums[0][c] += difference * gx[c];
                sums[1][c] += difference * gy[c];
            }
        }
        let [x, y] = sums.map(|row| row.iter().sum::<f32>());
        let [xx, xy, yy] = self.inverse;
        (xx * x + xy * y, xy * x + yy * y)
    }
}

/// What a window looks like, free of brightness and contrast: mean 0, length 1; `None` where it
/// is flat or lies outside.
pub(crate) fn look(patch: &Patch, at: Point) -> Option<Samples<WINDOW>> {
    let inside = patch.inward(at);
    let mut seen = [[0.0; WINDOW]; WINDOW];
    // Level 1: its window covers about half a face.
    if !sample(&patch.levels()[1], Point { x: inside.x / 2.0, y: inside.y / 2.0 }, &mut seen) {
        return None;
    }
    center(&mut seen);
    let length = dot(&seen, &seen).sqrt();
    if length < MIN_TEXTURE * WINDOW as f32 {
        return None;
    }
    for value in seen.as_flattened_mut() {
        *value /= length;
    }
    Some(seen)
}

/// Normalised cross-correlation of two looks, -1..=1.
pub(crate) fn likeness(a: &Samples<WINDOW>, b: &Samples<WINDOW>) -> f32 {
    dot(a, b)
}

/// Fills `out` with bilinear samples one pixel apart around `at`; false when any would lie
/// outside.
fn sample<const N: usize>(level: &Level, at: Point, out: &mut Samples<N>) -> bool {
    // Pixel centres lie at half-integers: the first sample is at `at - (N - 1) / 2 - 1 / 2`.
    let (x, y) = (at.x - N as f32 / 2.0, at.y - N as f32 / 2.0);
    let room = (level.side - N - 1) as f32;
    if !(x >= 0.0 && y >= 0.0 && x <= room && y <= room) {
        return false;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0..=room")]
    let (column, row) = (x as usize, y as usize);
    let (fx, fy) = (x - column as f32, y - row as f32);
    let mut above = [0.0; N];
    for r in 0..=N {
        let start = (row + r) * level.side + column;
        let line = &level.data[start..=start + N];
        let mut across = [0.0; N];
        for (value, pair) in across.iter_mut().zip(line.windows(2)) {
            let (left, right) = (f32::from(pair[0]), f32::from(pair[1]));
            *value = left + fx * (right - left);
        }
        if r > 0 {
            for c in 0..N {
                out[r - 1][c] = above[c] + fy * (across[c] - above[c]);
            }
        }
        above = across;
    }
    true
}

fn center(values: &mut Samples<WINDOW>) {
    let values = values.as_flattened_mut();
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    for value in values {
        *value -= mean;
    }
}

/// Sum of products, column by column so that it vectorises.
fn dot(a: &Samples<WINDOW>, b: &Samples<WINDOW>) -> f32 {
    let mut sums = [0.0_f32; WINDOW];
    for (a, b) in a.iter().zip(b) {
        for c in 0..WINDOW {
            sums[c] += a[c] * b[c];
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use mien_shared::frame::Grey;
    use proptest::prelude::*;

    use super::*;
    use crate::fixture;

    const CENTER: Point = Point { x: 160.0, y: 120.0 };

    /// A smooth random texture, moved by `(dx, dy)` pixels, times `gain` plus `offset`.
    fn texture(dx: f32, dy: f32, gain: f32, offset: f32) -> Grey {
        let wave = |x: f32, y: f32| {
            (x * 0.21 + 0.3).sin() * (y * 0.17 + 1.1).cos()
                + 0.6 * (x * 0.083 - y * 0.061).sin()
                + 0.5 * (x * 0.11 + y * 0.13 + 2.0).cos()
        };
        fixture::picture(320, 240, |x, y| 128.0 + gain * 50.0 * wave(x - dx, y - dy) + offset)
    }

    fn patch(picture: &Grey) -> Patch {
        let mut patch = Patch::new();
        assert!(patch.cut(picture, CENTER, 1));
        patch
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn a_moved_texture_is_followed_to_a_tenth_of_a_pixel(
            dx in -9.0_f32..9.0, dy in -9.0_f32..9.0, x in -20.0_f32..20.0, y in -20.0_f32..20.0,
        ) {
            let (before, after) = (patch(&texture(0.0, 0.0, 1.0, 0.0)), patch(&texture(dx, dy, 1.0, 0.0)));
            let from = Point { x: CENTER.x + x, y: CENTER.y + y };
            let to = step(&before, &after, from, from).unwrap();
            let error = (to.x - from.x - dx).hypot(to.y - from.y - dy);
            prop_assert!(error < 0.1, "{}", error);
        }
    }

    #[test]
    fn a_change_of_light_moves_nothing() {
        let (before, after) =
            (patch(&texture(0.0, 0.0, 1.0, 0.0)), patch(&texture(2.0, 1.0, 1.0, -20.0)));
        let to = step(&before, &after, CENTER, CENTER).unwrap();
        assert!((to.x - CENTER.x - 2.0).hypot(to.y - CENTER.y - 1.0) < 0.15, "{to:?}");
    }

    #[test]
    fn a_flat_window_holds_nothing() {
        let grey = Grey { width: 320, height: 240, data: vec![90; 320 * 240] };
        assert_eq!(step(&patch(&grey), &patch(&grey), CENTER, CENTER), None);
        assert!(!holds(&patch(&grey), CENTER));
        assert!(look(&patch(&grey), CENTER).is_none());
    }

    #[test]
    fn a_window_that_vanishes_is_lost() {
        // Another texture altogether: stripes of a third of the scale.
        let mut other = Grey::new(320, 240);
        for (index, byte) in other.data.iter_mut().enumerate() {
            let (x, y) = (index % 320, index / 320);
            *byte = u8::try_from((x * x / 7 + y * y / 5 + x * y / 3) % 256).unwrap();
        }
        let (before, after) = (patch(&texture(0.0, 0.0, 1.0, 0.0)), patch(&other));
        let lost = (0..20).filter(|&i| {
            let from = Point { x: CENTER.x - 20.0 + 2.0 * i as f32, y: CENTER.y };
            step(&before, &after, from, from).is_none()
        });
        assert!(lost.count() >= 16);
    }

    #[test]
    fn a_point_outside_the_patch_is_lost() {
        let seen = patch(&texture(0.0, 0.0, 1.0, 0.0));
        for x in [-1e9, 0.0, 315.0, f32::NAN] {
            let from = Point { x, y: 120.0 };
            assert_eq!(step(&seen, &seen, from, from), None, "{x}");
        }
    }

    #[test]
    fn likeness_is_blind_to_light_and_sees_another_place() {
        let (a, b) = (patch(&texture(0.0, 0.0, 1.0, 0.0)), patch(&texture(0.0, 0.0, 0.5, 30.0)));
        let (a, b) = (look(&a, CENTER).unwrap(), look(&b, CENTER).unwrap());
        assert!(likeness(&a, &b) > 0.99);
        let moved = patch(&texture(0.0, 0.0, 1.0, 0.0));
        let elsewhere = look(&moved, Point { x: CENTER.x + 17.0, y: CENTER.y }).unwrap();
        assert!(likeness(&a, &elsewhere) < 0.6);
    }
}
