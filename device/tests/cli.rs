//! The command as a script sees it: output, exit codes and messages.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use image::GrayImage;
use mien_shared::frame::Grey;

#[path = "../src/models/fixture.rs"]
#[allow(dead_code, reason = "this test needs a part of it")]
mod fixture;

/// A folder with both test bundles and their catalog.
fn models() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fixture::write_catalogued(folder.path()).unwrap();
    folder
}

fn device(models: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mien-device"));
    command.args(args).arg("--models").arg(models).stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    device(models().path(), args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A picture with one face in `folder`.
fn picture(folder: &Path, name: &str) -> PathBuf {
    let mut grey = Grey::new(640, 480);
    fixture::spot(&mut grey, [360, 200], 64);
    let path = folder.join(name);
    GrayImage::from_raw(640, 480, grey.data).unwrap().save(&path).unwrap();
    path
}

/// The head of a PNG file that claims 20,000 by 20,000 pixels.
fn huge_png() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend([20_000_u32.to_be_bytes(), 20_000_u32.to_be_bytes()].concat());
    png.extend(b"\x08\0\0\0\0");
    // CRC-32 of the chunk's name and content.
    let mut crc = flate2::Crc::new();
    crc.update(&png[12..]);
    png.extend(crc.sum().to_be_bytes());
    png
}

#[test]
fn good_pictures_give_records_and_exit_0() {
    let folder = tempfile::tempdir().unwrap();
    let path = picture(folder.path(), "a.png");
    let output = run(&["read", path.to_str().unwrap()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let record: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(record["face"], 0);
    assert_eq!(record["box"].as_array().unwrap().len(), 4);
}

#[test]
fn bad_pictures_give_records_with_the_reason_and_exit_2_and_the_rest_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let good = picture(folder.path(), "good.png").display().to_string();
    let (empty, junk) = (put("empty.png", b""), put("junk.jpg", b"no picture"));
    let huge = put("huge.png", &huge_png());
    let output = run(&["read", &empty, &junk, &huge, "absent.png", &good]);
    assert_eq!(output.status.code(), Some(2));
    let records: Vec<serde_json::Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.len(), 5);
    for (record, name) in records.iter().zip(["empty", "junk", "huge", "absent"]) {
        assert!(record["error"].as_str().unwrap().contains(name), "{record}");
    }
    assert!(records[2]["error"].as_str().unwrap().contains("8192"), "{}", records[2]);
    assert_eq!(records[4]["face"], 0);
}

#[test]
fn paths_come_from_standard_input_and_records_as_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list");
    let path = picture(folder.path(), "a.png");
    fs::write(&list, format!("{0}\n{0}\n", path.display())).unwrap();
    let (models, input) = (models(), fs::File::open(&list).unwrap());
    let mut command = device(models.path(), &["read", "--format", "csv", "-"]);
    let output = command.stdin(input).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).lines().count(), 3);
}

#[test]
fn a_folder_of_pictures_runs_to_its_end_without_a_drop() {
    let folder = tempfile::tempdir().unwrap();
    (0..5).for_each(|i| drop(picture(folder.path(), &format!("{i}.png"))));
    let camera = format!("dir://{}", folder.path().display());
    let events = ["--panel", "none://", "--events", "jsonl://-"];
    let output = run(&[&["run", "--camera", &camera], &events[..]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines = text(&output.stdout);
    let types = |text: &str| {
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.map(|line: serde_json::Value| line["type"].as_str().unwrap().to_owned()).collect()
    };
    let types: Vec<String> = types(&lines);
    assert_eq!((types[0].as_str(), types.last().unwrap().as_str()), ("hello", "status"), "{lines}");
    assert_eq!(types.iter().filter(|kind| *kind == "reading").count(), 5, "{lines}");
    assert!(text(&output.stderr).contains("5 frames"), "{}", text(&output.stderr));
}

#[test]
fn the_demo_leaves_a_screen_and_events() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&["demo", "--frames", "6", "--out", folder.path().to_str().unwrap()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("6 frames"), "{}", text(&output.stdout));
    let events = fs::read_to_string(folder.path().join("events.jsonl")).unwrap();
    assert_eq!(events.matches(r#"{"type":"reading""#).count(), 6, "{events}");
    assert!(image::open(folder.path().join("panel.png")).unwrap().width() >= 160);
}

#[test]
fn a_polite_kill_ends_it_cleanly() {
    let models = models();
    let args = ["run", "--camera", "performer://", "--panel", "none://"];
    let mut child = device(models.path(), &args).stderr(Stdio::piped()).spawn().unwrap();
    thread::sleep(Duration::from_millis(1500));
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
}

#[test]
fn bundles_are_listed_and_verified() {
    let listed = run(&["models", "list"]);
    assert!(text(&listed.stdout).contains("brightness"), "{}", text(&listed.stdout));
    let verified = run(&["models", "verify", "--json"]);
    assert!(text(&verified.stdout).contains("\"pass\":true"), "{}", text(&verified.stdout));
}

#[test]
fn the_bench_finds_no_allocation() {
    let output = run(&["bench", "--frames", "40", "--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["allocations_ours"], 0, "{report:#}");
    assert_eq!(report["allocations_engine"], 0, "{report:#}");
    assert!(report["whole"]["p50"].as_f64().unwrap() > 0.0);
}

#[test]
fn what_cannot_be_opened_is_named_with_exit_1() {
    for (args, wanted) in [
        (
            vec!["run", "--panel", "none://", "--camera", "v4l2:///dev/absent?retry=0"],
            "/dev/absent",
        ),
        (vec!["run", "--board", "toaster"], "toaster"),
        (vec!["run", "--panel", "hologram://"], "hologram"),
    ] {
        let output = run(&args);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains(wanted), "{}", text(&output.stderr));
    }
    let output = device(Path::new("/absent/models"), &["models", "list"]).output().unwrap();
    assert!(text(&output.stderr).contains("/absent/models"), "{}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(1));
}
