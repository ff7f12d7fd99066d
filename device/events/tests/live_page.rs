//! The live page in a true browser: its script runs under its own policy, shows what is said and
//! sends what is pressed.
//!
//! Chromium is driven through its debugging pipe: JSON objects that end in a zero byte, on file
//! descriptors 3 and 4 (`--remote-debugging-pipe`).

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use mien_core::command::{self, Asked, Command as Wish};
use mien_events::{Link, Sink};
use mien_shared::{
    geometry::Rect,
    label::Expression,
    telemetry::{
        ExpressionReading, FaceReading, Fault, FaultKind, HeadPose, Message, Reading, State,
        Status, Unknown,
    },
};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_mins(1);

/// The pipe's ends come as standard input and output and are moved to 3 and 4.
const START: &str = "exec chromium --headless --no-sandbox --disable-gpu --no-first-run \
    --remote-debugging-pipe --user-data-dir=\"$0\" 3<&0 4>&1 </dev/null >/dev/null 2>&1";

struct Browser {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: Value,
    number: u64,
    complaints: Vec<String>,
}

impl Browser {
    /// One that has opened `url`; `None` where there is no chromium.
    fn open(url: &str, home: &str) -> Option<Self> {
        Command::new("chromium").arg("--version").stdout(Stdio::null()).status().ok()?;
        let mut process = Command::new("sh")
            .args(["-c", START, home])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let (from, complaints) = (BufReader::new(from), Vec::new());
        let mut browser = Self { process, to, from, session: Value::Null, number: 0, complaints };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        browser.session = browser.call("Target.attachToTarget", &target)["sessionId"].clone();
        browser.call("Log.enable", &json!({}));
        browser.call("Runtime.enable", &json!({}));
        browser.call("Page.navigate", &json!({ "url": url }));
        Some(browser)
    }

    fn call(&mut self, method: &str, params: &Value) -> Value {
        self.number += 1;
        let mut call = json!({ "id": self.number, "method": method, "params": params });
        if !self.session.is_null() {
            call["sessionId"] = self.session.clone();
        }
        self.to.write_all(format!("{call}\0").as_bytes()).unwrap();
        loop {
            let mut bytes = Vec::new();
            self.from.read_until(0, &mut bytes).unwrap();
            bytes.pop();
            let heard: Value = serde_json::from_slice(&bytes).expect("the browser has ended");
            if heard["id"] == self.number {
                return heard["result"].clone();
            }
            let method = heard["method"].as_str().unwrap_or_default();
            if ["Runtime.exceptionThrown", "Log.entryAdded"].contains(&method) {
                self.complaints.push(heard["params"].to_string());
            }
        }
    }

    /// The value of a JavaScript expression as text.
    fn value(&mut self, script: &str) -> String {
        let result = self.call("Runtime.evaluate", &json!({ "expression": script }));
        result["result"]["value"].as_str().unwrap_or_default().to_owned()
    }

    fn text(&mut self, selector: &str) -> String {
        self.value(&format!("document.querySelector('{selector}')?.textContent"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.process.kill().unwrap_or_default();
        drop(self.process.wait());
    }
}

/// Sends `message` again and again until the page's `selector` reads `expected`.
fn show(
    browser: &mut Browser,
    sink: &mut dyn Sink,
    message: &Message,
    [selector, expected]: [&str; 2],
) {
    let start = Instant::now();
    loop {
        sink.send(message).unwrap();
        let text = browser.text(selector);
        if text == expected {
            return;
        }
        let complaints = &browser.complaints;
        assert!(start.elapsed() < SOON, "{selector} is {text:?}, not {expected:?}: {complaints:?}");
        thread::sleep(Duration::from_millis(100));
    }
}

fn pressed(asked: &Asked) -> Wish {
    let start = Instant::now();
    loop {
        if let Some(wish) = asked.next() {
            return wish;
        }
        assert!(start.elapsed() < SOON, "nothing was asked");
        thread::sleep(Duration::from_millis(20));
    }
}

fn status(state: State, fault: Option<&str>) -> Message {
    let fault = fault.map(|text| Fault { kind: FaultKind::CameraLost, text: text.into() });
    Message::Status(Status { state, fault, ..Status::default() })
}

fn reading(label: Option<Expression>, unknown: Option<Unknown>) -> Message {
    let probs = [0.02, 0.0, 0.01, 0.0, 0.0, 0.94, 0.0, 0.03];
    let face = FaceReading {
        id: 5,
        rect: Rect { x: 220.0, y: 120.0, w: 200.0, h: 240.0 },
        expression: Some(ExpressionReading { label, unknown, confidence: 0.94, probs }),
        pose: Some(HeadPose { yaw: -12.0, pitch: 3.0, roll: 0.0 }),
        ..FaceReading::default()
    };
    Message::Reading(Reading { frame_size: [640, 480], faces: vec![face], ..Reading::default() })
}

#[test]
fn the_page_shows_what_is_said_and_sends_what_is_pressed() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (asker, asked) = command::channel();
    let spec = format!("http://{free}");
    let mut sink = mien_events::open(&spec, &Link { device: "door-1".into(), asker }).unwrap();
    let sink = sink.as_mut();
    let home = tempfile::tempdir().unwrap();
    let Some(mut browser) = Browser::open(&spec, home.path().to_str().unwrap()) else {
        eprintln!("SKIPPED: there is no chromium to open the live page with");
        return;
    };
    let page = &mut browser;

    show(page, sink, &status(State::Reading, None), ["#state-text", "Reading"]);
    show(page, sink, &reading(Some(Expression::Happiness), None), ["#word", "Happiness"]);
    assert_eq!(page.text("#because"), "with a probability of 94 %");
    assert_eq!(page.text("#bars li[data-top=yes]"), "Happiness94 %");
    assert_eq!(page.text("#rows td:nth-child(3)"), "\u{2212}12°");
    assert_eq!(page.text("#no-units"), "The loaded models read no action units.");
    show(page, sink, &reading(None, Some(Unknown::Turned)), ["#because", "Turned away too far"]);
    assert_eq!(page.text("#word"), "Unknown");

    page.value("document.querySelector('#pause').click()");
    assert_eq!(pressed(&asked), Wish::Read(false));
    show(page, sink, &status(State::Paused, None), ["#word", "Paused"]);
    page.value("document.querySelector('#pause').click()");
    assert_eq!(pressed(&asked), Wish::Read(true));
    page.value("document.querySelector('#next').click()");
    assert_eq!(pressed(&asked), Wish::NextPage);

    let lost = status(State::NoCamera, Some("<b>gone</b>"));
    show(page, sink, &lost, ["#fault", "<b>gone</b>"]);
    assert_eq!(page.text("#word"), "No camera");
    assert_eq!(page.complaints, [""; 0], "the script failed or broke the page's policy");
}
