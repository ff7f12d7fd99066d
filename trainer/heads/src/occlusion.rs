//! What of a head the light reaches: depth maps seen from the light.
//!
//! A [`DepthMap`] is an orthographic z-buffer in a light's direction; a point is lit where
//! nothing lies nearer to the light. Averaged over many directions and weighted by the cosine to
//! the normal it gives ambient occlusion (Zhukov et al., 1998), found once per head on the
//! neutral face; one direction per picture gives the key light's cast shadow.

use std::f32::consts::{PI, TAU};

use mien_synth::{
    Vec3,
    raster::{Canvas, Corner},
};

use crate::mesh::{Points, Triangle};

/// Samples along each side of a depth map.
const SIDE: u16 = 80;
/// Half the side of the square that a depth map covers, cm.
const REACH: f32 = 15.0;
/// What lies less than this nearer to the light casts no shadow on a surface that faces it, cm.
const BIAS: f32 = 0.35;
/// The most by which a slanting surface raises that, cm.
const MOST_BIAS: f32 = 2.0;
/// The middle of the square.
const MIDDLE: Vec3 = Vec3::new(0.0, -1.0, 0.0);
/// Directions that ambient light comes from.
const DIRECTIONS: u8 = 64;

/// Depths along one direction.
#[derive(Debug, Default)]
pub(crate) struct DepthMap {
    canvas: Canvas,
    corners: Vec<Corner>,
    axes: [Vec3; 3],
}

impl DepthMap {
    /// Draws what lies in the way of light that comes from `towards`.
    pub(crate) fn cast(&mut self, points: &Points, occluders: &[Triangle], towards: Vec3) {
        let up = if towards.y.abs() > 0.95 {
            Vec3::new(0.0, 0.0, 1.0)
        } else {
            Vec3::new(0.0, 1.0, 0.0)
        };
        let right = up.cross(towards).unit();
        self.axes = [right, towards.cross(right), towards];
        self.canvas.begin(u32::from(SIDE), u32::from(SIDE), 1);
        self.corners.clear();
        for p in points.iter() {
            let (x, y, depth) = self.place(p);
            self.corners.push(Corner { x, y, depth, ..Corner::default() });
        }
        for triangle in occluders {
            let [a, b, c] = triangle.vertex.map(|v| &self.corners[v as usize]);
            self.canvas.triangle([a, c, b], false, |_| [0.0, 0.0, 0.0, 1.0]);
        }
    }

    /// The share of light that reaches a surface of that normal at `p`, 0..=1.
    pub(crate) fn open(&self, p: Vec3, normal: Vec3) -> f32 {
        const TAPS: [(f32, f32); 4] = [(-0.7, -0.4), (0.4, -0.7), (0.7, 0.4), (-0.4, 0.7)];
        let (x, y, depth) = self.place(p);
        let facing = normal.dot(self.axes[2]).clamp(0.02, 1.0);
        let slope = (1.0 - facing * facing).sqrt() / facing;
        let clear = depth + (BIAS * (1.0 + slope)).min(MOST_BIAS);
        let lit = TAPS.iter().filter(|(dx, dy)| {
            let nearest = self.canvas.sample_at(x + dx, y + dy);
            nearest.is_none_or(|(_, nearest)| nearest < clear)
        });
        0.25 * lit.count() as f32
    }

    fn place(&self, p: Vec3) -> (f32, f32, f32) {
        let scale = f32::from(SIDE) / (2.0 * REACH);
        let q = p - MIDDLE;
        let half = 0.5 * f32::from(SIDE);
        let [right, up, towards] = self.axes;
        (half + scale * q.dot(right), half - scale * q.dot(up), q.dot(towards))
    }
}

/// The share of ambient light that reaches each vertex, 0..=1.
pub(crate) fn ambient(points: &Points, normals: &Points, occluders: &[Triangle]) -> Vec<f32> {
    let mut map = DepthMap::default();
    let mut sums = vec![(0.0_f32, 1e-3_f32); points.len()];
    for towards in directions() {
        map.cast(points, occluders, towards);
        for (i, (open, all)) in sums.iter_mut().enumerate() {
            let facing = normals.get(i).dot(towards);
            if facing > 0.0 {
                *open += facing * map.open(points.get(i), normals.get(i));
                *all += facing;
            }
        }
    }
    sums.into_iter().map(|(open, all)| open / all).collect()
}

/// Directions spread evenly over the sphere by the golden angle.
fn directions() -> impl Iterator<Item = Vec3> {
    (0..DIRECTIONS).map(|i| {
        let y = 1.0 - 2.0 * (f32::from(i) + 0.5) / f32::from(DIRECTIONS);
        let angle = f32::from(i) * (PI * (3.0 - 5.0_f32.sqrt())) % TAU;
        let ring = (1.0 - y * y).sqrt();
        Vec3::new(ring * angle.cos(), y, ring * angle.sin())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUAD: [Triangle; 2] =
        [Triangle { vertex: [0, 1, 2], uv: [0; 3] }, Triangle { vertex: [0, 2, 3], uv: [0; 3] }];

    /// A square of 8 cm at z = 4 that faces the viewer.
    fn square() -> Points {
        Points::from_triples(&[-4., -4., 4., 4., -4., 4., 4., 4., 4., -4., 4., 4.])
    }

    #[test]
    fn a_square_shades_what_is_behind_it_and_nothing_else() {
        let mut map = DepthMap::default();
        let front = Vec3::new(0.0, 0.0, 1.0);
        map.cast(&square(), &QUAD, front);
        let open = |x, z| map.open(Vec3::new(x, 0.0, z), front);
        assert!(open(0.0, 0.0) < 0.01);
        assert!(open(0.0, 6.0) > 0.99);
        assert!(open(0.0, 4.0) > 0.99);
        assert!(open(7.0, 0.0) > 0.99);
    }

    #[test]
    fn a_point_behind_a_square_gets_less_ambient_light() {
        let mut points = square();
        points.push(Vec3::new(0.0, 0.0, 2.0));
        points.push(Vec3::new(0.0, 0.0, 9.0));
        let normals = Points { x: vec![0.0; 6], y: vec![0.0; 6], z: vec![1.0; 6] };
        let open = ambient(&points, &normals, &QUAD);
        assert!(open[4] < 0.5 && open[5] > 0.99, "{open:?}");
    }

    #[test]
    fn directions_cover_the_sphere() {
        let sum = directions().fold(Vec3::default(), |sum, d| sum + d);
        assert!(sum.dot(sum).sqrt() < 1.0, "{sum:?}");
        assert!(directions().all(|d| (d.dot(d) - 1.0).abs() < 1e-4));
    }
}
