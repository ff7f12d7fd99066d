//! What a face shows: luma and five points in, eight probabilities in canonical order and the
//! crop's quality out.

use mien_engine::{Choice, Engine, EngineError};
use mien_shared::{
    bundle::{Bundle, Task},
    crop,
    frame::Grey,
    geometry::FivePoints,
    input::InputSpec,
    label::Expression,
    telemetry::Quality,
};

use super::VisionError;
use crate::{
    stage::{Laps, Stage},
    track::quality,
};

/// The expression network's output by name.
const LOGITS: &str = "logits";

/// An expression network with its buffers.
#[derive(Debug)]
pub struct ExpressionReader {
    engine: Engine,
    input: InputSpec,
    crop: Grey,
    labels: Vec<Expression>,
    template: FivePoints,
    temperature: f32,
}

impl ExpressionReader {
    /// Builds an expression bundle's network, to run as `choice` says.
    ///
    /// # Errors
    /// [`VisionError::Task`] when the bundle reads no expressions, [`VisionError::Engine`] when
    /// its network cannot be built.
    pub fn new(bundle: &Bundle, choice: Choice) -> Result<Self, VisionError> {
        let Task::Expression { labels, template, temperature } = &bundle.manifest.task else {
            let name = bundle.manifest.name.clone();
            return Err(VisionError::Task { name, wanted: "expression classifier" });
        };
        let input = bundle.manifest.input;
        Ok(Self {
            engine: Engine::load_as(bundle, choice)?,
            input,
            crop: Grey::new(input.width, input.height),
            labels: labels.clone(),
            template: *template,
            temperature: *temperature,
        })
    }

    /// How well the face at `points` in `picture` can be seen, and what it shows; `None` when the
    /// points are degenerate.
    ///
    /// # Errors
    /// [`EngineError`] when the network fails.
    pub fn read(
        &mut self,
        picture: &Grey,
        points: &FivePoints,
        laps: &mut Laps,
    ) -> Result<Option<(Quality, [f32; 8])>, EngineError> {
        if !crop::face(picture, points, &self.template, &mut self.crop) {
            laps.lap(Stage::Crop);
            return Ok(None);
        }
        let quality = quality::measure(&self.crop);
        laps.lap(Stage::Crop);
        Ok(Some((quality, self.infer(laps)?)))
    }

    /// Reads a picture that is a face crop already, whatever its size.
    ///
    /// # Errors
    /// [`EngineError`] when the network fails.
    pub fn read_crop(&mut self, crop: &Grey, laps: &mut Laps) -> Result<[f32; 8], EngineError> {
        crop::letterbox(crop, &mut self.crop);
        laps.lap(Stage::Crop);
        self.infer(laps)
    }

    fn infer(&mut self, laps: &mut Laps) -> Result<[f32; 8], EngineError> {
        let outputs = self.engine.look(&self.crop, &self.input)?;
        let logits = outputs.get(LOGITS).unwrap_or(&[]);
        let probs = probabilities(logits, &self.labels, self.temperature);
        laps.lap(Stage::Express);
        Ok(probs)
    }
}

/// `softmax(logits / temperature)` in canonical order; an expression without a logit gets 0.
///
/// All are equal when a logit is not finite.
fn probabilities(logits: &[f32], labels: &[Expression], temperature: f32) -> [f32; 8] {
    if logits.iter().any(|logit| !logit.is_finite()) {
        return [1.0 / 8.0; 8];
    }
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut probs = [0.0; 8];
    for (&logit, label) in logits.iter().zip(labels) {
        probs[label.index()] = ((logit - highest) / temperature).exp();
    }
    let sum: f32 = probs.iter().sum();
    probs.map(|p| p / sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::fixture;

    fn assert_close(seen: [f32; 8], wanted: [f32; 8]) {
        let close = seen.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(close, "{seen:?} is not {wanted:?}");
    }

    #[test]
    fn a_smaller_label_set_lands_in_canonical_places() {
        let labels = [Expression::Surprise, Expression::Neutral];
        let probs = probabilities(&[3.0_f32.ln(), 0.0], &labels, 1.0);
        assert_close(probs, [0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.75]);
    }

    #[test]
    fn a_temperature_softens() {
        let labels = [Expression::Neutral, Expression::Anger];
        let probs = probabilities(&[2.0 * 3.0_f32.ln(), 0.0], &labels, 2.0);
        assert_close(probs, [0.75, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn huge_logits_do_not_overflow_and_broken_ones_say_nothing() {
        let labels = Expression::ALL;
        let mut logits = [0.0; 8];
        logits[5] = 1e30;
        assert_close(probabilities(&logits, &labels, 1.0), [0., 0., 0., 0., 0., 1., 0., 0.]);
        logits[2] = f32::NAN;
        assert_close(probabilities(&logits, &labels, 1.0), [0.125; 8]);
    }

    #[test]
    fn points_that_all_coincide_read_nothing() {
        let mut reader = ExpressionReader::new(&fixture::expression(), Choice::default()).unwrap();
        let picture = Grey::new(64, 64);
        let laps = &mut Laps::default();
        assert_eq!(reader.read(&picture, &FivePoints::default(), laps).unwrap(), None);
    }

    #[test]
    fn a_bright_and_a_dark_face_read_differently() {
        let mut reader = ExpressionReader::new(&fixture::expression(), Choice::default()).unwrap();
        let mut crop = Grey::new(50, 40);
        let dark = reader.read_crop(&crop, &mut Laps::default()).unwrap();
        crop.data.fill(255);
        let bright = reader.read_crop(&crop, &mut Laps::default()).unwrap();
        assert!(bright[Expression::Happiness.index()] > 0.9, "{bright:?}");
        assert!(dark[Expression::Happiness.index()] < 0.1, "{dark:?}");
    }
}
