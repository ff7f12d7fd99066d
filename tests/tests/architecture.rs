//! The dependency rules of ARCHITECTURE.md, held against what cargo resolves.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::process::Command;

/// Names of every crate `package` is built from.
fn crates_of(package: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--edges", "normal,build", "--prefix", "none"])
        .args(["--format", "{p}", "--package", package])
        .current_dir(mien_tests::root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("cargo prints UTF-8");
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn assert_free_of(package: &str, forbidden: &[&str]) {
    let crates = crates_of(package);
    assert!(crates.len() > 1, "cargo tree listed nothing for {package}");
    for name in forbidden {
        let found = crates.iter().find(|c| c == name || c.starts_with(&format!("{name}-")));
        assert_eq!(found, None, "{package} must not depend on {name}");
    }
}

#[test]
fn shared_knows_no_runtime_and_no_side() {
    assert_free_of("mien-shared", &["burn", "tract", "mien-device", "mien-trainer", "v4l"]);
    assert_free_of("mien-synth", &["burn", "tract", "mien-device", "mien-trainer"]);
}

#[test]
fn the_device_does_not_know_the_trainer() {
    assert_free_of("mien-device", &["burn", "mien-trainer", "bindgen", "clang", "tract-onnx"]);
}

#[test]
fn the_trainer_does_not_know_the_device() {
    assert_free_of("mien-trainer", &["mien-device", "mien-board", "v4l", "embedded-graphics"]);
}

#[test]
fn data_metrics_heads_reports_and_operators_know_no_network() {
    for package in ["mien-data", "mien-metric", "mien-heads", "mien-report", "mien-compute"] {
        assert_free_of(package, &["burn", "tract", "mien-device", "mien-engine", "mien-trainer"]);
    }
    assert_free_of("mien-data", &["mien-heads", "mien-metric", "mien-report"]);
    assert_free_of("mien-report", &["mien-data", "mien-metric"]);
}

#[test]
fn the_quantiser_knows_the_engine_but_neither_burn_nor_data() {
    let others = ["burn", "mien-device", "mien-trainer", "mien-data", "mien-metric", "v4l"];
    assert_free_of("mien-quant", &others);
}

#[test]
fn the_firmwares_parts_know_no_network_and_not_each_other() {
    let parts = ["camera", "decide", "events", "panel", "pins", "supervisor", "track", "ui"];
    let runtimes = ["burn", "tract", "mien-engine", "mien-device", "mien-trainer"];
    for part in parts {
        let package = format!("mien-{part}");
        assert_free_of(&package, &runtimes);
        // A panel shows a screen, some over pins; the rest meet only in the firmware.
        let known: &[&str] = if part == "panel" { &["panel", "ui", "pins"] } else { &[part] };
        for stranger in parts.iter().filter(|other| !known.contains(other)) {
            assert_free_of(&package, &[&format!("mien-{stranger}")]);
        }
    }
    assert_free_of("mien-core", &runtimes);
    assert_free_of("mien-config", &[&runtimes[..], &["mien-camera", "mien-events"]].concat());
}

#[test]
fn boards_are_only_data() {
    assert_free_of("mien-board", &["burn", "tract", "mien-device", "mien-trainer", "v4l"]);
}
