use std::{
    fs,
    time::{Duration, SystemTime},
};

use proptest::prelude::*;
use tempfile::{TempDir, tempdir};

use super::*;

const BOUNDS: Bounds = Bounds { file: 64 * 1024, keep: 2 };

fn at(s: u64) -> Moment {
    let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_680_000 + s);
    Moment { wall, up: Timestamp(Duration::from_secs(s)) }
}

/// A log of `count` records of pauses.
fn written(count: u64, bounds: Bounds) -> (TempDir, PathBuf, AuditLog) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let mut log = AuditLog::open(&path, bounds, at(0)).unwrap();
    for s in 0..count {
        log.record(Actor::Command, &Event::Paused, at(s)).unwrap();
    }
    (folder, path, log)
}

/// What `verify` says after `change` of the lines.
fn after(change: impl FnOnce(&mut Vec<String>)) -> Verified {
    let (_folder, path, log) = written(5, BOUNDS);
    drop(log);
    let text = fs::read_to_string(&path).unwrap();
    let mut lines = text.lines().map(str::to_owned).collect::<Vec<_>>();
    change(&mut lines);
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    verify(&path, None).unwrap()
}

#[test]
fn a_record_tells_who_did_what_and_when() {
    let (_folder, path, mut log) = written(0, BOUNDS);
    log.record(Actor::Button, &Event::Calibrated, at(12)).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let zeros = "0".repeat(64);
    let start = format!(
        "{{\"seq\":1,\"time\":\"2026-11-26T08:00:12Z\",\"up_ms\":12000,\"by\":\"button\",\
         \"event\":\"calibrated\",\"prev\":\"{zeros}\",\"hash\":\""
    );
    assert!(text.starts_with(&start), "{text}");
    assert!(text.ends_with(&format!("{}\"}}\n", log.head())));
}

#[test]
fn a_log_as_it_was_written_is_intact() {
    let (_folder, path, log) = written(5, BOUNDS);
    let verified = verify(&path, Some(log.head())).unwrap();
    assert!(verified.is_intact());
    assert_eq!((verified.records, verified.first, verified.last), (5, 1, 5));
    assert_eq!((verified.head.as_str(), verified.noted), (log.head(), Some(true)));
}

#[test]
fn whatever_is_changed_removed_or_inserted_is_found_at_its_place() {
    let changed = after(|lines| lines[2] = lines[2].replace("paused", "resumed"));
    assert_eq!(changed.breaks[0].line, 3);
    let last = after(|lines| lines[4] = lines[4].replace("\"command\"", "\"button\""));
    assert_eq!(last.breaks[0].line, 5);
    let removed = after(|lines| drop(lines.remove(2)));
    assert_eq!(removed.breaks[0].line, 3);
    assert!(removed.breaks[0].what.contains("missing"));
    let twice = after(|lines| lines.insert(2, lines[1].clone()));
    assert_eq!(twice.breaks[0].line, 3);
    let swapped = after(|lines| lines.swap(1, 2));
    assert!(!swapped.is_intact());
    let added = after(|lines| lines.push("{\"seq\":6}".to_owned()));
    assert_eq!((added.breaks[0].line, added.breaks[0].what.as_str()), (6, "this is no record"));
}

#[test]
fn a_first_record_that_follows_another_is_no_beginning() {
    let (_folder, path, mut log) = written(0, BOUNDS);
    log.last = Link::default();
    log.record(Actor::Device, &Event::Paused, at(0)).unwrap();
    let other = fs::read_to_string(&path).unwrap();
    let (_folder, path, log) = written(3, BOUNDS);
    drop(log);
    let text = fs::read_to_string(&path).unwrap();
    let rest = text.split_once('\n').unwrap().1;
    fs::write(&path, format!("{other}{rest}")).unwrap();
    assert!(
        !verify(&path, None).unwrap().is_intact(),
        "another chain's beginning was put in front"
    );
}

#[test]
fn an_end_that_was_cut_off_is_found_by_a_noted_hash() {
    let (_folder, path, log) = written(5, BOUNDS);
    let head = log.head().to_owned();
    drop(log);
    let text = fs::read_to_string(&path).unwrap();
    let cut = text.split_inclusive('\n').take(3).collect::<String>();
    fs::write(&path, cut).unwrap();
    assert!(verify(&path, None).unwrap().is_intact(), "the chain alone cannot tell");
    let verified = verify(&path, Some(&head)).unwrap();
    assert!(!verified.is_intact());
    assert!(verified.to_string().contains("cut off"), "{verified}");
}

#[test]
fn the_chain_goes_on_from_run_to_run_and_from_file_to_file() {
    let bounds = Bounds { file: 1_000, keep: 3 };
    let (_folder, path, log) = written(4, bounds);
    drop(log);
    let mut log = AuditLog::open(&path, bounds, at(9)).unwrap();
    log.record(Actor::Signal, &Event::Resumed, at(9)).unwrap();
    assert!(files::closed(&path, 1).exists());
    let verified = verify(&path, None).unwrap();
    assert!(verified.is_intact(), "{verified}");
    assert_eq!((verified.records, verified.first, verified.last), (5, 1, 5));
}

#[test]
fn old_files_go_and_the_rest_is_still_a_chain() {
    let bounds = Bounds { file: 1_000, keep: 2 };
    let (folder, path, _log) = written(60, bounds);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    let verified = verify(&path, None).unwrap();
    assert!(verified.is_intact(), "{verified}");
    assert!(verified.first > 40 && verified.last == 60, "{verified}");
    for file in [&path, &files::closed(&path, 1), &files::closed(&path, 2)] {
        assert!(fs::metadata(file).unwrap().len() <= 1_000);
    }
}

#[test]
fn a_smaller_bound_removes_what_a_larger_one_kept() {
    let (_folder, path, log) = written(60, Bounds { file: 1_000, keep: 5 });
    drop(log);
    let bounds = Bounds { file: 1_000, keep: 1 };
    let mut log = AuditLog::open(&path, bounds, at(99)).unwrap();
    for s in 0..9 {
        log.record(Actor::Device, &Event::Paused, at(100 + s)).unwrap();
    }
    assert!(!files::closed(&path, 2).exists());
    let verified = verify(&path, None).unwrap();
    assert!(verified.is_intact() && verified.last == 69, "{verified}");
}

#[test]
fn a_line_that_a_power_cut_left_unfinished_is_cut_off_and_told() {
    let (_folder, path, log) = written(2, BOUNDS);
    drop(log);
    let mut text = fs::read_to_string(&path).unwrap();
    text.push_str("{\"seq\":3,\"ti");
    fs::write(&path, text).unwrap();
    drop(AuditLog::open(&path, BOUNDS, at(9)).unwrap());
    let verified = verify(&path, None).unwrap();
    assert!(verified.is_intact(), "{verified}");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.lines().last().unwrap().contains("an unfinished line of 12 bytes was cut off"));
}

#[test]
fn a_log_that_ends_in_nonsense_is_put_aside_and_stays_broken() {
    let (_folder, path, log) = written(2, BOUNDS);
    drop(log);
    let mut text = fs::read_to_string(&path).unwrap();
    text.push_str("nonsense\n");
    fs::write(&path, text).unwrap();
    let mut log = AuditLog::open(&path, BOUNDS, at(9)).unwrap();
    log.record(Actor::Device, &Event::Paused, at(9)).unwrap();
    let verified = verify(&path, None).unwrap();
    assert_eq!(verified.breaks[0].line, 3);
    assert_eq!(verified.breaks[0].file, files::closed(&path, 1));
}

#[test]
fn two_processes_do_not_write_one_log() {
    let (_folder, path, _log) = written(1, BOUNDS);
    let error = AuditLog::open(&path, BOUNDS, at(1)).unwrap_err();
    assert!(matches!(error, AuditError::Busy { .. }), "{error}");
}

#[test]
fn a_place_that_cannot_be_written_is_told_with_the_fix() {
    let error = AuditLog::open(Path::new("/nonexistent/a.jsonl"), BOUNDS, at(0)).unwrap_err();
    assert!(error.to_string().contains("set audit.path"), "{error}");
    assert!(matches!(
        verify(Path::new("/nonexistent/a.jsonl"), None),
        Err(AuditError::Absent { .. })
    ));
}

#[test]
fn a_disk_that_is_full_is_told_once_and_its_gap_is_recorded() {
    let (_folder, path, mut log) = written(1, BOUNDS);
    let full = fs::OpenOptions::new().append(true).open("/dev/full").unwrap();
    let good = log.files.replace(full);
    assert!(log.record(Actor::Command, &Event::Paused, at(1)).is_err());
    assert!(log.record(Actor::Command, &Event::Resumed, at(2)).is_ok(), "told once");
    log.files.replace(good);
    log.record(Actor::Command, &Event::Paused, at(3)).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.lines().nth(1).unwrap().contains("\"event\":\"lost\",\"records\":2"), "{text}");
    assert!(verify(&path, None).unwrap().is_intact());
}

#[test]
fn a_text_of_any_length_makes_a_record_of_bounded_length() {
    let (_folder, path, mut log) = written(0, BOUNDS);
    let reason = "\u{1}ß".repeat(100_000);
    log.record(Actor::File, &Event::Refused { reason }, at(0)).unwrap();
    let length = fs::metadata(&path).unwrap().len();
    assert!(length < files::TAIL / 2, "{length}");
    assert!(verify(&path, None).unwrap().is_intact());
}

#[test]
fn an_event_that_is_no_audit_log_at_all_is_listed_in_bounds() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    fs::write(&path, vec![b'x'; 5_000_000]).unwrap();
    let verified = verify(&path, None).unwrap();
    assert!(!verified.is_intact() && verified.breaks.len() <= 20);
}

proptest! {
    // Every record waits for the disk.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_byte_of_a_log_can_be_changed_unseen(at in any::<prop::sample::Index>(), byte: u8) {
        let (_folder, path, log) = written(3, BOUNDS);
        drop(log);
        let mut bytes = fs::read(&path).unwrap();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        fs::write(&path, &bytes).unwrap();
        prop_assert!(!verify(&path, None).unwrap().is_intact());
    }
}
