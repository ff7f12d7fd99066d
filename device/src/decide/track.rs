//! One face over time: its smoothed probabilities and the expression it is said to show.

use mien_shared::{frame::Timestamp, geometry::Rect, label::Expression, telemetry::FaceReading};

use super::Policy;
use crate::reading::Face;

/// A face that was seen at least once.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Track {
    /// Transient id.
    id: u32,
    /// Its box when it was last seen.
    pub(super) rect: Rect,
    /// When it was last seen.
    pub(super) seen_at: Timestamp,
    score: f32,
    /// Smoothed probabilities; `None` until the face was read once.
    probs: Option<[f32; 8]>,
    /// When the probabilities were last brought up to date.
    read_at: Timestamp,
    label: Option<Label>,
}

/// A reported expression.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Label {
    expression: Expression,
    since: Timestamp,
}

impl Track {
    /// A track of a face about to be seen.
    pub(super) fn new(id: u32, now: Timestamp) -> Self {
        let rect = Rect::default();
        Self { id, rect, seen_at: now, score: 0.0, probs: None, read_at: now, label: None }
    }

    /// Takes in what was seen of the face at `now`.
    pub(super) fn update(&mut self, face: &Face, now: Timestamp, policy: &Policy) {
        (self.rect, self.score, self.seen_at) = (face.rect, face.score, now);
        let Some(fresh) = face.probs else { return };
        self.probs = Some(match self.probs {
            None => fresh,
            Some(old) => smooth(old, fresh, self.weight(now, policy)),
        });
        self.read_at = now;
        self.relabel(now, policy);
    }

    /// What to say about the face.
    pub(super) fn reading(&self, policy: &Policy) -> FaceReading {
        let probs = self.probs.unwrap_or([1.0 / 8.0; 8]);
        let legible =
            self.score >= policy.min_score && self.rect.w.min(self.rect.h) >= policy.min_side;
        let expression = self.label.filter(|_| legible).map(|label| label.expression);
        let named = expression.unwrap_or_else(|| strongest(&probs));
        FaceReading {
            id: self.id,
            rect: self.rect,
            score: self.score,
            expression,
            confidence: probs[named.index()],
            probs,
        }
    }

    /// The weight of a fresh value: `1 - exp(-dt / tau)`.
    fn weight(&self, now: Timestamp, policy: &Policy) -> f32 {
        let elapsed = now.0.saturating_sub(self.read_at.0).as_secs_f32();
        if elapsed == 0.0 { 0.0 } else { 1.0 - (-elapsed / policy.smoothing.as_secs_f32()).exp() }
    }

    fn relabel(&mut self, now: Timestamp, policy: &Policy) {
        let Some(probs) = self.probs else { return };
        self.label = self.label.filter(|label| probs[label.expression.index()] >= policy.leave);
        let candidate = strongest(&probs);
        let strength = probs[candidate.index()];
        let gives_way = self.label.is_none_or(|label| {
            let held = now.0.saturating_sub(label.since.0);
            held >= policy.hold && strength >= probs[label.expression.index()] + policy.lead
        });
        if gives_way && strength >= policy.enter {
            self.label = Some(Label { expression: candidate, since: now });
        }
    }
}

fn smooth(old: [f32; 8], fresh: [f32; 8], weight: f32) -> [f32; 8] {
    std::array::from_fn(|i| old[i] + weight * (fresh[i] - old[i]))
}

/// The expression of the largest probability, the first of equals.
fn strongest(probs: &[f32; 8]) -> Expression {
    let mut best = Expression::Neutral;
    for expression in Expression::ALL {
        if probs[expression.index()] > probs[best.index()] {
            best = expression;
        }
    }
    best
}
