//! What `MediaPipe`'s face landmarker makes of a portrait: an opinion to agree with or to learn
//! from, not the truth.

use mien_shared::geometry::{LANDMARKS, Point, Rect};

use crate::{
    DataError,
    table::{Row, Table},
};

/// Least presence of a face whose reference counts.
const PRESENT: f32 = 5.0;

/// The reference's expression coefficients (`ARKit`'s blend shapes) in the order of the file.
pub const COEFFICIENTS: [&str; 52] = [
    "_neutral",
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "eyeBlinkLeft",
    "eyeBlinkRight",
    "eyeLookDownLeft",
    "eyeLookDownRight",
    "eyeLookInLeft",
    "eyeLookInRight",
    "eyeLookOutLeft",
    "eyeLookOutRight",
    "eyeLookUpLeft",
    "eyeLookUpRight",
    "eyeSquintLeft",
    "eyeSquintRight",
    "eyeWideLeft",
    "eyeWideRight",
    "jawForward",
    "jawLeft",
    "jawOpen",
    "jawRight",
    "mouthClose",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthFunnel",
    "mouthLeft",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthPucker",
    "mouthRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "noseSneerLeft",
    "noseSneerRight",
];

/// A reference model's reading of a portrait.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// How sure it is of a face: a raw score, 5 or more.
    pub presence: f32,
    /// Extent of the face in the picture.
    pub rect: Rect,
    /// The 68 points in the picture.
    pub landmarks: [Point; LANDMARKS],
    /// Expression coefficients, 0..=1, in the order of [`COEFFICIENTS`].
    pub coefficients: [f32; COEFFICIENTS.len()],
}

/// Where the columns of the reference are.
pub(super) struct Columns {
    file: usize,
    presence: usize,
    rect: [usize; 4],
    landmarks: Vec<[usize; 2]>,
    coefficients: [usize; COEFFICIENTS.len()],
}

impl Columns {
    pub(super) fn find(table: &Table) -> Result<Self, DataError> {
        let [file, presence] = table.columns(["file", "presence"])?;
        let landmarks = (0..LANDMARKS)
            .map(|point| table.columns([&format!("x_{point}"), &format!("y_{point}")]))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            file,
            presence,
            rect: table.columns(["box_x", "box_y", "box_w", "box_h"])?,
            landmarks,
            coefficients: table.columns(COEFFICIENTS)?,
        })
    }

    /// The reference in a row, which must be that of the picture called `file`.
    pub(super) fn reference(
        &self,
        row: Row<'_>,
        file: &str,
    ) -> Result<Option<Reference>, DataError> {
        if row.text(self.file) != file {
            return Err(row.fault(self.file, "it must be that of the same row of dev.csv"));
        }
        let presence = real(row, self.presence)?;
        if presence < PRESENT {
            return Ok(None);
        }
        let [x, y, w, h] = reals(row, self.rect)?;
        let mut landmarks = [Point::default(); LANDMARKS];
        for (point, columns) in landmarks.iter_mut().zip(&self.landmarks) {
            let [x, y] = reals(row, *columns)?;
            *point = Point { x, y };
        }
        let coefficients = reals(row, self.coefficients)?;
        Ok(Some(Reference { presence, rect: Rect { x, y, w, h }, landmarks, coefficients }))
    }
}

fn reals<const N: usize>(row: Row<'_>, columns: [usize; N]) -> Result<[f32; N], DataError> {
    let mut values = [0.0; N];
    for (value, column) in values.iter_mut().zip(columns) {
        *value = real(row, column)?;
    }
    Ok(values)
}

fn real(row: Row<'_>, column: usize) -> Result<f32, DataError> {
    let fix = "it must be a number";
    let value: f32 = row.number(column, fix)?;
    if value.is_finite() { Ok(value) } else { Err(row.fault(column, fix)) }
}
