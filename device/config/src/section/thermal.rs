//! `[thermal]`: from which temperature on less is computed.

use mien_board::Board;
use mien_supervisor::heat::Limits;

use crate::{
    field::{Field, field},
    value::{Number, Seconds},
};

/// Temperatures that may be a limit, in °C.
const LIMIT_C: std::ops::RangeInclusive<f32> = 30.0..=120.0;

/// The board's limits.
pub(crate) fn limits(board: &Board) -> Limits {
    let thermal = board.thermal();
    Limits {
        half_c: thermal.half_c(),
        quarter_c: thermal.quarter_c(),
        sparse_c: thermal.sparse_c(),
        pause_c: thermal.pause_c(),
        ..Limits::default()
    }
}

pub(crate) fn fields(limits: &mut Limits) -> Vec<Field<'_>> {
    let Limits { half_c, quarter_c, sparse_c, pause_c, hysteresis_c, rise, fall } = limits;
    vec![
        field(
            "half_c",
            "From this temperature on half of the frames are read, in °C.",
            Number(half_c, LIMIT_C),
        ),
        field("quarter_c", "From here on a quarter.", Number(quarter_c, LIMIT_C)),
        field("sparse_c", "From here on fewer expressions, too.", Number(sparse_c, LIMIT_C)),
        field("pause_c", "From here on nothing.", Number(pause_c, LIMIT_C)),
        field(
            "hysteresis_c",
            "How far below a limit it must be to be over, in °C.",
            Number(hysteresis_c, 1.0..=20.0),
        ),
        field(
            "rise_s",
            "How long a limit is exceeded before it counts, in seconds.",
            Seconds(rise, 1.0..=60.0),
        ),
        field(
            "fall_s",
            "How long it must be cool before it counts, in seconds.",
            Seconds(fall, 5.0..=3600.0),
        ),
    ]
}
