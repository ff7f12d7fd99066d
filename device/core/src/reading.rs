//! What was seen in one frame, before anything is decided about it.

use mien_shared::{
    frame::{FrameId, Grey, Timestamp},
    geometry::{FivePoints, Rect},
    telemetry::{HeadPose, Quality},
};

use crate::stage::Laps;

/// Most faces read in one frame; the largest ones are kept.
pub const MAX_FACES: usize = 8;

/// One frame with the faces in it; its buffers are used again and again.
#[derive(Debug)]
pub struct Observation {
    /// The frame's sequence number at its source.
    pub frame: FrameId,
    /// When the source captured it.
    pub captured_at: Timestamp,
    /// The frame's luma.
    pub picture: Grey,
    /// The faces, largest first, at most [`MAX_FACES`].
    pub faces: Vec<Face>,
    /// What each stage took.
    pub laps: Laps,
}

impl Observation {
    /// An observation of nothing, ready to be filled.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            frame: FrameId(0),
            captured_at: Timestamp::default(),
            picture: Grey::default(),
            faces: Vec::with_capacity(MAX_FACES),
            laps: Laps::default(),
        }
    }
}

/// One face in one frame.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Face {
    /// Its box in frame pixels; may reach beyond the frame.
    pub rect: Rect,
    /// The detector's score, 0..=1; of a face that is followed, the last one times how well it
    /// could be followed.
    pub score: f32,
    /// Eyes, nose and mouth corners in frame pixels.
    pub points: FivePoints,
    /// Where the head turns, from the five points; `None` when they are degenerate.
    pub pose: Option<HeadPose>,
    /// How well the cut-out face can be seen; `None` when it was not cut out in this frame.
    pub quality: Option<Quality>,
    /// Probabilities of the expressions in canonical order; `None` when the face was not read in
    /// this frame: its turn has not come, or the points are too degenerate to cut it out.
    pub probs: Option<[f32; 8]>,
}
