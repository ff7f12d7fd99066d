//! The way a camera is best run: which of its formats, sizes and rates comes nearest to a wish.
//!
//! The nearest size decides, then whether the rate is high enough, then how cheap the format is to
//! read. So a camera that has 1280x720 uncompressed ten times and as JPEG thirty times a second is
//! run in JPEG, and at 640x480, where both are fast, uncompressed.

use mien_shared::frame::PixelFormat;

use super::Wish;

/// The rate that is looked for when none is wished.
const USUAL_FPS: f64 = 30.0;
/// A rate is high enough at this part of the wish.
const ENOUGH: f64 = 0.75;

/// A four-character code that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packing {
    pub(super) code: [u8; 4],
    pub(super) format: PixelFormat,
    /// Whether each pair of bytes comes the other way round.
    pub(super) swapped: bool,
}

impl Packing {
    const fn new(code: [u8; 4], format: PixelFormat) -> Self {
        Self { code, format, swapped: false }
    }

    /// The code that is spelt so, if it is understood.
    pub(super) fn known(code: [u8; 4]) -> Option<Self> {
        CODES.into_iter().find(|known| known.code == code)
    }
}

/// The codes that are understood, the best first: no decoding before compressed, luma at hand
/// before packed colour.
const CODES: [Packing; 9] = [
    Packing::new(*b"YUYV", PixelFormat::Yuyv),
    Packing::new(*b"NV12", PixelFormat::Nv12),
    Packing::new(*b"YU12", PixelFormat::I420),
    Packing::new(*b"GREY", PixelFormat::Grey),
    Packing { code: *b"UYVY", format: PixelFormat::Yuyv, swapped: true },
    Packing::new(*b"RGB3", PixelFormat::Rgb),
    Packing::new(*b"BGR3", PixelFormat::Bgr),
    Packing::new(*b"MJPG", PixelFormat::Mjpeg),
    Packing::new(*b"JPEG", PixelFormat::Mjpeg),
];

/// Those of the codes `offered` that may be used: of the wished format if there is one, else all.
pub(super) fn usable(offered: &[[u8; 4]], wish: Option<PixelFormat>) -> Vec<Packing> {
    let understood = CODES.into_iter().filter(|known| offered.contains(&known.code));
    let (wished, others): (Vec<_>, Vec<_>) =
        understood.partition(|known| Some(known.format) == wish);
    if wished.is_empty() { others } else { wished }
}

/// Sizes a camera has: from, to and in steps of so many pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) from: (u32, u32),
    pub(super) to: (u32, u32),
    pub(super) step: (u32, u32),
}

impl Sizes {
    /// Just this one.
    pub(super) fn only(width: u32, height: u32) -> Self {
        Self { from: (width, height), to: (width, height), step: (1, 1) }
    }

    fn nearest(&self, (width, height): (u32, u32)) -> (u32, u32) {
        let side = |wish: u32, from: u32, to: u32, step: u32| {
            let wish = wish.clamp(from, to.max(from));
            from + (wish - from) / step.max(1) * step.max(1)
        };
        let width = side(width, self.from.0, self.to.0, self.step.0);
        (width, side(height, self.from.1, self.to.1, self.step.1))
    }
}

/// The size nearest to `wish`; the wish itself of a camera that does not tell.
pub(super) fn nearest(sizes: &[Sizes], wish: (u32, u32)) -> (u32, u32) {
    let nearest = sizes.iter().map(|sizes| sizes.nearest(wish));
    nearest.min_by_key(|&size| distance(size, wish)).unwrap_or(wish)
}

fn distance(size: (u32, u32), wish: (u32, u32)) -> u64 {
    u64::from(size.0.abs_diff(wish.0)) + u64::from(size.1.abs_diff(wish.1))
}

/// One way to run a camera.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mode {
    pub(super) code: Packing,
    pub(super) size: (u32, u32),
    /// Frames per second that it has in this size; empty when it does not tell.
    pub(super) rates: Vec<f64>,
}

impl Mode {
    /// The rate nearest to `fps`.
    pub(super) fn rate(&self, fps: f64) -> Option<f64> {
        let off = |rate: &f64| (rate - fps).abs();
        self.rates.iter().copied().min_by(|a, b| off(a).total_cmp(&off(b)))
    }
}

/// The best of `modes`, which come in order of preference.
pub(super) fn choose(modes: &[Mode], wish: &Wish) -> Option<Mode> {
    let fps = wish.fps.unwrap_or(USUAL_FPS);
    let slow = |mode: &Mode| mode.rate(fps).is_some_and(|rate| rate < ENOUGH * fps);
    modes.iter().min_by_key(|mode| (distance(mode.size, wish.size), slow(mode))).cloned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn code(text: [u8; 4]) -> Packing {
        Packing::known(text).unwrap()
    }

    fn codes(offered: &[[u8; 4]], wish: Option<PixelFormat>) -> Vec<[u8; 4]> {
        usable(offered, wish).into_iter().map(|code| code.code).collect()
    }

    fn wish(size: (u32, u32), fps: Option<f64>) -> Wish {
        Wish { size, fps, format: None, patience: Duration::ZERO }
    }

    fn mode(text: [u8; 4], size: (u32, u32), rates: &[f64]) -> Mode {
        Mode { code: code(text), size, rates: rates.to_vec() }
    }

    #[test]
    fn the_wished_format_wins_when_it_is_offered() {
        let offered = [*b"MJPG", *b"YUYV", *b"H264"];
        assert_eq!(codes(&offered, Some(PixelFormat::Mjpeg)), [*b"MJPG"]);
        assert_eq!(codes(&offered, Some(PixelFormat::Nv12)), [*b"YUYV", *b"MJPG"]);
        assert_eq!(codes(&offered, None), [*b"YUYV", *b"MJPG"]);
        assert!(codes(&[*b"pBAA", *b"BG10"], None).is_empty());
    }

    #[test]
    fn uncompressed_formats_come_before_jpeg() {
        let offered = [*b"JPEG", *b"MJPG", *b"BGR3", *b"UYVY", *b"GREY", *b"YU12", *b"NV12"];
        let order = [*b"NV12", *b"YU12", *b"GREY", *b"UYVY", *b"BGR3", *b"MJPG", *b"JPEG"];
        assert_eq!(codes(&offered, None), order);
    }

    #[test]
    fn the_nearest_size_is_taken() {
        let sizes =
            [(1920, 1080), (1280, 720), (640, 480), (320, 240)].map(|(w, h)| Sizes::only(w, h));
        assert_eq!(nearest(&sizes, (640, 480)), (640, 480));
        assert_eq!(nearest(&sizes, (800, 600)), (640, 480));
        assert_eq!(nearest(&sizes, (8000, 6000)), (1920, 1080));
        assert_eq!(nearest(&sizes, (1, 1)), (320, 240));
        assert_eq!(nearest(&[], (800, 600)), (800, 600));
    }

    #[test]
    fn a_size_in_steps_is_rounded_to_one() {
        let sizes = Sizes { from: (32, 32), to: (1920, 1080), step: (16, 8) };
        assert_eq!(sizes.nearest((645, 487)), (640, 480));
        assert_eq!(sizes.nearest((9999, 9999)), (1920, 1080));
        let broken = Sizes { from: (64, 64), to: (0, 0), step: (0, 0) };
        assert_eq!(broken.nearest((640, 480)), (64, 64));
    }

    #[test]
    fn a_camera_too_slow_uncompressed_is_run_in_jpeg() {
        let modes =
            [mode(*b"YUYV", (1280, 720), &[10.0, 5.0]), mode(*b"MJPG", (1280, 720), &[30.0, 15.0])];
        let code = |size, fps| choose(&modes, &wish(size, fps)).unwrap().code.code;
        assert_eq!(code((1280, 720), None), *b"MJPG");
        assert_eq!(code((1280, 720), Some(10.0)), *b"YUYV");
        let unknown = [mode(*b"YUYV", (1280, 720), &[]), mode(*b"MJPG", (1280, 720), &[30.0])];
        assert_eq!(choose(&unknown, &wish((1280, 720), None)).unwrap().code.code, *b"YUYV");
        assert_eq!(choose(&[], &wish((1, 1), None)), None);
    }

    #[test]
    fn the_size_counts_before_the_rate() {
        let modes = [mode(*b"YUYV", (640, 480), &[30.0]), mode(*b"MJPG", (1920, 1080), &[15.0])];
        let chosen = choose(&modes, &wish((1920, 1080), Some(30.0))).unwrap();
        assert_eq!(chosen.code.code, *b"MJPG");
    }

    #[test]
    fn the_nearest_rate_is_taken() {
        let mode = mode(*b"YUYV", (640, 480), &[30.0, 25.0, 15.0]);
        assert_eq!(mode.rate(24.0), Some(25.0));
        assert_eq!(mode.rate(200.0), Some(30.0));
        assert_eq!(Mode { rates: Vec::new(), ..mode }.rate(24.0), None);
    }
}
