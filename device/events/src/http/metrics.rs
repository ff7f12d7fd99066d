//! The device's figures in [Prometheus' text format](https://prometheus.io/docs/instrumenting/exposition_formats/),
//! version 0.0.4: names with base units, counters that end in `_total`, one `device` label.
//!
//! Figures of the status are as fresh as the last one; those counted here are of every reading.

mod text;

use mien_shared::{
    label::Expression,
    telemetry::{FaultKind, Hello, Message, Reading, State, Status},
};

use self::text::Text;

/// The format's media type.
pub(super) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Upper bounds of the latency histogram in microseconds: fine where a frame of 30 per second
/// lies, up to where a person notices.
const BOUNDS_US: [u64; 11] =
    [2_000, 5_000, 10_000, 20_000, 33_000, 50_000, 75_000, 100_000, 200_000, 500_000, 1_000_000];

/// The same in seconds, as labels.
const BOUNDS: [&str; BOUNDS_US.len()] =
    ["0.002", "0.005", "0.01", "0.02", "0.033", "0.05", "0.075", "0.1", "0.2", "0.5", "1"];

const STATES: [(State, &str); 6] = [
    (State::Starting, "starting"),
    (State::Reading, "reading"),
    (State::Paused, "paused"),
    (State::NoCamera, "no-camera"),
    (State::Cooling, "cooling"),
    (State::Stopping, "stopping"),
];

const FAULTS: [(FaultKind, &str); 10] = [
    (FaultKind::CameraLost, "camera-lost"),
    (FaultKind::CameraStalled, "camera-stalled"),
    (FaultKind::CameraDamaged, "camera-damaged"),
    (FaultKind::SinkLost, "sink-lost"),
    (FaultKind::PanelLost, "panel-lost"),
    (FaultKind::Hot, "hot"),
    (FaultKind::Power, "power"),
    (FaultKind::StageHung, "stage-hung"),
    (FaultKind::Model, "model"),
    (FaultKind::Config, "config"),
];

/// What a board's firmware may hold against its processor, by the bit of
/// [`Health::throttled`](mien_shared::telemetry::Health).
const THROTTLES: [&str; 4] =
    ["undervoltage", "frequency-capped", "throttled", "soft-temperature-limit"];

/// What is counted of the messages that went by.
#[derive(Debug, Default)]
pub(super) struct Tally {
    hello: Option<Hello>,
    status: Option<Status>,
    faces: usize,
    /// Readings within each bound, and over all bounds.
    latencies: [u64; BOUNDS_US.len() + 1],
    latency_sum_us: u64,
    /// Faces read as each expression, then those without a named one.
    shown: [u64; Expression::ALL.len() + 1],
}

/// What this sink knows of itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clients {
    /// Streams that are open.
    pub(super) streams: usize,
    /// Messages that streams missed.
    pub(super) missed: u64,
}

impl Tally {
    /// Takes a message into account.
    pub(super) fn count(&mut self, message: &Message) {
        match message {
            Message::Hello(hello) => self.hello = Some(hello.clone()),
            Message::Status(status) => self.status = Some(status.clone()),
            Message::Reading(reading) => self.count_reading(reading),
            _ => {}
        }
    }

    fn count_reading(&mut self, reading: &Reading) {
        self.faces = reading.faces.len();
        self.latencies[BOUNDS_US.partition_point(|bound| *bound < reading.latency_us)] += 1;
        self.latency_sum_us = self.latency_sum_us.saturating_add(reading.latency_us);
        for shown in reading.faces.iter().filter_map(|face| face.expression) {
            self.shown[shown.label.map_or(Expression::ALL.len(), Expression::index)] += 1;
        }
    }

    /// Everything in Prometheus' format.
    pub(super) fn write(&self, device: &str, clients: Clients) -> String {
        let mut text = Text::new(device);
        self.write_identity(&mut text);
        self.write_readings(&mut text);
        if let Some(status) = &self.status {
            write_status(&mut text, status);
        }
        text.family("mien_http_streams", "gauge", "Clients that follow the event stream.");
        text.sample("mien_http_streams", &[], clients.streams);
        text.family(
            "mien_http_missed_messages_total",
            "counter",
            "Messages that clients of the event stream were too slow for.",
        );
        text.sample("mien_http_missed_messages_total", &[], clients.missed);
        text.finish()
    }

    fn write_identity(&self, text: &mut Text) {
        let Some(hello) = &self.hello else { return };
        text.family("mien_info", "gauge", "Always 1; says which firmware runs on which board.");
        text.sample("mien_info", &[("firmware", &hello.firmware), ("board", &hello.board)], 1);
    }

    fn write_readings(&self, text: &mut Text) {
        text.family("mien_faces", "gauge", "Faces in the last frame read.");
        text.sample("mien_faces", &[], self.faces);

        let name = "mien_face_readings_total";
        text.family(name, "counter", "Faces read in all frames, by the expression they showed.");
        let names = Expression::ALL.into_iter().map(Expression::name).chain(["unknown"]);
        for (expression, count) in names.zip(self.shown) {
            text.sample(name, &[("expression", expression)], count);
        }

        text.family("mien_latency_seconds", "histogram", "From a frame's capture to its message.");
        let mut within = 0;
        for (bound, count) in BOUNDS.into_iter().chain(["+Inf"]).zip(self.latencies) {
            within += count;
            text.sample("mien_latency_seconds_bucket", &[("le", bound)], within);
        }
        text.sample("mien_latency_seconds_sum", &[], seconds(self.latency_sum_us));
        text.sample("mien_latency_seconds_count", &[], within);
    }
}

fn write_status(text: &mut Text, status: &Status) {
    text.family("mien_state", "gauge", "1 for the state the device is in, else 0.");
    for (state, name) in STATES {
        text.sample("mien_state", &[("state", name)], u8::from(status.state == state));
    }
    text.family("mien_fault", "gauge", "1 for what is wrong with the device, else 0.");
    let fault = status.fault.as_ref().map(|fault| fault.kind);
    for (kind, name) in FAULTS {
        text.sample("mien_fault", &[("kind", name)], u8::from(fault == Some(kind)));
    }
    write_counters(text, status);
    write_gauges(text, status);
}

fn write_counters(text: &mut Text, status: &Status) {
    let health = &status.health;
    for (name, help, value) in [
        ("mien_frames_total", "Frames read.", health.frames),
        ("mien_dropped_frames_total", "Frames that gave way to newer ones.", health.dropped),
        ("mien_damaged_frames_total", "Frames too damaged to be read.", health.damaged),
        ("mien_camera_reopenings_total", "Times the camera was opened anew.", health.reopened),
        ("mien_lost_messages_total", "Messages that sinks lost.", health.lost),
    ] {
        text.family(name, "counter", help);
        text.sample(name, &[], value);
    }
}

fn write_gauges(text: &mut Text, status: &Status) {
    let health = &status.health;
    text.family("mien_frames_per_second", "gauge", "Frames read per second, lately.");
    text.sample("mien_frames_per_second", &[], health.fps);
    text.family("mien_latency_p99_seconds", "gauge", "Latency of 99 in 100 frames, lately.");
    text.sample("mien_latency_p99_seconds", &[], seconds(health.latency_p99_us));
    if let Some(celsius) = health.temperature_c {
        text.family("mien_temperature_celsius", "gauge", "The processor's temperature.");
        text.sample("mien_temperature_celsius", &[], celsius);
    }
    if let Some(bits) = health.throttled {
        let name = "mien_throttled";
        text.family(name, "gauge", "1 for what slows the processor down just now, else 0.");
        for (bit, cause) in THROTTLES.into_iter().enumerate() {
            text.sample(name, &[("cause", cause)], bits >> bit & 1);
        }
    }
    text.family("process_resident_memory_bytes", "gauge", "Resident memory size in bytes.");
    text.sample("process_resident_memory_bytes", &[], health.memory);
    text.family("process_open_fds", "gauge", "Number of open file descriptors.");
    text.sample("process_open_fds", &[], health.files);
    text.family("mien_uptime_seconds", "gauge", "Time from the device's start to its last status.");
    text.sample("mien_uptime_seconds", &[], seconds(status.at_us));
}

fn seconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use mien_shared::telemetry::{Fault, Health};

    use super::*;
    use crate::samples;

    const CLIENTS: Clients = Clients { streams: 2, missed: 5 };

    fn reading(latency_us: u64) -> Message {
        let Message::Reading(mut reading) = samples::reading(1) else { unreachable!() };
        reading.latency_us = latency_us;
        Message::Reading(reading)
    }

    fn status() -> Message {
        Message::Status(Status {
            sequence: 1,
            at_us: 90_500_000,
            state: State::NoCamera,
            fault: Some(Fault { kind: FaultKind::CameraLost, text: "gone".into() }),
            health: Health {
                frames: 2700,
                dropped: 3,
                fps: 29.5,
                latency_p99_us: 11_200,
                temperature_c: Some(48.5),
                throttled: Some(0x5_0005),
                memory: 31_457_280,
                ..Health::default()
            },
        })
    }

    #[test]
    fn a_histogram_counts_up_to_each_bound_and_all() {
        let mut tally = Tally::default();
        for latency_us in [1, 10_000, 10_001, 2_000_000] {
            tally.count(&reading(latency_us));
        }
        let text = tally.write("door", CLIENTS);
        for line in [
            "# TYPE mien_latency_seconds histogram",
            r#"mien_latency_seconds_bucket{device="door",le="0.005"} 1"#,
            r#"mien_latency_seconds_bucket{device="door",le="0.01"} 2"#,
            r#"mien_latency_seconds_bucket{device="door",le="1"} 3"#,
            r#"mien_latency_seconds_bucket{device="door",le="+Inf"} 4"#,
            r#"mien_latency_seconds_sum{device="door"} 2.020002"#,
            r#"mien_latency_seconds_count{device="door"} 4"#,
            r#"mien_face_readings_total{device="door",expression="happiness"} 4"#,
            r#"mien_face_readings_total{device="door",expression="unknown"} 0"#,
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn bounds_say_the_same_twice() {
        for (label, us) in BOUNDS.into_iter().zip(BOUNDS_US) {
            assert!((label.parse::<f64>().unwrap() - seconds(us)).abs() < 1e-12, "{label}");
        }
    }

    #[test]
    fn a_status_and_a_hello_have_their_figures() {
        let mut tally = Tally::default();
        tally.count(&samples::hello());
        tally.count(&status());
        let text = tally.write("door", CLIENTS);
        for line in [
            r#"mien_info{device="door",firmware="0.1.0",board="host"} 1"#,
            r#"mien_state{device="door",state="no-camera"} 1"#,
            r#"mien_state{device="door",state="reading"} 0"#,
            r#"mien_fault{device="door",kind="camera-lost"} 1"#,
            r#"mien_frames_total{device="door"} 2700"#,
            r#"mien_frames_per_second{device="door"} 29.5"#,
            r#"mien_latency_p99_seconds{device="door"} 0.0112"#,
            r#"mien_temperature_celsius{device="door"} 48.5"#,
            r#"mien_throttled{device="door",cause="undervoltage"} 1"#,
            r#"mien_throttled{device="door",cause="frequency-capped"} 0"#,
            r#"mien_throttled{device="door",cause="throttled"} 1"#,
            r#"process_resident_memory_bytes{device="door"} 31457280"#,
            r#"mien_uptime_seconds{device="door"} 90.5"#,
            r#"mien_http_streams{device="door"} 2"#,
            r#"mien_http_missed_messages_total{device="door"} 5"#,
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_said() {
        let text = Tally::default().write("door", CLIENTS);
        for absent in ["mien_info", "mien_state", "mien_temperature_celsius"] {
            assert!(!text.contains(absent), "{absent} is in\n{text}");
        }
    }

    /// The format's rules: help and type once and before a family's samples, which stand together;
    /// counters end in `_total`, no sample twice, every line ends.
    #[test]
    fn the_format_s_rules_are_kept() {
        let mut tally = Tally::default();
        for message in [samples::hello(), status(), reading(5)] {
            tally.count(&message);
        }
        let text = tally.write("door", CLIENTS);
        assert!(text.ends_with('\n'));
        let (mut families, mut samples) = (Vec::new(), Vec::new());
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let name = help.split(' ').next().unwrap();
                let kind = lines.next().unwrap();
                let kind = kind.strip_prefix(&format!("# TYPE {name} ")).unwrap();
                assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
                assert!(!families.contains(&name), "{name} comes twice");
                families.push(name);
            } else {
                let (sample, value) = line.rsplit_once(' ').unwrap();
                assert!(sample.starts_with(families.last().unwrap()), "{sample}");
                assert!(sample.contains(r#"{device="door""#), "{sample}");
                assert!(value.parse::<f64>().unwrap().is_finite(), "{line}");
                assert!(!samples.contains(&sample), "{sample} comes twice");
                samples.push(sample);
            }
        }
        assert!(samples.len() > 40);
    }

    #[test]
    fn every_state_and_fault_has_the_name_it_has_in_messages() {
        assert_eq!(STATES.map(|(state, _)| state), State::ALL);
        assert_eq!(FAULTS.map(|(fault, _)| fault), FaultKind::ALL);
        for (state, name) in STATES {
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{name}\""));
        }
        for (fault, name) in FAULTS {
            assert_eq!(serde_json::to_string(&fault).unwrap(), format!("\"{name}\""));
        }
    }
}
