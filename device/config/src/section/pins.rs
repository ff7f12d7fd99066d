//! `[pins]`: lamps and buttons.

use mien_board::Board;

use crate::{
    field::{Effect, Field, Part, field},
    value::{Number, OneSpec},
};

/// Lamps and buttons.
#[derive(Debug, Clone, PartialEq)]
pub struct Pins {
    /// Their specification.
    pub source: String,
    /// How bright lamps and backlight are, 0..=1.
    pub brightness: f32,
}

impl Pins {
    pub(crate) fn of(board: &Board) -> Self {
        Self { source: board.pins().to_owned(), brightness: 1.0 }
    }

    pub(crate) fn fields(&mut self) -> Vec<Field<'_>> {
        vec![
            field(
                "source",
                "Lamps and buttons: gpio://auto?…, or none://",
                OneSpec(&mut self.source),
            )
            .needs(Effect::Part(Part::Pins)),
            field(
                "brightness",
                "How bright lamps and backlight are, 0 to 1.",
                Number(&mut self.brightness, 0.0..=1.0),
            ),
        ]
    }
}
