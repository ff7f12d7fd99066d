use proptest::prelude::*;

use super::*;

fn at(s: u64) -> Timestamp {
    Timestamp(Duration::from_secs(s))
}

fn celsius(temperature: f32) -> Reading {
    Reading { temperature: Some(temperature), ..Reading::default() }
}

/// The levels of a ladder that reads these temperatures, one a second.
fn levels(temperatures: impl IntoIterator<Item = f32>) -> Vec<Level> {
    let mut ladder = Ladder::new(Limits::default());
    (0..).zip(temperatures).map(|(s, c)| ladder.step(&celsius(c), at(s))).collect()
}

#[test]
fn heat_climbs_one_rung_at_a_time_up_to_the_one_it_asks_for() {
    let levels = levels([82.0; 60]);
    assert_eq!((levels[4], levels[5]), (Level::Full, Level::Half));
    assert_eq!((levels[9], levels[10]), (Level::Half, Level::Quarter));
    assert_eq!(levels[59], Level::Quarter);
}

#[test]
fn a_short_peak_is_no_heat() {
    let peaks = (0..200).map(|s| if s % 10 < 4 { 95.0 } else { 60.0 });
    assert!(levels(peaks).iter().all(|&level| level == Level::Full));
}

#[test]
fn at_the_last_limit_nothing_is_computed_until_it_is_cool_for_a_while() {
    let mut temperatures = vec![95.0; 21];
    temperatures.extend([86.0; 200]);
    temperatures.extend([60.0; 300]);
    let levels = levels(temperatures);
    assert_eq!(levels[20], Level::Pause);
    assert_eq!(Level::Pause.frames(), None);
    assert_eq!(levels[220], Level::Pause, "86 °C is within the hysteresis of 90 °C");
    assert_eq!((levels[280], levels[281]), (Level::Pause, Level::Sparse));
    assert_eq!(levels[520], Level::Full);
}

#[test]
fn what_the_firmware_slows_down_is_at_least_halved() {
    let mut ladder = Ladder::new(Limits::default());
    let hot = Reading { throttling: Throttling(0b1000), ..celsius(60.0) };
    let level = (0..60).map(|s| ladder.step(&hot, at(s))).last();
    assert_eq!(level, Some(Level::Half));
}

#[test]
fn a_missing_sensor_throttles_nothing_and_is_told_once() {
    let mut ladder = Ladder::new(Limits::default());
    let mut told = Vec::new();
    for s in 0..100 {
        let reading = if s < 50 { Reading::default() } else { celsius(f32::NAN) };
        assert_eq!(ladder.step(&reading, at(s)), Level::Full);
        told.extend(ladder.take_news());
    }
    assert_eq!(told, [News::Blind]);
    ladder.step(&celsius(40.0), at(100));
    assert_eq!(ladder.take_news(), Some(News::Sighted));
}

#[test]
fn a_change_of_level_is_a_sentence() {
    let to = News::Level { from: Level::Full, to: Level::Half, temperature_c: Some(76.4) };
    assert_eq!(to.to_string(), "too hot: half rate in place of full rate at 76 °C");
    let back = News::Level { from: Level::Half, to: Level::Full, temperature_c: None };
    assert_eq!(back.to_string(), "cooler: full rate in place of half rate");
}

proptest! {
    #[test]
    fn noise_smaller_than_the_hysteresis_never_makes_the_level_swing(
        mean in 60.0_f32..95.0,
        noise in prop::collection::vec(-2.49_f32..2.49, 600),
        start in 0_usize..5,
    ) {
        let mut ladder = Ladder::new(Limits::default());
        ladder.level = Level::ALL[start];
        let mut levels = vec![ladder.level];
        for (s, noise) in (0..).zip(noise) {
            levels.push(ladder.step(&celsius(mean + noise), at(s)));
        }
        prop_assert!(levels.is_sorted() || levels.iter().rev().is_sorted(), "{levels:?}");
    }

    #[test]
    fn whatever_is_read_the_level_moves_rarely_and_by_one_rung(
        read in prop::collection::vec(prop::option::of(-300.0_f32..300.0), 600),
    ) {
        let mut ladder = Ladder::new(Limits::default());
        let (mut before, mut falls) = (Level::Full, Vec::new());
        for (s, temperature) in (0..).zip(read) {
            let level = ladder.step(&Reading { temperature, ..Reading::default() }, at(s));
            prop_assert!((level as i32 - before as i32).abs() <= 1);
            if level < before {
                falls.push(s);
            }
            before = level;
        }
        prop_assert!(falls.windows(2).all(|pair| pair[1] - pair[0] >= 60), "{falls:?}");
    }

    #[test]
    fn lasting_heat_and_lasting_cold_always_arrive(hot in 90.0_f32..150.0, cold in -40.0_f32..69.0) {
        let steps = std::iter::repeat_n(hot, 60).chain(std::iter::repeat_n(cold, 400));
        let levels = levels(steps);
        prop_assert_eq!(levels[59], Level::Pause);
        prop_assert_eq!(levels[459], Level::Full);
    }
}
