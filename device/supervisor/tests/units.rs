//! The service's files against systemd's own tools, where they are installed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

/// Worst exposure, of 10, that the hardened unit may have by `systemd-analyze security`, times 10.
const EXPOSURE: &str = "20";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../board/systemd")
}

fn unit() -> String {
    fs::read_to_string(folder().join("mien.service")).unwrap()
}

/// The values of `key` in the unit.
fn values(key: &str) -> Vec<String> {
    let text = unit();
    let lines = text.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    lines.map(str::to_owned).collect()
}

/// What a systemd tool says; `None`, loudly, where it is not installed.
fn ask(program: &str, arguments: &[&str]) -> Option<Output> {
    let output = Command::new(program).args(arguments).output();
    if output.is_err() {
        eprintln!("SKIPPED: {program} is not installed");
    }
    output.ok()
}

fn text(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

#[test]
fn systemd_takes_the_unit_without_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mien.service");
    // The firmware is not installed where this runs.
    fs::write(&path, unit().replace("/usr/bin/mien-device", "/bin/true")).unwrap();
    let path = path.display().to_string();
    if let Some(output) = ask("systemd-analyze", &["verify", "--man=no", &path]) {
        let said = text(&output);
        let ours = said.lines().filter(|line| line.contains("mien")).collect::<Vec<_>>();
        assert!(ours.is_empty(), "{ours:?}");
    }
}

#[test]
fn the_unit_exposes_little() {
    let path = folder().join("mien.service").display().to_string();
    let arguments = ["security", "--offline=true", "--no-pager", "--threshold", EXPOSURE, &path];
    if let Some(output) = ask("systemd-analyze", &arguments) {
        let said = text(&output);
        assert!(output.status.success(), "{}", said.lines().last().unwrap_or_default());
    }
}

#[test]
fn a_fault_is_answered_by_a_new_start_and_pictures_reach_no_disk() {
    assert_eq!(values("Type"), ["notify"]);
    assert_eq!(values("Restart"), ["always"]);
    assert_eq!(values("StartLimitIntervalSec"), ["0"]);
    assert_eq!(
        (values("MemorySwapMax"), values("LimitCORE")),
        (vec!["0".into()], vec!["0".into()])
    );
    assert_eq!(values("ExecReload"), ["/bin/kill -HUP $MAINPID"]);
    let watchdog = values("WatchdogSec")[0].parse::<u32>().unwrap();
    assert!((10..=60).contains(&watchdog));
}

#[test]
fn the_services_user_may_open_what_the_unit_allows() {
    let users = fs::read_to_string(folder().join("mien.sysusers")).unwrap();
    for group in ["video", "gpio", "spi", "i2c", "dialout"] {
        assert!(users.lines().any(|line| line == format!("m mien {group}")), "{group}");
    }
    assert_eq!(values("User"), ["mien"]);
    let path = folder().join("mien.sysusers").display().to_string();
    if let Some(output) = ask("systemd-sysusers", &["--dry-run", &path]) {
        assert!(output.status.success(), "{}", text(&output));
    }
}

#[test]
fn the_files_are_installed_where_systemd_looks_for_them() {
    let root = tempfile::tempdir().unwrap();
    let binary = root.path().join("built");
    fs::write(&binary, "").unwrap();
    let script = folder().join("install.sh");
    let output = Command::new("sh").arg(script).args([&binary, root.path()]).output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    for file in [
        "usr/bin/mien-device",
        "usr/lib/systemd/system/mien.service",
        "usr/lib/sysusers.d/mien.conf",
        "usr/lib/tmpfiles.d/mien.conf",
        "usr/lib/udev/rules.d/60-mien.rules",
        "usr/share/doc/mien/mien.toml",
    ] {
        assert!(root.path().join(file).is_file(), "{file}");
    }
    assert!(!root.path().join("etc").exists(), "an owner's configuration is not touched");
}
