//! What to say about the faces seen: pure policy between observations and readings.
//!
//! Each face gets a transient id by overlap with the faces before. Its probabilities are smoothed
//! with a time constant, so that the result does not depend on the frame rate:
//!
//! ```text
//! s += (1 - exp(-dt / tau)) · (p - s)
//!
//!            s[strongest] >= enter                     s[label] < leave
//! unknown ───────────────────────────▶ label ───────────────────────────────▶ unknown
//!                                      │   ▲
//!                                      └───┘ s[other] >= enter and s[label] + lead, label held
//! ```
//!
//! A face that cannot be seen well (too small, dark, blurred, turned or outside the frame) is
//! "unknown" with the reason for as long as it is, and what it seems to show is not taken in.
//! A calibration takes back what a resting face leans to. Time is the frames' own capture time;
//! nothing here reads a clock.
//!
//! An id says "the same face as before", by where it is expected from its movement and, for a
//! short time after it went out of sight, by place and size; nobody is recognised. Ids are counted
//! up from 1 and come again only after 4 294 967 295 faces.

mod calibration;
mod gate;
mod matching;
mod policy;
mod track;

use mien_core::reading::{Face, MAX_FACES, Observation};
use mien_shared::{
    frame::{Grey, Timestamp},
    geometry::Rect,
    telemetry::FaceReading,
};

pub use self::policy::{Baseline, Policy, PolicyError};
use self::{
    calibration::Offset,
    matching::Matching,
    track::{Moment, Track},
};

/// Most faces remembered at once, seen and unseen.
const MAX_TRACKS: usize = 2 * MAX_FACES;

/// The policy with what it remembers.
#[derive(Debug)]
pub struct Decider {
    policy: Policy,
    tracks: Vec<Track>,
    matching: Matching,
    decision: Vec<FaceReading>,
    next_id: u32,
    /// When faces were last looked for.
    last: Timestamp,
    watch: Option<Watch>,
    /// The only user's offset.
    shared: Option<Offset>,
}

/// A calibration that goes on.
#[derive(Debug, Clone, Copy)]
struct Watch {
    until: Timestamp,
    /// Whether never more than one face was in view.
    alone: bool,
}

impl Decider {
    /// A decider that has seen nothing yet.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            tracks: Vec::with_capacity(MAX_TRACKS),
            matching: Matching::with_capacity(MAX_TRACKS * MAX_FACES),
            decision: Vec::with_capacity(MAX_FACES),
            next_id: 1,
            last: Timestamp::default(),
            watch: None,
            shared: None,
        }
    }

    /// Takes in what was seen at `now` and returns what to say about it, largest face first.
    pub fn step(&mut self, seen: &Observation, now: Timestamp) -> &[FaceReading] {
        self.forget(now);
        let faces = &seen.faces[..seen.faces.len().min(MAX_FACES)];
        let expected = self.tracks.iter().map(|track| track.expected(now, self.last));
        let new = faces.iter().map(|face| face.rect);
        self.matching.pair(expected, &new, &self.policy);
        self.decision.clear();
        for (index, face) in faces.iter().enumerate() {
            let known = self.matching.of_new(index);
            let track = known.unwrap_or_else(|| self.admit(face, now));
            let track = &mut self.tracks[track];
            let moment = Moment {
                now,
                policy: &self.policy,
                inside: inside(&face.rect, &seen.picture),
                shared: self.shared.filter(|_| faces.len() == 1),
            };
            track.update(face, &moment);
            self.decision.push(track.reading());
        }
        self.last = now;
        self.watch_on(faces.len(), now);
        &self.decision
    }

    /// Takes what each face in view shows from `now` on, for the policy's time, as its neutral.
    pub fn calibrate(&mut self, now: Timestamp) {
        self.watch = Some(Watch { until: Timestamp(now.0 + self.policy.calibration), alone: true });
        self.tracks.iter_mut().for_each(Track::watch);
    }

    /// Whether a calibration goes on.
    pub fn is_calibrating(&self) -> bool {
        self.watch.is_some()
    }

    /// Forgets every calibration; one that goes on is given up.
    pub fn clear_calibration(&mut self) {
        (self.watch, self.shared) = (None, None);
        self.tracks.iter_mut().for_each(Track::forget_rest);
    }

    /// The policy in force.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Goes on under another policy; faces keep their ids and what is known of them.
    pub fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
    }

    /// Goes on with a calibration, or ends it.
    fn watch_on(&mut self, faces: usize, now: Timestamp) {
        let Some(watch) = &mut self.watch else { return };
        watch.alone &= faces <= 1;
        if now < watch.until {
            return;
        }
        let alone = watch.alone && self.policy.baseline == Baseline::OnePerson;
        self.watch = None;
        for track in &mut self.tracks {
            let offset = track.calibrate(&self.policy);
            if alone && offset.is_some() {
                self.shared = offset;
            }
        }
    }

    /// Drops the faces that have been out of sight for too long.
    fn forget(&mut self, now: Timestamp) {
        let forget = self.policy.forget;
        self.tracks.retain(|track| now.0.saturating_sub(track.seen_at.0) <= forget);
    }

    /// Begins a track for a new face and returns its position; where there is no room, the face
    /// longest out of sight gives way.
    fn admit(&mut self, face: &Face, now: Timestamp) -> usize {
        let mut track = Track::new(self.next_id, face, now);
        self.next_id = self.next_id.wrapping_add(1).max(1);
        if self.watch.is_some() {
            track.watch();
        }
        if self.tracks.len() < MAX_TRACKS {
            self.tracks.push(track);
            return self.tracks.len() - 1;
        }
        let out_of_sight = (0..MAX_TRACKS).filter(|&i| !self.matching.holds_old(i));
        let oldest = out_of_sight.min_by_key(|&i| self.tracks[i].seen_at).unwrap_or(0);
        self.tracks[oldest] = track;
        oldest
    }
}

/// Share of `rect` inside `picture`; all of it where the picture is not at hand.
fn inside(rect: &Rect, picture: &Grey) -> f32 {
    let frame = Rect { x: 0.0, y: 0.0, w: picture.width as f32, h: picture.height as f32 };
    if frame.area() <= 0.0 || rect.area() <= 0.0 {
        return 1.0;
    }
    rect.intersection(&frame).area() / rect.area()
}

#[cfg(test)]
mod tests;
