//! From a frame to the faces in it and what each of them shows.
//!
//! ```text
//! Frame -> luma -> letterbox -> detector -> boxes and points in frame pixels
//!               -> per face: aligned crop -> expression network -> eight probabilities
//! ```
//!
//! [`Vision`] owns every buffer on the way: a frame of a known size costs no allocation, unless a
//! network has nodes that only tract computes.

mod detect;
mod express;

use mien_engine::EngineError;
use mien_shared::{
    detection::{Detection, MAX_CANDIDATES},
    frame::{Frame, Grey},
    pixels::{self, PixelError},
};

pub use self::{
    detect::{Detector, View},
    express::ExpressionReader,
};
use crate::{
    models::Models,
    reading::{Face, MAX_FACES, Observation},
    stage::{Laps, Stage},
};

/// The networks of the pipeline with their buffers.
#[derive(Debug)]
pub struct Vision {
    pixels: pixels::Decoder,
    detector: Detector,
    expression: ExpressionReader,
    detections: Vec<Detection>,
}

impl Vision {
    /// Builds both networks.
    ///
    /// # Errors
    /// [`VisionError`] when a bundle is of another task or its network cannot be built.
    pub fn new(models: &Models) -> Result<Self, VisionError> {
        let choice = |bundle| models.precisions.choice(bundle).map_err(EngineError::from);
        Ok(Self {
            pixels: pixels::Decoder::new(),
            detector: Detector::new(&models.detector, choice(&models.detector)?)?,
            expression: ExpressionReader::new(&models.expression, choice(&models.expression)?)?,
            detections: Vec::with_capacity(MAX_CANDIDATES),
        })
    }

    /// Fills `out` with what is in `frame`.
    ///
    /// # Errors
    /// [`VisionError::Pixels`] when the frame is damaged: the next one may be good.
    /// [`VisionError::Engine`] when a network fails.
    pub fn look(&mut self, frame: &Frame, out: &mut Observation) -> Result<(), VisionError> {
        out.laps.start();
        (out.frame, out.captured_at) = (frame.id, frame.captured_at);
        out.faces.clear();
        self.pixels.to_grey(frame, &mut out.picture)?;
        out.laps.lap(Stage::Convert);
        self.find(View::Whole, out)
    }

    /// As [`Vision::look`]; when no face is found the picture is tried again from further away,
    /// for pictures that a face fills to the edge.
    ///
    /// # Errors
    /// As [`Vision::look`].
    pub fn look_closely(
        &mut self,
        frame: &Frame,
        out: &mut Observation,
    ) -> Result<(), VisionError> {
        self.look(frame, out)?;
        if out.faces.is_empty() { self.find(View::Padded, out) } else { Ok(()) }
    }

    /// The probabilities of a picture that is a face crop already, in canonical order.
    ///
    /// # Errors
    /// As [`Vision::look`].
    pub fn read_crop(&mut self, frame: &Frame, laps: &mut Laps) -> Result<[f32; 8], VisionError> {
        laps.start();
        let mut picture = Grey::default();
        self.pixels.to_grey(frame, &mut picture)?;
        laps.lap(Stage::Convert);
        Ok(self.expression.read_crop(&picture, laps)?)
    }

    fn find(&mut self, view: View, out: &mut Observation) -> Result<(), VisionError> {
        let Observation { picture, faces, laps, .. } = out;
        self.detector.find(picture, view, &mut self.detections, laps)?;
        self.detections.sort_unstable_by(|a, b| b.rect.area().total_cmp(&a.rect.area()));
        for &Detection { rect, score, points } in self.detections.iter().take(MAX_FACES) {
            let probs = self.expression.read(picture, &points, laps)?;
            faces.push(Face { rect, score, points, probs });
        }
        Ok(())
    }
}

/// Why nothing could be read in a frame.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VisionError {
    /// The frame's bytes make no picture.
    #[error("the frame cannot be read: {0}")]
    Pixels(#[from] PixelError),
    /// A bundle stands where one of another task belongs.
    #[error("bundle {name}: it is no {wanted}; check the catalog or --models")]
    Task {
        /// The bundle's name.
        name: String,
        /// The task it should have.
        wanted: &'static str,
    },
    /// A network cannot be built or run.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl VisionError {
    /// Whether only this frame is lost and the next may be good.
    pub fn is_skippable(&self) -> bool {
        matches!(self, Self::Pixels(_))
    }
}
