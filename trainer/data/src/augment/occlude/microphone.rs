//! A microphone before the mouth: a ball of wire mesh, or of foam, on a handle.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::{
    Setting,
    paint::{Shadow, Thing, Touch, shaded},
    shape::{Limb, Vec2, bump, length, mix, seen_from, step},
    texture::Detail,
};

struct Microphone {
    middle: Vec2,
    /// Tilt of the handle, clockwise from downwards.
    angle: f32,
    radius: f32,
    /// Colour of the ball and of the handle.
    ball: [f32; 3],
    handle: [f32; 3],
    foam: bool,
    detail: Detail,
    seed: u32,
}

/// A microphone just below the mouth or in front of it.
pub(super) fn make(setting: &Setting, rng: &mut Pcg64) -> Box<dyn Thing> {
    let foam = rng.random::<f32>() < 0.4;
    let metal = rng.random_range(110.0..190.0);
    let foams =
        [[30.0, 30.0, 34.0], [160.0, 40.0, 40.0], [40.0, 60.0, 120.0], [200.0, 160.0, 40.0]];
    Box::new(Microphone {
        middle: [rng.random_range(-0.35..0.35), rng.random_range(1.2..1.65)],
        angle: rng.random_range(-0.6..0.6),
        radius: rng.random_range(0.3..0.42) * if foam { 1.15 } else { 1.0 },
        ball: if foam { foams[rng.random_range(0..foams.len())] } else { [metal; 3] },
        handle: [rng.random_range(20.0..60.0); 3],
        foam,
        detail: setting.detail,
        seed: rng.random(),
    })
}

impl Microphone {
    /// Brightness of the ball at a place in units of its radius.
    fn surface(&self, [x, y]: Vec2) -> f32 {
        let facing = (1.0 - (x * x + y * y).min(1.0)).sqrt();
        // Light comes from above, a little from the left.
        let lit = (0.62 * facing - 0.28 * x - 0.55 * y).clamp(0.0, 1.0);
        let rough = if self.foam {
            mix(
                0.75,
                1.15,
                self.detail.noise(
                    [x, y].map(|t| t * self.radius),
                    [14.0 / self.radius; 2],
                    self.seed,
                ),
            )
        } else {
            let bend = 1.0 + 0.5 * (1.0 - facing);
            let wires = (17.0 * bend * (x + y)).sin() * (17.0 * bend * (x - y)).sin();
            mix(0.55, 1.2, 0.5 + 0.5 * wires * self.detail.share(4.5 / self.radius))
                * (1.0 - 0.35 * bump(y - 0.25, 0.1))
        };
        let shine = if self.foam { 0.0 } else { 0.5 * bump(length([x + 0.35, y + 0.45]), 0.35) };
        rough * mix(0.3, 1.15, lit) + shine
    }
}

impl Thing for Microphone {
    fn touch(&self, at: Vec2) -> Touch {
        let [x, y] = seen_from(self.middle, self.angle, at);
        let own = [x / self.radius, y / self.radius];
        let ball = (length(own) - 1.0) * self.radius;
        let collar = Limb { from: [0.0, 0.85], to: [0.0, 1.15], radii: [0.62, 0.6] }.at(own);
        let handle = Limb { from: [0.0, 1.0], to: [0.0, 9.0], radii: [0.56, 0.4] }.at(own);
        if ball < 0.0 {
            return Touch::solid(ball, shaded(self.ball, self.surface(own)));
        }
        let grip = self.radius * handle.distance.min(collar.distance);
        let ring = step(1.5, 1.45, own[1]);
        let shine = 0.6 * bump(handle.across - 0.35, 0.3) * step(0.0, -0.1, own[0]);
        let round = mix(0.4, 1.1, handle.facing()) + shine;
        let tone = mix(1.0, 2.2, ring);
        Touch::solid(ball.min(grip), shaded(self.handle, round * tone))
    }

    fn shadow(&self) -> Shadow {
        Shadow { depth: 0.3, reach: 0.2 }
    }
}
