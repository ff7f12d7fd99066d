use mien_shared::{frame::Rgb, label::Expression};
use mien_synth::{Identity, Pose, Renderer, Scene};

use super::*;

/// The five points of a person in a pose, seen from `distance_cm`.
fn points(renderer: &mut Renderer, seed: u64, pose: Pose, distance_cm: f32) -> FivePoints {
    let mut scene = Scene::portrait(Identity::from_seed(seed), Expression::Neutral, pose, 64);
    scene.placement.distance_cm = distance_cm;
    let labels = renderer.render_into(&scene, &mut Rgb::default());
    FivePoints::from_landmarks(&labels.landmarks)
}

/// Five points of a person in space, in eye distances around their mean, left and right averaged.
fn shape(renderer: &mut Renderer, seed: u64) -> [[f32; 3]; 5] {
    // From far away there is no perspective: x' = x·cos + z·sin.
    let mut see =
        |yaw_deg| points(renderer, seed, Pose { yaw_deg, ..Pose::default() }, 1e5).to_array();
    let (front, left, right) = (see(0.0), see(-20.0), see(20.0));
    let unit = front[1].x - front[0].x;
    let sine = 2.0 * 20.0_f32.to_radians().sin();
    let raw: [[f32; 3]; 5] = std::array::from_fn(|i| {
        [front[i].x / unit, front[i].y / unit, (right[i].x - left[i].x) / sine / unit]
    });
    let mirror = [1, 0, 2, 4, 3];
    let mean: [f32; 3] = std::array::from_fn(|k| raw.iter().map(|p| p[k]).sum::<f32>() / 5.0);
    std::array::from_fn(|i| {
        let (a, b) = (raw[i], raw[mirror[i]]);
        [
            0.5 * ((a[0] - mean[0]) - (b[0] - mean[0])),
            0.5 * (a[1] + b[1]) - mean[1],
            0.5 * (a[2] + b[2]) - mean[2],
        ]
    })
}

#[test]
fn the_mean_face_is_that_of_the_procedural_head() {
    let mut renderer = Renderer::new();
    let count = 40_u8;
    let mut mean = [[0.0; 3]; 5];
    for seed in 0..count {
        for (sum, point) in mean.iter_mut().zip(shape(&mut renderer, u64::from(seed))) {
            for (sum, value) in sum.iter_mut().zip(point) {
                *sum += value / f32::from(count);
            }
        }
    }
    for (found, kept) in mean.iter().zip(MEAN_FACE) {
        let close = found.iter().zip(kept).all(|(a, b)| (a - b).abs() < 0.03);
        assert!(close, "{mean:.3?}");
    }
}

#[test]
fn the_mean_face_turned_is_measured_as_it_was_turned() {
    for (yaw, roll) in [(0.0, 0.0), (20.0, 10.0), (-35.0, -25.0), (50.0, 0.0)] {
        let found = of(&mean_face(yaw, 0.0, roll)).unwrap();
        let error = (found.yaw - yaw).abs().max(found.pitch.abs()).max((found.roll - roll).abs());
        assert!(error < 0.1, "{yaw} {roll}: {found:?}");
    }
}

#[test]
fn a_pitch_has_its_sign_and_is_drawn_towards_none() {
    for pitch in [-30.0_f32, -15.0, 15.0, 30.0] {
        let found = of(&mean_face(0.0, pitch, 0.0)).unwrap().pitch;
        assert!(found * pitch > 0.0 && found.abs() < pitch.abs(), "{pitch}: {found}");
        assert!((found - pitch).abs() < 0.35 * pitch.abs(), "{pitch}: {found}");
    }
}

#[test]
fn size_and_place_change_nothing() {
    let near = mean_face(20.0, 10.0, 5.0);
    let far = near.to_array().map(|p| Point { x: 0.07 * p.x + 900.0, y: 0.07 * p.y - 40.0 });
    let (near, far) = (of(&near).unwrap(), of(&FivePoints::from_array(far)).unwrap());
    assert!((near.yaw - far.yaw).abs() < 0.1 && (near.pitch - far.pitch).abs() < 0.1);
}

#[test]
fn a_turn_is_measured_within_degrees_on_people_who_perform() {
    let mut renderer = Renderer::new();
    let (mut yaw, mut roll, count) = (0.0, 0.0, 40_u8);
    for seed in 0..count {
        let wanted = 3.0 * f32::from(seed % 20) - 28.5;
        let mut rng = rand_pcg::Pcg32::new(u64::from(seed), 1);
        let aus = mien_synth::AuVector::of_expression(
            Expression::ALL[usize::from(seed % 8)],
            1.0,
            &mut rng,
        );
        let pose = Pose { aus, yaw_deg: wanted, roll_deg: 8.0, ..Pose::default() };
        let found = of(&points(&mut renderer, 500 + u64::from(seed), pose, 90.0)).unwrap();
        yaw += (found.yaw - wanted).abs() / f32::from(count);
        roll += (found.roll - 8.0).abs() / f32::from(count);
    }
    assert!(yaw < 4.0 && roll < 2.0, "{yaw} {roll}");
}

#[test]
fn points_in_one_place_or_nowhere_have_no_pose() {
    assert_eq!(of(&FivePoints::default()), None);
    let mut points = mean_face(0.0, 0.0, 0.0);
    points.nose.x = f32::NAN;
    assert_eq!(of(&points), None);
}

#[test]
fn nonsense_gives_a_finite_pose_or_none() {
    let at = |x: f32, y: f32| Point { x, y };
    let line = [at(0.0, 0.0), at(10.0, 0.0), at(20.0, 0.0), at(30.0, 0.0), at(40.0, 0.0)];
    let upside_down = mean_face(0.0, 0.0, 180.0).to_array();
    for points in [line, upside_down] {
        let pose = of(&FivePoints::from_array(points));
        assert!(pose.is_none_or(|p| p.yaw.is_finite() && p.pitch.is_finite()), "{pose:?}");
    }
}

/// The mean face turned and seen from far away, in a picture.
fn mean_face(yaw: f32, pitch: f32, roll: f32) -> FivePoints {
    let turn = mien_synth::math::Rotation::from_degrees(yaw, pitch, roll);
    FivePoints::from_array(MEAN_FACE.map(|[x, y, z]| {
        let seen = turn.apply(mien_synth::Vec3::new(x, -y, z));
        Point { x: 320.0 + 60.0 * seen.x, y: 240.0 - 60.0 * seen.y }
    }))
}
