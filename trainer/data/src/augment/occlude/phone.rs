//! A phone held in front of the face or at the ear, fingers around it.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::{
    Setting,
    paint::{Shadow, Thing, Touch, blended, dyed, shaded},
    shape::{Limb, Vec2, bump, length, mix, rounded_box, seen_from, step, sub},
    texture::Detail,
};

/// Half its sides: 7 × 15 cm where eyes are 6.3 cm apart.
const HALF: Vec2 = [0.56, 1.18];
const CASES: [[f32; 3]; 6] = [
    [28.0, 28.0, 32.0],
    [195.0, 195.0, 198.0],
    [60.0, 80.0, 120.0],
    [190.0, 120.0, 125.0],
    [120.0, 125.0, 120.0],
    [70.0, 60.0, 95.0],
];
/// Where its middle is, at the picture's right, and its tilt in degrees clockwise.
const HELD: [(Vec2, f32); 4] =
    [([0.55, 0.7], 0.0), ([1.2, 0.75], 14.0), ([0.0, 1.75], 0.0), ([0.35, 1.5], -70.0)];

struct Phone {
    middle: Vec2,
    angle: f32,
    size: f32,
    case: [f32; 3],
    skin: [f32; 3],
    /// 1 or -1: the side on which the fingers show.
    side: f32,
    fingers: [Limb; 4],
    gloss: f32,
    detail: Detail,
}

/// A phone, its back to the viewer.
pub(super) fn make(setting: &Setting, rng: &mut Pcg64) -> Box<dyn Thing> {
    let ([u, v], degrees) = HELD[rng.random_range(0..HELD.len())];
    let side = if rng.random() { 1.0 } else { -1.0 };
    let mut near = |most: f32| rng.random_range(-most..most);
    let middle = [side * u + near(0.15), v + near(0.2)];
    let angle = side * (degrees + near(10.0)).to_radians();
    let fingers = std::array::from_fn(|at| {
        let y = 0.1 + 0.29 * at as f32 + near(0.03);
        let tip = HALF[0] - 0.3 + near(0.08);
        Limb { from: [1.15, y + 0.25], to: [tip, y], radii: [0.17, 0.125] }
    });
    Box::new(Phone {
        middle,
        angle,
        size: rng.random_range(0.92..1.08),
        case: dyed(&CASES, rng),
        skin: shaded(setting.skin, rng.random_range(0.85..1.05)),
        side,
        fingers,
        gloss: rng.random_range(-0.8..0.8),
        detail: setting.detail,
    })
}

impl Phone {
    /// The back: a glossy sheet with a block of cameras.
    fn back(&self, [x, y]: Vec2, distance: f32) -> [f32; 3] {
        let rim = mix(1.0, 1.35, self.detail.line(distance + 0.03, 0.03));
        let shine = 28.0 * bump(x + 0.5 * y - self.gloss, 0.35);
        let case = self.case.map(|level| level * rim + shine);
        let block = [x + 0.3, y + 0.88];
        let plate = self.detail.inside(rounded_box(block, [0.2, 0.22], 0.08));
        let lens = [[-0.08, -0.1], [-0.08, 0.1], [0.09, 0.0]]
            .iter()
            .map(|&at| length(sub(block, at)))
            .fold(f32::INFINITY, f32::min);
        let glass =
            blended([70.0, 72.0, 78.0], [10.0, 10.0, 14.0], self.detail.inside(lens - 0.068));
        let glass = blended(glass, [120.0, 130.0, 150.0], 0.5 * self.detail.inside(lens - 0.018));
        let plated = blended(shaded(case, 0.82), glass, self.detail.inside(lens - 0.085));
        blended(case, plated, plate)
    }
}

impl Thing for Phone {
    fn touch(&self, at: Vec2) -> Touch {
        let [x, y] = seen_from(self.middle, self.angle, at);
        let own = [self.side * x / self.size, y / self.size];
        let sheet = rounded_box(own, HALF, 0.14);
        let palm = Limb { from: [0.85, 0.75], to: [1.3, 3.5], radii: [0.5, 0.5] }.at(own);
        let finger = self
            .fingers
            .iter()
            .map(|finger| finger.at(own))
            .min_by(|a, b| a.distance.total_cmp(&b.distance))
            .unwrap_or(palm);
        let distance = self.size * sheet.min(palm.distance).min(finger.distance);
        if self.detail.beyond(distance) {
            return Touch::beside(distance);
        }
        // Fingers lie on the phone, the palm behind it.
        let nail = step(0.8, 0.86, finger.along) * step(0.7, 0.55, finger.across);
        let skin = shaded(self.skin, mix(0.55, 1.0, finger.facing().sqrt()) + 0.1 * nail);
        let behind = shaded(self.skin, mix(0.45, 0.85, palm.facing()));
        let dark = mix(0.6, 1.0, step(0.0, 0.12, finger.distance));
        let under = if sheet < 0.0 { shaded(self.back(own, sheet), dark) } else { behind };
        let colour = blended(skin, under, 1.0 - self.detail.inside(finger.distance));
        Touch::solid(distance, colour)
    }

    fn shadow(&self) -> Shadow {
        Shadow { depth: 0.35, reach: 0.22 }
    }
}
