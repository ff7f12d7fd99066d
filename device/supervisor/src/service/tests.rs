//! The protocol's words are checked on a real socket: the environment belongs to a whole process,
//! so the test runs itself again as a child that speaks and listens to it.

use std::{env, os::unix::net::UnixDatagram, process::Command};

use super::*;

/// Set for the child, which speaks.
const CHILD: &str = "MIEN_TEST_SPEAKS";

fn at(ms: u64) -> Timestamp {
    Timestamp(Duration::from_millis(ms))
}

fn watchdog(every_ms: u64) -> Watchdog {
    Watchdog { every: Some(Duration::from_millis(every_ms)), next: at(0) }
}

#[test]
fn the_sign_of_life_comes_at_its_interval_and_not_more_often() {
    let mut watchdog = watchdog(5_000);
    let given = (0..60).filter(|&s| watchdog.step(Verdict::Alive, at(s * 1_000))).count();
    assert_eq!(given, 12);
}

#[test]
fn a_hung_stage_stops_the_sign_of_life_and_its_return_gives_it_at_once() {
    let mut watchdog = watchdog(5_000);
    assert!(watchdog.step(Verdict::Alive, at(0)));
    let hung = Verdict::Hung { stage: "vision", silent: Duration::from_secs(9) };
    assert!((5..100).all(|s| !watchdog.step(hung, at(s * 1_000))));
    assert!(watchdog.step(Verdict::Alive, at(100_000)));
}

#[test]
fn without_a_watchdog_nothing_is_due() {
    let mut watchdog = Watchdog { every: None, next: at(0) };
    assert!(!watchdog.step(Verdict::Alive, at(1_000_000)));
}

#[test]
fn what_systemd_hears_is_the_protocol() {
    if env::var_os(CHILD).is_some() {
        return speak();
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "service::tests::what_systemd_hears_is_the_protocol"])
        .env(CHILD, "1")
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "20000000")
        .env_remove("WATCHDOG_PID")
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    let heard = std::iter::repeat_with(|| hear(&socket)).take(7).collect::<Vec<_>>();
    assert_eq!(
        heard[..3],
        ["READY=1\nSTATUS=reading\n", "WATCHDOG=1\n", "STATUS=no camera found\n"]
    );
    assert_eq!(heard[3], "WATCHDOG=1\n");
    let time = heard[4].strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap();
    assert!(time.trim_end().parse::<u64>().unwrap() > 0);
    assert_eq!(heard[5..], ["READY=1\nSTATUS=reading\n", "STOPPING=1\n"]);
    socket.set_nonblocking(true).unwrap();
    assert!(socket.recv(&mut [0]).is_err(), "nothing more was said");
}

/// What a service says in its life.
fn speak() {
    let mut service = Service::from_environment();
    assert_eq!(service.watchdog_interval(), Some(Duration::from_secs(10)));
    service.ready("reading").unwrap();
    service.status("reading").unwrap();
    service.step(Verdict::Alive, at(0)).unwrap();
    service.step(Verdict::Alive, at(9_999)).unwrap();
    service.status("no camera\nfound").unwrap();
    let hung = Verdict::Hung { stage: "camera", silent: Duration::from_secs(9) };
    service.step(hung, at(10_000)).unwrap();
    service.step(Verdict::Alive, at(12_000)).unwrap();
    service.reloading().unwrap();
    service.ready("reading").unwrap();
    service.stopping().unwrap();
}

fn hear(socket: &UnixDatagram) -> String {
    let mut message = [0; 4096];
    let length = socket.recv(&mut message).unwrap();
    String::from_utf8(message[..length].to_vec()).unwrap()
}

#[test]
fn a_socket_that_is_not_there_is_an_error_that_says_what_to_check() {
    if env::var_os(CHILD).is_some() {
        let error = Service::from_environment().ready("x").unwrap_err().to_string();
        return assert!(error.contains("NOTIFY_SOCKET"), "{error}");
    }
    let child = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "service::tests::a_socket_that_is_not_there_is_an_error_that_says_what_to_check",
        ])
        .env(CHILD, "1")
        .env("NOTIFY_SOCKET", "/nonexistent/notify")
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
}
