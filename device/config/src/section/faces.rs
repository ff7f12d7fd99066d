//! `[faces]`: which faces are read, how often, and when an expression is named.

use mien_decide::{Baseline, Policy};
use mien_track::Watching;

use crate::{
    field::{Effect, Field, Part, field},
    value::{Count, Named, Number, OneOf, Seconds},
};

/// Which faces are read, how often, and when an expression is named.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Faces {
    /// When an expression is named.
    pub policy: Policy,
    /// How often the networks look.
    pub watching: Watching,
}

impl Named for Baseline {
    const NAMES: &'static [(&'static str, Self)] =
        &[("each-face", Self::EachFace), ("one-person", Self::OnePerson)];
}

impl Faces {
    pub(crate) fn fields(&mut self) -> Vec<Field<'_>> {
        let mut fields = cadence(&mut self.watching);
        fields.extend(of_policy(&mut self.policy));
        fields
    }
}

/// How often the networks look.
fn cadence(watching: &mut Watching) -> Vec<Field<'_>> {
    let fields = [
        field(
            "detect_every",
            "The detector runs on every so many frames; in between, faces are followed.",
            Count(&mut watching.detect_every, 1..=60),
        ),
        field(
            "read_at_most",
            "Most faces whose expression is read in one frame; where there are more, they take \
             turns.",
            Count(&mut watching.read_at_most, 1..=8),
        ),
    ];
    fields.into_iter().map(|field| field.needs(Effect::Part(Part::Models))).collect()
}

/// Which faces are read and which are the same one; when an expression is named; what a face at
/// rest is taken for.
#[rustfmt::skip]
fn of_policy(policy: &mut Policy) -> Vec<Field<'_>> {
    vec![
        field("forget_s", "How long a face may be out of sight and keep its id, in seconds.", Seconds(&mut policy.forget, 0.0..=60.0)),
        field("min_overlap", "Least overlap with where a face is expected to be the same face.", Number(&mut policy.min_overlap, 0.01..=1.0)),
        field("reentry", "How far from where it was lost a face may come back as the same one, in widths of it.", Number(&mut policy.reentry, 0.0..=10.0)),
        field("min_side", "Least width and height of a face that is read, in frame pixels.", Number(&mut policy.min_side, 8.0..=2000.0)),
        field("min_score", "Least score of the detector for a face that is read.", Number(&mut policy.min_score, 0.0..=1.0)),
        field("min_brightness", "Least brightness of a face that is read, of white.", Number(&mut policy.min_brightness, 0.0..=1.0)),
        field("min_contrast", "Least contrast of a face that is read.", Number(&mut policy.min_contrast, 0.0..=1.0)),
        field("min_sharpness", "Least sharpness of a face that is read.", Number(&mut policy.min_sharpness, 0.0..=1.0)),
        field("max_yaw", "Farthest turn to either side of a face that is read, in degrees.", Number(&mut policy.max_yaw, 0.0..=90.0)),
        field("max_pitch", "Farthest turn up or down of a face that is read, in degrees.", Number(&mut policy.max_pitch, 0.0..=90.0)),
        field("min_inside", "Least share of a face inside the picture for it to be read.", Number(&mut policy.min_inside, 0.0..=1.0)),
        field("smoothing_s", "Time constant of the smoothing, in seconds.", Seconds(&mut policy.smoothing, 0.0..=10.0)),
        field("enter", "Smoothed probability from which an expression is named.", Number(&mut policy.enter, 0.0..=1.0)),
        field("leave", "Smoothed probability under which it is no longer named; at most enter.", Number(&mut policy.leave, 0.0..=1.0)),
        field("lead", "By how much another expression must exceed the one named to replace it.", Number(&mut policy.lead, 0.0..=1.0)),
        field("hold_s", "How long a named expression stands against a stronger one, in seconds.", Seconds(&mut policy.hold, 0.0..=10.0)),
        field("calibration_s", "How long a calibration watches the faces at rest, in seconds.", Seconds(&mut policy.calibration, 0.0..=10.0)),
        field("max_offset", "The most that a calibration takes from an expression, in nats; 0 turns it off.", Number(&mut policy.max_offset, 0.0..=6.0)),
        field("baseline", "Whose resting face a calibration speaks for: each-face, or one-person for a device with one user.", OneOf(&mut policy.baseline)),
    ]
}

#[cfg(test)]
mod tests {
    use toml::Value as Toml;

    use super::*;

    #[test]
    fn every_number_of_policy_and_cadence_can_be_set() {
        let mut faces = Faces::default();
        let names = faces.fields().iter().map(|field| field.name).collect::<Vec<_>>();
        for debug in [format!("{:?}", Policy::default()), format!("{:?}", Watching::default())] {
            let fields = debug.split_once("{ ").unwrap().1.split(", ");
            for field in fields.filter_map(|field| Some(field.split_once(": ")?.0)) {
                let named = names.iter().any(|name| name.trim_end_matches("_s") == field);
                assert!(named, "{field} is no field of [faces]");
            }
        }
    }

    /// The section's defaults with one field set; `None` where the field refuses the value.
    fn with(at: usize, value: &Toml) -> Option<Faces> {
        let mut faces = Faces::default();
        faces.fields()[at].value.set(value).ok()?;
        // The rules between fields see to this one.
        faces.policy.leave = faces.policy.leave.min(faces.policy.enter);
        Some(faces)
    }

    #[test]
    fn whatever_a_field_takes_policy_and_cadence_take_as_well() {
        let reals = [-1.0, 0.0, 0.009, 0.01, 0.5, 1.0, 1.1, 6.0, 6.1, 8.0, 10.0, 60.0, 90.1, 1e4];
        let values = reals.map(Toml::from).into_iter().chain([0, 1, 8, 9, 60, 61].map(Toml::from));
        let count = Faces::default().fields().len();
        for (value, at) in values.flat_map(|value| (0..count).map(move |at| (value.clone(), at))) {
            let Some(faces) = with(at, &value) else { continue };
            assert_eq!(faces.policy.check(), Ok(()), "field {at} = {value}");
            assert_eq!(faces.watching.check(), Ok(()), "field {at} = {value}");
        }
    }
}
