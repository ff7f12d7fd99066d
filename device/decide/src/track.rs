//! One face over time: its smoothed probabilities and the expression it is said to show.

use std::time::Duration;

use mien_core::reading::Face;
use mien_shared::{
    frame::Timestamp,
    geometry::{FivePoints, Point, Rect},
    label::Expression,
    telemetry::{ExpressionReading, FaceReading, HeadPose, Unknown},
};

use super::{
    Policy,
    calibration::{Offset, Rest},
    gate::Sight,
    matching::Expected,
};

/// Time constant of a face's velocity.
const INERTIA: Duration = Duration::from_millis(150);

/// How long a face out of sight is expected to go on moving.
const COAST: Duration = Duration::from_millis(500);

/// A face that was seen at least once.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Track {
    /// Transient id.
    id: u32,
    /// Its box when it was last seen.
    rect: Rect,
    /// Its movement, pixels per second.
    velocity: Point,
    /// When it was last seen.
    pub(super) seen_at: Timestamp,
    points: FivePoints,
    sight: Sight,
    /// Why it is not read; `None` while it is.
    refused: Option<Unknown>,
    /// Smoothed probabilities; `None` until the face was read once.
    probs: Option<[f32; 8]>,
    /// Whether the probabilities are of frames in which the face could be seen well.
    trusted: bool,
    /// When the probabilities were last brought up to date.
    read_at: Timestamp,
    label: Option<Label>,
    /// What it looks like at rest, while that is being watched.
    rest: Option<Rest>,
    /// What is taken from its probabilities.
    offset: Option<Offset>,
}

/// What holds while a frame's faces are taken in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment<'a> {
    pub(super) now: Timestamp,
    pub(super) policy: &'a Policy,
    /// Share of the face's box inside the frame.
    pub(super) inside: f32,
    /// What is taken from the probabilities of a face without an offset of its own.
    pub(super) shared: Option<Offset>,
}

/// A reported expression.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Label {
    expression: Expression,
    since: Timestamp,
}

impl Track {
    /// A track of `face`, about to be updated with it.
    pub(super) fn new(id: u32, face: &Face, now: Timestamp) -> Self {
        Self {
            id,
            rect: face.rect,
            velocity: Point::default(),
            seen_at: now,
            points: face.points,
            sight: Sight::default(),
            refused: None,
            probs: None,
            trusted: false,
            read_at: now,
            label: None,
            rest: None,
            offset: None,
        }
    }

    /// Where the face should be at `now`; `last` is when faces were last looked for.
    pub(super) fn expected(&self, now: Timestamp, last: Timestamp) -> Expected {
        let elapsed = now.0.saturating_sub(self.seen_at.0).min(COAST).as_secs_f32();
        let (x, y) = (self.velocity.x * elapsed, self.velocity.y * elapsed);
        let rect = Rect { x: self.rect.x + x, y: self.rect.y + y, ..self.rect };
        Expected { rect, away: self.seen_at < last }
    }

    /// Takes in what was seen of the face at that moment.
    pub(super) fn update(&mut self, face: &Face, moment: &Moment<'_>) {
        let &Moment { now, policy, inside, .. } = moment;
        self.place(face, now);
        let weight = weight(now.0.saturating_sub(self.seen_at.0), policy.smoothing);
        self.sight = Sight {
            side: face.rect.w.min(face.rect.h),
            score: face.score,
            inside,
            pose: steady(self.sight.pose, face.pose, weight),
            quality: face.quality.or(self.sight.quality),
        };
        self.refused = self.sight.reason(policy, self.refused);
        self.seen_at = now;
        match face.probs {
            Some(fresh) => self.read(fresh, moment),
            None => self.fade(moment),
        }
    }

    /// Begins to watch the face at rest.
    pub(super) fn watch(&mut self) {
        self.rest = Some(Rest::default());
    }

    /// Ends watching the face at rest; returns the offset it has from now on.
    pub(super) fn calibrate(&mut self, policy: &Policy) -> Option<Offset> {
        let offset = self.rest.take()?.offset(policy.max_offset)?;
        self.offset = Some(offset);
        self.offset
    }

    /// Forgets what the face looks like at rest.
    pub(super) fn forget_rest(&mut self) {
        (self.offset, self.rest) = (None, None);
    }

    /// What to say about the face.
    pub(super) fn reading(&self) -> FaceReading {
        let probs = self.probs.unwrap_or([1.0 / 8.0; 8]);
        let label = self.label.filter(|_| self.refused.is_none()).map(|label| label.expression);
        let unknown = match label {
            Some(_) => None,
            None => Some(self.refused.unwrap_or(Unknown::Unsure)),
        };
        let confidence = probs[label.unwrap_or_else(|| strongest(&probs)).index()];
        FaceReading {
            id: self.id,
            rect: self.rect,
            score: self.sight.score,
            expression: Some(ExpressionReading { label, unknown, confidence, probs }),
            points: Some(self.points),
            pose: self.sight.pose,
            quality: self.sight.quality,
            attention: self.sight.pose.map(HeadPose::facing),
            ..FaceReading::default()
        }
    }

    /// Moves to where the face is at `now`.
    fn place(&mut self, face: &Face, now: Timestamp) {
        let elapsed = now.0.saturating_sub(self.seen_at.0);
        if !elapsed.is_zero() {
            let (from, to) = (self.rect.center(), face.rect.center());
            let (weight, elapsed) = (weight(elapsed, INERTIA), elapsed.as_secs_f32());
            self.velocity.x += weight * ((to.x - from.x) / elapsed - self.velocity.x);
            self.velocity.y += weight * ((to.y - from.y) / elapsed - self.velocity.y);
        }
        (self.rect, self.points) = (face.rect, face.points);
    }

    /// Takes in fresh probabilities. Those of a face that cannot be seen well are only kept where
    /// nothing better is known, and name nothing.
    fn read(&mut self, fresh: [f32; 8], moment: &Moment<'_>) {
        let &Moment { now, policy, shared, .. } = moment;
        let offset = self.offset.or(shared);
        let corrected = offset.map_or(fresh, |offset| offset.correct(&fresh));
        if self.refused.is_some() {
            self.fade(moment);
            self.probs = self.probs.or(Some(corrected));
            return;
        }
        if let Some(rest) = &mut self.rest {
            rest.add(&fresh);
        }
        let weight = weight(now.0.saturating_sub(self.read_at.0), policy.smoothing);
        let old = self.probs.filter(|_| self.trusted);
        self.probs = Some(old.map_or(corrected, |old| smooth(old, corrected, weight)));
        (self.trusted, self.read_at) = (true, now);
        self.relabel(now, policy);
    }

    /// Forgets what was read when that was too long ago.
    fn fade(&mut self, moment: &Moment<'_>) {
        if moment.now.0.saturating_sub(self.read_at.0) > moment.policy.forget {
            (self.probs, self.label, self.trusted) = (None, None, false);
        }
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

/// The weight of a fresh value after `elapsed`: `1 - exp(-dt / tau)`.
fn weight(elapsed: Duration, tau: Duration) -> f32 {
    if elapsed.is_zero() { 0.0 } else { 1.0 - (-elapsed.as_secs_f32() / tau.as_secs_f32()).exp() }
}

fn smooth(old: [f32; 8], fresh: [f32; 8], weight: f32) -> [f32; 8] {
    std::array::from_fn(|i| old[i] + weight * (fresh[i] - old[i]))
}

/// A smoothed pose; without a fresh one the old one stays.
fn steady(old: Option<HeadPose>, fresh: Option<HeadPose>, weight: f32) -> Option<HeadPose> {
    let (Some(old), Some(fresh)) = (old, fresh) else { return fresh.or(old) };
    let mix = |a: f32, b: f32| a + weight * (b - a);
    Some(HeadPose {
        yaw: mix(old.yaw, fresh.yaw),
        pitch: mix(old.pitch, fresh.pitch),
        roll: mix(old.roll, fresh.roll),
    })
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
