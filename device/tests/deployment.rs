//! A deployment whose file changes while the firmware runs.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// A time in which anything happens even on a busy machine.
const SOON: Duration = Duration::from_mins(1);

/// A firmware with a folder of its own.
struct Device {
    folder: tempfile::TempDir,
    child: Child,
}

impl Device {
    fn start(context: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &config(context));
        let child = Command::new(env!("CARGO_BIN_EXE_mien-device"))
            .args(["run", "--config", "mien.toml"])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { folder, child }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Whole lines of JSON in a file.
    fn lines(&self, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.path(name)).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The latest event, once one is as wanted.
    fn wait_for(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let since = Instant::now();
        let from = self.lines("events.jsonl").len();
        loop {
            let found = self.lines("events.jsonl").into_iter().skip(from).find(&wanted);
            if let Some(found) = found {
                return found;
            }
            assert!(since.elapsed() < SOON, "waited in vain for {what}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    fn stop(mut self) -> tempfile::TempDir {
        self.signal("-TERM");
        assert!(self.child.wait().unwrap().success());
        self.folder
    }
}

fn config(context: &str) -> String {
    format!(
        "[deployment]\nname = \"test\"\nboard = \"host\"\ncontext = {context:?}\ncontact = \"me\"\n\
         [camera]\nsource = \"performer://?fps=20&size=320x240&loop=20\"\n\
         [display]\npanel = \"none://\"\n\
         [events]\nsinks = [\"jsonl://events.jsonl\"]\n\
         [audit]\npath = \"audit.jsonl\"\n"
    )
}

/// Replaces the file in one step, as an editor does.
fn write(folder: &Path, text: &str) {
    fs::write(folder.join("new"), text).unwrap();
    fs::rename(folder.join("new"), folder.join("mien.toml")).unwrap();
}

fn shows(event: &Value) -> bool {
    event["type"] == "reading" && event["faces"][0].get("probs").is_some()
}

fn withholds(event: &Value) -> bool {
    event["type"] == "reading"
        && event["faces"][0].get("id").is_some()
        && event["faces"][0].get("probs").is_none()
}

#[test]
fn a_changed_file_is_taken_and_a_wrong_one_is_not() {
    let device = Device::start("kiosk");
    device.wait_for("an expression", shows);
    let folder = device.folder.path().to_owned();

    write(&folder, &config("workplace"));
    let withheld = device.wait_for("a face without an expression", withholds);
    assert!(withheld["faces"][0].get("pose").is_some(), "the head's pose is not withheld");

    write(&folder, &config("wrokplace"));
    let fault = |event: &Value| event["fault"]["kind"] == "config";
    device.wait_for("a fault", fault);
    device.wait_for("a face under the old file", withholds);

    write(&folder, &config("kiosk"));
    device.signal("-HUP");
    device.wait_for("an expression again", shows);

    let folder = device.stop();
    let verify = ["audit", "verify", "audit.jsonl"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_mien-device"));
    let verified = command.args(verify).current_dir(folder.path()).output().unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    let audit = fs::read_to_string(folder.path().join("audit.jsonl")).unwrap();
    for event in ["started", "changed", "refused", "stopped"] {
        assert!(audit.contains(&format!("\"event\":\"{event}\"")), "{event}: {audit}");
    }
}

#[test]
fn where_the_law_forbids_it_no_expression_is_ever_told() {
    let device = Device::start("education");
    device.wait_for("a face without an expression", withholds);
    let folder = device.stop();
    let events = fs::read_to_string(folder.path().join("events.jsonl")).unwrap();
    for word in ["probs", "happiness", "resnet"] {
        assert!(!events.contains(word), "{word} in {events}");
    }
    let audit = fs::read_to_string(folder.path().join("audit.jsonl")).unwrap();
    assert!(audit.contains("\"event\":\"withheld\""), "{audit}");
}
