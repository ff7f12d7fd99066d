//! Hair as a shell over the scalp, drawn out in strands.

use std::f32::consts::PI;

use crate::{
    anatomy::{self, CROWN},
    camera::Camera,
    grid::{Finish, Grid, Vertex},
    identity::{HairStyle, Identity},
    math::{Vec3, blob, mix, smoothstep, spline},
    noise,
    raster::{Canvas, Varying},
    scene::Hat,
};

/// The scalp's hair.
#[derive(Debug)]
pub(crate) struct Hair {
    grid: Grid,
}

/// Row where the scalp's hair begins at an angle, or `None` on a bald head.
pub(crate) fn scalp_line(identity: &Identity, theta: f32) -> Option<f32> {
    if identity.hair.style == HairStyle::Bald {
        return None;
    }
    let line = identity.hair.line;
    let recess = 0.25 + 0.6 * identity.age * (1.0 - identity.femininity);
    let knots = [
        (0.0, line),
        (0.42, line),
        (0.72, line + recess - 0.35),
        (0.98, line - 2.4),
        (1.14, 1.4),
        (1.28, -1.6),
        (1.42, -2.6),
        (1.52, 0.6),
        (1.95, -1.5),
        (2.35, -6.0),
        (PI, -7.0),
    ];
    Some(spline(&knots, theta.abs()))
}

/// Row where the hair's shell ends at an angle.
fn ends(identity: &Identity, theta: f32) -> Option<f32> {
    let line = scalp_line(identity, theta)?;
    let hair = &identity.hair;
    let side = smoothstep(1.02, 1.3, theta.abs());
    let fall = match hair.style {
        HairStyle::Medium => mix(-4.5, -7.5, smoothstep(1.4, 2.2, theta.abs())),
        HairStyle::Long => -16.5,
        _ => line.max(-0.9),
    };
    let wisps = noise::value(theta * 9.0, 0.5, crate::skin::noise_seed(identity) ^ 0x11) - 0.5;
    let swept = 0.75 + 0.35 * (theta * 1.2 * hair.parting.signum()).clamp(-1.0, 1.0);
    let fringe = hair.fringe * swept * smoothstep(1.0, 0.75, theta.abs());
    let lowest =
        if hair.style == HairStyle::Curly { line - 0.4 * hair.fringe } else { line - fringe };
    Some(mix(lowest + 0.5 * wisps, fall.min(line), side))
}

/// The shell's distance from the scalp by style, cm.
fn thickness(identity: &Identity) -> f32 {
    let usual = match identity.hair.style {
        HairStyle::Bald => 0.0,
        HairStyle::Buzz => 0.22,
        HairStyle::Short => 1.1,
        HairStyle::Medium => 1.5,
        HairStyle::Long => 1.25,
        HairStyle::Tied => 0.5,
        HairStyle::Curly => 2.9,
    };
    usual * identity.hair.volume
}

impl Hair {
    /// Hair yet to be cut.
    pub(crate) fn new() -> Self {
        Self { grid: Grid::new(75, 30) }
    }

    /// Draws the hair, pressed flat under a `hat`.
    pub(crate) fn draw(
        &mut self,
        identity: &Identity,
        hat: Hat,
        camera: &Camera,
        canvas: &mut Canvas,
    ) {
        if identity.hair.style == HairStyle::Bald {
            return;
        }
        self.grid.fill(|u, v| vertex(identity, hat, mix(-PI, PI, u), v));
        let finish = Finish { gloss: 0.06, wrap: [0.25; 3], two_sided: true };
        self.grid.draw(camera, canvas, finish, painter(identity));
    }
}

fn vertex(identity: &Identity, hat: Hat, theta: f32, v: f32) -> Vertex {
    let end = ends(identity, theta).unwrap_or(CROWN);
    let r = mix(CROWN, end, v.powf(1.35));
    let scalp = hull(identity, theta, r);
    let hang = smoothstep(0.0, -3.0, r);
    let front = smoothstep(1.35, 0.95, theta.abs());
    let root = smoothstep(1.0, 0.55, v);
    let hangs = matches!(identity.hair.style, HairStyle::Medium | HairStyle::Long);
    let full = if hangs { mix(root.max(0.12), 1.0, 1.0 - front) } else { root.max(0.12) };
    let full =
        full.max(0.35 * hang).max(if identity.hair.fringe > 0.0 { 0.3 * front } else { 0.0 });
    let sides = mix(1.0, 0.6, smoothstep(0.4, 1.2, theta.abs()) * smoothstep(7.0, 2.0, r));
    let under_hat = if hat == Hat::None { 1.0 } else { mix(1.0, 0.15, smoothstep(0.0, 4.0, r)) };
    let depth =
        (thickness(identity) * full * sides * under_hat * tousle(identity, theta, r)).max(0.1);
    let out = Vec3::new(scalp.x, (r - 2.0).max(0.0) * 1.1, scalp.z * 0.9).unit();
    let shade = mix(0.55, 1.0, smoothstep(-15.0, 2.0, r)) * mix(0.75, 1.0, root.max(1.0 - front));
    let colour = identity.hair.colour;
    Vertex { point: scalp + out * depth, tint: colour.map(|c| c * shade), uv: [theta, v] }
}

/// Unevenness of the shell, about 1.
fn tousle(identity: &Identity, theta: f32, r: f32) -> f32 {
    let seed = crate::skin::noise_seed(identity) ^ 0x77;
    let (fine, amount) =
        if identity.hair.style == HairStyle::Curly { (2.6, 0.5) } else { (1.4, 0.35) };
    let part = theta - 0.5 * identity.hair.parting;
    let groove = 0.45 * blob(part, (r - 12.0) * 0.3, 0.16, 2.0);
    1.0 + amount * (noise::cloud(theta * fine * 1.7, r * fine * 0.4, seed) - 0.5) - groove
}

/// The head's outline without jaw and neck: below the eyes the sides hang straight down.
fn hull(identity: &Identity, theta: f32, r: f32) -> Vec3 {
    let mut point = anatomy::skull(identity, theta, r.max(0.0));
    if r < 0.0 {
        let narrow = 1.0 - 0.012 * r.abs().min(8.0) + 0.01 * (r.abs() - 8.0).max(0.0);
        point = Vec3::new(point.x * narrow, r, point.z * narrow);
    }
    point
}

/// Strands lighter and darker, thinning out at their ends.
fn painter(identity: &Identity) -> impl Fn(&Varying) -> [f32; 4] {
    let seed = crate::skin::noise_seed(identity) ^ 0x4A;
    let curly = identity.hair.style == HairStyle::Curly;
    let (across, along) = if curly { (16.0, 22.0) } else { (30.0, 3.0) };
    move |v| {
        let bend = 0.06 * (v[1] * 9.0).sin();
        let strand = noise::value((v[0] + bend) * across, v[1] * along, seed);
        if v[1] > 0.9 && strand * 0.1 + 0.9 < v[1] {
            return [0.0; 4];
        }
        let light = 0.45 + 1.1 * strand;
        let shine = v[5] * strand;
        [v[2] * light + shine, v[3] * light + shine, v[4] * light + shine, 1.0]
    }
}
