//! A day of frames in half an hour: memory, open files and the watchdog over millions of frames.
//!
//! `MIEN_SOAK_MINUTES=30 cargo test --release -p mien-device --test soak -- --ignored --nocapture`
//!
//! The firmware runs as a service would, at full speed on the built-in face, with a panel, sinks
//! that are listened to, one that nobody listens to, and a watchdog. Asked: memory grows by at most
//! 1 MB after the first tenth, no descriptor is added, no watchdog is missed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "the figures are what it is run for")]

use std::{
    env, fs,
    net::{TcpListener, UdpSocket},
    os::unix::net::UnixDatagram,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long it runs where nobody says.
const MINUTES: f64 = 30.0;
/// How long the watchdog waits, as in the service's unit.
const WATCHDOG: Duration = Duration::from_secs(20);
/// Between two looks at the process.
const STEP: Duration = Duration::from_secs(5);

/// What a look at the process gave.
#[derive(Debug, Clone, Copy)]
struct Sample {
    at: Duration,
    rss_kib: u64,
    files: usize,
    readings: u64,
}

fn look(process: u32, at: Duration, readings: u64) -> Sample {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let rss_kib = line.trim().trim_end_matches(" kB").parse().unwrap();
    let files = fs::read_dir(format!("/proc/{process}/fd")).unwrap().count();
    Sample { at, rss_kib, files, readings }
}

fn start(folder: &Path, notify: &Path, udp: u16) -> Child {
    let panel = format!("png://{}?rate=2", folder.join("panel.png").display());
    let events = folder.join("events.jsonl");
    let jsonl = format!("jsonl://{}?max=1MB&keep=2", events.display());
    Command::new(env!("CARGO_BIN_EXE_mien-device"))
        .args(["run", "--camera", "performer://?loop=240&size=320x240&fps=0", "--panel", &panel])
        .args(["--events", &format!("udp://127.0.0.1:{udp}"), "--events", &jsonl])
        .args([
            "--events",
            "tcp://127.0.0.1:9",
            "--events",
            &format!("http://127.0.0.1:{}", free_port()),
        ])
        .env("NOTIFY_SOCKET", notify)
        .env("WATCHDOG_USEC", WATCHDOG.as_micros().to_string())
        .stdin(Stdio::null())
        .spawn()
        .unwrap()
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The longest time between two signs of life, listened to until the sender ends.
fn listen(socket: &UnixDatagram, until: Instant) -> (u32, Duration) {
    socket.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let (mut beats, mut longest, mut last) = (0, Duration::ZERO, Instant::now());
    let mut bytes = [0; 4096];
    while Instant::now() < until {
        let Ok(length) = socket.recv(&mut bytes) else { continue };
        if String::from_utf8_lossy(&bytes[..length]).contains("WATCHDOG=1") {
            beats += 1;
            longest = longest.max(last.elapsed());
            last = Instant::now();
        }
    }
    (beats, longest.max(last.elapsed()))
}

/// Counts datagrams until nothing comes for two seconds.
fn count(socket: &UdpSocket) -> u64 {
    socket.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    let mut bytes = [0; 2048];
    let mut readings = 0;
    while socket.recv(&mut bytes).is_ok() {
        readings += 1;
    }
    readings
}

#[test]
#[ignore = "takes half an hour: MIEN_SOAK_MINUTES=30 cargo test -- --ignored"]
fn months_of_frames_leave_no_trace() {
    let minutes = env::var("MIEN_SOAK_MINUTES").ok().and_then(|text| text.parse().ok());
    let span = Duration::from_secs_f64(60.0 * minutes.unwrap_or(MINUTES));
    let folder = tempfile::tempdir().unwrap();
    let notify = folder.path().join("notify");
    let socket = UnixDatagram::bind(&notify).unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut child = start(folder.path(), &notify, udp.local_addr().unwrap().port());
    let begun = Instant::now();
    let watchdog = thread::spawn(move || listen(&socket, begun + span));
    let (mut samples, mut readings) = (Vec::new(), 0);
    while begun.elapsed() < span {
        let due = begun.elapsed() + STEP;
        while begun.elapsed() < due.min(span) {
            readings += count(&udp);
        }
        samples.push(look(child.id(), begun.elapsed(), readings));
    }
    let (beats, longest) = watchdog.join().unwrap();
    let kill = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(kill.success() && child.wait().unwrap().success(), "it ends politely");
    report(&samples, beats, longest);
}

fn report(samples: &[Sample], beats: u32, longest: Duration) {
    println!("{:>8} {:>10} {:>6} {:>12}", "s", "RSS KiB", "files", "readings");
    for sample in samples.iter().step_by(samples.len().div_ceil(12)).chain(samples.last()) {
        let Sample { at, rss_kib, files, readings } = sample;
        println!("{:8.0} {rss_kib:10} {files:6} {readings:12}", at.as_secs_f64());
    }
    println!("{beats} signs of life, at most {longest:.1?} apart");
    let settled = samples[samples.len() / 10];
    let last = *samples.last().unwrap();
    let growth = last.rss_kib.saturating_sub(settled.rss_kib);
    println!("memory grew by {growth} KiB after the first tenth");
    assert!(growth <= 1024, "memory grew by {growth} KiB");
    assert!(last.files <= settled.files, "{} files, then {}", settled.files, last.files);
    assert!(longest < WATCHDOG, "a watchdog was missed: {longest:?}");
    assert!(last.readings > 0, "nothing was read");
}
