//! The live page costs the pipeline no allocation while nobody looks.

use std::{
    alloc::System,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
};

use mien_core::command;
use mien_events::Link;
use mien_shared::{
    label::Expression,
    telemetry::{ExpressionReading, FaceReading, Message, Reading},
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// More messages than the page keeps for those who follow.
const WARM_UP: usize = 100;

#[test]
fn publishing_a_reading_allocates_nothing() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (asker, _asked) = command::channel();
    let link = Link { device: "door-1".into(), asker };
    let mut sink = mien_events::open(&format!("http://{free}?preview=1"), &link).unwrap();
    // Whose answer has come: the server's thread has begun, which allocates.
    let mut client = TcpStream::connect(free).unwrap();
    client.write_all(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n").unwrap();
    client.read_to_string(&mut String::new()).unwrap();

    let expression = ExpressionReading {
        label: Some(Expression::Happiness),
        probs: [0.125; 8],
        ..ExpressionReading::default()
    };
    let face = FaceReading { expression: Some(expression), ..FaceReading::default() };
    let message = Message::Reading(Reading { faces: vec![face; 3], ..Reading::default() });
    let mut publish = || {
        sink.send(&message).unwrap();
        assert!(!sink.wants_pictures());
    };
    (0..WARM_UP).for_each(|_| publish());
    let region = Region::new(ALLOCATOR);
    (0..1000).for_each(|_| publish());
    assert_eq!(region.change().allocations, 0);
}
