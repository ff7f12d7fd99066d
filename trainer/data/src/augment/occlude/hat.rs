//! A hat pulled down: a cap with its brim, a knitted cap, or a hat with a wide brim.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::{
    Setting,
    paint::{Shadow, Thing, Touch, dyed, shaded},
    shape::{Vec2, bump, ellipse, mix, step},
    texture::Detail,
};

/// Where every hat ends.
const TOP: f32 = -1.9;
const CLOTH: [[f32; 3]; 7] = [
    [35.0, 38.0, 48.0],
    [160.0, 35.0, 40.0],
    [205.0, 200.0, 190.0],
    [60.0, 85.0, 60.0],
    [45.0, 70.0, 130.0],
    [110.0, 110.0, 112.0],
    [185.0, 155.0, 110.0],
];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Cap,
    Knitted,
    Brimmed,
}

struct Hat {
    kind: Kind,
    /// Height of its lower border in the middle.
    low: f32,
    /// How much the border of a cap drops to the sides; negative where it rises.
    arc: f32,
    colour: [f32; 3],
    detail: Detail,
    seed: u32,
}

/// A hat down to the brows or near them.
pub(super) fn make(setting: &Setting, rng: &mut Pcg64) -> Box<dyn Thing> {
    Box::new(Hat {
        kind: [Kind::Cap, Kind::Knitted, Kind::Brimmed][rng.random_range(0..3)],
        low: rng.random_range(-0.58..-0.22),
        arc: rng.random_range(-0.12..0.2),
        colour: dyed(&CLOTH, rng),
        detail: setting.detail,
        seed: rng.random(),
    })
}

impl Hat {
    /// Cloth: brightness of a weave.
    fn weave(&self, at: Vec2) -> f32 {
        mix(0.93, 1.07, self.detail.noise(at, [24.0, 24.0], self.seed))
            * mix(0.92, 1.08, self.detail.noise(at, [2.0, 2.0], self.seed ^ 1))
    }

    fn cap(&self, at @ [u, v]: Vec2) -> (f32, f32) {
        let low = self.low + self.arc * u * u;
        let brim = (v - low).max(u.abs() - 1.3 + 0.3 * step(low - 0.2, low, v).powi(2));
        let seam = low - 0.34 + 0.16 * u * u;
        let crown = (v - seam).max(u.abs() - mix(1.3, 1.1, step(0.0, -1.2, v - seam)));
        let under = step(seam - 0.02, seam + 0.02, v);
        let edge = 0.25 * self.detail.line(v - low + 0.03, 0.04);
        let bent = mix(0.95, 0.6, step(seam, low, v)) - 0.15 * (u / 1.3).powi(2) + edge;
        let panels = 1.0
            - 0.18 * self.detail.line(u, 0.025)
            - 0.3 * (u / 1.3).powi(2)
            - 0.25 * self.detail.line(v - seam, 0.05);
        (brim.min(crown), mix(panels, bent, under) * self.weave(at))
    }

    fn knitted(&self, [u, v]: Vec2) -> (f32, f32) {
        let low = self.low + 0.1 * u * u;
        let width = mix(1.28, 1.0, step(-0.6, -1.8, v));
        let (cuff, round) = (low - 0.42, 1.0 - 0.4 * (u / 1.3).powi(2));
        let ribs = 0.5 + 0.5 * (30.0 * u).sin() * self.detail.share(8.0);
        let turned = step(cuff - 0.03, cuff + 0.01, v);
        let crown =
            mix(0.72, 1.05, self.detail.knit([u, 1.1 * v], 7.0)) - 0.25 * bump(v - cuff, 0.08);
        let wool = mix(0.92, 1.08, self.detail.noise([u, v], [24.0, 24.0], self.seed));
        let light = mix(crown, mix(0.68, 1.08, ribs), turned);
        ((v - low).max(u.abs() - width), round * light * wool)
    }

    fn brimmed(&self, at @ [u, v]: Vec2) -> (f32, f32) {
        let middle = self.low - 0.24;
        let brim = ellipse([u, v - middle + 0.06 * u * u], [2.1, 0.28]);
        let crown = (u.abs() - mix(1.05, 0.85, step(0.0, -1.3, v - middle))).max(v - middle);
        let band = step(middle - 0.42, middle - 0.4, v);
        let tall = (1.0 - 0.4 * (u / 1.1).powi(2)) * mix(1.0, 0.45, band);
        let flat = mix(1.1, 0.6, step(middle - 0.15, middle + 0.28, v));
        let on_brim = if brim < crown { 1.0 } else { step(0.0, -0.06, brim) };
        (brim.min(crown), mix(tall, flat, on_brim) * self.weave(at))
    }
}

impl Thing for Hat {
    fn touch(&self, at @ [u, v]: Vec2) -> Touch {
        let (distance, light) = match self.kind {
            Kind::Cap => self.cap(at),
            Kind::Knitted => self.knitted(at),
            Kind::Brimmed => self.brimmed(at),
        };
        let distance = distance.max(TOP + 0.25 * u * u - v);
        Touch::solid(distance, shaded(self.colour, light.max(0.05)))
    }

    /// A brim keeps the light from the eyes.
    fn shadow(&self) -> Shadow {
        match self.kind {
            Kind::Knitted => Shadow { depth: 0.3, reach: 0.15 },
            Kind::Cap | Kind::Brimmed => Shadow { depth: 0.5, reach: 0.6 },
        }
    }
}
