//! Which expression targets make which action unit.
//!
//! The targets exist once per ancestry, a kin each; those without sides are cut in two where the
//! unit has sides. Cheeks, which no target raises, rise by shape targets.

use mien_synth::{Au, Side};

use crate::{
    mesh::Points,
    rig::{Driver, Move, Rig, Shape, Way},
};

/// Ancestries in the order of a subject's kins.
pub(super) const KINS: [&str; 3] = ["african", "asian", "caucasian"];

/// A target of each ancestry and its weight; `SIDE` stands for `left` and `right`.
type Part = (&'static str, f32);

const UNITS: &[(Au, &[Part])] = &[
    (Au::InnerBrowRaiser, &[("eyebrows-SIDE-inner-up", 1.2)]),
    (Au::OuterBrowRaiser, &[("eyebrows-SIDE-extern-up", 1.0), ("eyebrows-SIDE-up", 0.6)]),
    (Au::BrowLowerer, &[("eyebrows-SIDE-down", 1.3), ("nose-compression", 0.5)]),
    (Au::UpperLidRaiser, &[("eye-SIDE-opened-up", 1.1)]),
    (Au::CheekRaiser, &[("eye-SIDE-slit", 0.55)]),
    (Au::LidTightener, &[("eye-SIDE-slit", 0.9)]),
    (Au::NoseWrinkler, &[("nose-SIDE-elevation", 1.1), ("nose-compression", 0.9)]),
    (Au::UpperLipRaiser, &[("mouth-elevation", 0.9), ("nose-SIDE-elevation", 0.4)]),
    (Au::LipCornerPuller, &[("mouth-corner-puller", 1.1)]),
    (Au::Dimpler, &[("mouth-retraction", 0.9), ("mouth-corner-puller", 0.25)]),
    (Au::LipCornerDepressor, &[("mouth-depression", 1.2), ("neck-platysma", 0.2)]),
    (Au::ChinRaiser, &[("mouth-depression", 0.4), ("mouth-compression", 0.6)]),
    (Au::LipStretcher, &[("mouth-retraction", 1.0), ("mouth-depression-retraction", 0.35)]),
    (Au::LipTightener, &[("mouth-compression", 0.7)]),
    (Au::LipPressor, &[("mouth-compression", 1.0)]),
    (Au::LipsPart, &[("mouth-parling", 1.1), ("mouth-depression-retraction", 0.2)]),
    (Au::JawDrop, &[("mouth-open", 0.9)]),
    (Au::EyesClosed, &[("eye-SIDE-closure", 1.0)]),
];

/// Units that cannot act on one side.
const WHOLE: [Au; 1] = [Au::JawDrop];

/// Shape targets that take part, `l`/`r` standing for `S`.
const RAISED: &[(Au, &str, f32)] = &[
    (Au::CheekRaiser, "cheek/S-cheek-trans-up", 0.45),
    (Au::CheekRaiser, "cheek/S-cheek-bones-incr", 0.35),
    (Au::LipCornerPuller, "cheek/S-cheek-volume-incr", 0.25),
];

/// The rig of the targets `all`, which are found by name.
///
/// # Errors
/// The name of a target that is missing.
pub(super) fn rig(
    all: &[Shape],
    neutral: &Points,
    find: impl Fn(&str) -> Option<usize>,
) -> Result<Rig, String> {
    let get = |name: String| find(&name).map(|i| &all[i]).ok_or(name);
    let mut rig = Rig::default();
    for (au, parts) in UNITS {
        for ((name, gain), (kin, ancestry)) in product(parts) {
            if WHOLE.contains(au) {
                let shape = get(target(ancestry, name, Side::Right))?.clone();
                add(&mut rig, shape, (Driver::Both(*au), gain, Some(kin)));
                continue;
            }
            for side in [Side::Right, Side::Left] {
                let own = sided(get(target(ancestry, name, side))?, name, (neutral, side));
                add(&mut rig, own, (Driver::Unit(*au, side), gain, Some(kin)));
            }
        }
    }
    for (au, name, gain) in RAISED {
        for (side, letter) in [(Side::Right, "r"), (Side::Left, "l")] {
            let shape = get(name.replace('S', letter))?.clone();
            add(&mut rig, shape, (Driver::Unit(*au, side), *gain, None));
        }
    }
    for (kin, ancestry) in KINS.iter().enumerate() {
        for side in [Side::Right, Side::Left] {
            let lids = get(target(ancestry, "eye-SIDE-closure", side))?;
            add(&mut rig, lids.clone(), (Driver::Look(Way::Down, side), 0.35, Some(kin)));
        }
    }
    Ok(rig)
}

/// What a target does on one side: all of it where its name has a side, else half of it.
fn sided(shape: &Shape, name: &str, (neutral, side): (&Points, Side)) -> Shape {
    if name.contains("SIDE") {
        return shape.clone();
    }
    let mut half = shape.half(neutral, side);
    half.name = format!("{}-{}", shape.name, word(side));
    half
}

/// Every part with every kin.
fn product(parts: &'static [Part]) -> impl Iterator<Item = (Part, (usize, &'static str))> {
    let kins = KINS.iter().copied().enumerate();
    parts.iter().flat_map(move |part| kins.clone().map(|kin| (*part, kin)))
}

fn target(ancestry: &str, name: &str, side: Side) -> String {
    format!("expression/units/{ancestry}/{}", name.replace("SIDE", word(side)))
}

fn word(side: Side) -> &'static str {
    match side {
        Side::Right => "right",
        Side::Left => "left",
    }
}

/// Adds a move and, where it is new, its shape.
fn add(rig: &mut Rig, shape: Shape, (driver, gain, kin): (Driver, f32, Option<usize>)) {
    let known = rig.find(&shape.name);
    rig.moves.push(Move { driver, shape: known.unwrap_or(rig.shapes.len()), gain, kin });
    if known.is_none() {
        rig.shapes.push(shape);
    }
}

#[cfg(test)]
mod tests {
    use mien_synth::AUS;

    use super::*;

    #[test]
    fn every_unit_is_in_the_table() {
        assert_eq!(UNITS.len(), AUS);
        assert!(Au::ALL.iter().all(|au| UNITS.iter().any(|(unit, _)| unit == au)));
    }

    #[test]
    fn units_share_their_shapes() {
        let mut rig = Rig::default();
        for au in [Au::LipPressor, Au::LipTightener] {
            let shape = Shape::new("mouth", &Points::default());
            add(&mut rig, shape, (Driver::Both(au), 1.0, None));
        }
        assert_eq!((rig.shapes.len(), rig.moves.len()), (1, 2));
        assert_eq!(rig.moves[1].shape, 0);
    }

    #[test]
    fn targets_are_named_as_upstream_names_them() {
        assert_eq!(
            target("asian", "eye-SIDE-slit", Side::Left),
            "expression/units/asian/eye-left-slit"
        );
        let error = rig(&[], &Points::default(), |_| None).unwrap_err();
        assert_eq!(error, "expression/units/african/eyebrows-right-inner-up");
    }
}
