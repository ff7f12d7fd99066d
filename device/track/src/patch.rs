//! The surroundings of one face at three scales, cut out of a frame.
//!
//! Level 0 has [`SIDE`] × [`SIDE`] pixels, each the mean of `step × step` frame pixels; each
//! further level is half as large. `step` is chosen so that the eyes lie about [`EYES`] pixels
//! apart in level 0: the cost of following a face does not depend on its size or the frame's.
//! Beyond the frame its edge is repeated.

use mien_shared::{frame::Grey, geometry::Point};

/// Scales.
pub(crate) const LEVELS: usize = 3;

/// Width and height of level 0.
pub(crate) const SIDE: usize = 160;

/// Distance of the eyes in level 0: `EYES..2 * EYES` pixels where the frame has that many.
const EYES: f32 = 24.0;

/// Steps there are, finest first.
const STEPS: [u32; 5] = [1, 2, 4, 8, 16];

/// One scale: `side * side` luma bytes.
#[derive(Debug, Clone)]
pub(crate) struct Level {
    pub(crate) side: usize,
    pub(crate) data: Vec<u8>,
}

/// A face's surroundings.
#[derive(Debug, Clone)]
pub(crate) struct Patch {
    levels: [Level; LEVELS],
    /// Frame pixels per pixel of level 0.
    step: u32,
    /// Frame position of the top-left corner.
    left: i32,
    top: i32,
}

impl Patch {
    /// A black patch.
    pub(crate) fn new() -> Self {
        let level = |halvings| {
            let side = SIDE >> halvings;
            Level { side, data: vec![0; side * side] }
        };
        Self { levels: [level(0), level(1), level(2)], step: 1, left: 0, top: 0 }
    }

    /// The step for eyes `distance` frame pixels apart.
    pub(crate) fn step_for(distance: f32) -> u32 {
        let fits = |&&step: &&u32| distance >= EYES * step as f32;
        STEPS.iter().rev().find(fits).copied().unwrap_or(1)
    }

    /// Frame pixels per pixel of level 0.
    pub(crate) fn step(&self) -> u32 {
        self.step
    }

    /// The levels, finest first.
    pub(crate) fn levels(&self) -> &[Level; LEVELS] {
        &self.levels
    }

    /// Cuts the patch around `center` out of `picture`; false when it would see none of it.
    pub(crate) fn cut(&mut self, picture: &Grey, center: Point, step: u32) -> bool {
        let half = (SIDE / 2) as f32 * step as f32;
        let (left, top) = ((center.x - half).floor(), (center.y - half).floor());
        // Far outside, or not a number: nothing to see, and no overflow below.
        if !(left.abs() < 1e6 && top.abs() < 1e6) {
            return false;
        }
        self.step = step;
        (self.left, self.top) = (whole(left), whole(top));
        let place = (self.left, self.top);
        let base = &mut self.levels[0].data;
        let seen = match step {
            1 => shrink::<1>(picture, place, base),
            2 => shrink::<2>(picture, place, base),
            4 => shrink::<4>(picture, place, base),
            8 => shrink::<8>(picture, place, base),
            _ => shrink::<16>(picture, place, base),
        };
        if seen {
            let [zero, one, two] = &mut self.levels;
            halve(zero, one);
            halve(one, two);
        }
        seen
    }

    /// A frame position in level 0's pixels.
    pub(crate) fn inward(&self, p: Point) -> Point {
        let step = self.step as f32;
        Point { x: (p.x - self.left as f32) / step, y: (p.y - self.top as f32) / step }
    }

    /// A position in level 0's pixels in the frame.
    pub(crate) fn outward(&self, p: Point) -> Point {
        let step = self.step as f32;
        Point { x: p.x * step + self.left as f32, y: p.y * step + self.top as f32 }
    }
}

/// A whole number below a million as an integer.
fn whole(value: f32) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "callers keep it below a million")]
    let value = value as i32;
    value
}

/// Fills `out` with means of `S × S` pixels of `picture` from `(left, top)` on; false when no
/// column or no row of the picture is in reach.
fn shrink<const S: usize>(picture: &Grey, (left, top): (i32, i32), out: &mut [u8]) -> bool {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let (left, top, span) = (i64::from(left), i64::from(top), signed(S));
    // Columns of `out` that lie wholly inside the picture.
    let first = index((span - 1 - left).div_euclid(span)).min(SIDE);
    let last = index((signed(width) - left).div_euclid(span)).min(SIDE);
    if first >= last || height == 0 {
        return false;
    }
    let start = index(left + signed(first) * span);
    for (row, line) in out.chunks_exact_mut(SIDE).enumerate() {
        let mut sums = [0_u16; SIDE];
        for k in 0..S {
            let y = index(top + signed(row * S + k)).min(height - 1);
            let source = &picture.data[y * width + start..(y + 1) * width];
            for (sum, pixels) in sums[first..last].iter_mut().zip(source.chunks_exact(S)) {
                *sum += pixels.iter().map(|&p| u16::from(p)).sum::<u16>();
            }
        }
        for (byte, sum) in line.iter_mut().zip(sums) {
            *byte = mean::<S>(sum);
        }
        let edges = [line[first], line[last - 1]];
        line[..first].fill(edges[0]);
        line[last..].fill(edges[1]);
    }
    true
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A position as an index; 0 for one before the first.
fn index(position: i64) -> usize {
    usize::try_from(position).unwrap_or(0)
}

/// The rounded mean of `S × S` bytes.
fn mean<const S: usize>(sum: u16) -> u8 {
    let count = S * S;
    u8::try_from((usize::from(sum) + count / 2) / count).unwrap_or(u8::MAX)
}

/// Fills `out` with means of 2 × 2 pixels of `from`.
fn halve(from: &Level, out: &mut Level) {
    let rows = from.data.chunks_exact(2 * from.side);
    for (line, rows) in out.data.chunks_exact_mut(out.side).zip(rows) {
        let (upper, lower) = rows.split_at(from.side);
        let pairs = upper.chunks_exact(2).zip(lower.chunks_exact(2));
        for (byte, (a, b)) in line.iter_mut().zip(pairs) {
            let sum = u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]);
            *byte = mean::<2>(sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(width: u32, height: u32) -> Grey {
        let value = |i: u32| u8::try_from((i % width / 4 + i / width / 4) % 256).unwrap();
        Grey { width, height, data: (0..width * height).map(value).collect() }
    }

    #[test]
    fn the_step_follows_the_size_of_the_face() {
        let steps = [5.0, 24.0, 47.9, 48.0, 100.0, 400.0, 5000.0].map(Patch::step_for);
        assert_eq!(steps, [1, 1, 1, 2, 4, 16, 16]);
    }

    #[test]
    fn every_level_shows_the_same_place() {
        let picture = ramp(640, 480);
        for step in STEPS {
            let mut patch = Patch::new();
            assert!(patch.cut(&picture, Point { x: 320.0, y: 240.0 }, step));
            let seen = Point { x: 330.0, y: 260.0 };
            let inside = patch.inward(seen);
            for (level, scale) in patch.levels().iter().zip([1.0, 2.0, 4.0]) {
                let (x, y) = (inside.x / scale, inside.y / scale);
                let byte = level.data[index(whole(y).into()) * level.side + index(whole(x).into())];
                assert!(byte.abs_diff(147) <= 8, "step {step}, scale {scale}: {byte}");
            }
            assert_eq!(patch.outward(inside), seen);
        }
    }

    #[test]
    fn beyond_the_frame_its_edge_is_repeated() {
        let mut picture = Grey::new(64, 48);
        for row in picture.data.chunks_exact_mut(64) {
            row[0] = 200;
            row[63] = 100;
        }
        let mut patch = Patch::new();
        assert!(patch.cut(&picture, Point { x: 32.0, y: 24.0 }, 1));
        let row = &patch.levels()[0].data[..SIDE];
        assert_eq!((row[0], row[47], row[48], row[49], row[159]), (200, 200, 200, 0, 100));
    }

    #[test]
    fn a_place_far_from_the_frame_sees_nothing() {
        let picture = ramp(64, 48);
        let mut patch = Patch::new();
        for x in [-500.0, 600.0, 1e9, f32::NAN, f32::INFINITY] {
            assert!(!patch.cut(&picture, Point { x, y: 10.0 }, 2), "{x}");
        }
        assert!(!patch.cut(&Grey::default(), Point { x: 5.0, y: 5.0 }, 1));
    }

    #[test]
    fn white_stays_white_at_every_step() {
        let picture = Grey { width: 64, height: 64, data: vec![255; 4096] };
        for step in STEPS {
            let mut patch = Patch::new();
            assert!(patch.cut(&picture, Point { x: 32.0, y: 32.0 }, step));
            assert!(patch.levels().iter().all(|l| l.data.iter().all(|&b| b == 255)), "{step}");
        }
    }
}
