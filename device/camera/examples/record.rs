//! Writes the bytes of a source's frames to standard output, one after another:
//!
//! ```text
//! cargo run -p mien-camera --example record -- 'performer://?fps=0' 90 > face.yuyv
//! cargo run -p mien-camera --example record -- v4l2://auto 300 | … --camera 'pipe://-?…'
//! ```

use std::{
    env,
    error::Error,
    io::{self, Write as _},
};

use mien_shared::frame::Frame;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let spec = arguments.next().ok_or("give a source, such as v4l2://auto")?;
    let count = arguments.next().map_or(Ok(1), |count| count.parse::<u64>())?;
    let (mut camera, mut frame) = (mien_camera::open(&spec)?, Frame::empty());
    for _ in 0..count {
        if !camera.next(&mut frame)? {
            break;
        }
        io::stdout().write_all(&frame.data)?;
    }
    eprintln!("{}", camera.describe());
    Ok(())
}
