//! The skin's colour over the neutral face: tone, lips, brows, lash line, stubble and scalp.

use crate::{
    anatomy::{MOUTH, fold},
    features::{brow_position, brow_row, lower_lip, upper_lip},
    hair,
    identity::Identity,
    math::{arch, blob, bump, mix3, scale3, smoothstep, spline},
    noise,
};

/// Linear RGB reflectance of `identity` at sideways coordinate `x`, row `r` and angle `theta`.
pub(crate) fn colour(identity: &Identity, x: f32, r: f32, theta: f32) -> [f32; 3] {
    if theta.abs() > 1.9 {
        return scalp(identity, theta, r, identity.skin.colour);
    }
    let seed = noise_seed(identity);
    let mut skin = base(identity, x, r, seed);
    if theta.abs() < 1.5 {
        skin = shaded(identity, x, r, skin);
        skin = beard(identity, x, r, theta, skin);
        skin = lips(identity, x, r, skin);
        skin = eyes(identity, x, r, skin);
        skin = brows(identity, x, r, skin);
    }
    scalp(identity, theta, r, skin)
}

pub(crate) fn noise_seed(identity: &Identity) -> u32 {
    u32::try_from(identity.seed & 0xFFFF_FFFF).unwrap_or(0)
}

/// The brow's opacity at a place: a tapering band of slanted hairs.
fn brow_cover(identity: &Identity, x: f32, r: f32) -> f32 {
    let t = brow_position(x.abs());
    if !(-0.08..1.08).contains(&t) {
        return 0.0;
    }
    let taper = spline(&[(-0.08, 0.5), (0.1, 1.0), (0.6, 0.85), (1.08, 0.1)], t);
    let d = (r - brow_row(identity, t)) / (0.5 * identity.brows.thickness * taper);
    let strands = noise::value(x.abs() * 9.0 - r * 4.0, r * 2.5, noise_seed(identity) ^ 0xB0);
    let edge = smoothstep(1.25, 0.55, d.abs() + 0.45 * (strands - 0.5));
    let ends = smoothstep(-0.08, 0.06, t) * smoothstep(1.08, 0.9, t);
    edge * ends * identity.brows.density * (0.7 + 0.5 * strands).min(1.0)
}

fn base(identity: &Identity, x: f32, r: f32, seed: u32) -> [f32; 3] {
    let skin = &identity.skin;
    let soft = noise::cloud(x * 0.55, r * 0.55, seed) - 0.5;
    let fine = noise::value(x * 4.0, r * 4.0, seed ^ 1) - 0.5;
    let mut c = scale3(skin.colour, 1.0 + 0.10 * soft + 0.06 * fine);
    let spots = smoothstep(0.72, 0.85, noise::value(x * 3.1, r * 3.1, seed ^ 2));
    let where_spots = blob(x.abs() - 2.4, r + 2.4, 4.0, 2.2);
    c = mix3(c, [c[0] * 0.62, c[1] * 0.48, c[2] * 0.4], skin.freckles * spots * where_spots * 0.7);
    let side = x.abs();
    let blood = blob(side - 3.9, r + 3.0, 2.6, 2.2) + 0.8 * blob(side, r + 3.8, 1.7, 1.3);
    let red = [c[0] * 1.02, c[1] * 0.74, c[2] * 0.74];
    mix3(c, red, (skin.blush * blood).min(1.0) * (1.0 - 0.6 * skin.tone))
}

/// Where little light reaches: sockets, under the nose and the lower lip, nostrils, old folds.
fn shaded(identity: &Identity, x: f32, r: f32, c: [f32; 3]) -> [f32; 3] {
    let side = x.abs();
    let wide = 1.0 + 0.16 * identity.nose.width;
    let eye = identity.eyes.x;
    let socket = 0.3 * blob(side - eye + 0.5, r - 0.75, 2.4, 1.2)
        + 0.22 * blob(side - 1.3, r - 0.2, 0.9, 1.4);
    let bag = (0.10 + 0.22 * identity.age) * blob(side - eye + 0.2, r + 1.0, 1.5, 0.55);
    let nose = 0.25 * blob(x, r + 5.0, 1.9 * wide, 0.5);
    let wing = 0.3 * bump(((side - 1.85 * wide) / 0.3).powi(2)) * bump(((r + 4.2) / 0.75).powi(2));
    let below_lip = 0.25 * blob(x, r + 8.1, 2.2, 0.6);
    let folds = (0.05 + 0.22 * identity.age) * fold(side, r);
    let lines = 0.10
        * identity.age
        * bump(((r - 4.6).abs() % 0.9 / 0.25).powi(2))
        * blob(x, r - 4.6, 5.0, 2.4);
    let jaw = 0.3 * smoothstep(-11.0, -12.0, r);
    let hole = smoothstep(1.0, 0.5, ((side - 0.62 * wide) / 0.42).hypot((r + 4.58) / 0.24));
    let shade = 1.0 - (socket + bag + nose + wing + below_lip + folds + lines + jaw).min(0.75);
    let c = [c[0] * shade.powf(0.8), c[1] * shade, c[2] * shade];
    mix3(c, scale3(identity.skin.colour, 0.06), 0.92 * hole)
}

fn lips(identity: &Identity, x: f32, r: f32, c: [f32; 3]) -> [f32; 3] {
    let mouth = &identity.mouth;
    let t = x.abs() / mouth.half_width;
    let dy = r - MOUTH;
    if t > 1.05 || dy.abs() > 2.0 {
        return c;
    }
    let edge = if dy > 0.0 { upper_lip(identity, x) } else { lower_lip(identity, x) };
    let cover = smoothstep(0.1, -0.06, dy.abs() - edge);
    let wrinkle = 1.0 + 0.16 * (noise::value(x * 7.0, r * 1.2, noise_seed(identity) ^ 3) - 0.5);
    let depth = if dy > 0.0 { 0.8 } else { 1.0 };
    let lip = scale3(mouth.colour, wrinkle * depth);
    let inner = smoothstep(0.16, 0.0, dy.abs()) * smoothstep(1.06, 0.9, t);
    mix3(mix3(c, lip, cover), scale3(mouth.colour, 0.25), 0.75 * inner)
}

fn eyes(identity: &Identity, x: f32, r: f32, c: [f32; 3]) -> [f32; 3] {
    let eyes = &identity.eyes;
    let t = (x.abs() - eyes.x) / eyes.half_width;
    if t.abs() > 1.35 || r.abs() > 1.6 {
        return c;
    }
    let crease_at = 0.42 + 0.3 * arch(t / 1.3) - 0.18 * eyes.hood;
    let crease = smoothstep(0.14, 0.0, (r - crease_at).abs()) * arch(t / 1.25);
    let c = scale3(c, 1.0 - (0.5 - 0.25 * eyes.hood) * crease);
    let lash = if r > 0.0 {
        smoothstep(0.22, 0.06, r) * smoothstep(1.18, 0.95, t) * smoothstep(-1.05, -0.8, t)
    } else {
        0.35 * smoothstep(0.12, 0.02, -r) * smoothstep(1.1, 0.9, t.abs())
    };
    mix3(c, scale3(identity.skin.colour, 0.05), (0.55 + 0.45 * eyes.lashes) * lash)
}

fn brows(identity: &Identity, x: f32, r: f32, c: [f32; 3]) -> [f32; 3] {
    let cover = brow_cover(identity, x, r);
    let hair = identity.hair.colour;
    let most = scale3(identity.skin.colour, 0.35);
    let dark = std::array::from_fn(|k| hair[k].min(0.11).min(most[k]));
    mix3(c, scale3(dark, 0.8), cover)
}

fn beard(identity: &Identity, x: f32, r: f32, theta: f32, c: [f32; 3]) -> [f32; 3] {
    let beard = &identity.beard;
    let side = x.abs();
    let cheek_line =
        spline(&[(0.0, -7.6), (2.2, -7.4), (4.0, -6.2), (5.6, -3.2), (7.0, -0.5)], side);
    let lower = smoothstep(0.5, -0.4, r - cheek_line) * smoothstep(1.5, 1.3, theta.abs());
    let lip = smoothstep(-5.0, -5.4, r) * smoothstep(-8.2, -7.4, r) * smoothstep(3.3, 2.7, side);
    let jaw = lower * smoothstep(0.3, 0.9, (x / 2.1).hypot((r - MOUTH) / 1.5));
    let strands = noise::value(x * 7.0 + r, r * 3.0, noise_seed(identity) ^ 0xBE);
    let strands = 0.55 + 0.9 * (strands - 0.2).clamp(0.0, 0.5);
    let cover = (beard.beard * jaw).max(beard.moustache * lip) * strands;
    let shadow = 0.3 * beard.stubble * jaw.max(lip) * (0.6 + 0.8 * strands - 0.5);
    let hair = scale3(identity.hair.colour, 0.75 + 0.4 * strands);
    mix3(mix3(c, scale3(hair, 1.2), shadow), hair, cover.min(0.97))
}

/// Under the hair the skin takes its colour, so that no bare scalp shows between strands.
fn scalp(identity: &Identity, theta: f32, r: f32, c: [f32; 3]) -> [f32; 3] {
    let Some(edge) = hair::scalp_line(identity, theta) else { return c };
    let ragged = 0.5 * (noise::value(theta * 14.0, r * 0.8, noise_seed(identity) ^ 0x5C) - 0.5);
    let under = smoothstep(-0.1, 0.8, r - edge + ragged);
    mix3(c, scale3(identity.hair.colour, 0.6), 0.9 * under)
}
