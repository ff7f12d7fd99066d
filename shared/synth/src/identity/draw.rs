//! Draws a person from a seed: what is likely with what.

use rand::{Rng, RngExt as _, SeedableRng as _};
use rand_pcg::Pcg32;

use super::{Beard, Brows, Eyes, Hair, HairStyle, Identity, Mouth, Nose, Skin, Skull};
use crate::math::{index, mix, mix3, scale3};

/// See [`Identity::from_seed`].
pub(super) fn identity(seed: u64) -> Identity {
    let mut rng = Pcg32::seed_from_u64(seed ^ 0x4D49_454E_4641_4345);
    let r = &mut rng;
    let femininity = r.random_range(0.0..1.0);
    let age = r.random_range(0.0_f32..1.0).powi(2);
    let skin = Skin::draw(r);
    Identity {
        seed,
        femininity,
        age,
        fullness: r.random_range(0.0..1.0),
        skull: Skull::draw(r, femininity),
        eyes: Eyes::draw(r, femininity, skin.tone),
        brows: Brows::draw(r, femininity),
        nose: Nose::draw(r, femininity),
        mouth: Mouth::draw(r, femininity, &skin),
        hair: Hair::draw(r, femininity, age, skin.tone),
        beard: Beard::draw(r, femininity),
        skin,
    }
}

impl Skull {
    fn draw(r: &mut impl Rng, femininity: f32) -> Self {
        let man = 1.0 - 2.0 * femininity;
        Self {
            width: spread(r),
            lower: spread(r) * 0.8 + 0.15 * man,
            jaw: spread(r) * 0.8 + 0.45 * man,
            chin_width: spread(r) * 0.8 + 0.4 * man,
            chin: spread(r),
            cheek: spread(r),
            ridge: spread(r) * 0.5 + 0.6 * man,
            ears: spread(r),
        }
    }
}

impl Eyes {
    fn draw(r: &mut impl Rng, femininity: f32, tone: f32) -> Self {
        const IRIS: [[f32; 3]; 5] = [
            [0.030, 0.014, 0.007],
            [0.075, 0.033, 0.012],
            [0.11, 0.085, 0.03],
            [0.09, 0.14, 0.10],
            [0.10, 0.18, 0.30],
        ];
        let choice = r.random_range(0..IRIS.len());
        let dark = tone > 0.45;
        Self {
            x: 3.12 + 0.16 * spread(r),
            half_width: 1.52 + 0.1 * spread(r) + 0.05 * femininity,
            open: 1.0 + 0.14 * spread(r) + 0.1 * femininity,
            tilt: 0.1 + 0.16 * spread(r) + 0.06 * femininity,
            hood: r.random_range(0.0..1.0),
            iris: IRIS[if dark { choice % 2 } else { choice }],
            lashes: (0.35 + 0.55 * femininity + 0.2 * spread(r)).clamp(0.15, 1.0),
        }
    }
}

impl Brows {
    fn draw(r: &mut impl Rng, femininity: f32) -> Self {
        Self {
            height: 1.85 + 0.16 * spread(r) + 0.2 * femininity,
            thickness: 0.74 - 0.2 * femininity + 0.1 * spread(r),
            arch: 0.28 + 0.15 * femininity + 0.14 * spread(r),
            density: (0.9 + 0.2 * spread(r) - 0.1 * femininity).clamp(0.5, 1.0),
        }
    }
}

impl Nose {
    fn draw(r: &mut impl Rng, femininity: f32) -> Self {
        Self {
            width: spread(r) - 0.5 * (femininity - 0.5),
            length: spread(r) - 0.5 * (femininity - 0.5),
            bridge: spread(r) - 0.4 * (femininity - 0.5),
            upturn: spread(r) + 0.4 * (femininity - 0.5),
            bend: 0.08 * spread(r),
        }
    }
}

impl Mouth {
    fn draw(r: &mut impl Rng, femininity: f32, skin: &Skin) -> Self {
        let red = mix3([0.52, 0.16, 0.14], [0.13, 0.04, 0.04], skin.tone);
        let made_up = if femininity > 0.6 { r.random_range(0.0..1.0_f32).powi(2) } else { 0.0 };
        let natural = mix3(skin.colour, red, 0.65);
        Self {
            half_width: 2.5 + 0.2 * spread(r),
            upper: 0.62 + 0.14 * spread(r) + 0.1 * femininity,
            lower: 0.85 + 0.16 * spread(r) + 0.1 * femininity,
            colour: mix3(natural, [0.40, 0.03, 0.05], made_up * 0.8),
        }
    }
}

impl Skin {
    fn draw(r: &mut impl Rng) -> Self {
        // Linear RGB of light, medium and dark skin.
        const TONES: [[f32; 3]; 4] =
            [[0.75, 0.50, 0.39], [0.60, 0.36, 0.23], [0.34, 0.17, 0.095], [0.115, 0.055, 0.034]];
        let tone: f32 = r.random_range(0.0..1.0);
        let at = tone * 2.999;
        let i = index(at);
        let colour = mix3(TONES[i], TONES[i + 1], at.fract());
        let warmth = 1.0 + 0.05 * spread(r);
        Self {
            tone,
            colour: [colour[0] * warmth, colour[1], colour[2] / warmth],
            blush: r.random_range(0.15..0.9),
            freckles: (r.random_range(-1.0..1.0_f32)).max(0.0) * (1.0 - tone),
            gloss: r.random_range(0.2..1.0),
        }
    }
}

impl Hair {
    fn draw(r: &mut impl Rng, femininity: f32, age: f32, tone: f32) -> Self {
        const COLOURS: [[f32; 3]; 6] = [
            [0.010, 0.008, 0.007],
            [0.028, 0.017, 0.011],
            [0.075, 0.040, 0.020],
            [0.17, 0.095, 0.040],
            [0.42, 0.29, 0.14],
            [0.24, 0.075, 0.025],
        ];
        use HairStyle::{Bald, Buzz, Curly, Long, Medium, Short, Tied};
        let styles: &[HairStyle] = if femininity > 0.5 {
            &[Long, Long, Medium, Tied, Curly, Short]
        } else {
            &[Short, Short, Short, Buzz, Bald, Medium, Curly]
        };
        let style = styles[r.random_range(0..styles.len())];
        let shades = if tone > 0.5 { 2 } else { COLOURS.len() };
        let base = COLOURS[r.random_range(0..shades)];
        let grey = if r.random_bool(0.75) { 0.0 } else { age };
        let fringe = if r.random_bool(0.3) { r.random_range(1.0..3.2) } else { 0.0 };
        Self {
            style,
            colour: mix3(scale3(base, r.random_range(0.8..1.25)), [0.42, 0.41, 0.40], grey),
            line: 6.4 + 0.5 * spread(r) + 0.9 * age * (1.0 - femininity),
            fringe: if style == Buzz { 0.0 } else { fringe },
            parting: spread(r),
            volume: mix(0.7, 1.3, r.random_range(0.0..1.0)),
        }
    }
}

impl Beard {
    fn draw(r: &mut impl Rng, femininity: f32) -> Self {
        if femininity > 0.5 {
            return Self { beard: 0.0, moustache: 0.0, stubble: 0.0 };
        }
        let grown = |p: f64, r: &mut dyn FnMut(f64) -> bool| if r(p) { 0.92 } else { 0.0 };
        let mut flip = |p: f64| r.random_bool(p);
        let beard = grown(0.22, &mut flip);
        let moustache = if beard > 0.0 { beard } else { grown(0.12, &mut flip) };
        Self { beard, moustache, stubble: r.random_range(0.0..0.6) }
    }
}

/// Triangular noise in -1..1.
fn spread(r: &mut impl Rng) -> f32 {
    r.random_range(-0.5..0.5_f32) + r.random_range(-0.5..0.5_f32)
}
