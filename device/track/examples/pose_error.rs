//! Errors of the head pose against the procedural head's exact poses, from exact points, from
//! points with a detector's scatter, and for faces that perform expressions.
//!
//! `cargo run --release -p mien-track --example pose_error`

#![expect(clippy::print_stdout, reason = "it reports")]

use std::ops::Range;

use mien_shared::{
    frame::Rgb,
    geometry::{FivePoints, Point},
    label::Expression,
};
use mien_synth::{AuVector, Identity, Pose, Renderer, Scene};
use mien_track::pose;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg32;

const PEOPLE: u64 = 120;

fn main() {
    println!("| points | expressions | turned | yaw° | pitch° | roll° | pitch, 95 % |");
    println!("|---|---|---|---|---|---|---|");
    for scatter in [0.0, 0.03] {
        for expressive in [false, true] {
            for (name, low, high) in
                [("0..15", 0.0, 15.0), ("15..30", 15.0, 30.0), ("30..45", 30.0, 45.0)]
            {
                let errors = errors(scatter, expressive, low..high);
                let mean =
                    |k: usize| errors.iter().map(|e| e[k]).sum::<f32>() / errors.len() as f32;
                let mut pitch: Vec<_> = errors.iter().map(|e| e[1]).collect();
                pitch.sort_by(f32::total_cmp);
                let tail = pitch[pitch.len() * 95 / 100];
                let (yaw, pitch, roll) = (mean(0), mean(1), mean(2));
                println!(
                    "| ±{scatter} | {expressive} | {name} | {yaw:.1} | {pitch:.1} | {roll:.1} | {tail:.1} |"
                );
            }
        }
    }
}

/// Absolute errors of yaw, pitch and roll; yaw within `range` either way, pitch within ±25.
fn errors(scatter: f32, expressive: bool, range: Range<f32>) -> Vec<[f32; 3]> {
    let mut renderer = Renderer::new();
    let mut rng = Pcg32::seed_from_u64(1);
    let mut errors = Vec::new();
    for seed in 1000..1000 + PEOPLE {
        let side = if rng.random_bool(0.5) { 1.0 } else { -1.0 };
        let expression = Expression::ALL[rng.random_range(0..8)];
        let aus = if expressive {
            AuVector::of_expression(expression, 1.0, &mut rng)
        } else {
            AuVector::default()
        };
        let pose = Pose {
            aus,
            yaw_deg: side * rng.random_range(range.clone()),
            pitch_deg: rng.random_range(-25.0..25.0),
            roll_deg: rng.random_range(-20.0..20.0),
            ..Pose::default()
        };
        let scene = Scene::portrait(Identity::from_seed(seed), expression, pose, 64);
        let labels = renderer.render_into(&scene, &mut Rgb::default());
        let exact = FivePoints::from_landmarks(&labels.landmarks);
        let eyes =
            (exact.right_eye.x - exact.left_eye.x).hypot(exact.right_eye.y - exact.left_eye.y);
        let points = exact.to_array().map(|p| Point {
            x: p.x + scatter * eyes * gauss(&mut rng),
            y: p.y + scatter * eyes * gauss(&mut rng),
        });
        let Some(found) = pose::of(&FivePoints::from_array(points)) else { continue };
        errors.push([
            (found.yaw - pose.yaw_deg).abs(),
            (found.pitch - pose.pitch_deg).abs(),
            (found.roll - pose.roll_deg).abs(),
        ]);
    }
    errors
}

/// Roughly normal, of standard deviation one.
fn gauss(rng: &mut Pcg32) -> f32 {
    (0..12).map(|_| rng.random_range(0.0..1.0_f32)).sum::<f32>() - 6.0
}
