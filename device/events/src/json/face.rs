//! The faces of a reading in JSON.

use mien_shared::{
    au::ActionUnit,
    geometry::{FivePoints, Point},
    label::Expression,
    telemetry::{
        ActionUnits, Attributes, ExpressionReading, FaceReading, HeadPose, Landmarks, Quality,
        Unknown,
    },
};
use serde::{Serialize, Serializer};

/// The list of faces.
pub(super) struct Faces<'a>(pub(super) &'a [FaceReading]);

impl Serialize for Faces<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(Face::of))
    }
}

#[derive(Serialize)]
struct Face<'a> {
    id: u32,
    #[serde(rename = "box")]
    rect: [f32; 4],
    score: f32,
    #[serde(flatten)]
    shown: Option<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<Points>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pose: Option<&'a HeadPose>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quality: Option<&'a Quality>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_units: Option<Units<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    landmarks: Option<Outline<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valence: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arousal: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attention: Option<f32>,
}

impl<'a> Face<'a> {
    fn of(face: &'a FaceReading) -> Self {
        Self {
            id: face.id,
            rect: [face.rect.x, face.rect.y, face.rect.w, face.rect.h],
            score: face.score,
            shown: face.expression.as_ref().map(Shown::of),
            points: face.points.map(Points::of),
            pose: face.pose.as_ref(),
            quality: face.quality.as_ref(),
            action_units: face.action_units.as_ref().map(Units),
            landmarks: face.landmarks.as_ref().map(Outline),
            valence: face.valence_arousal.map(|at| at.valence),
            arousal: face.valence_arousal.map(|at| at.arousal),
            attributes: face.attributes.as_ref().map(Named),
            attention: face.attention,
        }
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    expression: Option<Expression>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<Unknown>,
    confidence: f32,
    probs: Probs<'a>,
}

impl<'a> Shown<'a> {
    fn of(shown: &'a ExpressionReading) -> Self {
        Self {
            expression: shown.label,
            unknown: shown.unknown,
            confidence: shown.confidence,
            probs: Probs(&shown.probs),
        }
    }
}

#[derive(Serialize)]
struct Points {
    left_eye: [f32; 2],
    right_eye: [f32; 2],
    nose: [f32; 2],
    mouth_left: [f32; 2],
    mouth_right: [f32; 2],
}

impl Points {
    fn of(points: FivePoints) -> Self {
        let [left_eye, right_eye, nose, mouth_left, mouth_right] = points.to_array().map(pair);
        Self { left_eye, right_eye, nose, mouth_left, mouth_right }
    }
}

fn pair(point: Point) -> [f32; 2] {
    [point.x, point.y]
}

/// Every expression by name.
struct Probs<'a>(&'a [f32; 8]);

impl Serialize for Probs<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(Expression::ALL.into_iter().map(Expression::name).zip(self.0))
    }
}

/// The units that are read, by column.
struct Units<'a>(&'a ActionUnits);

impl Serialize for Units<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(unit, intensity)| (Column(unit), intensity)))
    }
}

/// A unit as the name of its column in the field's tables: `AU06`.
struct Column(ActionUnit);

impl Serialize for Column {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("AU{:02}", self.0.number()))
    }
}

/// Landmarks as pairs.
struct Outline<'a>(&'a Landmarks);

impl Serialize for Outline<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.0.iter().copied().map(pair))
    }
}

/// The attributes that are read, by name.
struct Named<'a>(&'a Attributes);

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(
            self.0.iter().map(|(attribute, probability)| (attribute.name(), probability)),
        )
    }
}
