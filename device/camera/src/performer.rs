//! The built-in moving face as a camera: `performer://?seed=1&size=640x480&fps=30&format=yuyv`.
//!
//! `loop=90` renders the first 90 frames only and then shows them again and again, with ids and
//! times of their own: a cheap source for long runs.
//!
//! The face of `mien-synth` is rendered frame by frame and packed as a real camera would deliver
//! it, so that everything behind the camera runs as it does on hardware. The same seed and frame
//! number give the same bytes, and [`PerformerCamera::labels`] tells what was shown.

use mien_shared::frame::{Frame, PixelFormat, Rgb};
use mien_synth::{Labels, Performer, Renderer};

use super::{Camera, CameraError, encode, layout::Layout, options};
use mien_core::{clock, spec::Spec};

const DEFAULT_SIZE: (u32, u32) = (640, 480);
/// The renderer's buffers grow with the picture.
const MAX_SIDE_PX: u32 = 2048;
/// A face in fewer pixels is none.
const MIN_SIDE_PX: u32 = 32;
/// The most that is kept of a round.
const MAX_KEPT_BYTES: u64 = 512 << 20;

/// A camera that films the built-in performer.
pub struct PerformerCamera {
    performer: Performer,
    renderer: Renderer,
    picture: Rgb,
    labels: Option<Labels>,
    layout: Layout,
    seed: u64,
    next_id: u64,
    /// After how many frames the performance starts again; 0 for never.
    round: u64,
    /// The frames of a round so far, where it is shown again.
    kept: Vec<(Vec<u8>, Labels)>,
}

impl PerformerCamera {
    /// Films the performance of `seed`, as fast as it is asked for frames.
    ///
    /// # Errors
    /// [`CameraError::BadOption`] when a side is not in 32..=2048 pixels, or odd where `format`
    /// halves its chroma, or when `format` is compressed.
    pub fn new(seed: u64, size: (u32, u32), format: PixelFormat) -> Result<Self, CameraError> {
        let (width, height) = size;
        let refuse = |key, value: String, want| {
            let spec = "performer://".to_owned();
            Err(CameraError::BadOption { spec, key, value, want })
        };
        let sides = MIN_SIDE_PX..=MAX_SIDE_PX;
        if format == PixelFormat::Mjpeg {
            let want = "yuyv, nv12, i420, grey, rgb or bgr";
            return refuse("format", "mjpeg".to_owned(), want);
        }
        if !sides.contains(&width) || !sides.contains(&height) {
            return refuse("size", format!("{width}x{height}"), "sides of 32 to 2048 pixels");
        }
        if !encode::fits(format, width, height) {
            return refuse("size", format!("{width}x{height}"), "even sides, or format=rgb");
        }
        Ok(Self {
            performer: Performer::new(seed, width, height),
            renderer: Renderer::new(),
            picture: Rgb::default(),
            labels: None,
            layout: Layout::packed(format, width, height),
            seed,
            next_id: 0,
            round: 0,
            kept: Vec::new(),
        })
    }

    pub(super) fn open(spec: &Spec) -> Result<Self, CameraError> {
        spec.allow(&["seed", "size", "fps", "format", "loop"])?;
        let size = options::size(spec)?.unwrap_or(DEFAULT_SIZE);
        let format = options::format(spec)?.unwrap_or(PixelFormat::Yuyv);
        let mut camera = Self::new(spec.option("seed")?.unwrap_or(1), size, format)?;
        if let Some(round) = spec.option::<u64>("loop")? {
            let most = MAX_KEPT_BYTES / camera.layout.bytes() as u64;
            if !(1..=most).contains(&round) {
                let want = "1 or more frames, at most 512 MiB of them";
                return Err(options::bad(spec, "loop", round.to_string(), want));
            }
            camera.round = round;
        }
        Ok(camera)
    }

    /// Renders frame `id` of the performance into `bytes`.
    fn render(&mut self, id: u64, bytes: &mut Vec<u8>) {
        let scene = self.performer.frame(id);
        let labels = self.renderer.render_into(&scene, &mut self.picture);
        encode::encode(&self.picture, self.layout.format, bytes);
        if self.round > 0 {
            self.kept.push((bytes.clone(), labels.clone()));
        }
        self.labels = Some(labels);
    }

    /// What the last frame shows, to the pixel; `None` before the first frame.
    pub fn labels(&self) -> Option<&Labels> {
        self.labels.as_ref()
    }
}

impl Camera for PerformerCamera {
    fn next(&mut self, frame: &mut Frame) -> Result<bool, CameraError> {
        let id = self.next_id;
        self.next_id += 1;
        let place = id.checked_rem(self.round).and_then(|place| usize::try_from(place).ok());
        match place.and_then(|place| self.kept.get(place)) {
            Some((bytes, labels)) => {
                frame.data.clone_from(bytes);
                self.labels = Some(labels.clone());
            }
            None => self.render(id, &mut frame.data),
        }
        self.layout.stamp(frame, id, clock::now());
        Ok(true)
    }

    fn is_live(&self) -> bool {
        false
    }

    fn describe(&self) -> String {
        let Layout { width, height, format, .. } = self.layout;
        format!("built-in performer {} {width}x{height} {format:?}", self.seed)
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::{label::Expression, pixels::Decoder};

    use super::*;

    fn frames(spec: &str, count: usize) -> Vec<Frame> {
        let mut camera = crate::open(spec).unwrap();
        let mut frames = Vec::new();
        for _ in 0..count {
            let mut frame = Frame::empty();
            assert!(camera.next(&mut frame).unwrap());
            frames.push(frame);
        }
        frames
    }

    #[test]
    fn frames_are_those_of_a_real_camera() {
        let [first, second] = &frames("performer://?size=64x48&fps=0", 2)[..] else { panic!() };
        assert_eq!((first.format, first.width, first.height), (PixelFormat::Yuyv, 64, 48));
        assert_eq!((first.stride, first.data.len()), (128, 64 * 48 * 2));
        assert_eq!((first.id.0, second.id.0), (0, 1));
        assert!(first.captured_at < second.captured_at);
        assert_ne!(first.data, second.data, "the face moves");
    }

    #[test]
    fn the_seed_decides_every_byte() {
        let bytes = |seed: u32| {
            let spec = format!("performer://?seed={seed}&size=64x48&fps=0");
            frames(&spec, 3).into_iter().map(|frame| frame.data).collect::<Vec<_>>()
        };
        assert_eq!(bytes(7), bytes(7));
        assert_ne!(bytes(7), bytes(8));
    }

    #[test]
    fn every_format_shows_the_same_face() {
        let mut decoder = Decoder::new();
        let mut grey = |format: &str| {
            let spec = format!("performer://?size=64x48&fps=0&format={format}");
            let mut out = mien_shared::frame::Grey::default();
            decoder.to_grey(&frames(&spec, 1)[0], &mut out).unwrap();
            out
        };
        let reference = grey("grey");
        for format in ["rgb", "bgr", "yuyv", "nv12", "i420"] {
            let other = grey(format);
            let pairs = other.data.iter().zip(&reference.data);
            let worst = pairs.map(|(a, b)| a.abs_diff(*b)).max();
            assert!(worst <= Some(1), "{format}: {worst:?}");
        }
    }

    #[test]
    fn what_is_shown_is_told() {
        let mut camera = PerformerCamera::new(1, (128, 96), PixelFormat::Grey).unwrap();
        assert!(camera.labels().is_none());
        let mut frame = Frame::empty();
        let mut seen = Vec::new();
        // 30 frames a second and 90 for each expression: the second one, anger, peaks at 140.
        for _ in 0..=140 {
            assert!(camera.next(&mut frame).unwrap());
            seen.push(camera.labels().unwrap().expression);
        }
        assert_eq!((seen[0], seen[140]), (Expression::Neutral, Expression::Anger));
    }

    #[test]
    fn a_loop_shows_the_same_frames_under_new_ids() {
        let [round, plain] = ["&loop=3", ""]
            .map(|query| frames(&format!("performer://?size=64x48&fps=0{query}"), 7));
        for (id, frame) in round.iter().enumerate() {
            assert_eq!((frame.id.0, &frame.data), (id as u64, &plain[id % 3].data));
        }
        assert!(round.is_sorted_by(|a, b| a.captured_at < b.captured_at));
        assert_ne!(plain[3].data, round[3].data);
    }

    #[test]
    fn a_loop_of_more_than_half_a_gibibyte_is_refused() {
        for (size, round, good) in
            [("640x480", 873, true), ("640x480", 874, false), ("64x48", 0, false)]
        {
            let spec = format!("performer://?size={size}&loop={round}");
            let refused =
                matches!(crate::open(&spec), Err(CameraError::BadOption { key: "loop", .. }));
            assert_eq!(refused, !good, "{spec}");
        }
    }

    #[test]
    fn a_rate_is_the_default() {
        assert!(crate::open("performer://").unwrap().is_live());
        assert!(!crate::open("performer://?fps=0").unwrap().is_live());
        let start = std::time::Instant::now();
        frames("performer://?size=64x48&fps=100", 6);
        assert!(start.elapsed().as_millis() >= 50, "five periods: {:?}", start.elapsed());
    }

    #[test]
    fn what_cannot_be_filmed_is_refused() {
        for query in [
            "size=0x0",
            "size=31x64",
            "size=8192x8192",
            "size=65x48",
            "size=64x49&format=i420",
            "format=mjpeg",
            "format=h264",
            "fps=-1",
        ] {
            let error = crate::open(&format!("performer://?{query}")).err().unwrap();
            assert!(matches!(error, CameraError::BadOption { .. }), "{query}: {error}");
        }
        let error = crate::open("performer://?seed=one").err().unwrap();
        assert!(matches!(error, CameraError::Spec(_)), "{error}");
    }
}
