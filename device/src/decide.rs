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
//! A face that is too small or too uncertain is "unknown" for as long as it is. Time is the
//! frames' own capture time; nothing here reads a clock.

mod matching;
mod track;

use std::time::Duration;

use mien_shared::{frame::Timestamp, telemetry::FaceReading};

use self::{matching::Matching, track::Track};
use crate::reading::{MAX_FACES, Observation};

/// Most faces remembered at once, seen and unseen.
const MAX_TRACKS: usize = 2 * MAX_FACES;

/// The numbers of the policy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// Time constant of the smoothing.
    pub smoothing: Duration,
    /// Smoothed probability from which an expression is reported.
    pub enter: f32,
    /// Smoothed probability under which it is no longer reported.
    pub leave: f32,
    /// By how much another expression must exceed a reported one to replace it.
    pub lead: f32,
    /// How long a reported expression stands against a stronger one.
    pub hold: Duration,
    /// How long a face may be out of sight and keep its id.
    pub forget: Duration,
    /// Least overlap (`IoU`) with a face's last box to be the same face.
    pub min_overlap: f32,
    /// Least width and height of a face that is read, in frame pixels.
    pub min_side: f32,
    /// Least detector score of a face that is read.
    pub min_score: f32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            smoothing: Duration::from_millis(250),
            enter: 0.5,
            leave: 0.35,
            lead: 0.15,
            hold: Duration::from_millis(400),
            forget: Duration::from_millis(800),
            min_overlap: 0.25,
            min_side: 24.0,
            min_score: 0.5,
        }
    }
}

/// The policy with what it remembers.
#[derive(Debug)]
pub struct Decider {
    policy: Policy,
    tracks: Vec<Track>,
    matching: Matching,
    decision: Vec<FaceReading>,
    next_id: u32,
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
        }
    }

    /// Takes in what was seen at `now` and returns what to say about it, largest face first.
    pub fn step(&mut self, seen: &Observation, now: Timestamp) -> &[FaceReading] {
        self.forget(now);
        let faces = &seen.faces[..seen.faces.len().min(MAX_FACES)];
        let old = self.tracks.iter().map(|track| track.rect);
        let new = faces.iter().map(|face| face.rect);
        self.matching.pair(old, &new, self.policy.min_overlap);
        self.decision.clear();
        for (index, face) in faces.iter().enumerate() {
            let known = self.matching.of_new(index);
            let track = known.unwrap_or_else(|| self.admit(now));
            let track = &mut self.tracks[track];
            track.update(face, now, &self.policy);
            self.decision.push(track.reading(&self.policy));
        }
        &self.decision
    }

    /// Drops the faces that have been out of sight for too long.
    fn forget(&mut self, now: Timestamp) {
        let forget = self.policy.forget;
        self.tracks.retain(|track| now.0.saturating_sub(track.seen_at.0) <= forget);
    }

    /// Begins a track for a new face and returns its position; where there is no room, the face
    /// longest out of sight gives way.
    fn admit(&mut self, now: Timestamp) -> usize {
        let track = Track::new(self.next_id, now);
        self.next_id = self.next_id.wrapping_add(1);
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

#[cfg(test)]
mod tests {
    use mien_shared::{
        geometry::{FivePoints, Rect},
        label::Expression,
    };
    use proptest::prelude::*;

    use super::*;
    use crate::reading::Face;

    const HAPPINESS: usize = 5;
    const SADNESS: usize = 6;

    fn at(ms: u64) -> Timestamp {
        Timestamp(Duration::from_millis(ms))
    }

    /// All probability on `strong` but for what is spread evenly.
    fn probs(strong: usize, share: f32) -> [f32; 8] {
        std::array::from_fn(|i| if i == strong { share } else { (1.0 - share) / 7.0 })
    }

    fn face(x: f32, probs: [f32; 8]) -> Face {
        let rect = Rect { x, y: 50.0, w: 100.0, h: 120.0 };
        Face { rect, score: 0.9, points: FivePoints::default(), probs: Some(probs) }
    }

    fn seen(faces: &[Face]) -> Observation {
        let mut observation = Observation::empty();
        observation.faces.extend_from_slice(faces);
        observation
    }

    /// The expression reported after one face showed `share` of `strong` at `ms`.
    fn show(decider: &mut Decider, ms: u64, strong: usize, share: f32) -> Option<Expression> {
        decider.step(&seen(&[face(0.0, probs(strong, share))]), at(ms))[0].expression
    }

    #[test]
    fn a_clear_expression_is_reported_at_once_and_a_vague_one_is_not() {
        let mut decider = Decider::new(Policy::default());
        assert_eq!(show(&mut decider, 0, HAPPINESS, 0.9), Some(Expression::Happiness));
        let mut decider = Decider::new(Policy::default());
        assert_eq!(show(&mut decider, 0, HAPPINESS, 0.4), None);
    }

    #[test]
    fn one_odd_frame_does_not_change_the_reading() {
        let mut decider = Decider::new(Policy::default());
        for frame in 0..60 {
            let strong = if frame % 10 == 9 { SADNESS } else { HAPPINESS };
            let said = show(&mut decider, frame * 33, strong, 0.9);
            assert_eq!(said, Some(Expression::Happiness), "frame {frame}");
        }
    }

    #[test]
    fn a_face_flickering_between_two_expressions_changes_its_reading_rarely() {
        let mut decider = Decider::new(Policy::default());
        let mut said = Vec::new();
        for frame in 0..300_u64 {
            let strong = if frame % 2 == 0 { HAPPINESS } else { SADNESS };
            said.push(show(&mut decider, frame * 33, strong, 0.95));
        }
        let changes = said.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(changes <= 2, "{changes} changes in 300 frames");
    }

    #[test]
    fn a_lasting_change_is_followed_within_a_second() {
        let mut decider = Decider::new(Policy::default());
        let mut said = None;
        for frame in 0..60 {
            let strong = if frame < 30 { HAPPINESS } else { SADNESS };
            said = show(&mut decider, frame * 33, strong, 0.9);
        }
        assert_eq!(said, Some(Expression::Sadness));
    }

    #[test]
    fn a_label_is_held_before_a_stronger_one_replaces_it() {
        let policy = Policy { smoothing: Duration::ZERO, leave: 0.05, ..Policy::default() };
        let mut decider = Decider::new(policy);
        assert_eq!(show(&mut decider, 0, HAPPINESS, 0.6), Some(Expression::Happiness));
        assert_eq!(show(&mut decider, 399, SADNESS, 0.6), Some(Expression::Happiness));
        assert_eq!(show(&mut decider, 400, SADNESS, 0.6), Some(Expression::Sadness));
    }

    #[test]
    fn ids_follow_faces_that_move_and_are_not_used_again() {
        let mut decider = Decider::new(Policy::default());
        let p = probs(0, 0.9);
        let ids = |decider: &mut Decider, ms, faces: &[Face]| -> Vec<u32> {
            decider.step(&seen(faces), at(ms)).iter().map(|reading| reading.id).collect()
        };
        assert_eq!(ids(&mut decider, 0, &[face(0.0, p), face(300.0, p)]), [1, 2]);
        assert_eq!(ids(&mut decider, 33, &[face(310.0, p), face(12.0, p)]), [2, 1]);
        assert_eq!(ids(&mut decider, 66, &[face(320.0, p)]), [2]);
        assert_eq!(ids(&mut decider, 800, &[face(20.0, p), face(330.0, p)]), [1, 2]);
        assert_eq!(ids(&mut decider, 1700, &[face(20.0, p)]), [3]);
    }

    #[test]
    fn a_small_or_doubtful_face_is_unknown_but_keeps_its_probabilities() {
        let mut decider = Decider::new(Policy::default());
        let clear = face(0.0, probs(HAPPINESS, 0.9));
        let mut doubtful = clear;
        doubtful.score = 0.3;
        let reading = decider.step(&seen(&[doubtful]), at(0))[0].clone();
        assert_eq!((reading.expression, reading.confidence), (None, 0.9));
        let mut small = clear;
        small.rect.w = 20.0;
        assert_eq!(decider.step(&seen(&[small]), at(33))[0].expression, None);
    }

    #[test]
    fn a_face_that_could_not_be_cut_out_is_unknown() {
        let mut decider = Decider::new(Policy::default());
        let mut blind = face(0.0, [0.0; 8]);
        blind.probs = None;
        let reading = decider.step(&seen(&[blind]), at(0))[0].clone();
        assert_eq!((reading.expression, reading.probs), (None, [0.125; 8]));
    }

    #[test]
    fn a_crowd_is_remembered_within_bounds() {
        let mut decider = Decider::new(Policy::default());
        for frame in 0..40_u16 {
            let x = f32::from(frame) * 1000.0;
            let crowd: Vec<_> = (0..12).map(|i| face(x + 110.0 * i as f32, [0.125; 8])).collect();
            let said = decider.step(&seen(&crowd), at(u64::from(frame))).len();
            assert_eq!(said, MAX_FACES);
        }
        assert_eq!(decider.tracks.capacity(), MAX_TRACKS);
    }

    #[test]
    fn time_that_runs_backwards_changes_nothing() {
        let mut decider = Decider::new(Policy::default());
        show(&mut decider, 1000, HAPPINESS, 0.9);
        assert_eq!(show(&mut decider, 0, SADNESS, 1.0), Some(Expression::Happiness));
    }

    /// Frames of one face: pause before each in milliseconds, and unnormalised probabilities.
    fn frames() -> impl Strategy<Value = Vec<(u64, [f32; 8])>> {
        prop::collection::vec((1_u64..400, prop::array::uniform8(0.001_f32..1.0)), 1..80)
    }

    fn normalised(weights: [f32; 8]) -> [f32; 8] {
        let sum: f32 = weights.iter().map(|w| w.powi(4)).sum();
        weights.map(|w| w.powi(4) / sum)
    }

    proptest! {
        #[test]
        fn no_label_is_reported_under_the_leave_threshold(frames in frames()) {
            let policy = Policy::default();
            let (mut decider, mut now) = (Decider::new(policy), 0);
            for (pause, weights) in frames {
                now += pause;
                let face = face(0.0, normalised(weights));
                let reading = &decider.step(&seen(&[face]), at(now))[0];
                if let Some(label) = reading.expression {
                    prop_assert!(reading.probs[label.index()] >= policy.leave);
                }
                prop_assert!((reading.probs.iter().sum::<f32>() - 1.0).abs() < 1e-4);
            }
        }

        #[test]
        fn smoothing_does_not_depend_on_the_frame_rate(
            before in prop::array::uniform8(0.01_f32..1.0),
            after in prop::array::uniform8(0.01_f32..1.0),
            frames in 1_u32..60,
        ) {
            let run = |steps: u32| {
                let mut decider = Decider::new(Policy::default());
                decider.step(&seen(&[face(0.0, normalised(before))]), at(0));
                for step in 1..=steps {
                    let now = Timestamp(Duration::from_millis(600) * step / steps);
                    decider.step(&seen(&[face(0.0, normalised(after))]), now);
                }
                decider.decision[0].probs
            };
            for (a, b) in run(1).into_iter().zip(run(frames)) {
                prop_assert!((a - b).abs() < 1e-4, "{} and {}", a, b);
            }
        }
    }
}
