//! The V4L2 path against a fake device: `fake_v4l2.c`, preloaded in front of the C library.
//!
//! Each test runs itself again in a process of its own with the library preloaded; there, a text
//! file is a camera, and rewriting or removing it is what happens to the camera. That the fake sees
//! the calls at all proves that `libcamerify`, which stands in the same place, sees them, too.
//! Needs `gcc` and the kernel's headers; without them, the tests say so and are skipped.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
    sync::{OnceLock, atomic::AtomicBool},
    time::{Duration, Instant},
};

use mien_camera::{
    Camera, CameraError, Supply,
    supply::{Counts, Event},
};
use mien_shared::{
    frame::{Frame, PixelFormat},
    telemetry::FaultKind,
};
use tempfile::TempDir;

/// Set in the process that has the fake.
const INSIDE: &str = "MIEN_FAKE_V4L2";

/// The compiled fake; `None` where it cannot be compiled.
fn library() -> Option<&'static Path> {
    static LIBRARY: OnceLock<Option<PathBuf>> = OnceLock::new();
    let compile = || {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake_v4l2.c");
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fake_v4l2.so");
        let mut gcc = Command::new("gcc");
        gcc.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&out).arg(source).arg("-ldl");
        let output = gcc.output().ok()?;
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() || errors.contains("videodev2.h"), "{errors}");
        output.status.success().then_some(out)
    };
    LIBRARY.get_or_init(compile).as_deref()
}

/// Runs `body`, the body of the test called `name`, where files are cameras.
fn with_fake(name: &str, body: impl FnOnce(&Fake)) {
    if env::var_os(INSIDE).is_some() {
        return body(&Fake::new());
    }
    let Some(library) = library() else {
        eprintln!("SKIPPED: {name} needs gcc and linux/videodev2.h");
        return;
    };
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", name, "--nocapture"]).env(INSIDE, "1").env("LD_PRELOAD", library);
    let output = child.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("1 passed"), "{name} did not run: {text}");
}

/// A folder of cameras.
struct Fake(TempDir);

impl Fake {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("video0")
    }

    /// Plugs the camera in, or changes it: its keys and values, a line each.
    fn set(&self, lines: &str) {
        let text = format!("fake-v4l2\n{}\n", lines.replace(' ', "\n"));
        fs::write(self.path(), text).unwrap();
    }

    fn unplug(&self) {
        fs::remove_file(self.path()).unwrap();
    }

    fn spec(&self, query: &str) -> String {
        format!("v4l2://{}?{query}", self.path().display())
    }

    fn open(&self, query: &str) -> Result<Box<dyn Camera>, CameraError> {
        mien_camera::open(&self.spec(query))
    }

    fn supply(&self, query: &str) -> Watched {
        Watched { supply: Supply::open(&self.spec(query)).unwrap(), frame: Frame::empty() }
    }
}

/// A supply with the last frame it gave.
struct Watched {
    supply: Supply,
    frame: Frame,
}

impl Watched {
    fn next(&mut self) -> Event {
        self.supply.next(&mut self.frame, &AtomicBool::new(false)).unwrap()
    }

    /// The first event that is not just a frame.
    fn news(&mut self) -> Event {
        let deadline = Instant::now() + Duration::from_mins(1);
        while Instant::now() < deadline {
            match self.next() {
                Event::Frame => {}
                event => return event,
            }
        }
        panic!("nothing but frames for a minute");
    }

    /// What is lost, and waits until it is back.
    fn lost_and_back(&mut self, mend: impl FnOnce()) -> FaultKind {
        let Event::Lost { fault, attempt: 1, .. } = self.news() else { panic!("not lost") };
        mend();
        self.back();
        fault.kind
    }

    fn back(&mut self) {
        for _ in 0..20 {
            match self.news() {
                Event::Back { .. } => return,
                event => eprintln!("{event:?}"),
            }
        }
        panic!("not back after 20 attempts");
    }

    fn counts(&self) -> Counts {
        self.supply.counts()
    }
}

fn take(camera: &mut dyn Camera, count: usize) -> Vec<Frame> {
    let mut frame = Frame::empty();
    let mut next = || {
        assert!(camera.next(&mut frame).unwrap());
        frame.clone()
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn frames_come_with_size_stride_id_and_time() {
    with_fake("frames_come_with_size_stride_id_and_time", |fake| {
        fake.set("card=Fake padding=128");
        let mut camera = fake.open("size=320x240&fps=15").unwrap();
        let told = camera.describe();
        assert!(told.starts_with("Fake (") && told.contains("320x240 Yuyv at 15.00 fps"), "{told}");
        assert!(told.ends_with("offers YUYV up to 640x480"), "{told}");
        let frames = take(camera.as_mut(), 20);
        for frame in &frames {
            assert_eq!((frame.width, frame.height, frame.stride), (320, 240, 640));
            assert_eq!((frame.format, frame.data.len()), (PixelFormat::Yuyv, 640 * 240));
            assert!(frame.data.iter().all(|byte| *byte == frame.data[0]), "one frame's bytes");
        }
        let start = frames[0].data[0];
        for (pair, n) in frames.windows(2).zip(start..) {
            assert_eq!((pair[0].data[0], pair[1].data[0]), (n, n + 1), "in order, none lost");
            assert_eq!(pair[1].id.0, pair[0].id.0 + 1);
            assert!(pair[0].captured_at < pair[1].captured_at);
        }
    });
}

#[test]
fn every_format_is_read() {
    with_fake("every_format_is_read", |fake| {
        let formats = [
            ("YUYV", PixelFormat::Yuyv, 2 * 64 * 48),
            ("UYVY", PixelFormat::Yuyv, 2 * 64 * 48),
            ("NV12", PixelFormat::Nv12, 64 * 72),
            ("YU12", PixelFormat::I420, 64 * 72),
            ("GREY", PixelFormat::Grey, 64 * 48),
            ("RGB3", PixelFormat::Rgb, 3 * 64 * 48),
            ("BGR3", PixelFormat::Bgr, 3 * 64 * 48),
            ("MJPG", PixelFormat::Mjpeg, 64 * 48),
            ("JPEG", PixelFormat::Mjpeg, 64 * 48),
        ];
        for (code, format, bytes) in formats {
            fake.set(&format!("formats=H264,{code} sizes=64x48"));
            let mut camera = fake.open("").unwrap();
            let frame = take(camera.as_mut(), 2).remove(1);
            assert_eq!((frame.format, frame.data.len()), (format, bytes), "{code}");
        }
    });
}

#[test]
fn bytes_of_uyvy_are_put_in_order() {
    with_fake("bytes_of_uyvy_are_put_in_order", |fake| {
        let content = fake.0.path().join("content");
        fs::write(&content, b"UYVY".repeat(16 * 8 / 2)).unwrap();
        fake.set(&format!("formats=UYVY sizes=16x8 content={}", content.display()));
        let frame = take(fake.open("").unwrap().as_mut(), 1).remove(0);
        assert_eq!(frame.data, b"YUYV".repeat(16 * 8 / 2));
    });
}

#[test]
fn the_nearest_size_and_rate_are_asked_for() {
    with_fake("the_nearest_size_and_rate_are_asked_for", |fake| {
        let run_as = |query: &str| {
            let told = fake.open(query).unwrap().describe();
            told.split(')').nth(1).unwrap().split(';').next().unwrap().trim().to_owned()
        };
        fake.set("formats=MJPG,YUYV sizes=1280x720,640x480,160x120 rates=30,24,10");
        assert_eq!(run_as("size=600x500&fps=23"), "640x480 Yuyv at 24.00 fps");
        assert_eq!(run_as("size=9x9"), "160x120 Yuyv at 30.00 fps");
        assert_eq!(run_as("format=mjpeg&fps=1000"), "640x480 Mjpeg at 30.00 fps");
        fake.set("sizes=step:32x32-1920x1080/16x8");
        assert_eq!(run_as("size=645x487"), "640x480 Yuyv at 30.00 fps");
    });
}

#[test]
fn a_layer_that_knows_few_requests_is_enough() {
    with_fake("a_layer_that_knows_few_requests_is_enough", |fake| {
        // What libcamera's V4L2 layer does not know in its older versions.
        fake.set("driver=libcamera enotty=parm,sizes,rates padding=64 formats=NV12,YU12");
        let mut camera = fake.open("size=320x240&fps=10").unwrap();
        let told = camera.describe();
        assert!(told.contains("320x240 Nv12; offers NV12, YU12"), "{told}");
        assert_eq!(take(camera.as_mut(), 5)[4].data.len(), 320 * 360);
    });
}

#[test]
fn what_is_no_camera_is_refused_for_its_reason() {
    with_fake("what_is_no_camera_is_refused_for_its_reason", |fake| {
        let refused = |lines: &str| {
            fake.set(lines);
            fake.open("").err().unwrap()
        };
        for caps in ["metadata", "output", "m2m", "nostream"] {
            let error = refused(&format!("caps={caps}"));
            assert!(matches!(error, CameraError::NotACamera { .. }), "{caps}: {error}");
        }
        let raw = refused("formats=pBAA,BG10");
        assert!(raw.to_string().contains("offers pBAA, BG10"), "{raw}");
        assert!(matches!(refused("denied=1"), CameraError::Denied { .. }));
        assert!(matches!(refused("busy=1"), CameraError::Busy { .. }));
        // A sensor whose pipeline is not linked, as on a Raspberry Pi 5.
        let unlinked = refused("streamon=22").to_string();
        assert!(unlinked.contains("cannot start its stream: Invalid argument"), "{unlinked}");
        let garbled = refused("colorspace=99").to_string();
        assert!(garbled.contains("the driver's answer is not understood"), "{garbled}");
        fake.unplug();
        assert!(matches!(fake.open("").err().unwrap(), CameraError::Missing { .. }));
        fake.set("");
        assert!(fake.open("").is_ok(), "nothing is left behind by a refusal");
    });
}

#[test]
fn damaged_frames_are_skipped_and_gaps_are_kept() {
    with_fake("damaged_frames_are_skipped_and_gaps_are_kept", |fake| {
        fake.set("error_at=4 short_at=6 empty_at=8 skip_at=10");
        let mut camera = fake.supply("");
        let (mut reasons, mut ids) = (Vec::new(), Vec::new());
        while ids.len() < 12 {
            match camera.next() {
                Event::Frame => ids.push(camera.frame.id.0),
                Event::Skipped { reason } => reasons.push(reason),
                other => panic!("{other:?}"),
            }
        }
        let says = |index: usize, what: &str| {
            assert!(reasons[index].contains(what), "{}", reasons[index]);
        };
        assert_eq!(reasons.len(), 3);
        says(0, "marks this frame as damaged");
        says(1, "614393 of 614400 bytes");
        says(2, "0 of 614400 bytes");
        let steps: Vec<_> = ids.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let steps: Vec<_> = steps.into_iter().filter(|&step| step != 1).collect();
        assert_eq!(steps, [2, 2, 2, 11], "three damaged, ten lost in the driver");
    });
}

#[test]
fn an_unplugged_camera_comes_back_and_ids_go_on() {
    with_fake("an_unplugged_camera_comes_back_and_ids_go_on", |fake| {
        fake.set("");
        let mut camera = fake.supply("");
        for _ in 0..5 {
            assert_eq!(camera.next(), Event::Frame);
        }
        let (id, time) = (camera.frame.id, camera.frame.captured_at);
        fake.unplug();
        let mended = Instant::now();
        assert_eq!(camera.lost_and_back(|| fake.set("sizes=320x240")), FaultKind::CameraLost);
        assert!(mended.elapsed() < Duration::from_secs(30));
        assert!(camera.frame.id > id && camera.frame.captured_at > time);
        assert_eq!((camera.frame.width, camera.counts().reopened), (320, 1));
    });
}

#[test]
fn a_link_follows_a_camera_that_comes_back_under_another_number() {
    with_fake("a_link_follows_a_camera_that_comes_back_under_another_number", |fake| {
        fake.set("");
        let link = fake.0.path().join("usb-camera-index0");
        symlink(fake.path(), &link).unwrap();
        let supply = Supply::open(&format!("v4l2://{}", link.display())).unwrap();
        let mut camera = Watched { supply, frame: Frame::empty() };
        assert_eq!(camera.next(), Event::Frame);
        fake.unplug();
        let renumbered = fake.0.path().join("video5");
        camera.lost_and_back(|| {
            fs::write(&renumbered, "fake-v4l2\nsizes=160x120\n").unwrap();
            fs::remove_file(&link).unwrap();
            symlink(&renumbered, &link).unwrap();
        });
        assert_eq!(camera.frame.width, 160);
    });
}

#[test]
fn a_camera_that_comes_late_is_waited_for() {
    with_fake("a_camera_that_comes_late_is_waited_for", |fake| {
        let mut camera = fake.supply("");
        assert!(matches!(camera.next(), Event::Lost { attempt: 1, .. }));
        assert!(matches!(camera.next(), Event::Lost { attempt: 2, .. }));
        fake.set("");
        assert!(matches!(camera.next(), Event::Back { .. }));
        assert_eq!((camera.frame.id.0, camera.next()), (0, Event::Frame));
    });
}

#[test]
fn a_silent_camera_is_restarted() {
    with_fake("a_silent_camera_is_restarted", |fake| {
        fake.set("stall_at=5");
        let mut camera = fake.supply("timeout=0.3");
        assert_eq!(camera.lost_and_back(|| fake.set("")), FaultKind::CameraStalled);
        drop(camera);
        // One that never gives its first frame is silent, too.
        fake.set("stall_at=0");
        let mut dumb = fake.supply("timeout=0.3");
        assert_eq!(dumb.lost_and_back(|| fake.set("")), FaultKind::CameraStalled);
    });
}

#[test]
fn a_failing_driver_is_opened_anew() {
    with_fake("a_failing_driver_is_opened_anew", |fake| {
        for errno in [5, 22, 71] {
            fake.set(&format!("dqbuf={errno} dqbuf_at=4"));
            let mut camera = fake.supply("");
            assert_eq!(camera.lost_and_back(|| fake.set("")), FaultKind::CameraLost, "{errno}");
            assert_eq!(camera.next(), Event::Frame);
        }
    });
}

#[test]
fn a_format_changed_under_us_is_a_loss_and_is_negotiated_again() {
    with_fake("a_format_changed_under_us_is_a_loss_and_is_negotiated_again", |fake| {
        fake.set("shrink_at=4");
        let mut camera = fake.supply("timeout=0.3");
        let mut skipped = 0;
        let fault = loop {
            match camera.news() {
                Event::Skipped { .. } => skipped += 1,
                Event::Lost { fault, .. } => break fault,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(fault.kind, FaultKind::CameraDamaged);
        assert!(fault.text.contains("307200 of 614400 bytes"), "{}", fault.text);
        assert!(skipped > 0);
        fake.set("sizes=320x240");
        camera.back();
        assert_eq!((camera.frame.width, camera.frame.data.len()), (320, 320 * 240 * 2));
    });
}

#[test]
fn a_hundred_losses_leak_nothing() {
    with_fake("a_hundred_losses_leak_nothing", |fake| {
        let open_files = || fs::read_dir("/proc/self/fd").unwrap().count();
        let mappings = || fs::read_to_string("/proc/self/maps").unwrap().lines().count();
        let lose = |times: usize| {
            for _ in 0..times {
                fake.set("sizes=64x48");
                let mut camera = fake.open("").unwrap();
                take(camera.as_mut(), 2);
                fake.unplug();
                let error = camera.next(&mut Frame::empty()).unwrap_err();
                assert!(matches!(error, CameraError::Vanished { .. }), "{error}");
            }
        };
        lose(2);
        let before = (open_files(), mappings());
        lose(100);
        let after = (open_files(), mappings());
        assert_eq!(after.0, before.0, "open files");
        assert!(after.1 <= before.1 + 4, "mappings: {} then {}", before.1, after.1);
    });
}

#[test]
fn a_driver_that_cannot_stop_does_not_end_the_program() {
    with_fake("a_driver_that_cannot_stop_does_not_end_the_program", |fake| {
        for lines in ["streamoff=5", "close=5", "querybuf=22", "granted=1", "granted=0"] {
            fake.set(lines);
            if let Ok(mut camera) = fake.open("timeout=0.1") {
                let _first = camera.next(&mut Frame::empty());
            }
        }
    });
}

#[test]
fn waits_end_soon_after_the_stop_flag() {
    with_fake("waits_end_soon_after_the_stop_flag", |fake| {
        fake.set("stall_at=1");
        let mut supply = Supply::open(&fake.spec("timeout=60")).unwrap();
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(200));
                stop.store(true, std::sync::atomic::Ordering::Relaxed);
            });
            let start = Instant::now();
            while supply.next(&mut Frame::empty(), &stop).unwrap() != Event::Stopped {}
            assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
        });
    });
}
