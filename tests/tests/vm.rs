//! The firmware on a virtual board: a real kernel's camera and display drivers, in qemu.
//!
//! Each test runs one script of `tests/vm/guest`; `tests/vm/README.md` says what that needs. The
//! firmware is the program beside this test, or the one that `MIEN_DEVICE` names.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and tells"
)]

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
};

use image::{RgbImage, imageops};
use tempfile::TempDir;

/// What the script exits with where a tool or the kernel is absent.
const SKIPPED: i32 = 77;

/// One board at a time: each has two processors.
static BOARD: Mutex<()> = Mutex::new(());

#[test]
fn every_pixel_format_is_read() {
    let Some(out) = claims_of("formats") else { return };
    for format in ["yuyv", "nv12", "i420", "grey", "rgb", "bgr"] {
        let screen = picture(out.path(), format);
        assert!(shows_colour_bars(&screen), "{format}: no colour bars on the screen");
    }
}

#[test]
fn the_camera_is_found_among_other_devices() {
    claims_of("choice");
}

#[test]
fn a_camera_may_come_and_go() {
    claims_of("losses");
}

#[test]
fn a_camera_that_misbehaves_is_survived() {
    claims_of("faults");
}

#[test]
fn twenty_losses_leave_nothing_behind() {
    claims_of("growth");
}

#[test]
fn displays_show_the_screen() {
    let Some(out) = claims_of("panels") else { return };
    let [file, fb, drm] = ["file", "fb", "drm"].map(|name| picture(out.path(), name));
    let (width, height) = file.dimensions();
    let drawn = imageops::resize(&file, 2 * width, 2 * height, imageops::Nearest);
    assert!(fb == drawn, "the framebuffer shows another screen than the file holds");
    assert!(drm == drawn, "the display shows another screen than the file holds");
    assert!(picture(out.path(), "live") != drawn, "a reading looks like a missing camera");
}

/// Runs a script on a board and holds it to its claims; what it left, or nothing where it was
/// skipped.
fn claims_of(suite: &str) -> Option<TempDir> {
    let _alone = BOARD.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(firmware) = firmware() else {
        eprintln!("SKIPPED: no firmware beside this test; `cargo build --release -p mien-device`");
        return None;
    };
    let out = tempfile::tempdir().expect("a temporary folder");
    let run = Command::new("sh")
        .arg(mien_tests::root().join("tests/vm/boot.sh"))
        .args([suite.as_ref(), out.path(), &firmware])
        .stderr(Stdio::inherit())
        .output()
        .expect("a shell");
    if run.status.code() == Some(SKIPPED) {
        return None;
    }
    let said = String::from_utf8_lossy(&run.stdout);
    println!("{said}");
    assert!(run.status.success(), "{suite}: qemu ended with {}", run.status);
    assert_eq!(borne_out(&said), Ok(()), "{suite}");
    Some(out)
}

/// The program to test.
fn firmware() -> Option<PathBuf> {
    let named = env::var_os("MIEN_DEVICE").map(PathBuf::from);
    // This test is in `deps`, below the programs.
    let beside = || Some(env::current_exe().ok()?.parent()?.parent()?.join("mien-device"));
    named.or_else(beside).filter(|path| path.exists())
}

/// Reads results in the form of the Test Anything Protocol: as many as the last line plans, all of
/// them good.
fn borne_out(said: &str) -> Result<(), String> {
    let lines = || said.lines().map(str::trim);
    let failed: Vec<_> = lines().filter(|line| line.starts_with("not ok")).collect();
    let good = lines().filter(|line| line.starts_with("ok ")).count();
    let planned: Option<usize> = lines().find_map(|line| line.strip_prefix("1..")?.parse().ok());
    match planned {
        _ if !failed.is_empty() => Err(failed.join("\n")),
        Some(count) if count == good && count > 0 => Ok(()),
        Some(count) => Err(format!("{good} of {count} claims were made")),
        None => Err(format!("the script ended early, after {good} claims")),
    }
}

fn picture(out: &Path, name: &str) -> RgbImage {
    let path = out.join(name).with_extension("png");
    image::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).to_rgb8()
}

/// Whether a row somewhere has the eight bars white, yellow, cyan, green, magenta, red, blue, black
/// in grey: each darker than the one before, which exchanged colours or planes would not be.
fn shows_colour_bars(screen: &RgbImage) -> bool {
    screen.rows().any(|row| {
        let greys: Vec<_> =
            row.map(|pixel| pixel.0).map(|[r, g, b]| (r == g && g == b).then_some(r)).collect();
        let runs = greys.chunk_by(|a, b| a == b).filter(|run| run.len() >= 10);
        let bars: Vec<u8> = runs.filter_map(|run| run[0]).collect();
        bars.len() == 8 && bars.is_sorted_by(|a, b| a > b)
    })
}

#[test]
fn results_are_read_as_they_are_meant() {
    assert_eq!(borne_out("ok 1 - a\r\n# note\r\nok 2 - b\r\n1..2\r\n"), Ok(()));
    assert!(borne_out("ok 1 - a\nnot ok 2 - b\n1..2").is_err());
    assert!(borne_out("ok 1 - a\n1..2").is_err());
    assert!(borne_out("ok 1 - a").is_err());
    assert!(borne_out("1..0").is_err());
}
