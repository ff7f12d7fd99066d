use burn::{
    module::Module as _,
    optim::{AdamConfig, GradientsParams},
};
use mien_data::{augment::Augment, synth};
use mien_shared::geometry::{LANDMARKS, Point};

use super::*;
use crate::{
    arch::{expression::Arch, oadn::OadnConfig, trunk::TrunkName},
    recipe::ExpressionRecipe,
    task::expression::{ExpressionTask, pool::Pool, predict},
};

fn recipe() -> LandmarkRecipe {
    LandmarkRecipe {
        trunk: TrunkName::Resnet18S,
        side: Some(32),
        hidden: 128,
        augment: Augment { flip: 0.5, shift_px: 2.0, ..Augment::NONE },
        data: Vec::new(),
    }
}

fn rendered(seed: u64, count: u64) -> Vec<Sample> {
    synth::dataset(seed, count, &TEMPLATE, 32).samples
}

/// The network after `steps` on `task`.
fn trained(task: &LandmarkTask, steps: u32) -> LandmarkNet {
    let device = Device::flex().autodiff();
    device.seed(1);
    let (mut net, mut optimizer) = (task.init(&device), AdamConfig::new().init());
    let all: Vec<usize> = (0..task.samples()).collect();
    for step in 0..steps {
        let loss = task.loss(&net, task.batch(step, &all).unwrap(), &device).total();
        let gradients = GradientsParams::from_grads(loss.backward(), &net);
        net = optimizer.step(1e-3, net, gradients);
    }
    net.valid()
}

#[test]
fn a_few_steps_bring_points_nearer_and_make_surer_of_them() {
    let device = Device::flex();
    let task = LandmarkTask::new(&recipe(), 1, rendered(1, 24), rendered(2, 8));
    let value = |found: &Validation, name: &str| {
        found.values.iter().find(|(n, _)| n == name).map(|(_, value)| *value).unwrap()
    };
    let [before, after] = [0, 80].map(|steps| task.validate(&trained(&task, steps), &device));
    assert!(value(&after, "nme") < 0.5 * value(&before, "nme"), "{before:?} {after:?}");
    assert!(after.score > before.score);
    // Rightly surer: more points are right. So few steps leave it less sure than it may be.
    for name in ["right", "sure_of_the_same_seen"] {
        assert!(value(&after, name) > value(&before, name) + 0.02, "{before:?} {after:?}");
    }
}

#[test]
fn a_batch_holds_the_landmarks_of_the_changed_crops() {
    let faces = rendered(1, 2);
    let mirror = Augment { flip: 1.0, ..Augment::NONE };
    let task = LandmarkTask::new(
        &LandmarkRecipe { augment: mirror, ..recipe() },
        1,
        faces.clone(),
        vec![],
    );
    let batch = task.batch(0, &[1]).unwrap().on(None, &Device::flex());
    let points = batch.points.unwrap().into_data().try_to_vec::<f32>().unwrap();
    // The chin is its own partner.
    let Point { x, y } = faces[1].points.as_ref().unwrap().places[8];
    let found = &points[3 * 8..3 * 8 + 2];
    assert!((found[0] - (1.0 - x / 32.0)).abs() < 1e-5, "{found:?}");
    assert!((found[1] - y / 32.0).abs() < 1e-5, "{found:?}");
}

#[test]
fn faces_without_landmarks_are_not_learned_from() {
    let mut faces = rendered(1, 3);
    faces[1].points = None;
    assert_eq!(LandmarkTask::new(&recipe(), 1, faces.clone(), faces).counts(), [2, 2]);
}

#[test]
fn found_landmarks_are_in_pixels_of_each_crop() {
    let device = Device::flex();
    let net = recipe().init(&device);
    let mut small = rendered(1, 2);
    let mut large = synth::dataset(1, 2, &TEMPLATE, 64).samples;
    find::give(&mut small, &net, &device);
    find::give(&mut large, &net, &device);
    let mean = |samples: &[Sample]| {
        let places = samples.iter().flat_map(|s| s.points.as_ref().unwrap().places);
        places.map(|place| place.x).sum::<f32>() / (samples.len() * LANDMARKS) as f32
    };
    assert!((mean(&large) / mean(&small) - 2.0).abs() < 0.05);
}

#[test]
fn a_network_that_attends_learns_from_landmarks_a_detector_found() {
    let device = Device::flex();
    let mut faces = rendered(1, 4);
    for face in &mut faces {
        face.points = None;
    }
    // Every point counts as visible, however unsure an untrained detector is; so many fresh units are
    // not all without effect.
    let (lambda, threshold) = (1.0, 0.0);
    let arch = Arch::Oadn(OadnConfig { lambda, threshold, ..OadnConfig::default() });
    let of = |faces: &[Sample]| {
        let uncovered = Augment { flip: 0.5, ..Augment::NONE };
        let recipe = ExpressionRecipe::new(arch.clone(), "ferplus");
        let recipe = ExpressionRecipe { augment: uncovered, ..recipe };
        ExpressionTask::new(&recipe, 1, Pool::Memory(faces.to_vec()), faces.to_vec())
    };
    let net = arch.init(8, 32, &device);
    let before = predict(&net, &faces, &device);
    find::give(&mut faces, &recipe().init(&device), &device);
    let after = predict(&net, &faces, &device);
    assert_ne!(before, after);
    let batch = of(&faces).batch(0, &[0, 1, 2, 3]).unwrap().on(None, &device);
    let seen = batch.points.unwrap().slice([0..4, 0..LANDMARKS, 2..3]);
    assert!(seen.min().into_scalar::<f32>() > 0.0);
}
