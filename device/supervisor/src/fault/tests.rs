use proptest::prelude::*;

use super::*;

fn at(ms: u64) -> Timestamp {
    Timestamp(Duration::from_millis(ms))
}

/// The answers to `kind` seen once every `every_ms`, `count` times.
fn answers(kind: FaultKind, every_ms: u64, count: u64) -> Vec<Action> {
    let mut faults = Faults::default();
    (0..count).map(|i| faults.step(kind, at(i * every_ms)).action).collect()
}

fn kinds() -> impl Strategy<Value = FaultKind> {
    (0..TABLE.len()).prop_map(|row| TABLE[row].kind)
}

#[test]
fn a_camera_that_stays_away_is_reopened_and_then_shown_as_gone() {
    let answers = answers(CameraLost, 2_000, 30);
    assert_eq!(answers[..10], [Reopen; 10]);
    assert!(answers[10..].iter().all(|&action| action == SafeScreen));
}

#[test]
fn a_stage_that_hangs_for_the_third_time_ends_the_process() {
    assert_eq!(answers(StageHung, 60_000, 4), [RestartStage, RestartStage, Exit, Exit]);
}

#[test]
fn a_bad_configuration_is_only_told() {
    assert_eq!(answers(Config, 1, 1_000), [CarryOn; 1_000]);
}

#[test]
fn rare_damage_is_carried_on_with_for_ever() {
    assert!(answers(CameraDamaged, 1_000, 10_000).iter().all(|&action| action == CarryOn));
}

#[test]
fn a_flood_of_reports_is_one_fault() {
    let mut faults = Faults::default();
    let first = faults.step(CameraLost, at(0));
    assert_eq!(first, Answer { action: Reopen, due: at(1_000) });
    for ms in 0..1_000 {
        assert_eq!(faults.step(CameraLost, at(ms)), first);
    }
    assert_eq!(faults.step(CameraLost, at(1_000)).due, at(2_000));
}

#[test]
fn a_quiet_time_forgets_and_a_mended_fault_does_not() {
    let mut faults = Faults::default();
    for i in 0..20 {
        faults.step(CameraLost, at(i * 2_000));
    }
    faults.mended(CameraLost);
    assert_eq!(faults.worst(at(40_000)), None);
    assert_eq!(faults.step(CameraLost, at(60_000)).action, SafeScreen);
    assert_eq!(faults.worst(at(60_000)).unwrap().0, CameraLost);
    assert_eq!(faults.worst(at(60_000 + 610_000)), None);
    assert_eq!(faults.step(CameraLost, at(60_000 + 610_000)).action, Reopen);
}

#[test]
fn the_severest_fault_is_the_one_that_is_told() {
    let mut faults = Faults::default();
    faults.step(Config, at(0));
    faults.step(StageHung, at(1));
    faults.step(SinkLost, at(2));
    assert_eq!(faults.worst(at(3)).unwrap().0, StageHung);
}

#[test]
fn the_table_is_in_order_and_never_acts_without_a_pause() {
    for row in TABLE {
        assert!(!row.rungs.is_empty(), "{:?}", row.kind);
        assert!(row.rungs.is_sorted_by_key(|rung| rung.action), "{:?}", row.kind);
        for rung in row.rungs {
            let paused = rung.action == CarryOn || rung.wait >= SECOND;
            assert!(paused && rung.times > 0, "{:?}: {rung:?}", row.kind);
        }
        let end = row.rungs.last().unwrap();
        assert_eq!(end.times, u32::MAX, "{:?} has no end", row.kind);
        assert_eq!(TABLE.iter().filter(|other| other.kind == row.kind).count(), 1);
    }
}

proptest! {
    #[test]
    fn any_sequence_climbs_only_and_ends_on_a_rung_of_its_row(
        seen in prop::collection::vec((kinds(), 0..600_000_u64), 1..400),
    ) {
        let mut faults = Faults::default();
        let mut before = [(CarryOn, Timestamp::default()); TABLE.len()];
        let mut now = 0;
        for (kind, pause) in seen {
            now += pause;
            let answer = faults.step(kind, at(now));
            let row = position(kind).unwrap();
            prop_assert!(TABLE[row].rungs.iter().any(|rung| rung.action == answer.action));
            let (action, due) = before[row];
            let quiet = now >= u64::try_from(due.0.as_millis()).unwrap() + 600_000;
            prop_assert!(quiet || answer.action >= action, "{kind:?} fell to {:?}", answer.action);
            before[row] = (answer.action, answer.due.max(at(now)));
        }
    }

    #[test]
    fn a_fault_that_never_ends_reaches_its_last_rung_and_acts_at_a_bounded_rate(
        kind in kinds(), every_ms in 1_u64..500,
    ) {
        let mut faults = Faults::default();
        let end = TABLE[position(kind).unwrap()].rungs.last().unwrap();
        let (mut acts, mut due, mut action) = (0, None, CarryOn);
        for step in 0..(900_000 / every_ms) {
            let answer = faults.step(kind, at(step * every_ms));
            action = answer.action;
            acts += u32::from(action != CarryOn && due != Some(answer.due));
            due = Some(answer.due);
            if action == Exit {
                break;
            }
        }
        prop_assert_eq!(action, end.action);
        prop_assert!(acts <= 120, "{} acts in 15 minutes", acts);
    }
}
