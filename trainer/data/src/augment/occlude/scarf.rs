//! A scarf or a collar pulled up over chin, mouth or nose.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::{
    Setting,
    paint::{Shadow, Thing, Touch, blended, dyed, shaded},
    shape::{Vec2, mix, part, step},
    texture::{Detail, checks},
};

const WOOL: [[f32; 3]; 7] = [
    [120.0, 40.0, 45.0],
    [50.0, 60.0, 95.0],
    [150.0, 140.0, 125.0],
    [45.0, 45.0, 48.0],
    [200.0, 195.0, 185.0],
    [70.0, 95.0, 70.0],
    [185.0, 150.0, 90.0],
];

struct Scarf {
    /// Height of its upper border in the middle.
    top: f32,
    /// How much the border rises to the sides and to one side.
    sag: f32,
    slant: f32,
    folds: f32,
    colours: [[f32; 3]; 2],
    /// Whether stripes cross in a second colour.
    checked: bool,
    detail: Detail,
    seed: u32,
}

/// A scarf, as high as the lower lip to the tip of the nose.
pub(super) fn make(setting: &Setting, rng: &mut Pcg64) -> Box<dyn Thing> {
    Box::new(Scarf {
        top: rng.random_range(0.62..1.2),
        sag: rng.random_range(0.05..0.3),
        slant: rng.random_range(-0.15..0.15),
        folds: rng.random_range(2.2..3.6),
        colours: [dyed(&WOOL, rng), dyed(&WOOL, rng)],
        checked: rng.random::<f32>() < 0.35,
        detail: setting.detail,
        seed: rng.random(),
    })
}

impl Thing for Scarf {
    fn touch(&self, [u, v]: Vec2) -> Touch {
        let hang = self.sag * u * u - self.slant * u;
        let ragged = 0.07 * (self.detail.noise([u, 0.0], [2.2, 0.0], self.seed) - 0.5);
        let border = self.top - hang + ragged - v;
        // It goes around the neck and ends on the chest.
        let distance = border.max(u.abs() - 1.2 - 0.5 * (v - self.top)).max(v - 3.2);
        if self.detail.beyond(distance) {
            return Touch::beside(distance);
        }
        // Folds run along the border, deeper ones sag more.
        let down = v - self.top + hang * mix(1.0, 0.3, step(0.0, 1.5, v - self.top));
        let fold =
            self.folds * down + 1.1 * self.detail.noise([u, down], [1.3, 1.6], self.seed ^ 1);
        let roll = (std::f32::consts::PI * part(fold)).sin().sqrt();
        let round = 1.0 - 0.22 * (u / 1.3).powi(2);
        let rows = self.detail.knit([u, down + 0.22 * roll], 9.0);
        let wool = self.detail.noise([u, v], [26.0, 26.0], self.seed ^ 2);
        let light = round * mix(0.45, 1.05, roll) * mix(0.86, 1.06, rows) * mix(0.9, 1.1, wool);
        let stripes = if self.checked { checks([2.0 * u + 0.2 * fold, 1.7 * down]) } else { 0.0 };
        let colour = blended(self.colours[0], self.colours[1], stripes);
        Touch::solid(distance, shaded(colour, light))
    }

    fn shadow(&self) -> Shadow {
        Shadow { depth: 0.35, reach: 0.16 }
    }
}
