//! From a frame to the faces in it and what each of them shows.
//!
//! ```text
//! Frame -> luma -> known faces followed
//!               -> now and then: letterbox -> detector -> boxes and points, merged with them
//!               -> per face: pose; in turns: aligned crop -> quality
//!                            and expression network -> eight probabilities
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
    pixels::{self, PixelError, Turn},
};

pub use self::{
    detect::{Detector, View},
    express::ExpressionReader,
};
use crate::{
    models::Models,
    reading::{Face, Observation},
    stage::{Laps, Stage},
    track::{Seen, Tracker, Watching, WatchingError, pose},
};

/// The networks of the pipeline with their buffers.
#[derive(Debug)]
pub struct Vision {
    pixels: pixels::Decoder,
    detector: Detector,
    /// `None` where expressions are withheld.
    expression: Option<ExpressionReader>,
    detections: Vec<Detection>,
    tracker: Tracker,
    turn: Turn,
    /// The camera's picture where it is not upright.
    unturned: Grey,
    /// Expressions are read in one frame of so many.
    read_every: u32,
    /// Frames since one in which expressions were read.
    unread: u32,
}

impl Vision {
    /// Builds both networks for pictures that do not follow one another.
    ///
    /// # Errors
    /// [`VisionError`] when a bundle is of another task or its network cannot be built.
    pub fn new(models: &Models) -> Result<Self, VisionError> {
        Self::with(models, Watching::STILLS)
    }

    /// Builds both networks to run as often as `watching` says.
    ///
    /// # Errors
    /// As [`Vision::new`]; [`VisionError::Watching`] for a number out of its range.
    pub fn with(models: &Models, watching: Watching) -> Result<Self, VisionError> {
        watching.check()?;
        let choice = |bundle| models.precisions.choice(bundle).map_err(EngineError::from);
        Ok(Self {
            pixels: pixels::Decoder::new(),
            detector: Detector::new(&models.detector, choice(&models.detector)?)?,
            expression: Some(ExpressionReader::new(
                &models.expression,
                choice(&models.expression)?,
            )?),
            detections: Vec::with_capacity(MAX_CANDIDATES),
            tracker: Tracker::new(watching),
            turn: Turn::default(),
            unturned: Grey::default(),
            read_every: 1,
            unread: 0,
        })
    }

    /// Without the expression network: faces, points and pose only.
    #[must_use]
    pub fn without_expressions(self) -> Self {
        Self { expression: None, ..self }
    }

    /// Turns every picture before anything is looked for.
    #[must_use]
    pub fn turned(self, turn: Turn) -> Self {
        Self { turn, ..self }
    }

    /// Reads expressions in one frame of `every` from now on; zero counts as one.
    pub fn read_every(&mut self, every: u32) {
        self.read_every = every.max(1);
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
        self.convert(frame, &mut out.picture)?;
        out.laps.lap(Stage::Convert);
        let look = self.tracker.follow(&out.picture);
        out.laps.lap(Stage::Track);
        if look {
            self.find(View::Whole, out)?;
        }
        self.read(out)
    }

    /// The frame's luma, upright.
    fn convert(&mut self, frame: &Frame, out: &mut Grey) -> Result<(), PixelError> {
        if self.turn.is_none() {
            return self.pixels.to_grey(frame, out);
        }
        self.pixels.to_grey(frame, &mut self.unturned)?;
        self.turn.apply(&self.unturned, out);
        Ok(())
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
        if !out.faces.is_empty() {
            return Ok(());
        }
        self.find(View::Padded, out)?;
        self.read(out)
    }

    /// The probabilities of a picture that is a face crop already, in canonical order.
    ///
    /// # Errors
    /// As [`Vision::look`]; [`VisionError::Withheld`] without the expression network.
    pub fn read_crop(&mut self, frame: &Frame, laps: &mut Laps) -> Result<[f32; 8], VisionError> {
        let reader = self.expression.as_mut().ok_or(VisionError::Withheld)?;
        laps.start();
        let mut picture = Grey::default();
        self.pixels.to_grey(frame, &mut picture)?;
        laps.lap(Stage::Convert);
        Ok(reader.read_crop(&picture, laps)?)
    }

    /// Looks for faces and merges them with those that are known.
    fn find(&mut self, view: View, out: &mut Observation) -> Result<(), VisionError> {
        let Observation { picture, laps, .. } = out;
        self.detector.find(picture, view, &mut self.detections, laps)?;
        self.detections.sort_unstable_by(|a, b| b.rect.area().total_cmp(&a.rect.area()));
        self.tracker.merge(picture, &self.detections);
        laps.lap(Stage::Track);
        Ok(())
    }

    /// Fills in the faces, and what those show whose turn it is.
    fn read(&mut self, out: &mut Observation) -> Result<(), VisionError> {
        let Observation { picture, faces, laps, .. } = out;
        self.unread += 1;
        let due = self.unread >= self.read_every;
        self.unread = if due { 0 } else { self.unread };
        for seen in self.tracker.faces() {
            let Seen { rect, score, points, turn } = seen;
            let pose = pose::of(&points);
            let mut face = Face { rect, score, points, pose, ..Face::default() };
            if let Some(reader) = self.expression.as_mut().filter(|_| turn && due) {
                let read = reader.read(picture, &points, laps)?;
                (face.quality, face.probs) = read.unzip();
            }
            faces.push(face);
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
    /// How often to look is out of its range.
    #[error(transparent)]
    Watching(#[from] WatchingError),
    /// An expression was asked for where none are read.
    #[error("expressions are withheld here")]
    Withheld,
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
