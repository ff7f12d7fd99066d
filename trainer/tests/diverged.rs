//! A loss that is not a number stops the run and leaves its batch to be looked at.

use burn::tensor::Device;
use mien_data::{SIDE, synth};
use mien_trainer::{
    export::model::TEMPLATE,
    recipe::{Recipe, TaskRecipe},
    task::expression::{ExpressionTask, pool::Pool},
    train::{TrainError, Trainer, run::Run},
};

#[test]
fn the_batch_of_a_loss_that_is_no_number_is_kept() {
    let text = "name = 'wild'\nseed = 1\nabout = { data = '', rights = '' }\n\
        [task]\nkind = 'expression'\narch = 'resnet_s'\ndata = 'synth'\n\
        [train]\nepochs = 1\nbatch = 4\nlearning_rate = 1e-3\npatience = 1\n";
    let recipe = Recipe::parse(text, "wild.toml".as_ref()).expect("a recipe");
    let mut faces = synth::dataset(1, 8, &TEMPLATE, SIDE).samples;
    faces[5].target[0] = f32::NAN;
    let TaskRecipe::Expression(expression) = &recipe.task else { panic!() };
    let valid = synth::dataset(2, 8, &TEMPLATE, SIDE).samples;
    let task = ExpressionTask::new(expression, 1, Pool::Memory(faces), valid);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = Run::create(&folder.path().join("wild"), &recipe).expect("a run folder");
    let error = Trainer::new(&task, recipe.train.clone(), 1, &Device::flex())
        .fit(&run)
        .expect_err("its loss is no number");
    let TrainError::Diverged { batch, .. } = &error else { panic!("{error}") };
    assert!(error.to_string().contains("train.learning_rate"), "{error}");
    assert!(batch.join("batch.json").exists() && batch.join("00000005.png").exists());
}
