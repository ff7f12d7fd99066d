//! A run that is killed outright and resumed ends in the weights of one that was left alone.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use image::ExtendedColorType;
use mien_data::{SIDE, synth};
use mien_shared::graph::Graph;
use mien_trainer::{
    export::model::{Model, TEMPLATE},
    train::run::Run,
};

const RECIPE: &str = r#"
name = "killed"
seed = 3
[about]
data = "rendered faces"
rights = "none"
[task]
kind = "expression"
arch = "mini_xception"
data = "folder"
stream = true
[train]
epochs = 3
batch = 8
learning_rate = 1e-3
average = 0.9
patience = 9
schedule = { kind = "constant" }
"#;

/// Rendered faces as a folder of one folder a class.
fn faces(root: &Path) {
    for (part, seed, count) in [("train", 1, 48), ("valid", 2, 16)] {
        for sample in synth::dataset(seed, count, &TEMPLATE, SIDE).samples {
            let label = sample.label.expect("a rendered face has a label").name();
            let folder = root.join(part).join(label);
            fs::create_dir_all(&folder).expect("a folder");
            let file = folder.join(format!("{}.png", sample.id));
            image::save_buffer(file, &sample.image.data, SIDE, SIDE, ExtendedColorType::L8)
                .expect("a picture");
        }
    }
}

fn train(folder: &Path, run: &str, resume: bool) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mien-trainer"));
    command.arg("train").arg(folder.join("recipe.toml"));
    command.arg("--root").arg(folder.join("faces")).arg("--out").arg(folder.join(run));
    command.args(resume.then_some("--resume")).stderr(Stdio::null());
    command
}

/// Waits until the log of `run` has a line.
fn wait_for_an_epoch(run: &Path) {
    let began = Instant::now();
    while fs::read_to_string(run.join("metrics.jsonl")).unwrap_or_default().is_empty() {
        assert!(began.elapsed() < Duration::from_mins(2), "no epoch in two minutes");
        thread::sleep(Duration::from_millis(2));
    }
}

fn weights(run: &Path) -> Graph {
    let run = Run::open(run).expect("a run folder");
    let (checkpoint, damage) = run.last().expect("a checkpoint");
    assert!(damage.is_none() && checkpoint.progress.epoch == 3);
    Model::new(&run.recipe, checkpoint.average()).expect("weights of the network").graph
}

#[test]
fn a_killed_run_goes_on_as_if_nothing_had_been() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    faces(&folder.join("faces"));
    fs::write(folder.join("recipe.toml"), RECIPE).expect("a recipe");
    assert!(train(folder, "whole", false).status().expect("it runs").success());

    let mut run = train(folder, "killed", false).spawn().expect("it starts");
    wait_for_an_epoch(&folder.join("killed"));
    run.kill().expect("it can be killed");
    run.wait().expect("it ends");
    // Killed between log and checkpoint there is none yet, and the run begins again.
    let begun = folder.join("killed/last.checkpoint").exists();
    if !begun {
        fs::remove_dir_all(folder.join("killed")).expect("a folder");
    }
    assert!(train(folder, "killed", begun).status().expect("it runs").success());

    let log = fs::read_to_string(folder.join("killed/metrics.jsonl")).expect("a log");
    assert_eq!(log.lines().count(), 3, "an epoch is logged once");
    assert!(weights(&folder.join("whole")) == weights(&folder.join("killed")));
}

#[test]
fn a_damaged_checkpoint_falls_back_to_the_one_before() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    faces(&folder.join("faces"));
    fs::write(folder.join("recipe.toml"), RECIPE).expect("a recipe");
    assert!(train(folder, "run", false).status().expect("it runs").success());
    let path = folder.join("run/last.checkpoint");
    let mut bytes = fs::read(&path).expect("a checkpoint");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).expect("a file");

    let output = train(folder, "run", true).stderr(Stdio::piped()).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("is damaged") && said.contains("after epoch 2"), "{said}");
    weights(&folder.join("run"));
}
