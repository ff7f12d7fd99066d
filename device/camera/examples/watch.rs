//! Watches a source and prints what happens to it, with a line each second for good frames:
//!
//! ```text
//! cargo run -p mien-camera --example watch -- v4l2://auto
//! cargo run -p mien-camera --example watch -- 'faulty://performer://#random,seed=42'
//! ```

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::{env, sync::atomic::AtomicBool, time::Duration};

use mien_camera::{CameraError, Supply, supply::Event};
use mien_shared::frame::{Frame, Timestamp};

fn main() -> Result<(), CameraError> {
    let spec = env::args().nth(1).unwrap_or_else(|| "v4l2://auto".to_owned());
    let (mut supply, mut frame) = (Supply::open(&spec)?, Frame::empty());
    let stop = AtomicBool::new(false);
    let mut due = Timestamp::default();
    println!("{}", supply.describe());
    loop {
        match supply.next(&mut frame, &stop)? {
            Event::Frame if frame.captured_at < due => {}
            Event::Frame => {
                due = Timestamp(frame.captured_at.0 + Duration::from_secs(1));
                let Frame { id, width, height, format, .. } = &frame;
                println!("frame {} {width}x{height} {format:?} {:?}", id.0, supply.counts());
            }
            Event::Back { after } => println!("back after {after:?}: {}", supply.describe()),
            Event::Lost { fault, attempt, retry_in } => {
                println!("{}; attempt {attempt} in {retry_in:?}", fault.text);
            }
            Event::Skipped { reason } => println!("skipped: {reason}"),
            Event::Ended | Event::Stopped => return Ok(()),
        }
    }
}
