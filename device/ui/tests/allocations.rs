//! Drawing allocates nothing once a screen is made.

use std::alloc::System;

use mien_ui::{Screen, samples};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The only test here: another one's thread would be counted too.
#[test]
fn drawing_allocates_nothing() {
    let (picture, samples) = (samples::picture(), samples::all());
    let screens = [Screen::mono(128, 64), Screen::new(320, 240), Screen::cells(80, 24)];
    for mut screen in screens {
        let mut copy = screen.clone();
        for sample in &samples {
            let region = Region::new(ALLOCATOR);
            sample.draw(&mut screen, &picture);
            copy.copy_from(&screen);
            let made = region.change().allocations;
            assert_eq!(made, 0, "{} at {:?}", sample.name, screen.size());
        }
    }
}
