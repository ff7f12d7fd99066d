//! Which action units make which expression.
//!
//! The combinations follow EMFACS (Friesen & Ekman): each expression has a few variants, every
//! unit a typical intensity. Contempt acts on one side only.

use mien_shared::label::Expression;
use rand::{Rng, RngExt as _};

use super::{
    Au::{
        self, BrowLowerer, CheekRaiser, ChinRaiser, Dimpler, EyesClosed, InnerBrowRaiser, JawDrop,
        LidTightener, LipCornerDepressor, LipCornerPuller, LipPressor, LipStretcher, LipTightener,
        LipsPart, NoseWrinkler, OuterBrowRaiser, UpperLidRaiser, UpperLipRaiser,
    },
    AuVector, Side,
};

type Units = &'static [(Au, f32)];

const NEUTRAL: &[Units] = &[&[], &[(LipsPart, 0.12)], &[(LipPressor, 0.1)]];
const ANGER: &[Units] = &[
    &[(BrowLowerer, 1.0), (UpperLidRaiser, 0.55), (LidTightener, 0.6), (LipTightener, 0.8)],
    &[
        (BrowLowerer, 1.0),
        (LidTightener, 0.7),
        (LipPressor, 0.8),
        (ChinRaiser, 0.5),
        (UpperLidRaiser, 0.3),
    ],
    &[
        (BrowLowerer, 1.0),
        (UpperLidRaiser, 0.6),
        (LidTightener, 0.5),
        (UpperLipRaiser, 0.45),
        (LipTightener, 0.5),
        (LipsPart, 0.7),
        (JawDrop, 0.25),
    ],
];
const CONTEMPT: &[Units] = &[
    &[(Dimpler, 0.9), (LipCornerPuller, 0.65)],
    &[(Dimpler, 1.0), (LipCornerPuller, 0.35)],
    &[(Dimpler, 0.6), (LipCornerPuller, 0.8), (UpperLipRaiser, 0.3)],
];
const DISGUST: &[Units] = &[
    &[(NoseWrinkler, 1.0), (UpperLipRaiser, 0.6), (BrowLowerer, 0.35), (LidTightener, 0.5)],
    &[(NoseWrinkler, 0.8), (LipCornerDepressor, 0.5), (ChinRaiser, 0.6), (LidTightener, 0.4)],
    &[
        (NoseWrinkler, 0.9),
        (UpperLipRaiser, 1.0),
        (LipsPart, 0.6),
        (JawDrop, 0.2),
        (BrowLowerer, 0.3),
        (CheekRaiser, 0.4),
    ],
];
const FEAR: &[Units] = &[
    &[
        (InnerBrowRaiser, 0.9),
        (OuterBrowRaiser, 0.5),
        (BrowLowerer, 0.5),
        (UpperLidRaiser, 1.0),
        (LipStretcher, 0.9),
        (LipsPart, 0.8),
        (JawDrop, 0.3),
    ],
    &[
        (InnerBrowRaiser, 1.0),
        (OuterBrowRaiser, 0.4),
        (BrowLowerer, 0.6),
        (UpperLidRaiser, 0.9),
        (LidTightener, 0.2),
        (LipStretcher, 1.0),
        (LipsPart, 0.5),
    ],
];
const HAPPINESS: &[Units] = &[
    &[(CheekRaiser, 0.7), (LipCornerPuller, 0.9)],
    &[(CheekRaiser, 0.8), (LipCornerPuller, 1.0), (LipsPart, 0.7)],
    &[(CheekRaiser, 0.9), (LipCornerPuller, 1.0), (LipsPart, 0.9), (JawDrop, 0.35)],
];
const SADNESS: &[Units] = &[
    &[(InnerBrowRaiser, 0.9), (BrowLowerer, 0.4), (LipCornerDepressor, 0.9), (ChinRaiser, 0.3)],
    &[
        (InnerBrowRaiser, 0.8),
        (BrowLowerer, 0.5),
        (LipCornerDepressor, 0.8),
        (ChinRaiser, 0.8),
        (EyesClosed, 0.2),
    ],
    &[
        (InnerBrowRaiser, 1.0),
        (LipCornerDepressor, 1.0),
        (CheekRaiser, 0.3),
        (EyesClosed, 0.25),
        (LipsPart, 0.2),
    ],
];
const SURPRISE: &[Units] = &[
    &[
        (InnerBrowRaiser, 0.9),
        (OuterBrowRaiser, 0.9),
        (UpperLidRaiser, 0.8),
        (LipsPart, 0.6),
        (JawDrop, 0.8),
    ],
    &[
        (InnerBrowRaiser, 1.0),
        (OuterBrowRaiser, 1.0),
        (UpperLidRaiser, 0.9),
        (LipsPart, 0.5),
        (JawDrop, 1.0),
    ],
    &[
        (InnerBrowRaiser, 1.0),
        (OuterBrowRaiser, 1.0),
        (UpperLidRaiser, 0.5),
        (LipsPart, 0.5),
        (JawDrop, 0.45),
    ],
];

/// The variants of an expression, every unit at full strength.
pub fn variants(expression: Expression) -> &'static [Units] {
    match expression {
        Expression::Neutral => NEUTRAL,
        Expression::Anger => ANGER,
        Expression::Contempt => CONTEMPT,
        Expression::Disgust => DISGUST,
        Expression::Fear => FEAR,
        Expression::Happiness => HAPPINESS,
        Expression::Sadness => SADNESS,
        Expression::Surprise => SURPRISE,
    }
}

/// See [`AuVector::of_expression`].
pub(super) fn perform(expression: Expression, strength: f32, rng: &mut impl Rng) -> AuVector {
    let choices = variants(expression);
    let units = choices[rng.random_range(0..choices.len())];
    let mut aus = idle(rng);
    let one_sided = expression == Expression::Contempt;
    let side = if rng.random_bool(0.5) { Side::Left } else { Side::Right };
    for (au, typical) in units {
        let full = strength * typical * rng.random_range(0.8..1.1);
        let weaker = full * rng.random_range(0.82..1.0);
        let (here, there) = if one_sided { (full, 0.0) } else { (full, weaker) };
        aus.set_side(*au, side, here);
        aus.set_side(*au, other(side), there);
    }
    aus
}

/// Faint activity no face is without.
fn idle(rng: &mut impl Rng) -> AuVector {
    let mut aus = AuVector::default();
    for au in [InnerBrowRaiser, OuterBrowRaiser, BrowLowerer, LidTightener, LipPressor] {
        aus.set(au, (rng.random_range(-0.12..0.1_f32)).max(0.0));
    }
    aus
}

fn other(side: Side) -> Side {
    match side {
        Side::Left => Side::Right,
        Side::Right => Side::Left,
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_pcg::Pcg32;

    use super::*;

    #[test]
    fn contempt_is_one_sided_and_happiness_is_not() {
        for seed in 0..20 {
            let mut rng = Pcg32::seed_from_u64(seed);
            let contempt = perform(Expression::Contempt, 1.0, &mut rng);
            let (r, l) = (contempt.side(Dimpler, Side::Right), contempt.side(Dimpler, Side::Left));
            assert!(r.min(l) < 1e-6 && r.max(l) > 0.4, "{r} {l}");
            let joy = perform(Expression::Happiness, 1.0, &mut rng);
            let sides = [Side::Right, Side::Left].map(|s| joy.side(LipCornerPuller, s));
            assert!(sides.iter().all(|v| *v > 0.5), "{sides:?}");
        }
    }

    #[test]
    fn no_strength_leaves_only_idle_activity() {
        let mut rng = Pcg32::seed_from_u64(3);
        let aus = perform(Expression::Surprise, 0.0, &mut rng);
        assert!(aus.to_array().iter().all(|v| *v <= 0.1));
    }
}
