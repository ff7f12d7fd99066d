//! Dark glasses: square, round or drop-shaped, with a rim and a reflection of the sky.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::{
    Setting,
    paint::{Shadow, Thing, Touch, blended, dyed},
    shape::{Limb, Vec2, bump, ellipse, mix, rounded_box, step},
    texture::Detail,
};

/// Rims.
const RIMS: [[f32; 3]; 4] =
    [[20.0, 20.0, 22.0], [70.0, 45.0, 30.0], [175.0, 160.0, 120.0], [150.0, 30.0, 35.0]];
/// Lenses.
const LENSES: [[f32; 3]; 4] =
    [[16.0, 16.0, 20.0], [45.0, 30.0, 20.0], [20.0, 35.0, 28.0], [25.0, 35.0, 60.0]];

#[derive(Clone, Copy)]
enum Cut {
    Square,
    Round,
    Drop,
}

struct Sunglasses {
    cut: Cut,
    size: f32,
    /// How far down the nose they sit.
    drop: f32,
    rim: [f32; 3],
    rim_width: f32,
    lens: [f32; 3],
    opacity: f32,
    /// Where the reflection crosses the lens, and how bright it is.
    glint: [f32; 2],
    detail: Detail,
}

/// Sunglasses on the nose.
pub(super) fn make(setting: &Setting, rng: &mut Pcg64) -> Box<dyn Thing> {
    Box::new(Sunglasses {
        cut: [Cut::Square, Cut::Round, Cut::Drop][rng.random_range(0..3)],
        size: rng.random_range(0.9..1.15),
        drop: rng.random_range(0.0..0.12),
        rim: dyed(&RIMS, rng),
        rim_width: rng.random_range(0.025..0.07),
        lens: dyed(&LENSES, rng),
        opacity: rng.random_range(0.82..0.98),
        glint: [rng.random_range(-0.4..0.4), rng.random_range(0.0..110.0)],
        detail: setting.detail,
    })
}

impl Sunglasses {
    /// Distance from the lens on the right, seen from its middle.
    fn lens(&self, [x, y]: Vec2) -> f32 {
        let size = self.size;
        match self.cut {
            Cut::Square => rounded_box([x - 0.1 * y, y], [0.4 * size, 0.29 * size], 0.12),
            Cut::Round => ellipse([x, y], [0.35 * size, 0.34 * size]),
            Cut::Drop => rounded_box([x + 0.2 * y, y], [0.4 * size, 0.33 * size], 0.28 * size),
        }
    }

    /// Distance from bridge and temples.
    fn wires(&self, [u, v]: Vec2) -> f32 {
        let inner = 0.5 - 0.34 * self.size;
        let bridge = Limb { from: [0.0, -0.1], to: [inner, -0.04], radii: [0.03, 0.03] };
        let outer = 0.5 + 0.38 * self.size;
        let temple = Limb { from: [outer, -0.12], to: [1.02, -0.11], radii: [0.045, 0.035] };
        bridge.at([u, v]).distance.min(temple.at([u, v]).distance)
    }
}

impl Thing for Sunglasses {
    fn touch(&self, [u, v]: Vec2) -> Touch {
        let at = [u.abs(), v - self.drop];
        let lens = self.lens([at[0] - 0.5, at[1] - 0.06]);
        let distance = (lens - self.rim_width).min(self.wires(at));
        if self.detail.beyond(distance) {
            return Touch::beside(distance);
        }
        let inside = self.detail.inside(lens);
        // The reflection falls from the upper left on both lenses.
        let across = (u - 0.5 * u.signum()) + 0.6 * at[1] - self.glint[0];
        let glint = self.glint[1] * (bump(across, 0.16) + 0.5 * bump(across - 0.25, 0.06));
        let fade = mix(0.7, 1.7, step(-0.3, 0.4, at[1]));
        let glass = self.lens.map(|level| level * fade + glint * step(0.3, -0.3, at[1]));
        let rim =
            mix(1.0, 1.5, self.detail.line(lens - 0.6 * self.rim_width, 0.4 * self.rim_width));
        let colour = blended(self.rim.map(|level| level * rim), glass, inside);
        Touch { distance, colour, opacity: mix(1.0, self.opacity, inside) }
    }

    fn shadow(&self) -> Shadow {
        Shadow { depth: 0.3, reach: 0.12 }
    }
}
