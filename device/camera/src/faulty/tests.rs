//! Faults over a plain source, under a supply, in virtual time.

use std::sync::atomic::AtomicBool;

use mien_shared::frame::{PixelFormat, Timestamp};

use super::*;
use crate::{
    layout::Layout,
    supply::{Counts, Event as Told, Supply},
    time::SystemTime,
};

/// A source of `left` small frames.
struct Plain {
    left: u64,
    next_id: u64,
}

impl Camera for Plain {
    fn next(&mut self, frame: &mut Frame) -> Result<bool, CameraError> {
        let layout = Layout::packed(PixelFormat::Yuyv, 8, 4);
        layout.stamp(frame, self.next_id, Timestamp(Duration::from_secs(1)));
        frame.data.clear();
        frame.data.resize(layout.bytes(), self.next_id.to_le_bytes()[0]);
        self.next_id += 1;
        Ok(self.next_id <= self.left)
    }

    fn is_live(&self) -> bool {
        false
    }

    fn describe(&self) -> String {
        "plain".to_owned()
    }
}

fn plain(frames: u64) -> Source {
    Source {
        name: "plain://".to_owned(),
        opener: Box::new(move || {
            Ok(Box::new(Plain { left: frames, next_id: 0 }) as Box<dyn Camera>)
        }),
        retry: Retry::Never,
        time: Arc::new(SystemTime),
    }
}

fn supply(frames: u64, schedule: Schedule) -> Supply {
    Supply::of(source(plain(frames), schedule.in_virtual_time())).unwrap()
}

/// Every event to the end, with the frame where there is one.
fn run(mut supply: Supply) -> (Vec<(Told, Option<Frame>)>, Counts) {
    let (mut frame, stop) = (Frame::empty(), AtomicBool::new(false));
    let mut told = Vec::new();
    loop {
        let event = supply.next(&mut frame, &stop).unwrap();
        if event == Told::Ended {
            return (told, supply.counts());
        }
        let filled = event.has_frame().then(|| frame.clone());
        told.push((event, filled));
    }
}

fn frames(frames: u64, faults: &str) -> Vec<Frame> {
    let told = run(supply(frames, Schedule::parse(faults).unwrap())).0;
    told.into_iter().filter_map(|(_, frame)| frame).collect()
}

#[test]
fn lost_frames_leave_a_gap() {
    let ids: Vec<_> = frames(6, "drop=2@2").iter().map(|frame| frame.id.0).collect();
    assert_eq!(ids, [0, 1, 4, 5]);
    assert!(frames(6, "drop=9@0").is_empty());
}

#[test]
fn a_burst_repeats_a_frame_with_ids_of_its_own() {
    let seen = frames(4, "burst=2@1");
    let seen: Vec<_> = seen.iter().map(|frame| (frame.id.0, frame.data[0])).collect();
    assert_eq!(seen, [(0, 0), (1, 1), (2, 1), (3, 1), (4, 2), (5, 3)]);
}

#[test]
fn a_stall_is_waited_for_and_a_long_one_is_a_loss() {
    let (told, counts) = run(supply(3, Schedule::parse("stall=2s@1").unwrap()));
    assert_eq!((told.len(), counts.losses), (3, 0));
    let times: Vec<_> =
        told.iter().filter_map(|(_, frame)| Some(frame.as_ref()?.captured_at.0)).collect();
    let gap = times.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).max().unwrap();
    assert_eq!(gap, Duration::from_secs(2) + PERIOD);

    let (told, counts) = run(supply(3, Schedule::parse("stall=5s@1").unwrap()));
    assert_eq!(counts.losses, 1);
    let kinds: Vec<_> = told
        .iter()
        .filter_map(|(event, _)| match event {
            Told::Lost { fault, .. } => Some(fault.kind),
            _ => None,
        })
        .collect();
    assert_eq!(kinds, [mien_shared::telemetry::FaultKind::CameraStalled]);
}

#[test]
fn an_unplugged_source_cannot_be_opened_for_a_while_and_begins_anew() {
    let (told, counts) = run(supply(3, Schedule::parse("unplug=1s@2").unwrap()));
    let attempts = told.iter().filter(|(event, _)| matches!(event, Told::Lost { .. })).count();
    // At 0.1, 0.3 and 0.7 s it is still gone, at 1.5 s it is back.
    assert_eq!((attempts, counts.failed, counts.reopened), (4, 3, 1));
    let seen: Vec<_> = told.iter().filter_map(|(_, f)| Some(f.as_ref()?.data[0])).collect();
    assert_eq!(seen, [0, 1, 0, 1, 2]);
}

#[test]
fn a_clock_that_jumps_does_not_reach_the_consumer() {
    for faults in ["clock=-10s@3", "clock=10s@3", "clock=-80000s@0"] {
        let seen = frames(8, faults);
        assert_eq!(seen.len(), 8);
        assert!(seen.is_sorted_by_key(|frame| frame.captured_at), "{faults}");
        assert!(seen.last().unwrap().captured_at.0 <= 8 * PERIOD, "{faults}");
    }
    let mut bare = source(plain(2), Schedule::parse("clock=10s@1").unwrap()).opener.open().unwrap();
    let mut frame = Frame::empty();
    assert!(bare.next(&mut frame).unwrap());
    assert_eq!(frame.captured_at, Timestamp(Duration::from_secs(1)));
    assert!(bare.next(&mut frame).unwrap());
    assert_eq!(frame.captured_at, Timestamp(Duration::from_secs(11)));
}

#[test]
fn spoilt_frames_are_spoilt_as_said() {
    let whole = frames(1, "drop@9").remove(0);
    assert_eq!((whole.width, whole.height, whole.data.len()), (8, 4, 64));
    let corrupt = frames(1, "corrupt@0,seed=1").remove(0);
    assert!(corrupt.data.len() == 64 && corrupt.data != whole.data);
    let other = frames(2, "format@0");
    assert_eq!((other[0].height, other[0].data.len(), other[1].height), (2, 32, 4));
    let cut = frames(20, "length=20@0");
    assert!(cut.iter().all(|frame| frame.height == 4) && cut.iter().any(|f| f.data.len() < 64));
    let head = |frame: &Frame| (frame.width, frame.height, frame.stride, frame.format);
    let lies = frames(20, "lie=20@0");
    assert!(lies.iter().filter(|frame| head(frame) != head(&whole)).count() > 10);
    let (told, counts) = run(supply(2, Schedule::parse("damaged@0").unwrap()));
    assert!(matches!(&told[0].0, Told::Skipped { reason } if reason.contains("frame 0")));
    assert_eq!((counts.damaged, counts.frames), (1, 1));
}

#[test]
fn thousands_of_schedules_keep_the_promises_of_a_supply() {
    for seed in 0..2000 {
        let (told, counts) = run(supply(70, Schedule::random(seed)));
        let frames: Vec<_> = told.iter().filter_map(|(_, frame)| frame.as_ref()).collect();
        assert!(frames.is_sorted_by(|a, b| a.id < b.id), "seed {seed}: ids grow");
        assert!(frames.is_sorted_by_key(|frame| frame.captured_at), "seed {seed}: time");
        assert_eq!(counts.frames, frames.len() as u64, "seed {seed}");
        let backs = told.iter().filter(|(event, _)| matches!(event, Told::Back { .. })).count();
        assert_eq!(counts.reopened, backs as u64, "seed {seed}");
        assert!(counts.reopened <= counts.losses, "seed {seed}");
        if seed < 50 {
            let again = run(supply(70, Schedule::random(seed)));
            assert_eq!(again, (told, counts), "seed {seed}: the same again");
        }
    }
}

#[test]
fn a_specification_names_the_source_and_its_faults() {
    let spec = "faulty://performer://?size=64x48&fps=0#drop=0.5,unplug=10s@5,seed=3,time=virtual";
    let mut supply = Supply::open(spec).unwrap();
    let (mut frame, stop) = (Frame::empty(), AtomicBool::new(false));
    let backs = (0..200)
        .filter(|_| matches!(supply.next(&mut frame, &stop).unwrap(), Told::Back { .. }))
        .count();
    assert_eq!((backs, frame.width, supply.counts().losses), (1, 64, 1));
    assert!(crate::open(spec).unwrap().describe().contains("drop=0.5"));
}

#[test]
fn a_faulty_specification_is_refused() {
    for spec in [
        "faulty://",
        "faulty://performer://",
        "faulty://performer://#melt@3",
        "faulty://csi://0#drop@1",
        "faulty://faulty://performer://#drop@1#drop@1",
        "faulty://performer://?sise=1x1#drop@1",
    ] {
        let error = Supply::open(spec).err().unwrap();
        assert!(error.is_refusal(), "{spec}: {error}");
    }
    assert_eq!(
        Supply::open("faulty://performer://#melt@3").err().unwrap().to_string(),
        "faulty://performer://#melt@3: option faults cannot be \"melt@3\"; give faults behind a #, \
         such as #drop=0.05,stall=3s@100,unplug=2s@200,seed=7"
    );
}
