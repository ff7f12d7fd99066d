use std::time::Duration;

use mien_shared::{
    geometry::Rect,
    label::Expression,
    telemetry::{HeadPose, Quality, Unknown},
};
use proptest::prelude::*;

use super::*;

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
    Face { rect, score: 0.9, probs: Some(probs), ..Face::default() }
}

fn seen(faces: &[Face]) -> Observation {
    let mut observation = Observation::empty();
    observation.faces.extend_from_slice(faces);
    observation
}

/// The expression reported after one face showed `share` of `strong` at `ms`.
fn show(decider: &mut Decider, ms: u64, strong: usize, share: f32) -> Option<Expression> {
    decider.step(&seen(&[face(0.0, probs(strong, share))]), at(ms))[0].expression.unwrap().label
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
    let reading = decider.step(&seen(&[doubtful]), at(0))[0].expression.unwrap();
    assert_eq!((reading.label, reading.confidence), (None, 0.9));
    let mut small = clear;
    small.rect.w = 20.0;
    assert_eq!(decider.step(&seen(&[small]), at(33))[0].expression.unwrap().label, None);
}

#[test]
fn a_face_that_could_not_be_cut_out_is_unknown() {
    let mut decider = Decider::new(Policy::default());
    let mut blind = face(0.0, [0.0; 8]);
    blind.probs = None;
    let reading = decider.step(&seen(&[blind]), at(0))[0].expression.unwrap();
    assert_eq!((reading.label, reading.probs), (None, [0.125; 8]));
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

/// Ids said of `faces` at `ms`.
fn ids(decider: &mut Decider, ms: u64, faces: &[Face]) -> Vec<u32> {
    decider.step(&seen(faces), at(ms)).iter().map(|reading| reading.id).collect()
}

#[test]
fn two_people_who_pass_each_other_keep_their_ids() {
    let mut decider = Decider::new(Policy::default());
    let p = probs(0, 0.9);
    let (mut first, mut second) = (0, 0);
    for frame in 0..60_u16 {
        let (a, b) = (10.0 * f32::from(frame), 600.0 - 10.0 * f32::from(frame));
        // While they overlap the detector finds one of them only.
        let faces =
            if (a - b).abs() < 60.0 { vec![face(a, p)] } else { vec![face(a, p), face(b, p)] };
        let said = ids(&mut decider, 33 * u64::from(frame), &faces);
        if frame == 5 {
            (first, second) = (said[0], said[1]);
        }
        if frame == 59 {
            assert_eq!(said, [first, second]);
        }
    }
}

#[test]
fn a_face_that_comes_back_in_time_and_place_keeps_its_id() {
    let mut decider = Decider::new(Policy::default());
    let p = probs(0, 0.9);
    assert_eq!(ids(&mut decider, 0, &[face(0.0, p)]), [1]);
    assert!(ids(&mut decider, 33, &[]).is_empty());
    // No overlap, less than its width away.
    assert_eq!(ids(&mut decider, 600, &[face(95.0, p)]), [1]);
    assert!(ids(&mut decider, 633, &[]).is_empty());
    assert_eq!(ids(&mut decider, 700, &[face(400.0, p)]), [2], "too far to be the same");
    assert!(ids(&mut decider, 733, &[]).is_empty());
    assert_eq!(ids(&mut decider, 1600, &[face(400.0, p)]), [3], "forgotten");
}

#[test]
fn a_face_in_view_does_not_give_its_id_to_one_beside_it() {
    let mut decider = Decider::new(Policy::default());
    let p = probs(0, 0.9);
    assert_eq!(ids(&mut decider, 0, &[face(0.0, p)]), [1]);
    assert_eq!(ids(&mut decider, 33, &[face(95.0, p)]), [2]);
}

#[test]
fn what_a_blurred_face_seems_to_show_is_neither_said_nor_taken_in() {
    let mut decider = Decider::new(Policy::default());
    let sharp = Quality { sharpness: 0.6, brightness: 0.5, contrast: 0.4 };
    let blurred = Quality { sharpness: 0.01, ..sharp };
    let mut look = |ms, quality, strong| {
        let face = Face { quality: Some(quality), ..face(0.0, probs(strong, 0.9)) };
        decider.step(&seen(&[face]), at(ms))[0].expression.unwrap()
    };
    assert_eq!(look(0, sharp, HAPPINESS).label, Some(Expression::Happiness));
    for frame in 1..10 {
        let reading = look(33 * frame, blurred, SADNESS);
        assert_eq!((reading.label, reading.unknown), (None, Some(Unknown::Blurred)));
        assert!(reading.probs[HAPPINESS] > 0.89);
    }
    assert_eq!(look(330, sharp, HAPPINESS).label, Some(Expression::Happiness));
}

#[test]
fn what_was_first_seen_blurred_does_not_count_once_it_is_sharp() {
    let mut decider = Decider::new(Policy::default());
    let mut look = |ms, sharpness, strong| {
        let quality = Some(Quality { sharpness, brightness: 0.5, contrast: 0.4 });
        let face = Face { quality, ..face(0.0, probs(strong, 0.9)) };
        decider.step(&seen(&[face]), at(ms))[0].expression.unwrap().label
    };
    assert_eq!(look(0, 0.0, SADNESS), None);
    assert_eq!(look(33, 0.6, HAPPINESS), Some(Expression::Happiness));
}

#[test]
fn a_face_half_outside_the_frame_is_covered() {
    let mut decider = Decider::new(Policy::default());
    let mut observation = seen(&[face(-60.0, probs(HAPPINESS, 0.9))]);
    observation.picture = Grey::new(640, 480);
    let reading = decider.step(&observation, at(0))[0].expression.unwrap();
    assert_eq!((reading.label, reading.unknown), (None, Some(Unknown::Covered)));
}

#[test]
fn a_pose_is_steadied_and_says_how_far_the_face_attends() {
    let mut decider = Decider::new(Policy::default());
    let mut look = |ms, yaw| {
        let pose = Some(HeadPose { yaw, pitch: 0.0, roll: 0.0 });
        let face = Face { pose, ..face(0.0, probs(0, 0.9)) };
        let reading = decider.step(&seen(&[face]), at(ms))[0];
        (reading.pose.unwrap().yaw, reading.attention.unwrap())
    };
    assert_eq!(look(0, 0.0), (0.0, 1.0));
    let (yaw, attention) = look(150, 30.0);
    // One time constant: 1 - 1/e of the way.
    assert!((yaw - 18.96).abs() < 0.1 && (attention - 0.946).abs() < 0.01, "{yaw} {attention}");
}

#[test]
fn a_face_whose_turn_has_not_come_keeps_its_expression_for_a_while() {
    let mut decider = Decider::new(Policy::default());
    show(&mut decider, 0, HAPPINESS, 0.9);
    let unread = Face { probs: None, ..face(0.0, [0.0; 8]) };
    let mut look = |ms| decider.step(&seen(&[unread]), at(ms))[0].expression.unwrap().label;
    assert_eq!(look(500), Some(Expression::Happiness));
    assert_eq!(look(1000), None, "read too long ago");
}

/// Neutral at 0.3, sadness at 0.6.
const RESTING: [f32; 8] = [0.3, 0.02, 0.02, 0.01, 0.02, 0.02, 0.6, 0.01];

/// A decider that watched a face which looks sad at rest.
fn calibrated(policy: Policy) -> Decider {
    let mut decider = Decider::new(policy);
    let resting = RESTING;
    decider.step(&seen(&[face(0.0, resting)]), at(0));
    decider.calibrate(at(0));
    for frame in 1..=31 {
        assert!(decider.is_calibrating());
        decider.step(&seen(&[face(0.0, resting)]), at(33 * frame));
    }
    assert!(!decider.is_calibrating(), "a second has passed");
    decider
}

/// What is said of a face at `x` after it showed `probs` for a second.
fn after_a_second(decider: &mut Decider, from: u64, x: f32, probs: [f32; 8]) -> Option<Expression> {
    let mut label = None;
    for frame in 0..30 {
        let said = decider.step(&seen(&[face(x, probs)]), at(from + 33 * frame));
        label = said[0].expression.unwrap().label;
    }
    label
}

#[test]
fn a_calibrated_face_is_neutral_at_rest_and_still_shows_what_it_shows() {
    let mut decider = calibrated(Policy::default());
    let resting = RESTING;
    assert_eq!(after_a_second(&mut decider, 1100, 0.0, resting), Some(Expression::Neutral));
    let happy = probs(HAPPINESS, 0.95);
    assert_eq!(after_a_second(&mut decider, 2100, 0.0, happy), Some(Expression::Happiness));
    decider.clear_calibration();
    assert_eq!(after_a_second(&mut decider, 3100, 0.0, resting), Some(Expression::Sadness));
}

#[test]
fn a_calibration_is_the_face_s_own_and_forgotten_with_it() {
    let mut decider = calibrated(Policy::default());
    let resting = RESTING;
    assert_eq!(after_a_second(&mut decider, 1100, 500.0, resting), Some(Expression::Sadness));
    assert_eq!(after_a_second(&mut decider, 4000, 0.0, resting), Some(Expression::Sadness));
}

#[test]
fn the_only_user_s_calibration_holds_for_the_next_face_alone() {
    let policy = Policy { baseline: Baseline::OnePerson, ..Policy::default() };
    let mut decider = calibrated(policy);
    let resting = RESTING;
    assert_eq!(after_a_second(&mut decider, 4000, 500.0, resting), Some(Expression::Neutral));
    let two = [face(0.0, resting), face(300.0, resting)];
    let said = decider.step(&seen(&two), at(8000)).iter().map(|r| r.expression.unwrap().label);
    assert_eq!(said.collect::<Vec<_>>(), [Some(Expression::Sadness); 2]);
}

#[test]
fn a_new_policy_keeps_the_faces() {
    let mut decider = Decider::new(Policy::default());
    show(&mut decider, 0, HAPPINESS, 0.9);
    decider.set_policy(Policy { enter: 0.99, ..Policy::default() });
    assert_eq!(show(&mut decider, 33, HAPPINESS, 0.9), Some(Expression::Happiness));
    assert_eq!(decider.decision[0].id, 1);
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
            let reading = decider.step(&seen(&[face]), at(now))[0].expression.unwrap();
            if let Some(label) = reading.label {
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
            decider.decision[0].expression.unwrap().probs
        };
        for (a, b) in run(1).into_iter().zip(run(frames)) {
            prop_assert!((a - b).abs() < 1e-4, "{} and {}", a, b);
        }
    }
}
