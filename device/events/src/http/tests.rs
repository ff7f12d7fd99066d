//! The server from outside: raw sockets, friendly and hostile.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use mien_core::{
    command::{self, Asked, Command, ROOM},
    spec::Spec,
};
use mien_shared::{
    frame::Grey,
    telemetry::{Message, State, Status},
};

use super::{HttpSink, options::Options};
use crate::{Sink as _, samples};

/// Long enough for the slowest machine; nothing waits this long unless it fails.
const SOON: Duration = Duration::from_mins(1);
const TOKEN: &str = "correct-horse-battery";

/// A server on a free port, and who hears its commands.
fn serve(query: &str) -> (HttpSink, Asked) {
    let spec = Spec::parse(&format!("http://127.0.0.1:1{query}")).unwrap();
    let mut options = Options::parse(&spec, "door").unwrap();
    options.address.set_port(0);
    let (asker, asked) = command::channel();
    (HttpSink::serve(options, asker).unwrap(), asked)
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    stream
}

/// Everything that comes until the server closes; a reset is an end, too.
fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let (mut all, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return all,
            Ok(length) => all.extend_from_slice(&piece[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return all,
            Err(error) => panic!("waited in vain: {error}"),
        }
    }
}

/// The whole answer to a request with these lines after `Host`.
fn ask(sink: &HttpSink, request: &str, lines: &str, body: &str) -> String {
    let mut stream = connect(sink.address());
    let length = body.len();
    write!(
        stream,
        "{request} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {length}\r\n{lines}\r\n{body}",
        sink.address()
    )
    .unwrap();
    String::from_utf8_lossy(&rest(&mut stream)).into_owned()
}

fn get(sink: &HttpSink, path: &str) -> String {
    ask(sink, &format!("GET {path}"), "", "")
}

fn command(sink: &HttpSink, json: &str) -> String {
    ask(sink, "POST /command", "Content-Type: application/json\r\n", json)
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

/// A client that follows a stream.
struct Follower {
    stream: TcpStream,
    heard: String,
}

impl Follower {
    /// One whose stream has begun.
    fn new(sink: &HttpSink, path: &str) -> Self {
        let mut stream = connect(sink.address());
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 99\r\n\r\n")
            .unwrap();
        let mut follower = Self { stream, heard: String::new() };
        follower.hear("retry: 2000");
        follower
    }

    /// What came since the last call, up to and with `end`.
    fn hear(&mut self, end: &str) -> String {
        let mut piece = [0; 4096];
        while !self.heard.contains(end) {
            let length = self.stream.read(&mut piece).unwrap();
            assert!(length > 0, "the stream ended before {end}: {}", self.heard);
            self.heard.push_str(&String::from_utf8_lossy(&piece[..length]));
        }
        let end = self.heard.find(end).unwrap() + end.len();
        let rest = self.heard.split_off(end);
        std::mem::replace(&mut self.heard, rest)
    }
}

fn until(mut happens: impl FnMut() -> bool) {
    let start = Instant::now();
    while !happens() {
        assert!(start.elapsed() < SOON, "waited in vain");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn every_path_has_its_answer() {
    let (mut sink, _asked) = serve("");
    assert_eq!(status(&get(&sink, "/reading")), 503);
    sink.send(&samples::reading(7)).unwrap();
    sink.send(&Message::Status(Status::default())).unwrap();
    for (path, expected, kind) in [
        ("/", 200, "text/html; charset=utf-8"),
        ("/?theme=dark", 200, "text/html; charset=utf-8"),
        ("/reading", 200, "application/json"),
        ("/status", 200, "application/json"),
        ("/metrics", 200, "text/plain; version=0.0.4; charset=utf-8"),
        ("/healthz", 200, "text/plain; charset=utf-8"),
        ("/command", 405, "application/json"),
        ("/preview.jpg", 404, "application/json"),
        ("/events?rate=0", 400, "application/json"),
        ("/../etc/passwd", 404, "application/json"),
    ] {
        let answer = get(&sink, path);
        assert_eq!(status(&answer), expected, "{path}: {answer}");
        assert!(answer.contains(&format!("content-type: {kind}\r\n")), "{path}: {answer}");
        assert!(answer.contains("cache-control: no-store\r\n"), "{path}: {answer}");
        assert!(!answer.contains("access-control-"), "{path}: {answer}");
    }
    assert!(get(&sink, "/reading").contains(r#""frame":7"#));
    assert!(get(&sink, "/status").contains(r#""state":"starting""#));
    assert!(get(&sink, "/").contains("content-security-policy: default-src 'none'; script-src"));
    assert_eq!(status(&ask(&sink, "DELETE /", "", "")), 405);
    let head = ask(&sink, "HEAD /", "", "");
    assert!(status(&head) == 200 && head.ends_with("\r\n\r\n"), "{head}");
}

#[test]
fn a_stream_begins_with_the_latest_and_goes_on() {
    let (mut sink, _asked) = serve("");
    sink.send(&samples::hello()).unwrap();
    sink.send(&samples::reading(1)).unwrap();
    sink.send(&samples::reading(2)).unwrap();
    let mut stream = Follower::new(&sink, "/events");
    let begun = stream.hear(r#""frame":2"#);
    assert!(
        begun.contains("data: {\"type\":\"hello\"") && !begun.contains(r#""frame":1,"#),
        "{begun}"
    );
    for frame in 3..=5 {
        sink.send(&samples::reading(frame)).unwrap();
    }
    let more = stream.hear(r#""frame":5"#);
    assert_eq!(more.matches("data: {").count(), 3, "{more}");
}

#[test]
fn a_quiet_stream_beats_and_goes_on() {
    let (mut sink, _asked) = serve("");
    let mut stream = Follower::new(&sink, "/events");
    stream.hear("\n:\n\n");
    sink.send(&samples::reading(1)).unwrap();
    stream.hear(r#""frame":1,"#);
}

#[test]
fn a_rate_thins_a_stream_out_and_keeps_the_newest() {
    let (mut sink, _asked) = serve("");
    let mut stream = Follower::new(&sink, "/events?rate=10");
    for frame in 0..200 {
        sink.send(&samples::reading(frame)).unwrap();
    }
    let heard = stream.hear(r#""frame":199"#);
    assert!(heard.matches("data: {").count() < 100, "{heard}");
    assert_eq!(sink.dropped(), 0);
}

#[test]
fn commands_reach_the_device() {
    let (sink, asked) = serve("");
    assert_eq!(status(&command(&sink, r#"{"read":false}"#)), 202);
    assert_eq!(asked.next(), Some(Command::Read(false)));
    assert_eq!(status(&command(&sink, r#"{"next_page":true}"#)), 202);
    assert_eq!(asked.next(), Some(Command::NextPage));
    assert_eq!(status(&command(&sink, r#"{"calibrate":1}"#)), 400);
    assert_eq!(status(&command(&sink, &" ".repeat(257))), 413);
    assert_eq!(asked.next(), None);
    for _ in 0..ROOM {
        assert_eq!(status(&command(&sink, r#"{"calibrate":true}"#)), 202);
    }
    assert_eq!(status(&command(&sink, r#"{"calibrate":true}"#)), 503, "too many wait");
}

#[test]
fn other_sites_change_and_learn_nothing() {
    let (sink, asked) = serve("");
    let post = |lines: &str| ask(&sink, "POST /command", lines, r#"{"read":false}"#);
    let json = "Content-Type: application/json\r\n";
    assert_eq!(status(&post("Content-Type: text/plain\r\n")), 415);
    assert_eq!(status(&post(&format!("{json}Origin: http://evil.example\r\n"))), 403);
    assert_eq!(status(&post(&format!("{json}Sec-Fetch-Site: cross-site\r\n"))), 403);
    let preflight = ask(&sink, "OPTIONS /command", "Origin: http://evil.example\r\n", "");
    assert!(status(&preflight) == 403 && !preflight.contains("access-control-"), "{preflight}");
    let mut rebound = connect(sink.address());
    write!(rebound, "GET /reading HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        .unwrap();
    assert_eq!(status(&String::from_utf8_lossy(&rest(&mut rebound))), 421);
    assert_eq!(asked.next(), None);
}

#[test]
fn an_owner_may_take_no_commands() {
    let (sink, asked) = serve("?commands=0");
    assert_eq!(status(&command(&sink, r#"{"read":false}"#)), 403);
    assert_eq!(asked.next(), None);
    assert!(get(&sink, "/").contains(r#"data-commands="no""#));
}

#[test]
fn a_token_opens_everything_and_a_browser_keeps_it() {
    let (mut sink, _asked) = serve(&format!("?token={TOKEN}"));
    sink.send(&samples::reading(1)).unwrap();
    for path in ["/", "/events", "/reading", "/status", "/metrics", "/healthz", "/preview.jpg"] {
        assert_eq!(status(&get(&sink, path)), 401, "{path}");
    }
    assert_eq!(status(&command(&sink, r#"{"read":false}"#)), 401);
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    assert_eq!(status(&ask(&sink, "GET /reading", &bearer, "")), 200);
    assert_eq!(status(&get(&sink, "/?token=wrong")), 401);
    let answer = get(&sink, &format!("/?token={TOKEN}"));
    assert!(status(&answer) == 303 && answer.contains("location: /\r\n"), "{answer}");
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax"), "{cookie}");
    let kept = format!("Cookie: {}\r\n", cookie.split(';').next().unwrap());
    assert_eq!(status(&ask(&sink, "GET /reading", &kept, "")), 200);
}

#[test]
fn a_picture_is_drawn_only_where_its_owner_wants_it_and_somebody_looks() {
    let (sink, _asked) = serve("");
    assert_eq!(status(&get(&sink, "/preview.jpg")), 404);
    assert!(!sink.wants_pictures());

    let (mut sink, _asked) = serve("?preview=1");
    assert!(!sink.wants_pictures(), "nobody looks");
    assert_eq!(status(&get(&sink, "/preview.jpg")), 503, "no picture comes");
    let mut stream = connect(sink.address());
    write!(stream, "GET /preview.jpg HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n")
        .unwrap();
    until(|| sink.wants_pictures());
    sink.picture(&Grey::new(640, 480));
    let answer = rest(&mut stream);
    let jpeg = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
    assert!(answer.starts_with(b"HTTP/1.1 200") && answer[jpeg..].starts_with(&[0xff, 0xd8]));
}

#[test]
fn a_head_that_does_not_end_is_not_waited_for() {
    let (sink, _asked) = serve("");
    let mut loris = connect(sink.address());
    write!(loris, "GET / HTTP/1.1\r\nHost: local").unwrap();
    let mut idle = connect(sink.address());
    let mut body = connect(sink.address());
    write!(
        body,
        "POST /command HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: 9\r\n\r\n{{"
    )
    .unwrap();
    rest(&mut loris);
    rest(&mut idle);
    assert_eq!(status(&String::from_utf8_lossy(&rest(&mut body))), 408);
    assert_eq!(status(&get(&sink, "/healthz")), 200);
}

#[test]
fn heads_that_are_too_long_or_no_heads_are_refused() {
    let (sink, _asked) = serve("");
    let lines = |count| "X-Line: x\r\n".repeat(count);
    assert_eq!(status(&ask(&sink, "GET /", &lines(100), "")), 431);
    for noise in
        ["\0\u{1}\u{2}\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\r\n\r\n\r\n\r\n:"]
    {
        let mut stream = connect(sink.address());
        stream.write_all(noise.as_bytes()).unwrap();
        let answer = String::from_utf8_lossy(&rest(&mut stream)).into_owned();
        assert!([0, 400].contains(&status(&answer)), "{noise:?}: {answer}");
    }
    let mut stream = connect(sink.address());
    // The server may hang up while this is still being written.
    write!(stream, "GET /{} HTTP/1.1\r\n", "a".repeat(1 << 20)).unwrap_or_default();
    assert!([0, 400, 414, 431].contains(&status(&String::from_utf8_lossy(&rest(&mut stream)))));
    assert_eq!(status(&get(&sink, "/healthz")), 200);
}

#[test]
fn requests_in_a_row_are_answered_in_order() {
    let (mut sink, _asked) = serve("");
    sink.send(&samples::reading(7)).unwrap();
    let mut stream = connect(sink.address());
    let one = |path, close| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{close}\r\n");
    let all = [one("/reading", ""), one("/nowhere", ""), one("/healthz", "Connection: close\r\n")];
    stream.write_all(all.concat().as_bytes()).unwrap();
    let answers = String::from_utf8_lossy(&rest(&mut stream)).into_owned();
    let found = ["HTTP/1.1 200", "HTTP/1.1 404", "HTTP/1.1 200"]
        .iter()
        .try_fold(0, |from, line| answers[from..].find(line).map(|at| from + at + line.len()));
    assert!(found.is_some(), "{answers}");
}

#[test]
fn connections_and_streams_are_bounded_and_places_come_back() {
    let (mut sink, _asked) = serve("");
    let streams: Vec<_> = (0..16).map(|_| Follower::new(&sink, "/events")).collect();
    assert_eq!(status(&get(&sink, "/events")), 503);
    assert!(get(&sink, "/metrics").contains("mien_http_streams{device=\"door\"} 16"));
    let crowd: Vec<_> = (0..500).map(|_| TcpStream::connect(sink.address())).collect();
    sink.send(&samples::reading(1)).unwrap();
    drop((streams, crowd));
    until(|| {
        let mut stream = connect(sink.address());
        write!(stream, "GET /events HTTP/1.0\r\nHost: localhost\r\n\r\n").is_ok()
            && stream.read(&mut [0; 12]).is_ok_and(|length| length > 0)
    });
    until(|| status(&get(&sink, "/healthz")) == 200);
}

#[test]
fn a_client_that_does_not_read_is_cut_off_and_never_waited_for() {
    let (mut sink, _asked) = serve("");
    let mut stuck = Follower::new(&sink, "/events");
    let start = Instant::now();
    for frame in 0..20_000 {
        sink.send(&samples::reading(frame)).unwrap();
    }
    assert!(start.elapsed() < SOON, "the pipeline waited");
    until(|| sink.dropped() > 0);
    until(|| sink.site.limits.open_streams() == 0);
    rest(&mut stuck.stream);
    assert_eq!(sink.trouble(), None);
}

#[test]
fn the_last_messages_go_out_before_the_sink_closes() {
    let (mut sink, _asked) = serve("");
    let address = sink.address();
    let mut stream = Follower::new(&sink, "/events");
    sink.send(&Message::Status(Status { state: State::Stopping, ..Status::default() })).unwrap();
    drop(sink);
    stream.hear(r#""state":"stopping""#);
    rest(&mut stream.stream);
    TcpListener::bind(address).unwrap();
}

#[test]
fn an_address_in_use_is_an_error_that_names_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let spec = format!("http://{}", taken.local_addr().unwrap());
    let error = samples::open(&spec).err().unwrap().to_string();
    assert!(error.starts_with(&format!("events {spec}: cannot open it:")), "{error}");
    assert!(error.ends_with("another program has this port: name another"), "{error}");
}
