//! A run that was stopped and resumed ends in the same weights, bit for bit, as one that was not.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use burn::tensor::Device;
use mien_data::{sampler::ClassWeights, synth};
use mien_shared::graph::Graph;
use mien_trainer::{
    arch::expression::Arch,
    export::model::{Model, TEMPLATE},
    recipe::{
        About, ExpressionRecipe, Mixup, Optimizer, Recipe, Sampling, Schedule, TaskRecipe,
        TrainRecipe,
    },
    task::expression::{ExpressionTask, pool::Pool},
    train::{Trainer, run::Run},
};

fn recipe(epochs: u32) -> Recipe {
    Recipe {
        name: "resume".to_owned(),
        seed: 7,
        about: About { data: String::new(), rights: String::new() },
        task: TaskRecipe::Expression(Box::new(expression())),
        train: TrainRecipe {
            epochs,
            batch: 8,
            learning_rate: 1e-3,
            warmup: 0.5,
            weight_decay: 0.01,
            clip: 1.0,
            average: 0.9,
            patience: 10,
            optimizer: Optimizer::default(),
            schedule: Schedule::Plateau { factor: 0.5, patience: 1 },
            stages: Vec::new(),
        },
    }
}

fn expression() -> ExpressionRecipe {
    let mixup = Mixup { alpha: 0.4, per_batch: false, keep_originals: true };
    ExpressionRecipe {
        sampling: Sampling::Balanced,
        class_weights: Some(ClassWeights::Inverse),
        mixup: Some(mixup),
        ..ExpressionRecipe::new(Arch::ResNetS, "synth")
    }
}

fn task() -> ExpressionTask {
    let faces = |seed, count| synth::dataset(seed, count, &TEMPLATE, 48).samples;
    ExpressionTask::new(&expression(), 7, Pool::Memory(faces(1, 24)), faces(2, 8))
}

/// Every weight and statistic after the last epoch, as the graph they make.
fn graph(folder: &Path) -> Graph {
    let (checkpoint, _) = Run::open(folder).expect("a run folder").last().expect("a checkpoint");
    assert_eq!(checkpoint.progress.epoch, 4);
    Model::new(&recipe(4), checkpoint.weights()).expect("weights of the network").graph
}

#[test]
fn a_resumed_run_is_bit_identical() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (whole, halves) = (folder.path().join("whole"), folder.path().join("halves"));
    let (task, device) = (task(), Device::flex());
    let trainer = || Trainer::new(&task, recipe(4).train, 7, &device);

    let run = Run::create(&whole, &recipe(4)).expect("a run folder");
    trainer().fit(&run).expect("it trains");

    let run = Run::create(&halves, &recipe(4)).expect("a run folder");
    trainer().stop_after(2).fit(&run).expect("it trains");
    let (half, damage) = run.last().expect("a checkpoint");
    assert!(damage.is_none());
    assert_eq!(half.progress.epoch, 2);
    trainer().resume(&half).expect("it resumes").fit(&run).expect("it trains");

    assert!(graph(&whole) == graph(&halves), "the two runs ended in different weights");
}
