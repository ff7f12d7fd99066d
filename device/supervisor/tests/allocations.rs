//! What runs at every frame or every second allocates nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{alloc::System, fs, path::Path, time::Duration};

use mien_shared::{frame::Timestamp, telemetry::FaultKind};
use mien_supervisor::{
    fault::Faults,
    heartbeat::Heartbeats,
    heat::{Ladder, Limits, Sensors},
    vitals::{Threads, VitalsReader},
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// A board with a temperature and a weak supply.
fn sensed() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("class/thermal/thermal_zone0/type", "cpu-thermal\n"),
        ("class/thermal/thermal_zone0/temp", "61500\n"),
        ("class/hwmon/hwmon1/name", "rpi_volt\n"),
        ("class/hwmon/hwmon1/in0_lcrit_alarm", "1\n"),
        ("devices/platform/soc/soc:firmware/get_throttled", "0\n"),
    ] {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

/// One test alone in its process: the counter counts every thread.
#[test]
fn watching_allocates_nothing_once_it_runs() {
    let mut stages = Heartbeats::default();
    let camera = stages.stage("camera", Duration::from_secs(1));
    let mut faults = Faults::default();
    let mut ladder = Ladder::new(Limits::default());
    let root = sensed();
    let sensors = Sensors::find(root.path());
    let vitals = VitalsReader::new(Path::new("/proc"));
    let mut threads = Threads::new(Path::new("/proc"));
    let mut step = |second: u64| {
        let now = Timestamp(Duration::from_secs(second));
        camera.beat(now);
        std::hint::black_box(stages.watch(now));
        faults.step(FaultKind::SinkLost, now);
        std::hint::black_box(faults.worst(now));
        let reading = sensors.read();
        assert!(reading.temperature == Some(61.5) && reading.is_weakly_powered());
        ladder.step(&reading, now);
        vitals.read().unwrap();
        threads.read(now).unwrap();
    };
    step(0);
    // The harness has a thread of its own, which allocates now and then; ours would at each step.
    let least = (0..10).map(|round| {
        let region = Region::new(ALLOCATOR);
        (1..20).for_each(|second| step(round * 20 + second));
        let change = region.change();
        change.allocations + change.reallocations
    });
    assert_eq!(least.min(), Some(0));
}
