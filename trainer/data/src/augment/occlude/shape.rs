//! Signed distances of plain shapes, negative inside (Quilez, "2D distance functions").

/// A place or a direction.
pub(super) type Vec2 = [f32; 2];

pub(super) fn sub(a: Vec2, b: Vec2) -> Vec2 {
    [a[0] - b[0], a[1] - b[1]]
}

pub(super) fn length([x, y]: Vec2) -> f32 {
    (x * x + y * y).sqrt()
}

/// The whole number below `value` and the part beyond it, 0..1.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates far outside of any picture"
)]
pub(super) fn split(value: f32) -> (i32, f32) {
    // Without SSE 4.1, `floor` is a call.
    let whole = value as i32;
    let whole = if whole as f32 > value { whole.saturating_sub(1) } else { whole };
    (whole, value - whole as f32)
}

/// The part of `value` beyond a whole number, 0..1.
pub(super) fn part(value: f32) -> f32 {
    split(value).1
}

pub(super) fn dot(a: Vec2, b: Vec2) -> f32 {
    a[0] * b[0] + a[1] * b[1]
}

/// `at` seen from `centre` by who is turned clockwise by `angle` radians.
pub(super) fn seen_from(centre: Vec2, angle: f32, at: Vec2) -> Vec2 {
    let (sin, cos) = angle.sin_cos();
    let [x, y] = sub(at, centre);
    [x * cos + y * sin, y * cos - x * sin]
}

/// 0 up to `from`, 1 beyond `to`, smooth between.
pub(super) fn step(from: f32, to: f32, value: f32) -> f32 {
    let t = ((value - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// 1 at 0, falling to 0 at `width` on both sides.
pub(super) fn bump(offset: f32, width: f32) -> f32 {
    1.0 - step(0.0, width, offset.abs())
}

pub(super) fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// The smaller of two distances, rounded where they are nearly equal.
pub(super) fn soft_min(a: f32, b: f32, width: f32) -> f32 {
    let t = ((width - (a - b).abs()) / width).max(0.0);
    a.min(b) - t * t * width / 4.0
}

/// Distance from a box about (0, 0) with rounded corners.
pub(super) fn rounded_box(at: Vec2, half: Vec2, radius: f32) -> f32 {
    let [x, y] = [at[0].abs() - half[0] + radius, at[1].abs() - half[1] + radius];
    length([x.max(0.0), y.max(0.0)]) + x.max(y).min(0.0) - radius
}

/// Distance from an ellipse about (0, 0), exact on its border.
pub(super) fn ellipse(at: Vec2, radii: Vec2) -> f32 {
    let near = length([at[0] / radii[0], at[1] / radii[1]]);
    let slope = length([at[0] / radii[0].powi(2), at[1] / radii[1].powi(2)]);
    if slope > 0.0 { near * (near - 1.0) / slope } else { -radii[0].min(radii[1]) }
}

/// A straight limb: thick at one end, thin at the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limb {
    pub(super) from: Vec2,
    pub(super) to: Vec2,
    pub(super) radii: [f32; 2],
}

/// A place as a limb has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct OnLimb {
    /// Signed distance from its border.
    pub(super) distance: f32,
    /// 0 at its start to 1 at its end.
    pub(super) along: f32,
    /// 0 on its axis, 1 on its border.
    pub(super) across: f32,
}

impl Limb {
    pub(super) fn at(&self, place: Vec2) -> OnLimb {
        let (way, axis) = (sub(place, self.from), sub(self.to, self.from));
        let along = (dot(way, axis) / dot(axis, axis).max(1e-9)).clamp(0.0, 1.0);
        let [x, y] = [way[0] - along * axis[0], way[1] - along * axis[1]];
        let radius = mix(self.radii[0], self.radii[1], along);
        let off = length([x, y]);
        OnLimb { distance: off - radius, along, across: off / radius }
    }
}

impl OnLimb {
    /// How much a round limb looks at the viewer, 1 on its axis and 0 on its border.
    pub(super) fn facing(&self) -> f32 {
        (1.0 - self.across.min(1.0).powi(2)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_negative_inside_and_zero_on_the_border() {
        assert!((rounded_box([3.0, 0.0], [2.0, 1.0], 0.5) - 1.0).abs() < 1e-6);
        assert!((rounded_box([0.0, 0.0], [2.0, 1.0], 0.5) + 1.0).abs() < 1e-6);
        assert!(ellipse([2.0, 0.0], [2.0, 1.0]).abs() < 1e-6);
        assert!(ellipse([0.0, 0.0], [2.0, 1.0]) < 0.0);
        let limb = Limb { from: [0.0, 0.0], to: [0.0, 2.0], radii: [1.0, 0.5] };
        assert!((limb.at([3.0, 0.0]).distance - 2.0).abs() < 1e-6);
        assert!((limb.at([0.0, 1.0]).distance + 0.75).abs() < 1e-6);
        assert!((limb.at([0.0, 3.0]).distance - 0.5).abs() < 1e-6);
    }

    #[test]
    fn numbers_split_towards_the_lower_whole() {
        assert_eq!(
            [-1.25, -1.0, 0.0, 2.75].map(split),
            [(-2, 0.75), (-1, 0.0), (0, 0.0), (2, 0.75)]
        );
    }

    #[test]
    fn who_is_turned_clockwise_sees_right_as_up() {
        let [x, y] = seen_from([1.0, 1.0], std::f32::consts::FRAC_PI_2, [3.0, 1.0]);
        assert!(x.abs() < 1e-6 && (y + 2.0).abs() < 1e-6, "{x} {y}");
    }
}
