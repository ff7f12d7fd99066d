//! Which shapes of the model make which action unit.
//!
//! The table of the model's README, with what it leaves out: units 23, 25 and 43, the raised lip
//! in unit 10 and the raised cheek in unit 6 beside the squint. Unit 26 is part of the way of
//! `jawOpen`, which the README gives to unit 27.

use mien_synth::{Au, Side};

use crate::rig::{Driver, Move, Rig, Way};

/// A shape, without the suffix of its side, and its weight at full intensity.
type Part = (&'static str, f32);

const UNITS: &[(Au, &[Part])] = &[
    (Au::InnerBrowRaiser, &[("browInnerUp", 1.0)]),
    (Au::OuterBrowRaiser, &[("browOuterUp", 1.0)]),
    (Au::BrowLowerer, &[("browDown", 1.35)]),
    (Au::UpperLidRaiser, &[("eyeWide", 1.0)]),
    (Au::CheekRaiser, &[("cheekSquint", 1.0)]),
    (Au::LidTightener, &[("eyeSquint", 1.0)]),
    (Au::NoseWrinkler, &[("noseSneer", 1.0), ("browDown", 0.25)]),
    (Au::UpperLipRaiser, &[("mouthUpperUp", 0.8), ("mouthShrugUpper", 0.4)]),
    (Au::LipCornerPuller, &[("mouthSmile", 1.0)]),
    (Au::Dimpler, &[("mouthDimple", 1.0)]),
    (Au::LipCornerDepressor, &[("mouthFrown", 1.35)]),
    (Au::ChinRaiser, &[("mouthShrugLower", 0.8)]),
    (Au::LipStretcher, &[("mouthStretch", 1.0)]),
    (Au::LipTightener, &[("mouthPress", 0.6), ("mouthRollLower", 0.25), ("mouthRollUpper", 0.25)]),
    (Au::LipPressor, &[("mouthPress", 1.0), ("mouthRollLower", 0.15), ("mouthRollUpper", 0.15)]),
    (Au::LipsPart, &[("mouthLowerDown", 0.6), ("mouthUpperUp", 0.25)]),
    (Au::JawDrop, &[("jawOpen", 0.6)]),
    (Au::EyesClosed, &[("eyeBlink", 1.0)]),
];

const LOOKS: [(Way, &str); 4] = [
    (Way::Up, "eyeLookUp"),
    (Way::Down, "eyeLookDown"),
    (Way::In, "eyeLookIn"),
    (Way::Out, "eyeLookOut"),
];

/// The moves of a rig with the model's shapes.
///
/// # Errors
/// The name of a shape that is missing.
pub(super) fn moves(rig: &Rig) -> Result<Vec<Move>, String> {
    let mut moves = Vec::new();
    for (au, parts) in UNITS {
        for (name, gain) in *parts {
            if let Some(shape) = rig.find(name) {
                moves.push(Move { driver: Driver::Both(*au), shape, gain: *gain, kin: None });
                continue;
            }
            for (side, shape) in sides(rig, name)? {
                moves.push(Move { driver: Driver::Unit(*au, side), shape, gain: *gain, kin: None });
            }
        }
    }
    for (way, name) in LOOKS {
        for (side, shape) in sides(rig, name)? {
            moves.push(Move { driver: Driver::Look(way, side), shape, gain: 1.0, kin: None });
        }
    }
    Ok(moves)
}

/// The two halves of a shape.
fn sides(rig: &Rig, name: &str) -> Result<[(Side, usize); 2], String> {
    let find = |suffix: &str| {
        let name = format!("{name}_{suffix}");
        rig.find(&name).ok_or(name)
    };
    Ok([(Side::Right, find("R")?), (Side::Left, find("L")?)])
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
    fn a_missing_shape_is_named() {
        assert_eq!(moves(&Rig::default()).unwrap_err(), "browInnerUp_R");
    }
}
