//! A mask over nose and mouth: surgical with pleats, a folded respirator, or cloth.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::{
    Setting,
    paint::{Thing, Touch, dyed, shaded},
    shape::{Limb, Vec2, bump, mix, step},
    texture::{Detail, checks},
};

/// Half its width at the cheeks.
const HALF: f32 = 0.97;
const SURGICAL: [[f32; 3]; 4] =
    [[150.0, 190.0, 215.0], [225.0, 228.0, 230.0], [38.0, 38.0, 42.0], [150.0, 205.0, 185.0]];
const RESPIRATOR: [[f32; 3]; 3] =
    [[225.0, 225.0, 222.0], [200.0, 202.0, 205.0], [45.0, 45.0, 48.0]];
const CLOTH: [[f32; 3]; 4] =
    [[60.0, 70.0, 120.0], [150.0, 50.0, 60.0], [90.0, 90.0, 95.0], [210.0, 190.0, 160.0]];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Surgical,
    Respirator,
    Cloth,
}

struct Mask {
    kind: Kind,
    colour: [f32; 3],
    /// How far it has slipped down: nothing, or below the nose.
    slip: f32,
    /// How strongly a cloth's checks stand out.
    pattern: f32,
    detail: Detail,
    seed: u32,
}

/// A mask, now and then below the nose.
pub(super) fn make(setting: &Setting, rng: &mut Pcg64) -> Box<dyn Thing> {
    let kind =
        [Kind::Surgical, Kind::Surgical, Kind::Respirator, Kind::Cloth][rng.random_range(0..4)];
    let palette: &[[f32; 3]] = match kind {
        Kind::Surgical => &SURGICAL,
        Kind::Respirator => &RESPIRATOR,
        Kind::Cloth => &CLOTH,
    };
    let low = rng.random::<f32>() < 0.15;
    Box::new(Mask {
        kind,
        colour: dyed(palette, rng),
        slip: rng.random_range(-0.06..0.06) + if low { 0.4 } else { 0.0 },
        pattern: if rng.random() { rng.random_range(0.1..0.5) } else { 0.0 },
        detail: setting.detail,
        seed: rng.random(),
    })
}

impl Mask {
    /// Upper and lower border at `u`.
    fn borders(&self, u: f32) -> [f32; 2] {
        let t = (u.abs() / HALF).min(1.2);
        let peak = if self.kind == Kind::Respirator { 0.28 } else { 0.34 };
        let top = peak + 0.3 * step(0.05, 0.75, t);
        let bottom = 1.95 - 0.75 * t.powf(2.4);
        [top + self.slip, bottom + 0.4 * self.slip]
    }

    /// Brightness of the surface at `u` and a share `t` of the way down.
    fn relief(&self, u: f32, t: f32) -> f32 {
        let round = 1.0 - 0.38 * (u / HALF).powi(2) - 0.22 * step(0.6, 1.0, t);
        let nose = 0.1
            * (bump(u - 0.04, 0.22) * step(0.75, 0.1, t)
                - bump(u.abs() - 0.34, 0.22) * step(0.55, 0.0, t));
        let hem = -0.13 * (self.detail.line(t - 0.065, 0.02) + self.detail.line(t - 0.94, 0.02));
        let folds = match self.kind {
            Kind::Surgical => self.pleats(u, t),
            Kind::Respirator => 0.1 * step(-0.03, 0.03, u) - 0.2 * self.detail.line(u, 0.035),
            Kind::Cloth => -0.14 * self.detail.line(u, 0.03),
        };
        round + nose + hem + folds
    }

    /// Three pleats: a light ridge with a dark line beneath, fading where the chin stretches them.
    fn pleats(&self, u: f32, t: f32) -> f32 {
        let sag = t - 0.05 * (1.0 - (u / HALF).powi(2))
            + 0.012 * self.detail.noise([u, 0.0], [3.0, 0.0], self.seed);
        let pleat = |at: f32| {
            0.1 * self.detail.line(sag - at + 0.035, 0.035)
                - 0.24 * self.detail.line(sag - at, 0.022)
        };
        let stretched = mix(1.0, 0.65, step(0.6, 0.0, u.abs()));
        stretched * (pleat(0.3) + pleat(0.48) + pleat(0.66))
    }
}

impl Thing for Mask {
    fn touch(&self, at @ [u, v]: Vec2) -> Touch {
        let [top, bottom] = self.borders(u);
        let sheet = (top - v).max(v - bottom).max(u.abs() - HALF);
        let right = [u.abs(), v - self.slip];
        let upper = Limb { from: [HALF, 0.7], to: [1.02, 0.22], radii: [0.022; 2] }.at(right);
        let lower =
            Limb { from: [HALF - 0.04, 1.2], to: [1.03, 0.52], radii: [0.022; 2] }.at(right);
        let loops = upper.distance.min(lower.distance);
        if loops < sheet {
            return Touch::solid(loops, shaded(self.colour, 0.9));
        }
        if self.detail.beyond(sheet) {
            return Touch::beside(sheet);
        }
        let t = ((v - top) / (bottom - top).max(0.1)).clamp(0.0, 1.0);
        let grain = 0.05 * (self.detail.noise(at, [22.0, 22.0], self.seed) - 0.5);
        let wrinkles = 0.1 * (self.detail.noise(at, [2.5, 4.0], self.seed ^ 1) - 0.5);
        let pattern = if self.kind == Kind::Cloth {
            self.pattern * (checks(at.map(|x| 3.5 * x)) - 0.5)
        } else {
            0.0
        };
        let light = self.relief(u, t) * (1.0 + pattern) + grain + wrinkles;
        Touch::solid(sheet, shaded(self.colour, light.max(0.05)))
    }
}
