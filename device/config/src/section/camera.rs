//! `[camera]`: where frames come from and how they are turned.

use std::time::Duration;

use mien_board::Board;
use toml::Value as Toml;

use crate::{
    field::{Effect, Field, Part, field},
    value::{Count, Flag, Number, OneSpec, Seconds, Value},
};

/// Where frames come from and how they are turned.
#[derive(Debug, Clone, PartialEq)]
pub struct Camera {
    /// Its specification.
    pub source: String,
    /// Width to ask a camera for that names none, in pixels.
    pub width: u32,
    /// Height to ask for.
    pub height: u32,
    /// Frames per second to ask for.
    pub fps: f32,
    /// How long it may deliver nothing before it counts as stalled.
    pub stall: Duration,
    /// How far pictures are turned, clockwise.
    pub rotate: Rotation,
    /// Whether left and right are exchanged, after turning.
    pub mirror: bool,
}

/// How far a picture is turned, clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rotation {
    /// Not at all.
    #[default]
    None,
    /// To the right.
    Quarter,
    /// Upside down.
    Half,
    /// To the left.
    ThreeQuarters,
}

impl Rotation {
    /// In degrees.
    pub fn degrees(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Quarter => 90,
            Self::Half => 180,
            Self::ThreeQuarters => 270,
        }
    }
}

/// A rotation, written in degrees.
struct Turn<'a>(&'a mut Rotation);

impl Value for Turn<'_> {
    fn set(&mut self, given: &Toml) -> Result<(), String> {
        *self.0 = match given.as_integer() {
            Some(0) => Rotation::None,
            Some(90) => Rotation::Quarter,
            Some(180) => Rotation::Half,
            Some(270) => Rotation::ThreeQuarters,
            _ => return Err("choose 0, 90, 180 or 270".to_owned()),
        };
        Ok(())
    }

    fn get(&self) -> Option<Toml> {
        Some(i64::from(self.0.degrees()).into())
    }
}

impl Camera {
    pub(crate) fn of(board: &Board) -> Self {
        let picture = board.picture();
        Self {
            source: board.camera().to_owned(),
            width: picture.width(),
            height: picture.height(),
            fps: picture.fps(),
            stall: Duration::from_secs(2),
            rotate: Rotation::None,
            mirror: false,
        }
    }

    pub(crate) fn fields(&mut self) -> Vec<Field<'_>> {
        let fields = vec![
            field(
                "source",
                "Where frames come from: v4l2://auto, a file, a pipe, performer://",
                OneSpec(&mut self.source),
            ),
            field(
                "width",
                "The picture to ask the camera for, in pixels, where its source names none.",
                Count(&mut self.width, 16..=8192),
            ),
            field("height", "Its height in pixels.", Count(&mut self.height, 16..=8192)),
            field("fps", "Frames per second to ask for.", Number(&mut self.fps, 0.1..=240.0)),
            field(
                "stall_s",
                "How long it may deliver nothing before it is opened anew, in seconds.",
                Seconds(&mut self.stall, 0.2..=60.0),
            ),
            field(
                "rotate",
                "How far pictures are turned, clockwise: 0, 90, 180 or 270 degrees.",
                Turn(&mut self.rotate),
            ),
            field(
                "mirror",
                "Whether left and right are exchanged, as in a mirror.",
                Flag(&mut self.mirror),
            ),
        ];
        fields.into_iter().map(|field| field.needs(Effect::Part(Part::Camera))).collect()
    }
}
