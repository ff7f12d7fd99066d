//! The options that several sources share, read from a [`Spec`] and checked.

use std::{ops::RangeInclusive, time::Duration};

use mien_shared::frame::{MAX_SIDE, PixelFormat};

use super::CameraError;
use mien_core::spec::Spec;

const MAX_FPS: f64 = 1000.0;
const MIN_FPS: f64 = 0.01;
/// Seconds that a frame may take.
const TIMEOUTS: RangeInclusive<f64> = 0.05..=60.0;

/// Names of the uncompressed formats: the project's own, then those of ffmpeg and rpicam-vid.
const RAW_FORMATS: [(&str, PixelFormat); 12] = [
    ("grey", PixelFormat::Grey),
    ("gray", PixelFormat::Grey),
    ("rgb", PixelFormat::Rgb),
    ("rgb24", PixelFormat::Rgb),
    ("bgr", PixelFormat::Bgr),
    ("bgr24", PixelFormat::Bgr),
    ("yuyv", PixelFormat::Yuyv),
    ("yuyv422", PixelFormat::Yuyv),
    ("nv12", PixelFormat::Nv12),
    ("i420", PixelFormat::I420),
    ("yuv420", PixelFormat::I420),
    ("yuv420p", PixelFormat::I420),
];

/// `size=640x480`: width and height in pixels, each in 1..=[`MAX_SIDE`].
pub(super) fn size(spec: &Spec) -> Result<Option<(u32, u32)>, CameraError> {
    let Some(text) = spec.option::<String>("size")? else { return Ok(None) };
    let side = |text: &str| text.parse().ok().filter(|side| (1..=MAX_SIDE).contains(side));
    let sides = text.split_once('x').and_then(|(w, h)| Some((side(w)?, side(h)?)));
    sides
        .map(Some)
        .ok_or_else(|| bad(spec, "size", text, "WIDTHxHEIGHT with each side in 1..=8192"))
}

/// `fps=29.97`: frames per second; 0 means as fast as asked.
pub(super) fn fps(spec: &Spec) -> Result<Option<f64>, CameraError> {
    let Some(text) = spec.option::<String>("fps")? else { return Ok(None) };
    let rate = text.parse().ok().filter(|r| *r == 0.0 || (MIN_FPS..=MAX_FPS).contains(r));
    rate.map(Some).ok_or_else(|| bad(spec, "fps", text, "0 or a rate from 0.01 to 1000"))
}

/// `timeout=3`: how long a frame may take, in seconds.
pub(super) fn timeout(spec: &Spec) -> Result<Option<Duration>, CameraError> {
    let Some(text) = spec.option::<String>("timeout")? else { return Ok(None) };
    let seconds = text.parse().ok().filter(|seconds| TIMEOUTS.contains(seconds));
    let timeout = seconds.map(|seconds| Some(Duration::from_secs_f64(seconds)));
    timeout.ok_or_else(|| bad(spec, "timeout", text, "seconds from 0.05 to 60"))
}

/// `loop=1`: yes or no, no when absent.
pub(super) fn flag(spec: &Spec, key: &'static str) -> Result<bool, CameraError> {
    match spec.option::<String>(key)?.as_deref() {
        None | Some("0") => Ok(false),
        Some("1") => Ok(true),
        Some(other) => Err(bad(spec, key, other.to_owned(), "0 or 1")),
    }
}

/// `format=yuyv`: how the frames lie in memory, compressed or not.
pub(super) fn format(spec: &Spec) -> Result<Option<PixelFormat>, CameraError> {
    let Some(text) = spec.option::<String>("format")? else { return Ok(None) };
    if text == "mjpeg" {
        return Ok(Some(PixelFormat::Mjpeg));
    }
    let known = RAW_FORMATS.iter().find(|(name, _)| *name == text);
    known.map(|&(_, format)| Some(format)).ok_or_else(|| {
        bad(
            spec,
            "format",
            text,
            "grey, rgb24, bgr24, yuyv422, nv12, yuv420p or mjpeg (short: rgb, bgr, yuyv, i420)",
        )
    })
}

/// The target of a source that needs a path; a NUL byte fits in no path.
pub(super) fn path(spec: &Spec) -> Result<&str, CameraError> {
    let target = spec.target();
    if target.is_empty() || target.contains('\0') {
        return Err(CameraError::NoPath { spec: spec.text().to_owned() });
    }
    Ok(target)
}

/// The error for an option whose value is not what it should be.
pub(super) fn bad(
    spec: &Spec,
    key: &'static str,
    value: String,
    want: &'static str,
) -> CameraError {
    CameraError::BadOption { spec: spec.text().to_owned(), key, value, want }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(query: &str) -> Spec {
        Spec::parse(&format!("pipe://-?{query}")).unwrap()
    }

    #[test]
    fn good_options_are_read() {
        let spec = spec("size=640x480&fps=29.97&loop=1&format=yuv420p");
        assert_eq!(size(&spec).unwrap(), Some((640, 480)));
        assert_eq!(fps(&spec).unwrap(), Some(29.97));
        assert!(flag(&spec, "loop").unwrap());
        assert_eq!(format(&spec).unwrap(), Some(PixelFormat::I420));
    }

    #[test]
    fn absent_options_are_none() {
        let spec = spec("");
        assert_eq!(size(&spec).unwrap(), None);
        assert_eq!(fps(&spec).unwrap(), None);
        assert!(!flag(&spec, "loop").unwrap());
        assert_eq!(format(&spec).unwrap(), None);
    }

    #[test]
    fn an_absurd_size_is_refused() {
        for text in
            ["0x0", "640x0", "640", "x", "-1x5", "8193x1", "99999999999x2", "1e3x1e3", "1x2x3"]
        {
            let error = size(&spec(&format!("size={text}"))).unwrap_err();
            assert!(matches!(error, CameraError::BadOption { .. }), "{text}: {error}");
        }
    }

    #[test]
    fn an_absurd_rate_is_refused() {
        for text in ["-1", "nan", "inf", "1e9", "1e-9", "fast", ""] {
            let error = fps(&spec(&format!("fps={text}"))).unwrap_err();
            assert!(matches!(error, CameraError::BadOption { .. }), "{text}: {error}");
        }
    }

    #[test]
    fn an_unknown_format_is_refused_with_the_known_ones() {
        let error = format(&spec("format=h264")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "pipe://-?format=h264: option format cannot be \"h264\"; give grey, rgb24, bgr24, \
             yuyv422, nv12, yuv420p or mjpeg (short: rgb, bgr, yuyv, i420)"
        );
    }

    #[test]
    fn a_path_is_required_where_a_source_has_one() {
        for text in ["dir://", "dir://?loop=1", "dir://a\0b"] {
            let spec = Spec::parse(text).unwrap();
            assert!(matches!(path(&spec), Err(CameraError::NoPath { .. })), "{text:?}");
        }
    }
}
