//! Where a head turns, from its five points.
//!
//! A weak-perspective camera sees a mean face: `p = s · [R X]_xy + t`, with
//! `R = roll · yaw · pitch`. The rotation with the least squares is found by damped Gauss–Newton
//! steps over three angles; scale and place have closed forms for every rotation. Mouth corners
//! move with the expression and count less.
//!
//! Five points leave the pitch nearly open: a long nose, a smile or an open mouth looks like a
//! nod. A prior, a normal distribution around no pitch, keeps what the points cannot tell from
//! being invented: it draws large pitches towards zero. Perspective is neglected: a face at the
//! edge of a wide lens is seen as turned towards that edge.

use mien_shared::{
    geometry::{FivePoints, Point},
    telemetry::HeadPose,
};

/// The mean face: x right, y down, z towards the viewer, in eye distances, the mean at zero.
///
/// The mean of the procedural head's neutral adults (`mien-synth`, seeds 0 to 199), left and
/// right averaged; a test derives it again.
pub const MEAN_FACE: [[f32; 3]; 5] = [
    [-0.5, -0.547, -0.166],
    [0.5, -0.547, -0.166],
    [0.0, 0.041, 0.440],
    [-0.402, 0.526, -0.054],
    [0.402, 0.526, -0.054],
];

/// Weight of each point's squared error.
const WEIGHTS: [f32; 5] = [1.0, 1.0, 1.0, 0.25, 0.25];

/// Weight of the prior: a point's error in mean face sizes that counts as much as a pitch of one
/// radian. Chosen, like the weights, on the procedural head (`examples/pose_error.rs`).
const PITCH_PRIOR: f32 = 0.3;

/// Steps, damping of the first, and what angles are varied by to see where they lead, radians.
const STEPS: usize = 12;
const DAMPING: f32 = 1e-3;
const PROBE: f32 = 1e-3;

/// Residuals: two for each point, one for the prior.
const RESIDUALS: usize = 11;

/// The head's pose; `None` when the points lie in one place or are no numbers.
pub fn of(points: &FivePoints) -> Option<HeadPose> {
    let seen = normalised(&points.to_array())?;
    let mut angles = [0.0, 0.0, roll(points)];
    let mut error = square(&residuals(angles, &seen));
    let mut damping = DAMPING;
    for _ in 0..STEPS {
        let step = improvement(angles, &seen, damping)?;
        let next = [angles[0] + step[0], angles[1] + step[1], angles[2] + step[2]];
        let after = square(&residuals(next, &seen));
        if after < error {
            (angles, error, damping) = (next, after, damping * 0.3);
        } else {
            damping *= 8.0;
        }
    }
    let [yaw, pitch, roll] = angles.map(f32::to_degrees);
    [yaw, pitch, roll].iter().all(|a| a.is_finite()).then_some(HeadPose { yaw, pitch, roll })
}

/// The tilt of a frontal face: of the line from between the eyes to between the mouth corners.
fn roll(points: &FivePoints) -> f32 {
    let x = points.mouth_left.x + points.mouth_right.x - points.left_eye.x - points.right_eye.x;
    let y = points.mouth_left.y + points.mouth_right.y - points.left_eye.y - points.right_eye.y;
    (-x).atan2(y)
}

/// The points around their weighted mean, their weighted mean square distance from it being 1.
fn normalised(points: &[Point; 5]) -> Option<[[f32; 2]; 5]> {
    let total: f32 = WEIGHTS.iter().sum();
    let mean = |of: fn(&Point) -> f32| {
        points.iter().zip(WEIGHTS).map(|(p, w)| w * of(p)).sum::<f32>() / total
    };
    let (x, y) = (mean(|p| p.x), mean(|p| p.y));
    let centred = points.map(|p| [p.x - x, p.y - y]);
    let spread = (weighted(&centred, &centred) / total).sqrt();
    (spread.is_finite() && spread > 1e-3).then(|| centred.map(|p| p.map(|v| v / spread)))
}

fn weighted(a: &[[f32; 2]; 5], b: &[[f32; 2]; 5]) -> f32 {
    let products = a.iter().zip(b).map(|(a, b)| a[0] * b[0] + a[1] * b[1]);
    products.zip(WEIGHTS).map(|(product, w)| w * product).sum()
}

/// How the mean face turned by `angles` (yaw, pitch, roll) misses what is seen.
fn residuals(angles: [f32; 3], seen: &[[f32; 2]; 5]) -> [f32; RESIDUALS] {
    let [(sy, cy), (sp, cp), (sr, cr)] = angles.map(f32::sin_cos);
    let turned = MEAN_FACE.map(|[x, y, z]| {
        // Pitch, then yaw, then roll; y points down.
        let (y, z) = (y * cp - z * sp, y * sp + z * cp);
        let x = x * cy + z * sy;
        [x * cr - y * sr, x * sr + y * cr]
    });
    let model = centred(turned);
    let scale = weighted(&model, seen) / weighted(&model, &model).max(1e-6);
    let mut out = [0.0; RESIDUALS];
    for (i, (model, seen)) in model.iter().zip(seen).enumerate() {
        let weight = WEIGHTS[i].sqrt();
        out[2 * i] = weight * (seen[0] - scale * model[0]);
        out[2 * i + 1] = weight * (seen[1] - scale * model[1]);
    }
    out[10] = PITCH_PRIOR * angles[1];
    out
}

fn centred(points: [[f32; 2]; 5]) -> [[f32; 2]; 5] {
    let total: f32 = WEIGHTS.iter().sum();
    let mean = |k: usize| points.iter().zip(WEIGHTS).map(|(p, w)| w * p[k]).sum::<f32>() / total;
    let (x, y) = (mean(0), mean(1));
    points.map(|[px, py]| [px - x, py - y])
}

fn square(values: &[f32; RESIDUALS]) -> f32 {
    values.iter().map(|v| v * v).sum()
}

/// The damped Gauss–Newton step from `angles`; `None` when nothing can be solved.
fn improvement(angles: [f32; 3], seen: &[[f32; 2]; 5], damping: f32) -> Option<[f32; 3]> {
    let here = residuals(angles, seen);
    let slopes: [[f32; RESIDUALS]; 3] = std::array::from_fn(|k| {
        let mut probed = angles;
        probed[k] += PROBE;
        let there = residuals(probed, seen);
        std::array::from_fn(|i| (there[i] - here[i]) / PROBE)
    });
    let dot = |a: &[f32; RESIDUALS], b: &[f32; RESIDUALS]| -> f32 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    };
    let mut normal: [[f32; 3]; 3] =
        std::array::from_fn(|i| std::array::from_fn(|j| dot(&slopes[i], &slopes[j])));
    for (k, row) in normal.iter_mut().enumerate() {
        row[k] += damping;
    }
    solve(&normal, std::array::from_fn(|k| -dot(&slopes[k], &here)))
}

/// Cramer's rule.
fn solve(m: &[[f32; 3]; 3], v: [f32; 3]) -> Option<[f32; 3]> {
    let det = |a: [f32; 3], b: [f32; 3], c: [f32; 3]| {
        a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0])
            + a[2] * (b[0] * c[1] - b[1] * c[0])
    };
    // The matrix is symmetric: rows are columns.
    let whole = det(m[0], m[1], m[2]);
    let found = [det(v, m[1], m[2]), det(m[0], v, m[2]), det(m[0], m[1], v)].map(|d| d / whole);
    found.iter().all(|value| value.is_finite()).then_some(found)
}

#[cfg(test)]
mod tests;
