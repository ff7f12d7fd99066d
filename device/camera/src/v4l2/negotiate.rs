//! What a camera can do, what is asked of it and what it settles on.
//!
//! A driver may not know how to list sizes or rates, nor how to set a rate (libcamera's V4L2 layer
//! answers ENOTTY): it is then asked for the wish, and what it makes of it is read back.

use std::path::Path;

use mien_shared::frame::{MAX_SIDE, PixelFormat};
use v4l::{
    Device, Format, FourCC, Fraction, FrameInterval, FrameSize,
    capability::Flags,
    frameinterval::FrameIntervalEnum,
    framesize::FrameSizeEnum,
    video::{Capture as _, capture::Parameters},
};

use super::{
    Wish,
    driver::ask,
    mode::{Mode, Packing, Sizes, choose, nearest, usable},
};
use crate::{
    CameraError,
    layout::{Layout, row_bytes},
};

/// A row may be padded to this many times its own length.
const MAX_PADDING: u32 = 4;

/// How a camera is run.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) layout: Layout,
    /// Whether each pair of bytes comes the other way round.
    pub(super) swapped: bool,
    /// Frames per second, where the driver knows.
    pub(super) fps: Option<f64>,
    /// What else it has, for a person.
    pub(super) offers: String,
}

/// The name of a device that captures video by streaming.
pub(super) fn card(path: &Path, device: &Device) -> Result<String, CameraError> {
    let caps = ask(path, "tell what it is", || device.query_caps())?;
    if caps.capabilities.contains(Flags::VIDEO_CAPTURE | Flags::STREAMING) {
        return Ok(caps.card);
    }
    Err(CameraError::NotACamera { path: path.to_owned() })
}

/// Asks for what comes nearest to `wish` and tells what the driver made of it.
pub(super) fn settle(path: &Path, device: &Device, wish: &Wish) -> Result<Settled, CameraError> {
    let offered = ask(path, "list its formats", || device.enum_formats())?;
    let offered: Vec<_> = offered.iter().map(|format| format.fourcc.repr).collect();
    let codes = usable(&offered, wish.format);
    let modes: Vec<_> = codes.iter().map(|&code| mode(path, device, code, wish)).collect();
    let Some(mode) = choose(&modes, wish) else { return Err(unusable(path, &offered)) };
    let (width, height) = mode.size;
    let asked = Format::new(width, height, FourCC::new(&mode.code.code));
    let stated = ask(path, "set its format", || device.set_format(&asked))?;
    let (layout, swapped) = read(path, &stated)?;
    let wished = wish.fps.map(|fps| mode.rate(fps).unwrap_or(fps));
    let offers = offered.iter().map(|&code| offer(path, device, code)).collect::<Vec<_>>();
    Ok(Settled { layout, swapped, fps: fps(path, device, wished), offers: offers.join(", ") })
}

/// Asks for a rate, if one is wished, and returns the one in use where the driver knows it.
fn fps(path: &Path, device: &Device, wish: Option<f64>) -> Option<f64> {
    let asked = wish.and_then(|fps| {
        ask(path, "set its rate", || device.set_params(&Parameters::new(interval(fps)))).ok()
    });
    let parameters = asked.or_else(|| ask(path, "tell its rate", || device.params()).ok())?;
    rate(parameters.interval)
}

/// The size and the rates of `code` that come nearest to `wish`.
fn mode(path: &Path, device: &Device, code: Packing, wish: &Wish) -> Mode {
    let size = nearest(&sizes(path, device, code.code), wish.size);
    let fourcc = FourCC::new(&code.code);
    let intervals =
        ask(path, "list its rates", || device.enum_frameintervals(fourcc, size.0, size.1));
    let rates = intervals.unwrap_or_default().iter().flat_map(|i| rates(i, wish.fps)).collect();
    Mode { code, size, rates }
}

fn sizes(path: &Path, device: &Device, code: [u8; 4]) -> Vec<Sizes> {
    let sizes = ask(path, "list its sizes", || device.enum_framesizes(FourCC::new(&code)));
    sizes.unwrap_or_default().iter().map(sizes_of).collect()
}

fn sizes_of(size: &FrameSize) -> Sizes {
    match &size.size {
        FrameSizeEnum::Discrete(only) => Sizes::only(only.width, only.height),
        FrameSizeEnum::Stepwise(steps) => Sizes {
            from: (steps.min_width, steps.min_height),
            to: (steps.max_width, steps.max_height),
            step: (steps.step_width, steps.step_height),
        },
    }
}

/// The rates that one answer stands for; of a range, the wish within it and its ends.
fn rates(interval: &FrameInterval, wish: Option<f64>) -> Vec<f64> {
    match &interval.interval {
        FrameIntervalEnum::Discrete(interval) => rate(*interval).into_iter().collect(),
        FrameIntervalEnum::Stepwise(steps) => {
            let Some((slow, fast)) = rate(steps.max).zip(rate(steps.min)) else {
                return Vec::new();
            };
            let within = wish.filter(|fps| (slow..=fast).contains(fps));
            within.into_iter().chain([slow, fast]).collect()
        }
    }
}

/// A format and the largest size it has, for a person.
fn offer(path: &Path, device: &Device, code: [u8; 4]) -> String {
    let largest = sizes(path, device, code).into_iter().map(|sizes| sizes.to).max();
    let size = largest.map_or_else(String::new, |(w, h)| format!(" up to {w}x{h}"));
    format!("{}{size}", code.escape_ascii())
}

/// The layout the driver states, checked, and whether its pairs of bytes are swapped.
fn read(path: &Path, stated: &Format) -> Result<(Layout, bool), CameraError> {
    let Format { width, height, stride, fourcc, .. } = *stated;
    let code = Packing::known(fourcc.repr).ok_or_else(|| unusable(path, &[fourcc.repr]))?;
    let format = code.format;
    let reason = |what| CameraError::BadHeader { path: path.to_owned(), reason: what };
    if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&height) {
        return Err(reason(format!("its frames of {width}x{height} pixels cannot be used")));
    }
    let row = row_bytes(format, width);
    let stride = match stride {
        _ if format == PixelFormat::Mjpeg => 0,
        0 => row,
        _ if (row..=MAX_PADDING * row).contains(&stride) => stride,
        _ => {
            return Err(reason(format!(
                "its rows of {width} pixels cannot be {stride} bytes long"
            )));
        }
    };
    Ok((Layout { width, height, stride, format }, code.swapped))
}

fn unusable(path: &Path, offered: &[[u8; 4]]) -> CameraError {
    let names: Vec<_> = offered.iter().map(|code| code.escape_ascii().to_string()).collect();
    let offered = if names.is_empty() { "no format".to_owned() } else { names.join(", ") };
    CameraError::NoUsableFormat { path: path.to_owned(), offered }
}

/// The rate of frames that come so far apart.
fn rate(interval: Fraction) -> Option<f64> {
    let Fraction { numerator, denominator } = interval;
    (numerator > 0 && denominator > 0).then(|| f64::from(denominator) / f64::from(numerator))
}

/// The time of one frame as the fraction V4L2 wants.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a wished rate is at most 1000, checked where it is read, and a driver's is a ratio of \
              two u32, where the cast saturates"
)]
fn interval(fps: f64) -> Fraction {
    Fraction::new(1000, (fps * 1000.0).round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(code: [u8; 4], size: (u32, u32), stride: u32) -> Result<(Layout, bool), CameraError> {
        let mut format = Format::new(size.0, size.1, FourCC::new(&code));
        format.stride = stride;
        read(Path::new("/dev/video7"), &format)
    }

    #[test]
    fn a_raw_sensor_is_pointed_to_the_pipe() {
        let message = unusable(Path::new("/dev/video0"), &[*b"pBAA", *b"BG10"]).to_string();
        assert!(message.starts_with("/dev/video0: offers pBAA, BG10, none of which can be read"));
        assert!(message.contains("rpicam-vid"), "{message}");
    }

    #[test]
    fn what_the_driver_states_is_taken_with_its_stride() {
        let (layout, swapped) = stated(*b"YUYV", (320, 240), 704).unwrap();
        assert_eq!(
            layout,
            Layout { width: 320, height: 240, stride: 704, format: PixelFormat::Yuyv }
        );
        assert!(!swapped && stated(*b"UYVY", (320, 240), 0).unwrap().1);
        assert_eq!(stated(*b"NV12", (320, 240), 0).unwrap().0.stride, 320);
        assert_eq!(stated(*b"MJPG", (320, 240), 77).unwrap().0.stride, 0);
    }

    #[test]
    fn an_impossible_answer_is_refused() {
        for (size, stride) in [
            ((0, 240), 0),
            ((320, 0), 640),
            ((320, 240), 639),
            ((320, 240), u32::MAX),
            ((9000, 1), 0),
        ] {
            let error = stated(*b"YUYV", size, stride).unwrap_err();
            assert!(matches!(error, CameraError::BadHeader { .. }), "{size:?} {stride}: {error}");
        }
        let error = stated(*b"H264", (320, 240), 0).unwrap_err();
        assert!(matches!(error, CameraError::NoUsableFormat { .. }), "{error}");
    }

    #[test]
    fn a_rate_becomes_the_time_of_a_frame_and_back() {
        let fraction = |fps| {
            let Fraction { numerator, denominator } = interval(fps);
            (numerator, denominator)
        };
        assert_eq!(fraction(30.0), (1000, 30_000));
        assert_eq!(fraction(29.97), (1000, 29_970));
        assert_eq!(rate(interval(12.5)), Some(12.5));
        assert_eq!(rate(Fraction::new(0, 30)), None);
    }
}
