//! The sink against a real broker: mosquitto, where it is installed.

mod broker;

use std::{
    collections::HashSet,
    fs::File,
    io::{Read as _, Write as _},
    iter,
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command as Program,
    thread,
    time::{Duration, Instant},
};

use mien_core::command::{self, Asked, Command};
use rustix::process::Signal;

use self::broker::{Broker, Cable};
use super::*;
use crate::samples::{self, SOON, until};

fn open(spec: &str) -> (Box<dyn Sink>, Asked) {
    let (asker, asked) = command::channel();
    (crate::open(spec, &Link { device: "hall".into(), asker }).unwrap(), asked)
}

fn status(state: State) -> Message {
    Message::Status(Status { state, ..Status::default() })
}

#[test]
fn readings_and_states_arrive_and_states_stay_for_those_who_come_later() {
    let Some(broker) = Broker::start("") else { return };
    let early = broker.listen();
    let (mut sink, _asked) = open(&broker.spec(""));
    sink.send(&samples::hello()).unwrap();
    sink.send(&status(State::Reading)).unwrap();
    sink.send(&samples::reading(1)).unwrap();
    until(|| early.sequences() == [1]);
    let message = early.last("site/hall/reading").unwrap();
    assert!(message.contains("happiness"), "{message}");

    let late = broker.listen_as("late");
    until(|| late.has("1 site/hall/available online"));
    until(|| late.has("1 site/hall/expression happiness"));
    until(|| late.has("1 site/hall/faces 1"));
    until(|| late.has("1 site/hall/reading/state ON"));
    assert!(late.last("site/hall/status").unwrap().contains("fps"));
    assert!(late.last("site/hall/hello").unwrap().contains("firmware"));
    assert!(late.last("site/hall/stats").is_none(), "figures are of a moment");
    assert!(late.sequences().is_empty(), "readings are of a moment");
    drop(sink);
    until(|| late.has("0 site/hall/available offline"));
}

#[test]
fn a_device_that_dies_is_offline_by_its_will() {
    let Some(broker) = Broker::start("") else { return };
    let listener = broker.listen();
    let settings = {
        let (asker, _) = command::channel();
        let spec = Spec::parse(&broker.spec("")).unwrap();
        Settings::parse(&spec, &Link { device: "hall".into(), asker }).unwrap()
    };
    // A device as the broker sees it, up to the moment when its power fails.
    let mut stream = TcpStream::connect(("127.0.0.1", broker.port)).unwrap();
    let hello = packets::connect(&settings).unwrap().encode().unwrap();
    stream.write_all(hello.as_ref()).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    stream.read_exact(&mut [0; 4]).unwrap();
    assert!(!listener.has("0 site/hall/available offline"));
    drop(stream);
    until(|| listener.has("0 site/hall/available offline"));
}

#[test]
fn commands_reach_the_device_and_its_state_answers() {
    let Some(broker) = Broker::start("") else { return };
    let listener = broker.listen();
    broker.tell("site/hall/calibrate/set", "kept from yesterday", &["-r"]);
    let (mut sink, asked) = open(&broker.spec(""));
    until(|| listener.has("0 site/hall/available online"));
    // Every command heard by then; the subscription may come after the first telling.
    let answered = |topic: &str, payload: &str, expected: Command| {
        let mut heard = Vec::new();
        until(|| {
            broker.tell(topic, payload, &[]);
            thread::sleep(Duration::from_millis(100));
            heard.extend(iter::from_fn(|| asked.next()));
            heard.contains(&expected)
        });
        heard
    };
    let heard = answered("site/hall/reading/set", "OFF", Command::Read(false));
    assert!(!heard.contains(&Command::Calibrate), "what was kept is not obeyed: {heard:?}");
    sink.send(&status(State::Paused)).unwrap();
    until(|| listener.has("0 site/hall/reading/state OFF"));
    until(|| listener.last("site/hall/expression").as_deref() == Some("unknown"));
    answered("site/hall/reading/set", "ON", Command::Read(true));
    sink.send(&status(State::Reading)).unwrap();
    until(|| listener.has("0 site/hall/reading/state ON"));
    answered("site/hall/calibrate/set", "", Command::Calibrate);
    answered("site/hall/page/set", "PRESS", Command::NextPage);
}

#[test]
fn after_a_broker_was_killed_readings_go_on_without_repetition_and_losses_are_counted() {
    let Some(mut broker) = Broker::start("") else { return };
    let listener = broker.listen();
    let (mut sink, _asked) = open(&broker.spec(""));
    let mut sent = 0;
    let mut send = |sink: &mut Box<dyn Sink>, count: u64| {
        for _ in 0..count {
            sent += 1;
            sink.send(&samples::reading(sent)).unwrap();
        }
        sent
    };
    until(|| listener.has("0 site/hall/available online"));
    send(&mut sink, 10);
    until(|| listener.sequences().len() == 10);
    // The listener's session is saved, the receipts are in: what is lost from here on is known.
    thread::sleep(Duration::from_secs(2));
    broker.stop(Signal::KILL);
    until(|| sink.trouble().is_some());
    let trouble = sink.trouble().unwrap();
    assert!(trouble.starts_with("mqtt://127.0.0.1:"), "{trouble}");
    let total = send(&mut sink, 200);

    broker.resume();
    let back = Instant::now();
    until(|| sink.trouble().is_none());
    until(|| listener.sequences().contains(&total));
    assert!(back.elapsed() < Duration::from_secs(15), "{:?}", back.elapsed());
    let heard = listener.sequences();
    let different: HashSet<_> = heard.iter().collect();
    assert_eq!(different.len(), heard.len(), "no reading comes twice: {heard:?}");
    assert!(heard.is_sorted(), "{heard:?}");
    assert_eq!(heard.len() as u64 + sink.dropped(), total);
    assert_eq!(sink.dropped(), 200 - 64);
}

#[test]
fn readings_lost_while_they_flow_are_never_more_than_counted() {
    let Some(broker) = Broker::start("") else { return };
    let listener = broker.listen();
    let cable = Cable::to(broker.port);
    let (mut sink, _asked) = open(&format!("mqtt://127.0.0.1:{}/site", cable.port));
    until(|| listener.has("0 site/hall/available online"));
    for sequence in 1..=500 {
        if sequence % 100 == 50 {
            cable.pull();
        }
        sink.send(&samples::reading(sequence)).unwrap();
        thread::sleep(Duration::from_millis(2));
    }
    until(|| sink.trouble().is_none() && listener.sequences().contains(&500));
    let heard = listener.sequences();
    let different: HashSet<_> = heard.iter().collect();
    assert_eq!(different.len(), heard.len(), "no reading comes twice: {heard:?}");
    let lost = 500 - heard.len() as u64;
    assert!(lost <= sink.dropped(), "{lost} lost, {} counted", sink.dropped());
    assert!(sink.dropped() - lost <= 5 * 16, "{lost} lost, {} counted", sink.dropped());
}

#[test]
fn a_broker_that_hangs_holds_nothing_up_and_is_served_when_it_goes_on() {
    let Some(broker) = Broker::start("") else { return };
    let (mut sink, _asked) = open(&broker.spec(""));
    until(|| sink.trouble().is_none());
    broker.signal(Signal::STOP);
    let start = Instant::now();
    for frame in 0..5000 {
        sink.send(&samples::reading(frame)).unwrap();
    }
    // A wait for the broker would take seconds each.
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert!(sink.dropped() >= 5000 - 64 - 16 - 1, "{}", sink.dropped());
    until(|| sink.trouble().is_some_and(|trouble| trouble.contains("does not answer")));
    broker.signal(Signal::CONT);
    until(|| sink.trouble().is_none());
    let listener = broker.listen();
    until(|| listener.last("site/hall/available").as_deref() == Some("online"));
    sink.send(&samples::reading(6000)).unwrap();
    until(|| listener.sequences().contains(&6000));
}

#[test]
fn without_receipts_readings_arrive_too() {
    let Some(broker) = Broker::start("") else { return };
    let listener = broker.listen();
    let (mut sink, _asked) = open(&broker.spec("qos=0"));
    until(|| listener.has("0 site/hall/available online"));
    for frame in 1..=50 {
        sink.send(&samples::reading(frame)).unwrap();
    }
    drop(sink);
    until(|| listener.sequences().len() == 50);
    until(|| listener.has("0 site/hall/available offline"));
}

#[test]
fn a_wrong_password_is_said_without_the_password() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users");
    if !write_password(&file, "me", "right") {
        eprintln!("SKIPPED: mosquitto_passwd is not installed");
        return;
    }
    let config = format!("password_file {}", file.display());
    let Some(broker) = Broker::start(&config) else { return };
    let (sink, _asked) = open(&broker.spec("user=me&password=hunter2"));
    until(|| sink.trouble().is_some());
    let trouble = sink.trouble().unwrap();
    assert!(trouble.contains("the broker refuses the user or the password"), "{trouble}");
    assert!(!trouble.contains("hunter2"), "{trouble}");
    let (sink, _asked) = open(&broker.spec("user=me&password=right&client=other"));
    let listener = broker.listen();
    until(|| listener.last("site/hall/available").as_deref() == Some("online"));
    assert_eq!(sink.trouble(), None);
}

fn write_password(file: &Path, user: &str, password: &str) -> bool {
    File::create(file).unwrap();
    let mut program = Program::new("mosquitto_passwd");
    program.arg("-b").arg(file).args([user, password]).status().is_ok_and(|status| status.success())
}

#[test]
fn two_devices_of_one_name_are_told_so() {
    let Some(broker) = Broker::start("") else { return };
    let (first, _asked) = open(&broker.spec(""));
    let (second, _also) = open(&broker.spec(""));
    let told = |sink: &dyn Sink| sink.trouble().is_some_and(|text| text.contains("another client"));
    until(|| told(&*first) || told(&*second));
}

#[test]
fn what_is_no_broker_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sink, _asked) = open(&format!("mqtt://127.0.0.1:{port}"));
    let (mut stream, _) = listener.accept().unwrap();
    stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
    until(|| sink.trouble().is_some());
    let trouble = sink.trouble().unwrap();
    assert!(trouble.contains("no MQTT 5 broker") || trouble.contains("sends a"), "{trouble}");
}
