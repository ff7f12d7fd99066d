use std::{fs, path::PathBuf};

use tempfile::{TempDir, tempdir};

use super::*;

/// A folder with the given files; the path of the first.
fn folder(files: &[(&str, &str)]) -> (TempDir, String) {
    let folder = tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let first = folder.path().join(files[0].0).display().to_string();
    (folder, first)
}

fn refusal(files: &[(&str, &str)]) -> String {
    let (_folder, first) = folder(files);
    Board::load(&first).unwrap_err().to_string()
}

#[test]
fn every_built_in_board_loads_under_its_own_name() {
    for name in Board::names() {
        let board = Board::load(name).unwrap();
        assert_eq!(board.name(), name);
        assert!(!board.description().is_empty());
    }
}

#[test]
fn the_machine_itself_is_some_built_in_board() {
    let board = Board::load(AUTO).unwrap();
    assert!(Board::names().any(|name| name == board.name()));
}

#[test]
fn every_board_file_is_built_in() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("boards");
    let files = fs::read_dir(folder).unwrap().filter(|entry| {
        entry.as_ref().unwrap().path().extension().is_some_and(|end| end == "toml")
    });
    assert_eq!(files.count(), Board::names().count());
}

#[test]
fn a_board_keeps_what_it_does_not_name() {
    let zero = Board::load("zero2w").unwrap();
    assert_eq!((zero.picture().width(), zero.picture().fps()), (320, 15.0));
    assert_eq!((zero.compute().threads(), zero.camera()), (2, "v4l2://auto"));
    assert_eq!(Board::load("host").unwrap().events(), [""; 0]);
    assert_eq!((zero.pins(), zero.thermal().half_c()), ("none://", 70.0));
}

#[test]
fn a_file_inherits_built_in_boards_and_its_neighbours() {
    let (_folder, first) = folder(&[
        ("lobby.toml", "inherit = \"common.toml\"\nevents = [\"udp://host:1\"]"),
        ("common.toml", "inherit = \"zero2w\"\npanel = \"png://a.png\"\nname = \"common\""),
    ]);
    let board = Board::load(&first).unwrap();
    assert_eq!((board.name(), board.panel()), ("lobby", "png://a.png"));
    assert_eq!((board.events(), board.picture().width()), (&["udp://host:1".to_owned()][..], 320));
}

#[test]
fn a_printed_board_loads_as_the_same_board() {
    let board = Board::load("pi5").unwrap();
    let (_folder, first) = folder(&[("pi5.toml", &board.to_toml().unwrap())]);
    assert_eq!(Board::load(&first).unwrap(), board);
}

#[test]
fn an_unknown_field_is_refused_by_name() {
    let message = refusal(&[("a.toml", "inherit = \"base\"\ncamra = \"v4l2://auto\"")]);
    assert!(message.contains("a.toml") && message.contains("camra"), "{message}");
    let message = refusal(&[("a.toml", "inherit = \"base\"\n[picture]\nwidht = 3")]);
    assert!(message.contains("widht"), "{message}");
}

#[test]
fn a_circle_is_refused_and_shown() {
    let message =
        refusal(&[("a.toml", "inherit = \"b.toml\""), ("b.toml", "inherit = \"a.toml\"")]);
    assert!(message.contains("goes round in a circle"), "{message}");
    assert!(message.matches("a.toml").count() >= 2 && message.contains("b.toml"), "{message}");
}

#[test]
fn a_chain_without_end_is_refused() {
    let names = (0..12).map(|i| format!("{i}.toml")).collect::<Vec<_>>();
    let texts = (1..13).map(|i| format!("inherit = \"{i}.toml\"")).collect::<Vec<_>>();
    let files = names.iter().zip(&texts).map(|(n, t)| (n.as_str(), t.as_str())).collect::<Vec<_>>();
    assert!(refusal(&files).contains("more than 8 boards"));
}

#[test]
fn a_parent_that_is_not_there_is_refused() {
    let message = refusal(&[("a.toml", "inherit = \"pi9\"")]);
    assert!(message.contains("\"pi9\" (inherited by ") && message.contains("pi5"), "{message}");
    let message = refusal(&[("a.toml", "inherit = \"gone.toml\"")]);
    assert!(message.contains("gone.toml: cannot read the file"), "{message}");
}

#[test]
fn a_board_that_is_not_there_is_refused_with_those_that_are() {
    let message = Board::load("pi9").unwrap_err().to_string();
    assert!(message.starts_with("board \"pi9\": no such built-in board; there are base, host"));
}

#[test]
fn values_beyond_reason_are_refused_with_field_and_fix() {
    for (text, expected) in [
        ("camera = \"/dev/video0\"", "camera cannot be \"/dev/video0\"; write it as scheme://"),
        ("events = [\"out.jsonl\"]", "events cannot be \"out.jsonl\""),
        ("[picture]\nwidth = 0", "picture.width cannot be 0; choose 16 to 8192 pixels"),
        ("[picture]\nfps = nan", "picture.fps cannot be NaN"),
        ("pins = \"gpio\"", "pins cannot be \"gpio\"; write it as scheme://"),
        ("[thermal]\nquarter_c = 60", "thermal.quarter_c cannot be 60.0; choose 30 to 120 °C"),
        ("[thermal]\nhalf_c = nan", "thermal.half_c cannot be NaN"),
        ("[compute]\nthreads = 0", "compute.threads cannot be 0; choose 1 to 64"),
    ] {
        let message = refusal(&[("a.toml", &format!("inherit = \"base\"\n{text}"))]);
        assert!(message.contains(expected), "{message}");
    }
    let message = refusal(&[("a.toml", "camera = \"v4l2://auto\"")]);
    assert!(message.ends_with("panel is missing; add it, or inherit = \"base\""), "{message}");
}
