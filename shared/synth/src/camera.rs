//! From head coordinates to lit samples: pose, light and perspective.

use mien_shared::geometry::Point;

use crate::{
    grid::{Finish, Vertex},
    math::{Rotation, Vec3},
    raster::Corner,
    scene::{Light, Scene},
};

/// Hairline to chin of the average head, cm.
const FACE_CM: f32 = 17.8;
/// Middle of the face above the eye line, cm.
const MIDDLE_CM: f32 = -2.3;
/// Depth of the face's features before the ears, cm.
const FACE_DEPTH_CM: f32 = 7.0;
/// Where the head turns on the neck.
const PIVOT: Vec3 = Vec3::new(0.0, -5.0, 0.0);

/// One part's way onto the canvas.
#[derive(Debug, Clone, Copy)]
pub struct Camera {
    turn: Rotation,
    light: Light,
    half_way: Vec3,
    center: Point,
    focal: f32,
    distance: f32,
    samples: f32,
}

impl Camera {
    /// The camera that sees `scene`'s head.
    pub fn of_head(scene: &Scene) -> Self {
        let pose = &scene.pose;
        Self::turned(scene, Rotation::from_degrees(pose.yaw_deg, pose.pitch_deg, pose.roll_deg))
    }

    /// The camera that sees the shoulders, which follow the head a little.
    pub fn of_body(scene: &Scene) -> Self {
        let pose = &scene.pose;
        Self::turned(scene, Rotation::from_degrees(pose.yaw_deg * 0.25, 0.0, pose.roll_deg * 0.2))
    }

    fn turned(scene: &Scene, turn: Rotation) -> Self {
        let distance = scene.placement.distance_cm.max(25.0);
        let light = scene.light;
        Self {
            turn,
            light,
            half_way: (light.direction + Vec3::new(0.0, 0.0, 1.0)).unit(),
            center: scene.placement.center,
            focal: scene.placement.face_height_px * (distance - FACE_DEPTH_CM) / FACE_CM,
            distance,
            samples: scene.supersample as f32,
        }
    }

    /// Where a point of the part comes to lie in the picture, pixels.
    pub fn project(&self, point: Vec3) -> Point {
        self.place(point).0
    }

    /// Where a point of the part comes to lie, pixels, and how near the viewer it is, cm.
    pub fn place(&self, point: Vec3) -> (Point, f32) {
        let seen = self.turn.apply(point - PIVOT) + PIVOT;
        let scale = self.focal / (self.distance - seen.z).max(1.0);
        let x = self.center.x + seen.x * scale;
        let y = self.center.y - (seen.y - MIDDLE_CM) * scale;
        (Point { x, y }, seen.z)
    }

    /// How the part is turned.
    pub fn rotation(&self) -> Rotation {
        self.turn
    }

    /// A vertex projected and lit.
    pub(crate) fn corner(&self, vertex: &Vertex, normal: Vec3, finish: Finish) -> Corner {
        let (at, depth) = self.place(vertex.point);
        let mut n = self.turn.apply(normal);
        if finish.two_sided && n.z < 0.0 {
            n = n * -1.0;
        }
        let [red, green, blue] = self.lit(n, finish.wrap);
        let t = vertex.tint;
        let shine = self.shine(n, finish.gloss);
        let [u, v] = vertex.uv;
        let varying = [u, v, red * t[0], green * t[1], blue * t[2], shine];
        Corner { x: at.x * self.samples, y: at.y * self.samples, depth, varying }
    }

    /// Light falling on a surface that faces `n`.
    fn lit(&self, n: Vec3, wrap: [f32; 3]) -> [f32; 3] {
        let light = &self.light;
        let facing = n.dot(light.direction);
        let soft = (1.0 + light.gradient.dot(n)).max(0.0);
        std::array::from_fn(|k| {
            let key = ((facing + wrap[k]) / (1.0 + wrap[k])).max(0.0);
            light.exposure * (light.key[k] * key + light.ambient[k] * soft)
        })
    }

    fn shine(&self, n: Vec3, gloss: f32) -> f32 {
        if gloss <= 0.0 {
            return 0.0;
        }
        let towards = n.dot(self.half_way).max(0.0);
        let eighth = towards.powi(8);
        self.light.exposure * self.light.key[1] * gloss * (0.5 * eighth * towards + eighth * eighth)
    }

    /// The key light's direction across the picture, for catchlights: right and up.
    pub(crate) fn glint(&self) -> (f32, f32) {
        (self.light.direction.x, self.light.direction.y)
    }
}
