//! Whether a face can be seen well enough to be read, and why not.
//!
//! The first limit it misses is the reason. A face that was refused must exceed a limit by a tenth
//! before it is read again, so that one on the limit does not flicker.

use mien_shared::telemetry::{HeadPose, Quality, Unknown};

use super::Policy;

/// What a limit is tightened by while it keeps a face out.
const SLACK: f32 = 0.1;

/// How a face can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Sight {
    /// Smaller side of its box, frame pixels.
    pub(super) side: f32,
    /// The detector's score.
    pub(super) score: f32,
    /// Share of the box inside the frame.
    pub(super) inside: f32,
    /// Smoothed.
    pub(super) pose: Option<HeadPose>,
    /// As last measured.
    pub(super) quality: Option<Quality>,
}

impl Sight {
    /// Why the face is not read; `None` when it can be. `refused` is why it was not before.
    pub(super) fn reason(&self, policy: &Policy, refused: Option<Unknown>) -> Option<Unknown> {
        let quality = self.quality;
        let pose = self.pose.unwrap_or_default();
        let least = |reason| if refused == Some(reason) { 1.0 + SLACK } else { 1.0 };
        let most = |reason| if refused == Some(reason) { 1.0 - SLACK } else { 1.0 };
        let below = |of: fn(Quality) -> f32, limit: f32| quality.is_some_and(|q| of(q) < limit);
        let light = least(Unknown::Dark);
        let turn = most(Unknown::Turned);
        let misses = [
            (Unknown::Small, self.side < policy.min_side * least(Unknown::Small)),
            (Unknown::Dark, below(|q| q.brightness, policy.min_brightness * light)),
            (Unknown::Dark, below(|q| q.contrast, policy.min_contrast * light)),
            (
                Unknown::Blurred,
                below(|q| q.sharpness, policy.min_sharpness * least(Unknown::Blurred)),
            ),
            (Unknown::Turned, pose.yaw.abs() > policy.max_yaw * turn),
            (Unknown::Turned, pose.pitch.abs() > policy.max_pitch * turn),
            // A share cannot exceed one: its limit is not tightened beyond.
            (
                Unknown::Covered,
                self.inside < (policy.min_inside * least(Unknown::Covered)).min(1.0),
            ),
            (Unknown::Unsure, self.score < policy.min_score),
        ];
        misses.into_iter().find(|(_, misses)| *misses).map(|(reason, _)| reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clear() -> Sight {
        let quality = Quality { sharpness: 0.5, brightness: 0.5, contrast: 0.4 };
        let pose = Some(HeadPose::default());
        Sight { side: 100.0, score: 0.9, inside: 1.0, pose, quality: Some(quality) }
    }

    fn reason(sight: Sight) -> Option<Unknown> {
        sight.reason(&Policy::default(), None)
    }

    #[test]
    fn each_limit_has_its_reason() {
        let poor = |change: fn(&mut Quality)| {
            let mut sight = clear();
            sight.quality.iter_mut().for_each(change);
            reason(sight)
        };
        let turned = |yaw, pitch| {
            reason(Sight { pose: Some(HeadPose { yaw, pitch, roll: 80.0 }), ..clear() })
        };
        assert_eq!(reason(clear()), None);
        assert_eq!(reason(Sight { side: 20.0, ..clear() }), Some(Unknown::Small));
        assert_eq!(poor(|q| q.brightness = 0.01), Some(Unknown::Dark));
        assert_eq!(poor(|q| q.contrast = 0.01), Some(Unknown::Dark));
        assert_eq!(poor(|q| q.sharpness = 0.01), Some(Unknown::Blurred));
        assert_eq!(turned(-60.0, 0.0), Some(Unknown::Turned));
        assert_eq!(turned(0.0, 50.0), Some(Unknown::Turned));
        assert_eq!(turned(0.0, 0.0), None, "a tilt is no turn");
        assert_eq!(reason(Sight { inside: 0.4, ..clear() }), Some(Unknown::Covered));
        assert_eq!(reason(Sight { score: 0.3, ..clear() }), Some(Unknown::Unsure));
    }

    #[test]
    fn what_was_not_measured_keeps_nothing_out() {
        assert_eq!(reason(Sight { pose: None, quality: None, ..clear() }), None);
    }

    #[test]
    fn a_face_on_the_limit_does_not_flicker() {
        let policy = Policy::default();
        let at = |yaw| Sight { pose: Some(HeadPose { yaw, ..HeadPose::default() }), ..clear() };
        let turned = Some(Unknown::Turned);
        let just_inside = at(policy.max_yaw - 1.0);
        assert_eq!(just_inside.reason(&policy, None), None);
        assert_eq!(just_inside.reason(&policy, turned), turned);
        assert_eq!(at(policy.max_yaw * 0.85).reason(&policy, turned), None);
        let whole = Policy { min_inside: 1.0, ..policy };
        assert_eq!(clear().reason(&whole, Some(Unknown::Covered)), None);
    }
}
