//! A face that moves: it goes through the eight expressions, blinks and sways, for ever.
//!
//! ```text
//! one expression, 90 frames at 30 per second
//!   rest 10 | onset 14 | apex 46 | offset 14 | rest 6
//! one person: the eight expressions in canonical order, 24 s; then the next person
//! ```
//!
//! Every frame follows from the seed and the frame's number alone.

use mien_shared::{geometry::Point, label::Expression};
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg32;

use crate::{
    action::{Au, AuVector},
    identity::Identity,
    math::smoothstep,
    scene::{Background, Light, Placement, Pose, Scene, Worn},
};

/// Frames per second the performance is timed for.
pub const FRAMES_PER_SECOND: u64 = 30;
/// Frames given to one expression.
pub const FRAMES_PER_EXPRESSION: u64 = 90;
/// Frames before the next person appears.
pub const FRAMES_PER_PERSON: u64 = FRAMES_PER_EXPRESSION * 8;

const ONSET: (f32, f32) = (10.0, 24.0);
const OFFSET: (f32, f32) = (84.0, 70.0);
/// Above this strength the expression is the truth, below it neutral.
const SHOWN: f32 = 0.5;

/// A deterministic performance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Performer {
    seed: u64,
    width: u32,
    height: u32,
}

/// What is performed at one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Performance {
    /// The expression whose turn it is.
    pub expression: Expression,
    /// How far it has come, 0..=1.
    pub strength: f32,
    /// Which person is on, counted from 0.
    pub person: u64,
}

impl Performance {
    /// What an observer should read: neutral until the expression is half there.
    pub fn truth(&self) -> Expression {
        if self.strength >= SHOWN { self.expression } else { Expression::Neutral }
    }
}

impl Performer {
    /// The performance of that seed in pictures of `width` × `height` pixels.
    pub fn new(seed: u64, width: u32, height: u32) -> Self {
        Self { seed, width, height }
    }

    /// What is performed at frame `n`.
    pub fn performance(&self, n: u64) -> Performance {
        let person = n / FRAMES_PER_PERSON;
        let turn = usize::try_from(n % FRAMES_PER_PERSON / FRAMES_PER_EXPRESSION).unwrap_or(0);
        let at = (n % FRAMES_PER_EXPRESSION) as f32;
        let strength = smoothstep(ONSET.0, ONSET.1, at) * smoothstep(OFFSET.0, OFFSET.1, at);
        let expression = Expression::from_index(turn).unwrap_or(Expression::Neutral);
        Performance { expression, strength, person }
    }

    /// The scene of frame `n`, its label being [`Performance::truth`].
    pub fn frame(&self, n: u64) -> Scene {
        let performance = self.performance(n);
        let mut rng = self.rng(performance.person, 0);
        let identity = Identity::from_seed(rng.random());
        let (width, height) = (self.width as f32, self.height as f32);
        Scene {
            identity,
            expression: performance.truth(),
            pose: self.pose(n, &performance),
            worn: Worn { cloth: [(); 3].map(|()| rng.random_range(0.02..0.3)), ..Worn::default() },
            light: Light::default(),
            background: Background { seed: self.seed, ..Background::default() },
            placement: Placement {
                center: Point { x: width * 0.5, y: height * 0.5 },
                face_height_px: height.min(width) * 0.5,
                distance_cm: 70.0,
            },
            width: self.width,
            height: self.height,
            supersample: if self.height > 240 { 1 } else { 2 },
        }
    }

    fn pose(&self, n: u64, performance: &Performance) -> Pose {
        let turn = performance.expression.index() as u64;
        let mut rng = self.rng(performance.person, 1 + turn);
        let full = AuVector::of_expression(performance.expression, 1.0, &mut rng);
        let mut aus = full.scaled(performance.strength);
        aus.set(Au::EyesClosed, aus.get(Au::EyesClosed).max(blink(n)));
        let t = (n % (FRAMES_PER_PERSON * 1000)) as f32 / FRAMES_PER_SECOND as f32;
        Pose {
            aus,
            yaw_deg: 6.0 * (t * 0.61).sin() + 2.5 * (t * 1.7 + 1.0).sin(),
            pitch_deg: 3.0 * (t * 0.47 + 2.0).sin(),
            roll_deg: 2.5 * (t * 0.39 + 0.7).sin(),
            gaze_yaw_deg: -4.0 * (t * 0.61).sin(),
            gaze_pitch_deg: 0.0,
        }
    }

    fn rng(&self, person: u64, part: u64) -> Pcg32 {
        let mixed = self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (person << 8) ^ part;
        Pcg32::seed_from_u64(mixed)
    }
}

/// A blink every three seconds or so, six frames long.
fn blink(n: u64) -> f32 {
    let at = (n % 97) as f32 - 40.0;
    smoothstep(0.0, 2.0, at) * smoothstep(6.0, 3.0, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_shows_every_expression_at_full_strength() {
        let performer = Performer::new(1, 640, 480);
        let mut shown: Vec<Expression> = (0..FRAMES_PER_PERSON)
            .map(|n| performer.performance(n))
            .filter(|p| p.strength > 0.99)
            .map(|p| p.truth())
            .collect();
        shown.dedup();
        assert_eq!(shown, Expression::ALL);
    }

    #[test]
    fn the_next_person_follows_after_a_cycle() {
        let performer = Performer::new(1, 640, 480);
        let person = |n| performer.frame(n).identity.seed;
        assert_eq!(person(0), person(FRAMES_PER_PERSON - 1));
        assert_ne!(person(0), person(FRAMES_PER_PERSON));
    }

    #[test]
    fn frames_follow_each_other_smoothly_within_one_person() {
        let performer = Performer::new(7, 320, 240);
        for n in 1..FRAMES_PER_PERSON {
            let (a, b) = (performer.frame(n - 1).pose, performer.frame(n).pose);
            assert!((a.yaw_deg - b.yaw_deg).abs() < 1.0, "{n}");
            let smile = |p: Pose| p.aus.get(Au::LipCornerPuller);
            assert!((smile(a) - smile(b)).abs() < 0.2, "{n}");
        }
    }

    #[test]
    fn frame_numbers_far_ahead_are_fine() {
        let scene = Performer::new(u64::MAX, 64, 64).frame(u64::MAX);
        assert!(scene.pose.yaw_deg.is_finite());
    }
}
