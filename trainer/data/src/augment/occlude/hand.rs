//! A hand over the mouth, under the chin, at an eye or over the face, in the colour of the face.
//!
//! Its own coordinates: (0, 0) in the middle of the palm, `-y` towards the fingertips, `y` down the
//! arm, in units of the distance between the eyes.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::{
    Setting,
    paint::{Shadow, Thing, Touch, blended, dyed, shaded},
    shape::{Limb, OnLimb, Vec2, bump, mix, part, rounded_box, seen_from, soft_min, step},
    texture::Detail,
};

/// Where palms rest, at the picture's right, and where their fingers point, clockwise from
/// upwards in degrees.
const RESTS: [(Vec2, f32); 5] = [
    ([0.62, 1.42], -66.0), // over the mouth
    ([1.0, 1.62], -8.0),   // cheek in hand
    ([0.98, 1.02], -38.0), // rubbing an eye
    ([0.22, 0.95], -4.0),  // face in hand
    ([0.75, 2.0], -38.0),  // fingers at the lips
];
/// Length and thickness of the fingers, index first.
const FINGERS: [(f32, f32); 4] = [(1.05, 0.165), (1.18, 0.17), (1.1, 0.16), (0.85, 0.14)];
/// Sleeves.
const CLOTH: [[f32; 3]; 5] = [
    [40.0, 42.0, 50.0],
    [150.0, 150.0, 155.0],
    [60.0, 75.0, 110.0],
    [120.0, 60.0, 55.0],
    [210.0, 205.0, 195.0],
];
/// Colour of a nail over skin of 200, 160, 140.
const NAIL: [f32; 3] = [1.06, 1.02, 1.02];

/// A hand, the back of it seen.
pub(super) struct Hand {
    palm: Vec2,
    angle: f32,
    /// Width of its unit; negative for the other hand.
    size: [f32; 2],
    fingers: [Limb; 5],
    skin: [f32; 3],
    cloth: [f32; 3],
    /// Where the sleeve begins.
    cuff: f32,
    detail: Detail,
    seed: u32,
}

/// A hand somewhere at the face.
pub(super) fn make(setting: &Setting, rng: &mut Pcg64) -> Box<dyn Thing> {
    let ([u, v], degrees) = RESTS[rng.random_range(0..RESTS.len())];
    let side = if rng.random() { 1.0 } else { -1.0 };
    let size = rng.random_range(0.85..1.1);
    let mut near = |most: f32| rng.random_range(-most..most);
    let palm = [side * u + near(0.15), v + near(0.15)];
    let angle = side * (degrees + near(12.0)).to_radians();
    let thumb = if near(1.0) < 0.75 { side } else { -side };
    let (spread, curl) = (near(0.06) + 0.08, near(0.1) + 0.92);
    Box::new(Hand {
        palm,
        angle,
        size: [thumb * size, size],
        fingers: fingers(spread, curl, rng),
        skin: shaded(setting.skin, rng.random_range(0.82..1.02)),
        cloth: dyed(&CLOTH, rng),
        cuff: rng.random_range(1.1..2.2),
        detail: setting.detail,
        seed: rng.random(),
    })
}

/// Four fingers and a thumb.
fn fingers(spread: f32, curl: f32, rng: &mut Pcg64) -> [Limb; 5] {
    std::array::from_fn(|at| {
        let Some(&(length, radius)) = FINGERS.get(at) else {
            let tip = [-1.0 + rng.random_range(-0.1..0.25), -0.35 + rng.random_range(-0.25..0.2)];
            return Limb { from: [-0.4, 0.3], to: tip, radii: [0.23, 0.15] };
        };
        let x = 0.32 * (at as f32 - 1.5);
        let angle = spread * (at as f32 - 1.5) + rng.random_range(-0.03..0.03);
        let length = length * curl * rng.random_range(0.92..1.04);
        let from = [x, -0.35];
        let to = [x + length * angle.sin(), -0.35 - length * angle.cos()];
        Limb { from, to, radii: [radius, 0.8 * radius] }
    })
}

impl Hand {
    /// The nearest finger.
    fn finger(&self, at: Vec2) -> OnLimb {
        let [first, others @ ..] = &self.fingers;
        others.iter().map(|finger| finger.at(at)).fold(first.at(at), |nearest, finger| {
            if finger.distance < nearest.distance { finger } else { nearest }
        })
    }

    /// The colour of a finger: round, creased at its joints, a nail at its end.
    fn finger_colour(&self, on: OnLimb) -> [f32; 3] {
        let line = |along, width| self.detail.line(on.along - along, width);
        let creases = line(0.42, 0.1) + line(0.72, 0.08);
        let light = mix(0.66, 1.0, on.facing().sqrt()) - 0.06 * creases;
        let nail = step(0.86, 0.9, on.along) * step(0.7, 0.55, on.across);
        let skin = shaded(self.skin, light);
        let shine: [f32; 3] = std::array::from_fn(|i| skin[i] * NAIL[i] + 8.0);
        blended(skin, shine, nail)
    }

    /// The colour of the back of the hand at a distance from its border.
    fn back_colour(&self, at: Vec2, distance: f32) -> [f32; 3] {
        let tendons = bump((part(at[0] / 0.32) - 0.5) * 2.0, 1.0) * step(0.6, -0.4, at[1]);
        let light = mix(0.62, 1.0, step(0.0, -0.3, distance)) - 0.06 * tendons;
        let grain = 0.08 * (self.detail.noise(at, [4.0, 4.0], self.seed) - 0.5);
        shaded(self.skin, light + grain)
    }

    /// The colour of the sleeve around the arm.
    fn sleeve_colour(&self, at: Vec2, arm: OnLimb) -> [f32; 3] {
        let folds = self.detail.noise(at, [1.5, 3.0], self.seed);
        shaded(self.cloth, mix(0.5, 1.0, arm.facing()) * mix(0.8, 1.1, folds))
    }
}

impl Thing for Hand {
    fn touch(&self, at: Vec2) -> Touch {
        let [x, y] = seen_from(self.palm, self.angle, at);
        let scale = self.size[1];
        let own = [x / self.size[0], y / scale];
        let finger = self.finger(own);
        let arm = Limb { from: [0.0, 0.45], to: [0.1, 5.0], radii: [0.42, 0.6] }.at(own);
        let sleeve = own[1] > self.cuff + 0.05 * (6.0 * own[0]).sin();
        let palm = if sleeve {
            arm.distance - 0.12
        } else {
            let back = rounded_box([own[0], own[1] - 0.1], [0.62, 0.62], 0.3);
            soft_min(back, arm.distance, 0.3)
        };
        let distance = scale * soft_min(finger.distance, palm, 0.12);
        if self.detail.beyond(distance) {
            return Touch::beside(distance);
        }
        if sleeve {
            return Touch::solid(distance, self.sleeve_colour(own, arm));
        }
        let on_palm = step(-0.08, 0.08, finger.distance - palm);
        let (skin, back) = (self.finger_colour(finger), self.back_colour(own, palm));
        Touch::solid(distance, blended(skin, back, on_palm))
    }

    fn shadow(&self) -> Shadow {
        Shadow { depth: 0.45, reach: 0.3 }
    }
}
