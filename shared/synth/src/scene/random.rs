//! Scenes as varied as faces in the wild.

use mien_shared::{geometry::Point, label::Expression};
use rand::{Rng, RngExt as _, SeedableRng as _};
use rand_pcg::Pcg32;

use super::{Background, Glasses, Hat, Light, Placement, Pose, Scene, Worn};
use crate::{action::AuVector, identity::Identity, math::Vec3};

pub(super) fn scene(seed: u64, expression: Option<Expression>, size: u32) -> Scene {
    let mut rng = Pcg32::seed_from_u64(seed ^ 0x5343_454E_4552_4E44);
    let r = &mut rng;
    let identity = Identity::from_seed(r.random());
    let drawn = Expression::ALL[r.random_range(0..Expression::ALL.len())];
    let expression = expression.unwrap_or(drawn);
    Scene {
        identity,
        expression,
        pose: pose(r, expression),
        worn: worn(r),
        light: light(r),
        background: background(r),
        placement: placement(r, size),
        width: size,
        height: size,
        supersample: 2,
    }
}

fn pose(r: &mut impl Rng, expression: Expression) -> Pose {
    let strength = r.random_range(0.5..1.0);
    let mut aus = AuVector::of_expression(expression, strength, r);
    if r.random_bool(0.04) {
        aus.set(crate::action::Au::EyesClosed, 1.0);
    }
    Pose {
        aus,
        yaw_deg: 22.0 * spread(r) + 12.0 * spread(r),
        pitch_deg: 16.0 * spread(r),
        roll_deg: 14.0 * spread(r),
        gaze_yaw_deg: 16.0 * spread(r),
        gaze_pitch_deg: 8.0 * spread(r),
    }
}

fn worn(r: &mut impl Rng) -> Worn {
    let glasses = match r.random_range(0..100) {
        0..14 => Glasses::Clear,
        14..18 => Glasses::Sun,
        _ => Glasses::None,
    };
    let hat = match r.random_range(0..100) {
        0..5 => Hat::Beanie,
        5..10 => Hat::Cap,
        _ => Hat::None,
    };
    Worn {
        glasses,
        hat,
        mask: r.random_bool(0.02),
        cloth: colour(r, 0.02, 0.5),
        frame: if r.random_bool(0.7) { [0.02; 3] } else { colour(r, 0.02, 0.4) },
        mask_colour: if r.random_bool(0.6) { [0.5, 0.62, 0.72] } else { [0.04; 3] },
    }
}

fn light(r: &mut impl Rng) -> Light {
    let direction =
        Vec3::new(1.3 * spread(r), r.random_range(-0.1..1.1), r.random_range(0.25..1.2));
    let hard = r.random_range(0.2..1.0);
    let warm = 0.16 * spread(r);
    let cool = 0.12 * spread(r);
    let key = 1.05 * hard;
    let ambient = 0.62 - 0.38 * hard;
    Light {
        direction: direction.unit(),
        key: [key * (1.0 + warm), key, key * (1.0 - warm)],
        ambient: [ambient * (1.0 + cool), ambient, ambient * (1.0 - cool)],
        gradient: Vec3::new(0.5 * spread(r), r.random_range(-0.1..0.5), 0.3 * spread(r)),
        exposure: r.random_range(0.6..1.3),
    }
}

fn background(r: &mut impl Rng) -> Background {
    Background {
        seed: r.random(),
        top: colour(r, 0.01, 0.6),
        bottom: colour(r, 0.01, 0.5),
        clutter: r.random_range(0.0..1.0),
    }
}

fn placement(r: &mut impl Rng, size: u32) -> Placement {
    let size = size as f32;
    let face = size * r.random_range(0.56..0.72);
    let slack = 0.5 * (size - face * 1.15).max(0.0);
    Placement {
        center: Point {
            x: size * 0.5 + slack * spread(r),
            y: size * 0.5 + 0.6 * slack * spread(r),
        },
        face_height_px: face,
        distance_cm: r.random_range(45.0..150.0),
    }
}

fn colour(r: &mut impl Rng, low: f32, high: f32) -> [f32; 3] {
    let level = r.random_range(low..high);
    [(); 3].map(|()| level * r.random_range(0.7..1.25))
}

/// Triangular noise in -1..1.
fn spread(r: &mut impl Rng) -> f32 {
    r.random_range(-0.5..0.5_f32) + r.random_range(-0.5..0.5_f32)
}
