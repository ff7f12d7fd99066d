//! The record of a face.

use crate::{
    au::ActionUnit,
    geometry::Rect,
    label::Expression,
    telemetry::{
        ActionUnits, Attributes, ExpressionReading, FaceReading, TelemetryError, Unknown,
        attributes::Attribute,
        record::{Record, put, put_count, put_optional},
    },
};

/// The number of "none" in an enumeration that may be absent.
const NONE: u8 = u8::MAX;

/// Tags of the optional fields.
mod tag {
    pub(super) const EXPRESSION: u32 = 1;
    pub(super) const POINTS: u32 = 2;
    pub(super) const POSE: u32 = 3;
    pub(super) const QUALITY: u32 = 4;
    pub(super) const ACTION_UNITS: u32 = 5;
    pub(super) const LANDMARKS: u32 = 6;
    pub(super) const VALENCE_AROUSAL: u32 = 7;
    pub(super) const ATTRIBUTES: u32 = 8;
    pub(super) const ATTENTION: u32 = 9;
}

pub(super) fn put_face(face: &FaceReading, out: &mut Vec<u8>) -> Result<(), TelemetryError> {
    let Rect { x, y, w, h } = face.rect;
    put(&(face.id, x, y, w, h, face.score), out)?;
    if let Some(shown) = &face.expression {
        put_optional(tag::EXPRESSION, out, |out| put_expression(shown, out))?;
    }
    put_plain(tag::POINTS, face.points.as_ref(), out)?;
    put_plain(tag::POSE, face.pose.as_ref(), out)?;
    put_plain(tag::QUALITY, face.quality.as_ref(), out)?;
    if let Some(units) = &face.action_units {
        put_optional(tag::ACTION_UNITS, out, |out| put_units(units, out))?;
    }
    put_plain(tag::LANDMARKS, face.landmarks.as_ref(), out)?;
    put_plain(tag::VALENCE_AROUSAL, face.valence_arousal.as_ref(), out)?;
    if let Some(attributes) = &face.attributes {
        put_optional(tag::ATTRIBUTES, out, |out| put_attributes(attributes, out))?;
    }
    put_plain(tag::ATTENTION, face.attention.as_ref(), out)
}

pub(super) fn take_face(mut record: Record<'_>) -> Result<FaceReading, TelemetryError> {
    let (id, x, y, w, h, score) = record.take()?;
    let rect = Rect { x, y, w, h };
    let mut face = FaceReading { id, rect, score, ..FaceReading::default() };
    while let Some((tag, mut value)) = record.take_optional()? {
        match tag {
            tag::EXPRESSION => face.expression = Some(take_expression(value)?),
            tag::POINTS => face.points = Some(value.take()?),
            tag::POSE => face.pose = Some(value.take()?),
            tag::QUALITY => face.quality = Some(value.take()?),
            tag::ACTION_UNITS => face.action_units = Some(take_units(value)?),
            tag::LANDMARKS => face.landmarks = Some(value.take()?),
            tag::VALENCE_AROUSAL => face.valence_arousal = Some(value.take()?),
            tag::ATTRIBUTES => face.attributes = Some(take_attributes(value)?),
            tag::ATTENTION => face.attention = Some(value.take()?),
            _ => {}
        }
    }
    Ok(face)
}

/// Appends an optional field that is its own record.
fn put_plain<T: serde::Serialize>(
    tag: u32,
    value: Option<&T>,
    out: &mut Vec<u8>,
) -> Result<(), TelemetryError> {
    match value {
        Some(value) => put_optional(tag, out, |out| put(value, out)),
        None => Ok(()),
    }
}

fn put_expression(shown: &ExpressionReading, out: &mut Vec<u8>) -> Result<(), TelemetryError> {
    let label = shown.label.map_or(NONE, |label| label as u8);
    let unknown = shown.unknown.map_or(NONE, |reason| reason as u8);
    put(&(label, unknown, shown.confidence, shown.probs), out)
}

fn take_expression(mut value: Record<'_>) -> Result<ExpressionReading, TelemetryError> {
    let (label, unknown, confidence, probs): (u8, u8, _, _) = value.take()?;
    let label = match label {
        NONE => None,
        code => Some(
            Expression::from_index(code.into())
                .ok_or(TelemetryError::Message(postcard::Error::DeserializeBadEnum))?,
        ),
    };
    let unknown = (unknown != NONE).then(|| Unknown::from_code(unknown));
    Ok(ExpressionReading { label, unknown, confidence, probs })
}

fn put_units(units: &ActionUnits, out: &mut Vec<u8>) -> Result<(), TelemetryError> {
    put_count(units.iter().count(), out)?;
    units.iter().try_for_each(|(unit, intensity)| put(&(unit.number(), intensity), out))
}

/// Units that this release does not know are left out.
fn take_units(mut value: Record<'_>) -> Result<ActionUnits, TelemetryError> {
    let mut units = ActionUnits::NONE;
    for _ in 0..value.take_count()? {
        let (number, intensity) = value.take()?;
        if let Some(unit) = ActionUnit::new(number) {
            units.set(unit, intensity);
        }
    }
    Ok(units)
}

fn put_attributes(attributes: &Attributes, out: &mut Vec<u8>) -> Result<(), TelemetryError> {
    put_count(attributes.codes().count(), out)?;
    attributes.codes().try_for_each(|(attribute, code)| put(&(attribute.number(), code), out))
}

/// Attributes that this release does not know are left out.
fn take_attributes(mut value: Record<'_>) -> Result<Attributes, TelemetryError> {
    let mut attributes = Attributes::NONE;
    for _ in 0..value.take_count()? {
        let (number, code) = value.take()?;
        if let Some(attribute) = Attribute::from_number(number) {
            attributes.set_code(attribute, code);
        }
    }
    Ok(attributes)
}
