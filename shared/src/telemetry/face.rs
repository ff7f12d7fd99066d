//! What is said of one face. What a device does not read, or must not, is `None`.

use serde::{Deserialize, Serialize};

use super::{Attributes, array};
use crate::{
    au::ActionUnit,
    geometry::{FivePoints, LANDMARKS, Point, Rect},
    label::Expression,
};

/// One face in one frame.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct FaceReading {
    /// Transient id, stable while the face stays in view.
    pub id: u32,
    /// Where it is, in frame pixels.
    pub rect: Rect,
    /// The detector's score, 0..=1.
    pub score: f32,
    /// What it shows.
    pub expression: Option<ExpressionReading>,
    /// Eyes, nose and mouth corners in frame pixels.
    pub points: Option<FivePoints>,
    /// Where the head turns.
    pub pose: Option<HeadPose>,
    /// How well the face can be seen.
    pub quality: Option<Quality>,
    /// Intensities of action units.
    pub action_units: Option<ActionUnits>,
    /// The face's outline and features.
    pub landmarks: Option<Landmarks>,
    /// Where the expression lies between unpleasant and pleasant, calm and excited.
    pub valence_arousal: Option<ValenceArousal>,
    /// What can be seen on the face.
    pub attributes: Option<Attributes>,
    /// How much the face is turned to the camera, 0..=1: [`HeadPose::facing`] of a smoothed pose.
    /// It knows nothing of where the eyes look.
    pub attention: Option<f32>,
}

/// What a face shows.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ExpressionReading {
    /// The steady expression; `None` is "unknown".
    pub label: Option<Expression>,
    /// Why it is unknown; `None` where it is known.
    pub unknown: Option<Unknown>,
    /// Smoothed probability of `label`, or of the strongest one when that is unknown, 0..=1.
    pub confidence: f32,
    /// Smoothed probabilities in canonical order.
    pub probs: [f32; 8],
}

/// Why an expression is not named. The numbers are those of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
#[non_exhaustive]
pub enum Unknown {
    /// No expression stands out.
    Unsure = 0,
    /// The face has too few pixels.
    Small = 1,
    /// There is too little light on it.
    Dark = 2,
    /// It is blurred, by movement or focus.
    Blurred = 3,
    /// It is turned away too far.
    Turned = 4,
    /// Part of it is covered or outside the picture.
    Covered = 5,
    /// A reason that this release does not know; never sent.
    Other = 254,
}

impl Unknown {
    /// Every reason that a device gives.
    pub const ALL: [Self; 6] =
        [Self::Unsure, Self::Small, Self::Dark, Self::Blurred, Self::Turned, Self::Covered];

    /// The reason of that number.
    pub(super) fn from_code(code: u8) -> Self {
        Self::ALL.into_iter().find(|reason| *reason as u8 == code).unwrap_or(Self::Other)
    }
}

/// Where a head turns, in degrees; all zero looks straight into the camera.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct HeadPose {
    /// Turned towards the image's right is positive.
    pub yaw: f32,
    /// Looking up is positive.
    pub pitch: f32,
    /// Tilted clockwise in the image is positive.
    pub roll: f32,
}

impl HeadPose {
    /// How much the face is turned to the camera, 0..=1: the cosine of the angle between the way
    /// the face looks and the camera's axis, `cos(yaw)·cos(pitch)`, 0 from a right angle on.
    ///
    /// 0.87 is 30 degrees to one side. A tilt changes nothing.
    pub fn facing(self) -> f32 {
        let [yaw, pitch] = [self.yaw, self.pitch].map(f32::to_radians);
        let (yaw, pitch) = (libm::cosf(yaw).max(0.0), libm::cosf(pitch).max(0.0));
        (yaw * pitch).clamp(0.0, 1.0)
    }
}

/// How well a face can be seen, each 0 (not at all) to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Quality {
    /// Detail at the face's scale.
    pub sharpness: f32,
    /// Mean luma.
    pub brightness: f32,
    /// Spread of luma.
    pub contrast: f32,
}

/// Intensities of every [`ActionUnit`] in the order of [`ActionUnit::ALL`], 0 (absent) to 5
/// (maximum); NaN where a unit is not read.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ActionUnits(pub [f32; ActionUnit::ALL.len()]);

impl ActionUnits {
    /// No unit is read.
    pub const NONE: Self = Self([f32::NAN; ActionUnit::ALL.len()]);

    /// The units that are read, by number, with their intensities.
    pub fn iter(&self) -> impl Iterator<Item = (ActionUnit, f32)> {
        ActionUnit::ALL.into_iter().zip(self.0).filter(|(_, intensity)| !intensity.is_nan())
    }

    /// Takes `intensity` for `unit`.
    pub fn set(&mut self, unit: ActionUnit, intensity: f32) {
        for (slot, known) in self.0.iter_mut().zip(ActionUnit::ALL) {
            if known == unit {
                *slot = intensity;
            }
        }
    }
}

/// The 68 points of the iBUG annotation, in frame pixels; see
/// [`LANDMARK_MIRROR`](crate::geometry::LANDMARK_MIRROR) for their order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Landmarks(#[serde(with = "array")] pub [Point; LANDMARKS]);

/// Where an expression lies in the circumplex model, each -1..=1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ValenceArousal {
    /// From unpleasant to pleasant.
    pub valence: f32,
    /// From calm to excited.
    pub arousal: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facing(yaw: f32, pitch: f32) -> f32 {
        HeadPose { yaw, pitch, roll: 77.0 }.facing()
    }

    #[test]
    fn a_face_that_looks_into_the_camera_faces_it_and_one_in_profile_does_not() {
        assert_eq!(facing(0.0, 0.0).to_bits(), 1.0_f32.to_bits());
        assert!((facing(30.0, 0.0) - 0.866).abs() < 1e-3);
        assert!((facing(-30.0, 60.0) - 0.433).abs() < 1e-3);
        for (yaw, pitch) in [(90.0, 0.0), (-120.0, 0.0), (180.0, 180.0)] {
            assert!(facing(yaw, pitch) < 1e-6, "{yaw} {pitch}");
        }
    }

    #[test]
    fn units_that_are_not_read_are_not_listed() {
        let mut units = ActionUnits::NONE;
        assert_eq!(units.iter().count(), 0);
        units.set(ActionUnit::ALL[8], 2.5);
        let listed: Vec<_> = units.iter().map(|(unit, value)| (unit.number(), value)).collect();
        assert_eq!(listed, [(12, 2.5)]);
    }

    #[test]
    fn reasons_keep_their_numbers() {
        for (code, reason) in (0..).zip(Unknown::ALL) {
            assert_eq!(Unknown::from_code(code), reason);
        }
        assert_eq!(Unknown::from_code(99), Unknown::Other);
    }
}
