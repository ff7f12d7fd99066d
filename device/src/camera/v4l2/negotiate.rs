//! What a camera can do, what is asked of it and what it settles on.

use std::path::Path;

use mien_shared::frame::{MAX_SIDE, PixelFormat};
use v4l::{
    Device, Format, FourCC, Fraction, capability::Flags, video::Capture as _,
    video::capture::Parameters,
};

use super::{Wish, driver::ask};
use crate::camera::{
    CameraError,
    layout::{Layout, row_bytes},
};

/// The four-character codes that are understood, the best first: no decoding before compressed,
/// luma at hand before packed colour.
const FORMATS: [([u8; 4], PixelFormat); 8] = [
    (*b"YUYV", PixelFormat::Yuyv),
    (*b"NV12", PixelFormat::Nv12),
    (*b"YU12", PixelFormat::I420),
    (*b"GREY", PixelFormat::Grey),
    (*b"RGB3", PixelFormat::Rgb),
    (*b"BGR3", PixelFormat::Bgr),
    (*b"MJPG", PixelFormat::Mjpeg),
    (*b"JPEG", PixelFormat::Mjpeg),
];

/// A row may be padded to this many times its own length.
const MAX_PADDING: u32 = 4;

/// The name of a device that captures video by streaming.
pub(super) fn card(path: &Path, device: &Device) -> Result<String, CameraError> {
    let caps = ask(path, "tell what it is", || device.query_caps())?;
    if caps.capabilities.contains(Flags::VIDEO_CAPTURE | Flags::STREAMING) {
        return Ok(caps.card);
    }
    Err(CameraError::NotACamera { path: path.to_owned() })
}

/// Asks for a format and size and returns what the driver made of it.
pub(super) fn layout(path: &Path, device: &Device, wish: &Wish) -> Result<Layout, CameraError> {
    let offered = ask(path, "list its formats", || device.enum_formats())?;
    let offered: Vec<_> = offered.iter().map(|format| format.fourcc.repr).collect();
    let code = choose(&offered, wish.format).ok_or_else(|| unusable(path, &offered))?;
    let (width, height) = wish.size;
    let asked = Format::new(width, height, FourCC::new(&code));
    let settled = ask(path, "set its format", || device.set_format(&asked))?;
    settle(path, &settled)
}

/// Asks for a rate, if one is wished, and returns the one in use where the driver knows it.
pub(super) fn fps(device: &Device, wish: Option<f64>) -> Option<f64> {
    let asked = wish.and_then(|fps| device.set_params(&Parameters::new(interval(fps))).ok());
    let Fraction { numerator, denominator } = asked.or_else(|| device.params().ok())?.interval;
    (numerator > 0 && denominator > 0).then(|| f64::from(denominator) / f64::from(numerator))
}

/// The code to ask for: that of the wished format, else the best one offered.
fn choose(offered: &[[u8; 4]], wish: Option<PixelFormat>) -> Option<[u8; 4]> {
    let mut usable = FORMATS.iter().filter(|(code, _)| offered.contains(code));
    let wished = usable.clone().find(|(_, format)| Some(*format) == wish);
    wished.or_else(|| usable.next()).map(|(code, _)| *code)
}

/// The layout the driver states, checked.
fn settle(path: &Path, settled: &Format) -> Result<Layout, CameraError> {
    let Format { width, height, stride, fourcc, .. } = *settled;
    let known = FORMATS.iter().find(|(code, _)| *code == fourcc.repr);
    let &(_, format) = known.ok_or_else(|| unusable(path, &[fourcc.repr]))?;
    let reason = |what| CameraError::BadHeader { path: path.to_owned(), reason: what };
    if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&height) {
        return Err(reason(format!("its frames of {width}x{height} pixels cannot be used")));
    }
    let row = row_bytes(format, width);
    match stride {
        _ if format == PixelFormat::Mjpeg => Ok(Layout { width, height, stride: 0, format }),
        0 => Ok(Layout { width, height, stride: row, format }),
        _ if (row..=MAX_PADDING * row).contains(&stride) => {
            Ok(Layout { width, height, stride, format })
        }
        _ => Err(reason(format!("its rows of {width} pixels cannot be {stride} bytes long"))),
    }
}

fn unusable(path: &Path, offered: &[[u8; 4]]) -> CameraError {
    let names: Vec<_> = offered.iter().map(|code| code.escape_ascii().to_string()).collect();
    let offered = if names.is_empty() { "no format".to_owned() } else { names.join(", ") };
    CameraError::NoUsableFormat { path: path.to_owned(), offered }
}

/// The time of one frame as the fraction V4L2 wants.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is at most 1000, checked where it is read"
)]
fn interval(fps: f64) -> Fraction {
    Fraction::new(1000, (fps * 1000.0).round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(code: [u8; 4], size: (u32, u32), stride: u32) -> Result<Layout, CameraError> {
        let mut format = Format::new(size.0, size.1, FourCC::new(&code));
        format.stride = stride;
        settle(Path::new("/dev/video7"), &format)
    }

    #[test]
    fn the_wished_format_wins_when_it_is_offered() {
        let offered = [*b"MJPG", *b"YUYV", *b"H264"];
        assert_eq!(choose(&offered, Some(PixelFormat::Mjpeg)), Some(*b"MJPG"));
        assert_eq!(choose(&offered, Some(PixelFormat::Nv12)), Some(*b"YUYV"));
        assert_eq!(choose(&offered, None), Some(*b"YUYV"));
    }

    #[test]
    fn uncompressed_formats_come_before_jpeg() {
        assert_eq!(choose(&[*b"JPEG", *b"MJPG", *b"BGR3"], None), Some(*b"BGR3"));
        assert_eq!(choose(&[*b"GREY", *b"YU12", *b"NV12"], None), Some(*b"NV12"));
        assert_eq!(choose(&[*b"JPEG"], None), Some(*b"JPEG"));
    }

    #[test]
    fn a_raw_sensor_is_pointed_to_the_pipe() {
        assert_eq!(choose(&[*b"pBAA", *b"BG10"], None), None);
        let message = unusable(Path::new("/dev/video0"), &[*b"pBAA", *b"BG10"]).to_string();
        assert!(message.starts_with("/dev/video0: offers pBAA, BG10, none of which can be read"));
        assert!(message.contains("rpicam-vid"), "{message}");
    }

    #[test]
    fn what_the_driver_states_is_taken_with_its_stride() {
        let layout = settled(*b"YUYV", (320, 240), 704).unwrap();
        assert_eq!(
            layout,
            Layout { width: 320, height: 240, stride: 704, format: PixelFormat::Yuyv }
        );
        assert_eq!(settled(*b"NV12", (320, 240), 0).unwrap().stride, 320);
        assert_eq!(settled(*b"MJPG", (320, 240), 77).unwrap().stride, 0);
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
            let error = settled(*b"YUYV", size, stride).unwrap_err();
            assert!(matches!(error, CameraError::BadHeader { .. }), "{size:?} {stride}: {error}");
        }
        let error = settled(*b"H264", (320, 240), 0).unwrap_err();
        assert!(matches!(error, CameraError::NoUsableFormat { .. }), "{error}");
    }

    #[test]
    fn a_rate_becomes_the_time_of_a_frame() {
        let fraction = |fps| {
            let Fraction { numerator, denominator } = interval(fps);
            (numerator, denominator)
        };
        assert_eq!(fraction(30.0), (1000, 30_000));
        assert_eq!(fraction(29.97), (1000, 29_970));
    }
}
